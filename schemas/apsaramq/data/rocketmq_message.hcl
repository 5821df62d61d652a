data "apsaramq_rocketmq_message" {
  version     = 1
  service     = rocketmq
  description = "A message of a topic."
  example     = <<-EOT
    data "apsaramq_rocketmq_message" "main" {
      instance_id = var.instance_id
      topic_name  = "orders"
      message_id  = "01A2"
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
    mode        = required
    description = "The id."
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
  attribute "message_group" {
    type        = string
    mode        = computed
    description = "The group of an ordered message."
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
  attribute "user_properties" {
    type        = map(string)
    mode        = computed
    description = "Properties."
  }
  attribute "system_properties" {
    type        = map(string)
    mode        = computed
    description = "Properties that the broker has set."
  }

  read {
    step "message" {
      call       = "GET /instances/${self.instance_id}/topics/${self.topic_name}/messages/${self.message_id}"
      operation  = "GetMessageDetail"
      set        = { body = response.data.body, body_size = try(response.data.bodySize, null), tag = try(response.data.messageTag, null), keys = try(response.data.messageKeys, null), message_group = try(response.data.messageGroup, null), born_time = response.data.bornTime, store_time = response.data.storeTime, user_properties = try(response.data.userProperties, null), system_properties = try(response.data.systemProperties, null) }
      permission = ["rocketmq:GetMessageDetail"]
    }
  }
}
