# An instance of Message Queue for Apache RocketMQ on Apsara Stack, shared with another account.
# Try it without a platform:  queueform apply --emulate

provider "apsarastack" {
  # endpoint = "https://mq.console.example.com" # or ALIBABACLOUDSTACK_MQ_CONSOLE_ENDPOINT; keys from the environment
  region = "mq-private"
}

# The account that may read what is sold here.
variable "partner" {
  type        = string
  description = "The id of the other account."
}

locals {
  # The table people edit: one line is one topic.
  topics = {
    orders-created = { type = "normal", readers = ["billing", "audit"], shared = true }
    orders-by-shop = { type = "partition_ordered", readers = ["audit"], shared = false }
    payments       = { type = "transaction", readers = ["billing"], shared = false }
    reminders      = { type = "delay", readers = ["mailer"], shared = false }
  }

  groups = toset(flatten([for topic in local.topics : topic.readers]))
}

data "apsarastack_mq_clusters" "all" {}

# Only the name and the remark of an instance can be changed: everything else makes a new one.
resource "apsarastack_mq_instance" "shop" {
  name            = "shop"
  cluster         = data.apsarastack_mq_clusters.all.clusters[0].name
  max_send_tps    = 5000
  max_receive_tps = 10000
  topic_capacity  = 50
  remark          = "orders and payments"
}

resource "apsarastack_mq_topic" "topic" {
  for_each     = local.topics
  instance_id  = apsarastack_mq_instance.shop.id
  name         = each.key
  message_type = each.value.type
}

resource "apsarastack_mq_group" "reader" {
  for_each    = local.groups
  instance_id = apsarastack_mq_instance.shop.id
  group_id    = "GID_${each.key}"
}

resource "apsarastack_mq_topic_authorization" "partner" {
  for_each     = { for name, topic in local.topics : name => topic if topic.shared }
  instance_id  = apsarastack_mq_instance.shop.id
  topic        = apsarastack_mq_topic.topic[each.key].name
  grantee_type = "account"
  grantee_id   = var.partner
  permission   = "subscribe"
}

output "endpoint" {
  description = "Where clients connect."
  value       = apsarastack_mq_instance.shop.tcp_endpoint
}

output "shared" {
  description = "The topics that the partner may read."
  value       = [for right in apsarastack_mq_topic_authorization.partner : right.topic]
}
