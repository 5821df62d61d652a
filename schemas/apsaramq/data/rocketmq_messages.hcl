data "apsaramq_rocketmq_messages" {
  version     = 1
  service     = rocketmq
  description = "Messages of a topic, by id, by key, or by time."
  example     = <<-EOT
    data "apsaramq_rocketmq_messages" "main" {
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
  attribute "messages" {
    type        = list
    mode        = computed
    description = "The messages."
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
    attribute "store_time" {
      type        = string
      mode        = computed
      description = "When it was stored."
    }
    attribute "body" {
      type        = string
      mode        = computed
      description = "The content."
    }
    attribute "body_size" {
      type        = number
      mode        = computed
      description = "Its length."
    }
    attribute "message_group" {
      type        = string
      mode        = computed
      description = "The group of an ordered message."
    }
    attribute "user_properties" {
      type        = map(string)
      mode        = computed
      description = "Properties."
    }
  }

  read {
    step "messages" {
      call       = "GET /instances/${self.instance_id}/topics/${self.topic_name}/messages"
      operation  = "ListMessages"
      query      = { messageId = self.message_id, messageKey = self.message_key, startTime = self.start_time, endTime = self.end_time }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { messages = [for message in items : { message_id = try(message.messageId, null), tag = try(message.messageTag, null), keys = try(message.messageKeys, null), born_time = try(message.bornTime, null), store_time = try(message.storeTime, null), body = try(message.body, null), body_size = try(message.bodySize, null), message_group = try(message.messageGroup, null), user_properties = try(message.userProperties, null) }] }
      permission = ["rocketmq:ListMessages"]
    }
  }
}
