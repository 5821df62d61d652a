# Two instances of ApsaraMQ for RocketMQ in two regions, and a plan that carries messages and read positions of every
# topic from the one to the other. The provider configuration of the main region is in providers.qf.hcl.

provider "apsaramq" {
  alias  = "standby"
  region = "cn-beijing"
}

# The networks of the two places; for the emulator see emulate.qfvars.hcl.
variable "networks" {
  type = map(object({ vpc_id = string, vswitch_ids = list(string) }))
}

# False stops replication of every topic: see docs/guides/disaster-recovery.md.
variable "replicating" {
  type    = bool
  default = true
}

locals {
  # The table that people edit: one line is one topic with the groups that read it.
  topics = {
    orders-created = ["billing", "audit"]
    orders-refund  = ["billing"]
  }
  groups = toset(flatten(values(local.topics)))
}

resource "apsaramq_rocketmq_instance" "main" {
  name         = "orders-main"
  series       = "standard"
  sub_series   = "cluster_ha"
  payment_type = "PayAsYouGo"
  spec         = "rmq.s2.2xlarge"
  vpc_id       = var.networks.main.vpc_id
  vswitch_ids  = var.networks.main.vswitch_ids
  internet     = { enabled = false }
}

resource "apsaramq_rocketmq_instance" "standby" {
  provider     = apsaramq.standby
  name         = "orders-standby"
  series       = "standard"
  sub_series   = "cluster_ha"
  payment_type = "PayAsYouGo"
  spec         = "rmq.s2.2xlarge"
  vpc_id       = var.networks.standby.vpc_id
  vswitch_ids  = var.networks.standby.vswitch_ids
  internet     = { enabled = false }
}

# Topics and groups of the same names on both sides: read positions are carried over for groups that exist on both.
resource "apsaramq_rocketmq_topic" "main" {
  for_each    = local.topics
  instance_id = apsaramq_rocketmq_instance.main.id
  name        = each.key
}

resource "apsaramq_rocketmq_topic" "standby" {
  provider    = apsaramq.standby
  for_each    = local.topics
  instance_id = apsaramq_rocketmq_instance.standby.id
  name        = each.key
}

resource "apsaramq_rocketmq_consumer_group" "main" {
  for_each            = local.groups
  instance_id         = apsaramq_rocketmq_instance.main.id
  group_id            = each.key
  delivery_order_type = "Concurrently"
  retry               = { policy = "DefaultRetryPolicy", max_times = 16 }
}

resource "apsaramq_rocketmq_consumer_group" "standby" {
  provider            = apsaramq.standby
  for_each            = local.groups
  instance_id         = apsaramq_rocketmq_instance.standby.id
  group_id            = each.key
  delivery_order_type = "Concurrently"
  retry               = { policy = "DefaultRetryPolicy", max_times = 16 }
}

resource "apsaramq_rocketmq_disaster_recovery_plan" "orders" {
  name                    = "orders"
  description             = "Hangzhou to Beijing"
  type                    = "ACTIVE_PASSIVE"
  sync_checkpoint_enabled = true
  auto_sync_checkpoint    = true
  instances = [
    {
      type             = "ALIYUN_ROCKETMQ"
      region_id        = apsaramq_rocketmq_instance.main.region_id
      instance_id      = apsaramq_rocketmq_instance.main.id
      role             = "ACTIVE"
      auth_type        = "NO_AUTH"
      message_property = { key = "origin", value = "main" }
    },
    {
      type        = "ALIYUN_ROCKETMQ"
      region_id   = apsaramq_rocketmq_instance.standby.region_id
      instance_id = apsaramq_rocketmq_instance.standby.id
      role        = "PASSIVE"
      auth_type   = "NO_AUTH"
    },
  ]
}

resource "apsaramq_rocketmq_disaster_recovery_item" "topic" {
  for_each = local.topics
  plan_id  = apsaramq_rocketmq_disaster_recovery_plan.orders.id
  running  = var.replicating
  topics = [
    { instance_id = apsaramq_rocketmq_instance.main.id, topic_name = apsaramq_rocketmq_topic.main[each.key].name },
    { instance_id = apsaramq_rocketmq_instance.standby.id, topic_name = apsaramq_rocketmq_topic.standby[each.key].name },
  ]
}

output "endpoints" {
  description = "Where clients connect: the main instance, and the one to go to when it fails."
  value = {
    main    = apsaramq_rocketmq_instance.main.endpoints[*].url
    standby = apsaramq_rocketmq_instance.standby.endpoints[*].url
  }
}

output "items" {
  description = "The items by topic, as actions name them."
  value       = { for topic, item in apsaramq_rocketmq_disaster_recovery_item.topic : topic => item.item_id }
}
