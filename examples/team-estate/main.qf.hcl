# One instance for all teams: 290 topics, 570 consumer groups and 570 users with their grants, from two tables.
# Try it without an account:  queueform apply --emulate

queueform {
  # More than this needs `--allow-deletes N`: a table is cut in half by accident sooner than on purpose.
  limits {
    deletes        = 10
    delete_percent = 5
  }
}

provider "dms" {
  cloud  = "sbercloud" # or "huawei"; keys come from the environment
  region = "ru-moscow-1"
}

# An existing network; for the emulator see emulate.qfvars.hcl.
variable "network" {
  type = object({ vpc_id = string, subnet_id = string, security_group_id = string, zones = set(string) })
}

# The secret of each application is made from this one. Never committed: pass it as QF_VAR_secret_seed.
variable "secret_seed" {
  type      = string
  sensitive = true
}

# Raise it, and every application gets a new secret.
variable "secret_version" {
  type    = number
  default = 1
}

locals {
  # The two tables that people edit: one line is one topic, one line is one application.
  topics = { for row in csvdecode(file("${path.root}/topics.csv")) : row.topic => row }

  applications = { for row in csvdecode(file("${path.root}/applications.csv")) : row.application => {
    publishes  = toset(compact(split(" ", row.publishes)))
    subscribes = toset(compact(split(" ", row.subscribes)))
  } }

  read    = setunion([for app in local.applications : app.subscribes]...)
  written = setunion([for app in local.applications : app.publishes]...)
}

resource "dms_rocketmq_instance" "main" {
  name               = "team-estate"
  engine_version     = "4.8.0"
  flavor_id          = "c6.8u16g.cluster"
  broker_num         = 2
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 1200 # GB
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

# Who reads has a group of the same name.
resource "dms_rocketmq_consumer_group" "group" {
  for_each    = { for name, app in local.applications : name => app if length(app.subscribes) > 0 }
  instance_id = dms_rocketmq_instance.main.id
  name        = each.key
}

resource "dms_rocketmq_user" "app" {
  for_each           = local.applications
  instance_id        = dms_rocketmq_instance.main.id
  access_key         = each.key
  secret_key         = "Qf-${substr(sha256("${var.secret_seed}/${var.secret_version}/${each.key}"), 0, 24)}"
  secret_key_version = var.secret_version

  # A topic that the table of topics does not have is an error here, with the name that was probably meant.
  topic_perms = {
    for name in setunion(each.value.publishes, each.value.subscribes) : dms_rocketmq_topic.topic[name].name => (
      !contains(each.value.publishes, name) ? "SUB" : !contains(each.value.subscribes, name) ? "PUB" : "PUB|SUB"
    )
  }
  group_perms = length(each.value.subscribes) > 0 ? { (dms_rocketmq_consumer_group.group[each.key].name) = "SUB" } : {}
}

output "endpoints" {
  description = "Where producers and consumers connect."
  value       = dms_rocketmq_instance.main.namesrv_address
}

output "topics_by_team" {
  description = "How many topics each team has."
  value       = { for team, topics in { for name, row in local.topics : row.team => name... } : team => length(topics) }
}

output "loose_ends" {
  description = "Topics that nobody writes, and topics that nobody reads."
  value = {
    unwritten = setsubtract(keys(local.topics), local.written)
    unread    = setsubtract(keys(local.topics), local.read)
  }
}
