data "dms_rocketmq_consumer_group" {
  version     = 1
  description = "A consumer group of an instance, whoever manages it."
  example     = <<-EOT
    data "dms_rocketmq_consumer_group" "billing" {
      instance_id = var.instance_id
      name        = "billing"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "name" {
    type        = string
    mode        = required
    description = "The name."
  }
  attribute "enabled" {
    type        = bool
    mode        = computed
    description = "Whether its clients may consume."
  }
  attribute "broadcast" {
    type        = bool
    mode        = computed
    description = "Whether each client gets each message."
  }
  attribute "retry_max_times" {
    type        = number
    mode        = computed
    from        = item.retry_max_time
    description = "How often a message is tried again before it becomes a dead letter."
  }
  attribute "consume_orderly" {
    type        = bool
    mode        = computed
    description = "Whether messages are consumed in order, where the service says so."
  }
  attribute "description" {
    type        = string
    mode        = computed
    from        = item.group_desc
    description = "The text about it."
  }
  attribute "brokers" {
    type        = list(string)
    mode        = computed
    description = "The brokers it lives on."
  }
  attribute "permissions" {
    type        = list(string)
    mode        = computed
    description = "The permissions that were given for it."
  }
  attribute "topics" {
    type        = list(string)
    mode        = computed
    description = "The topics that it consumes or has consumed."
  }

  read {
    step "group" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.name}"
      operation  = "ShowGroup"
      item       = response
      permission = ["dms:instance:get"]
    }
    step "topics" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.name}/topics"
      operation  = "ShowConsumerListOrDetails"
      pages      = offset
      items      = response.topics
      total      = response.total
      set        = { topics = items }
      permission = ["dms:instance:get"]
    }
  }
}
