action "apsaramq_rocketmq_verify_send" {
  version     = 1
  service     = rocketmq
  description = "Sends one message to a topic, to see that it arrives."
  notice      = "consumers of the topic receive the message"
  example     = <<-EOT
    action "apsaramq_rocketmq_verify_send" "run" {
      config {
        instance_id = "rmq-cn-7e22ody0001"
        topic_name  = "orders"
        message     = "hello"
      }
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
  attribute "message" {
    type        = string
    mode        = required
    sensitive   = true
    length      = [1, 4194304]
    description = "The content. It is never shown, and the state keeps no more than a digest that tells whether it is another one."
  }
  attribute "message_key" {
    type        = string
    mode        = optional
    description = "The key."
  }
  attribute "message_tag" {
    type        = string
    mode        = optional
    description = "The tag."
  }
  attribute "message_group" {
    type        = string
    mode        = optional
    description = "The group of an ordered message; needed for FIFO topics."
  }
  attribute "user_properties" {
    type        = map(string)
    mode        = optional
    description = "Properties. Unlike the content they are stored in the state and shown."
  }
  attribute "message_id" {
    type        = string
    mode        = computed
    description = "The id of the message."
  }

  run {
    step "send" {
      call       = "POST /instances/${self.instance_id}/topics/${self.topic_name}/messages"
      operation  = "VerifySendMessage"
      body       = { message = self.message, messageKey = self.message_key, messageTag = self.message_tag, messageGroup = self.message_group, userProperties = self.user_properties == null ? null : jsonencode(self.user_properties) }
      set        = { message_id = tostring(response.data) }
      permission = ["rocketmq:VerifySendMessage"]
    }
  }
}
