data "apsaramq_rocketmq_traces" {
  version     = 1
  service     = rocketmq
  description = "Traces of messages of a topic, by id, by key, or by time."
  example     = <<-EOT
    data "apsaramq_rocketmq_traces" "main" {
      instance_id = var.instance_id
      topic_name  = "orders"
      start_time  = "2026-08-01 10:00:00"
      end_time    = "2026-08-01 11:00:00"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "topic_name" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "message_id" {
    type        = string
    mode        = optional
    description = "The id."
  }
  attribute "message_key" {
    type        = string
    mode        = optional
    description = "A key."
  }
  attribute "start_time" {
    type        = string
    mode        = optional
    description = "From when, as in `2026-08-01 10:00:00`; needed without `message_id`."
  }
  attribute "end_time" {
    type        = string
    mode        = optional
    description = "Until when."
  }
  attribute "traces" {
    type        = list
    mode        = computed
    description = "The traces."
    attribute "message_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "tag" {
      type        = string
      mode        = computed
      description = "The tag."
    }
    attribute "keys" {
      type        = list(string)
      mode        = computed
      description = "The keys."
    }
    attribute "born_time" {
      type        = string
      mode        = computed
      description = "When it was made."
    }
  }

  read {
    step "traces" {
      call       = "GET /instances/${self.instance_id}/topics/${self.topic_name}/traces"
      operation  = "ListTraces"
      query      = { messageId = self.message_id, messageKey = self.message_key, startTime = self.start_time, endTime = self.end_time }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { traces = [for trace in items : { message_id = try(trace.messageId, null), tag = try(trace.messageTag, null), keys = try(trace.messageKeys, null), born_time = try(trace.bornTime, null) }] }
      permission = ["rocketmq:ListTraces"]
    }
  }
}
