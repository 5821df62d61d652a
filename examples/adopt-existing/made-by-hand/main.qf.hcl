# Plays the colleague who made everything in the console, years ago. Only for the emulator: on the real service the
# estate is there already.

provider "dms" {
  cloud  = "sbercloud"
  region = "ru-moscow-1"
}

resource "dms_rocketmq_instance" "shop" {
  name               = "shop"
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

resource "dms_rocketmq_topic" "topic" {
  for_each        = { orders = 16, payments = 8, deliveries = 8, returns = 4 }
  instance_id     = dms_rocketmq_instance.shop.id
  name            = each.key
  read_queue_num  = each.value
  write_queue_num = each.value
}

resource "dms_rocketmq_consumer_group" "group" {
  for_each        = { billing = 16, warehouse = 5 }
  instance_id     = dms_rocketmq_instance.shop.id
  name            = each.key
  retry_max_times = each.value
}

resource "dms_rocketmq_user" "user" {
  for_each           = { storefront = { orders = "PUB", returns = "PUB" }, warehouse = { orders = "SUB", deliveries = "PUB|SUB" } }
  instance_id        = dms_rocketmq_instance.shop.id
  access_key         = each.key
  secret_key         = "By-hand-${each.key}-1"
  secret_key_version = 1
  topic_perms        = { for topic, perm in each.value : dms_rocketmq_topic.topic[topic].name => perm }
  group_perms        = each.key == "warehouse" ? { (dms_rocketmq_consumer_group.group["warehouse"].name) = "SUB" } : {}
}
