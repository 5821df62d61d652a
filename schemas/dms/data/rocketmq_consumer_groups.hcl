data "dms_rocketmq_consumer_groups" {
  version     = 1
  description = "The consumer groups of an instance, whoever manages them."
  example     = <<-EOT
    data "dms_rocketmq_consumer_groups" "stopped" {
      instance_id = var.instance_id
      enabled     = false
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "name" {
    type        = string
    mode        = optional
    description = "Only groups with this in their name."
  }
  attribute "enabled" {
    type        = bool
    mode        = optional
    description = "Only groups whose clients may (`true`) or may not (`false`) consume."
  }
  attribute "broadcast" {
    type        = bool
    mode        = optional
    description = "Only groups that broadcast (`true`) or do not (`false`)."
  }
  attribute "retry_max_times" {
    type        = number
    mode        = optional
    description = "Only groups that try a message again so often."
  }
  attribute "names" {
    type        = list(string)
    mode        = computed
    description = "The names of the groups."
  }
  attribute "groups" {
    type        = list
    mode        = computed
    description = "The groups."
    attribute "name" {
      type        = string
      mode        = computed
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
      description = "The text about it."
    }
    attribute "brokers" {
      type        = list(string)
      mode        = computed
      description = "The brokers it lives on."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was created, in milliseconds since 1970, where the service says so."
    }
  }
  attribute "remaining" {
    type        = number
    mode        = computed
    description = "How many more groups the instance can have."
  }

  read {
    step "groups" {
      call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups"
      operation = "ListInstanceConsumerGroups"
      query     = { group = self.name }
      pages     = offset
      items     = response.groups
      total     = response.total
      set = {
        names     = [for group in items : group.name if(self.enabled == null || group.enabled == self.enabled) && (self.broadcast == null || group.broadcast == self.broadcast) && (self.retry_max_times == null || group.retry_max_time == self.retry_max_times)]
        groups    = [for group in items : { name = group.name, enabled = group.enabled, broadcast = group.broadcast, retry_max_times = group.retry_max_time, consume_orderly = try(group.consume_orderly, null), description = try(group.group_desc, null), brokers = try(group.brokers, []), created_at = try(tostring(group.createdAt), tostring(group.created_at), null) } if(self.enabled == null || group.enabled == self.enabled) && (self.broadcast == null || group.broadcast == self.broadcast) && (self.retry_max_times == null || group.retry_max_time == self.retry_max_times)]
        remaining = response.remaining
      }
      permission = ["dms:instance:get"]
    }
  }
}
