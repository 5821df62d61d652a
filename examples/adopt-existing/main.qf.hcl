# The estate as it is, written down. What makes Queueform take it over stands in imports.qf.hcl.

provider "dms" {
  cloud  = "sbercloud" # or "huawei"; keys come from the environment
  region = "ru-moscow-1"
}

locals {
  topics = {
    orders     = { queues = 16 }
    payments   = { queues = 8 }
    deliveries = { queues = 8 }
    returns    = { queues = 4 }
  }

  groups = {
    billing   = { retries = 16 }
    warehouse = { retries = 5 }
  }

  users = {
    storefront = { topics = { orders = "PUB", returns = "PUB" }, groups = {} }
    warehouse  = { topics = { orders = "SUB", deliveries = "PUB|SUB" }, groups = { warehouse = "SUB" } }
  }
}

# Access key => secret key, as the applications have them. Needed when a user is made or gets a new secret.
variable "secrets" {
  type      = map(string)
  sensitive = true
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "dms_rocketmq_topic" "topic" {
  for_each        = local.topics
  instance_id     = dms_rocketmq_instance.shop.id
  name            = each.key
  read_queue_num  = each.value.queues
  write_queue_num = each.value.queues
}

resource "dms_rocketmq_consumer_group" "group" {
  for_each        = local.groups
  instance_id     = dms_rocketmq_instance.shop.id
  name            = each.key
  retry_max_times = each.value.retries
}

resource "dms_rocketmq_user" "user" {
  for_each    = local.users
  instance_id = dms_rocketmq_instance.shop.id
  access_key  = each.key
  secret_key  = var.secrets[each.key]
  topic_perms = each.value.topics
  group_perms = each.value.groups
}
