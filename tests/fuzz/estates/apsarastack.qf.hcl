resource "apsarastack_mq_instance" "i" {
  name            = "fuzz"
  cluster         = "cluster1"
  max_send_tps    = 500
  max_receive_tps = 600
  topic_capacity  = 20
}

resource "apsarastack_mq_topic" "t" {
  for_each     = toset(["a", "b"])
  instance_id  = apsarastack_mq_instance.i.id
  name         = each.key
  message_type = "normal"
}

resource "apsarastack_mq_group" "g" {
  instance_id = apsarastack_mq_instance.i.id
  group_id    = "GID_readers"
}
