resource "dms_rocketmq_instance" "i" {
  name               = "fuzz"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
  enable_acl         = true
}

resource "dms_rocketmq_topic" "t" {
  for_each        = toset(["a", "b"])
  instance_id     = dms_rocketmq_instance.i.id
  name            = "fuzz-${each.key}"
  read_queue_num  = 4
  write_queue_num = 4
}

resource "dms_rocketmq_consumer_group" "g" {
  instance_id = dms_rocketmq_instance.i.id
  name        = "readers"
}

data "dms_rocketmq_availability_zones" "all" {}
