data "apsaramq_rocketmq_trace" {
  version     = 1
  service     = rocketmq
  description = "What became of a message."
  example     = <<-EOT
    data "apsaramq_rocketmq_trace" "main" {
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
  attribute "consumers" {
    type        = list
    mode        = computed
    description = "What each consumer group did with it."
    attribute "group_id" {
      type        = string
      mode        = computed
      description = "The consumer group."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "What became of it."
    }
    attribute "dead" {
      type        = bool
      mode        = computed
      description = "Whether it became a dead letter."
    }
  }
  attribute "producers" {
    type        = list
    mode        = computed
    description = "Who sent it."
    attribute "client_host" {
      type        = string
      mode        = computed
      description = "The host."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "What became of sending."
    }
    attribute "time" {
      type        = string
      mode        = computed
      description = "When."
    }
  }

  read {
    step "trace" {
      call       = "GET /instances/${self.instance_id}/topics/${self.topic_name}/traces/${self.message_id}"
      operation  = "GetTrace"
      query      = { startTime = self.start_time, endTime = self.end_time }
      set        = { consumers = [for consumer in response.data.consumerInfos : { group_id = consumer.consumerGroupId, status = consumer.consumeStatus, dead = try(consumer.deadMessage, null) }], producers = [for record in try(response.data.producerInfo.records, []) : { client_host = try(record.clientHost, null), status = try(record.produceStatus, null), time = try(record.produceTime, null) }] }
      permission = ["rocketmq:GetTrace"]
    }
  }
}
