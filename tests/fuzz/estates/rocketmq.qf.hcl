provider "apsaramq" {
  region = "cn-hangzhou"
}

resource "apsaramq_rocketmq_instance" "i" {
  name         = "fuzz"
  series       = "standard"
  sub_series   = "cluster_ha"
  payment_type = "PayAsYouGo"
  vpc_id       = "vpc-1"
  vswitch_ids  = ["vsw-1"]
  spec         = "rmq.s2.2xlarge"
  internet     = { enabled = false }
}

resource "apsaramq_rocketmq_topic" "t" {
  for_each    = toset(["a", "b"])
  instance_id = apsaramq_rocketmq_instance.i.id
  name        = each.key
}

resource "apsaramq_rocketmq_consumer_group" "g" {
  instance_id         = apsaramq_rocketmq_instance.i.id
  group_id            = "readers"
  delivery_order_type = "Concurrently"
  retry               = { policy = "DefaultRetryPolicy" }
}
