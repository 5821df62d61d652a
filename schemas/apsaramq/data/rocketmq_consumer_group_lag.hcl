data "apsaramq_rocketmq_consumer_group_lag" {
  version     = 1
  service     = rocketmq
  description = "How far a consumer group is behind."
  example     = <<-EOT
    data "apsaramq_rocketmq_consumer_group_lag" "main" {
      instance_id = var.instance_id
      group_id    = "billing"
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
    mode        = optional
    description = "Only in this topic."
  }
  attribute "ready_count" {
    type        = number
    mode        = computed
    description = "Messages that wait."
  }
  attribute "inflight_count" {
    type        = number
    mode        = computed
    description = "Messages being worked on."
  }
  attribute "delivery_duration_seconds" {
    type        = number
    mode        = computed
    unit        = "s"
    description = "How long the oldest one has waited."
  }
  attribute "last_consume_timestamp" {
    type        = number
    mode        = computed
    description = "When the group last read, in milliseconds since 1970."
  }
  attribute "topics" {
    type        = map(number)
    mode        = computed
    description = "Messages that wait or are being worked on, by topic."
  }

  read {
    step "lag" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/lag"
      operation  = "GetConsumerGroupLag"
      query      = { topicName = self.topic_name }
      set        = { ready_count = response.data.totalLag.readyCount, inflight_count = response.data.totalLag.inflightCount, delivery_duration_seconds = response.data.totalLag.deliveryDuration, last_consume_timestamp = response.data.totalLag.lastConsumeTimestamp, topics = { for topic, lag in response.data.topicLagMap : topic => lag.readyCount + lag.inflightCount } }
      permission = ["rocketmq:GetConsumerGroupLag"]
    }
  }
}
