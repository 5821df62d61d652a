action "apsaramq_mqtt_send_message" {
  version     = 1
  service     = mqtt
  description = "Sends a message to a topic, or to one device as `PARENT/p2p/CLIENT`. It counts as a message on the bill."
  notice      = "it counts as a message on the bill"
  example     = <<-EOT
    action "apsaramq_mqtt_send_message" "hello" {
      config {
        instance_id = "mqtt-cn-demohangzhou"
        topic       = "meters/all"
        payload     = "hello"
      }
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "region" {
    type        = string
    mode        = optional
    description = "The region of the instance; that of the provider if left out."
  }
  attribute "topic" {
    type        = string
    mode        = required
    length      = [1, 128]
    description = "The topic; its parent must exist."
  }
  attribute "payload" {
    type        = string
    mode        = required
    sensitive   = true
    length      = [1, 65536]
    description = "The content, 64 KB at most. Base64 for what is no text. It is never shown, and the state keeps no more than a digest that tells whether it is another one."
  }
  attribute "message_id" {
    type        = string
    mode        = computed
    description = "The id of the message."
  }

  run {
    step "run" {
      call       = "POST /"
      operation  = "SendMessage"
      region     = self.region
      query      = { InstanceId = self.instance_id, MqttTopic = self.topic, Payload = self.payload }
      set        = { message_id = response.MsgId }
      permission = ["mq:SendMessage"]
    }
  }
}
