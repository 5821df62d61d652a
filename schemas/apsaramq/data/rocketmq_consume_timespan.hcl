data "apsaramq_rocketmq_consume_timespan" {
  version     = 1
  service     = rocketmq
  description = "From when to when a topic holds messages, and until when a group has read them."
  example     = <<-EOT
    data "apsaramq_rocketmq_consume_timespan" "main" {
      instance_id = var.instance_id
      group_id    = "billing"
      topic_name  = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The consumer group."
  }
  attribute "topic_name" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "min_timestamp" {
    type        = number
    mode        = computed
    description = "When the oldest message was stored, in milliseconds since 1970."
  }
  attribute "max_timestamp" {
    type        = number
    mode        = computed
    description = "When the newest message was stored: the last write."
  }
  attribute "consume_timestamp" {
    type        = number
    mode        = computed
    description = "When the last message was stored that the group has read."
  }

  read {
    step "timespan" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/consumeTimespan/${self.topic_name}"
      operation  = "GetConsumeTimespan"
      set        = { min_timestamp = response.data.minTimestamp, max_timestamp = response.data.maxTimestamp, consume_timestamp = response.data.consumeTimestamp }
      permission = ["rocketmq:GetConsumeTimespan"]
    }
  }
}
