action "apsaramq_rocketmq_verify_consume" {
  version     = 1
  service     = rocketmq
  description = "Delivers a message to one consumer that is online, to see that it can be processed."
  impact      = "the consumer processes the message once more"
  example     = <<-EOT
    action "apsaramq_rocketmq_verify_consume" "run" {
      config {
        instance_id = "rmq-cn-7e22ody0001"
        topic_name  = "orders"
        message_id  = "01A2B3"
        group_id    = "billing"
        client_id   = "consumer-1"
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
  attribute "message_id" {
    type        = string
    mode        = required
    description = "The message."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The consumer group."
  }
  attribute "client_id" {
    type        = string
    mode        = required
    description = "The consumer; the data source `apsaramq_rocketmq_consumer_connections` lists them."
  }

  run {
    step "deliver" {
      call       = "POST /instances/${self.instance_id}/topics/${self.topic_name}/messages/${self.message_id}/action/verifyConsume"
      operation  = "VerifyConsumeMessage"
      query      = { consumerGroupId = self.group_id, clientId = self.client_id }
      permission = ["rocketmq:VerifyConsumeMessage"]
    }
  }
}
