# A service on a shared instance.

variable "name" {
  description = "What the service is called; its topics begin with it."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "The name of a service has small letters, digits and dashes, this is ${var.name}."
  }
}

variable "instance_id" {
  description = "The instance that it shares with others."
  type        = string
}

variable "publishes" {
  description = "Its topics: what follows the name of the service, and the number of queues."
  type        = map(number)
  default     = {}
}

variable "reads" {
  description = "Whole names of the topics that it reads."
  type        = set(string)
  default     = []
}

variable "secret" {
  description = "The secret key of its user."
  type        = string
  sensitive   = true
}

locals {
  # One group for each topic that is read, so that a slow reader of one does not hold up the others.
  groups = { for topic in var.reads : topic => "${var.name}-${topic}" }
}

resource "dms_rocketmq_topic" "topic" {
  for_each        = var.publishes
  instance_id     = var.instance_id
  name            = "${var.name}-${each.key}"
  read_queue_num  = each.value
  write_queue_num = each.value
}

resource "dms_rocketmq_consumer_group" "group" {
  for_each    = local.groups
  instance_id = var.instance_id
  name        = each.value
}

resource "dms_rocketmq_user" "user" {
  instance_id        = var.instance_id
  access_key         = "${var.name}-service"
  secret_key         = var.secret
  secret_key_version = 1
  topic_perms = merge(
    { for topic in dms_rocketmq_topic.topic : topic.name => "PUB" },
    { for topic in var.reads : topic => "SUB" },
  )
  group_perms = { for group in dms_rocketmq_consumer_group.group : group.name => "SUB" }
}

output "topics" {
  description = "The names of its topics."
  value       = sort([for topic in dms_rocketmq_topic.topic : topic.name])
}
