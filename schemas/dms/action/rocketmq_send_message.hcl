action "dms_rocketmq_send_message" {
  version     = 1
  description = "Sends a message to a topic. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    action "dms_rocketmq_send_message" "hello" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        topic       = "orders"
        body        = "hello"
        properties  = { KEYS = "owner", TAGS = "test" }
      }
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "body" {
    type        = string
    mode        = required
    sensitive   = true
    description = "The content. It is never shown, and the state keeps no more than a digest that tells whether it is another one."
  }
  attribute "properties" {
    type        = map(string)
    mode        = optional
    default     = {}
    description = "Its properties, such as `KEYS` and `TAGS`. Unlike the content they are stored in the state and shown."
  }
  attribute "msg_id" {
    type        = string
    mode        = computed
    description = "The id of the message."
  }
  attribute "queue_id" {
    type        = number
    mode        = computed
    description = "The queue it is in."
  }
  attribute "queue_offset" {
    type        = number
    mode        = computed
    description = "Its offset in the queue."
  }
  attribute "broker_name" {
    type        = string
    mode        = computed
    description = "The broker it is on."
  }

  run {
    step "send" {
      call       = "POST /v2/reliability/${provider.project_id}/instances/${self.instance_id}/messages"
      operation  = "SendMessage"
      body       = { topic = self.topic, body = self.body, property_list = [for name, value in self.properties : { name = name, value = value }] }
      set        = { msg_id = response.msg_id, queue_id = try(tonumber(response.queue_id), null), queue_offset = try(tonumber(response.queue_offset), null), broker_name = try(response.broker_name, null) }
      permission = ["dms:instance:modify"]
    }
  }
}
