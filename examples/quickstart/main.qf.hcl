# An instance with topics, consumer groups and users, from one table that people edit.
# Try it without an account:  queueform apply --emulate

provider "dms" {
  cloud  = "sbercloud" # or "huawei"; keys come from the environment
  region = "ru-moscow-1"
}

# An existing network; for the emulator see emulate.qfvars.hcl.
variable "network" {
  type = object({ vpc_id = string, subnet_id = string, security_group_id = string, zones = set(string) })
}

# Access key => secret key. Never committed: pass it as QF_VAR_app_secrets.
variable "app_secrets" {
  type      = map(string)
  sensitive = true
}

locals {
  # The table people edit: one line is one topic.
  topics = {
    orders-created = { queues = 16, grants = { orders-api = "PUB", billing-worker = "SUB", audit-worker = "SUB" } }
    orders-refund  = { queues = 8, grants = { orders-api = "PUB", refund-worker = "SUB" } }
    billing-done   = { queues = 8, grants = { billing-worker = "PUB", audit-worker = "SUB" } }
  }

  apps   = toset(flatten([for t in local.topics : keys(t.grants)]))
  groups = toset(flatten([for t in local.topics : [for app, perm in t.grants : app if perm != "PUB"]]))
}

resource "dms_rocketmq_instance" "main" {
  name               = "quickstart"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300 # GB
  vpc_id             = var.network.vpc_id
  subnet_id          = var.network.subnet_id
  security_group_id  = var.network.security_group_id
  availability_zones = var.network.zones
  enable_acl         = true
}

resource "dms_rocketmq_topic" "topic" {
  for_each        = local.topics
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  read_queue_num  = each.value.queues
  write_queue_num = each.value.queues
}

resource "dms_rocketmq_consumer_group" "group" {
  for_each    = local.groups
  instance_id = dms_rocketmq_instance.main.id
  name        = each.key
}

resource "dms_rocketmq_user" "app" {
  for_each           = local.apps
  instance_id        = dms_rocketmq_instance.main.id
  access_key         = each.key
  secret_key         = var.app_secrets[each.key]
  secret_key_version = 1
  topic_perms        = { for name, t in local.topics : dms_rocketmq_topic.topic[name].name => t.grants[each.key] if contains(keys(t.grants), each.key) }
  group_perms        = { for g in local.groups : dms_rocketmq_consumer_group.group[g].name => "SUB" if g == each.key }
}

output "endpoints" {
  description = "Where producers and consumers connect."
  value       = dms_rocketmq_instance.main.namesrv_address
}

output "topics" {
  description = "The topics by name, with the number of their queues."
  value       = { for name, topic in dms_rocketmq_topic.topic : name => topic.read_queue_num }
}
