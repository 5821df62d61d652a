data "dms_rocketmq_consumer_group_topics" {
  version     = 1
  description = "The topics that a consumer group reads; with `topic`, how far it has read that one."
  example     = <<-EOT
    data "dms_rocketmq_consumer_group_topics" "billing" {
      instance_id = var.instance_id
      group       = "billing"
      topic       = "orders"
    }

    output "unread" {
      value = data.dms_rocketmq_consumer_group_topics.billing.lag
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "group" {
    type        = string
    mode        = required
    description = "The consumer group."
  }
  attribute "topic" {
    type        = string
    mode        = optional
    description = "The topic whose progress is read."
  }
  attribute "topics" {
    type        = list(string)
    mode        = computed
    description = "The topics that the group reads. Null with `topic`."
  }
  attribute "lag" {
    type        = number
    mode        = computed
    description = "How many messages of the topic the group has not read. Null without `topic`."
  }
  attribute "max_offset" {
    type        = number
    mode        = computed
    description = "The next offsets of all queues together. Null without `topic`."
  }
  attribute "consumer_offset" {
    type        = number
    mode        = computed
    description = "The offsets that the group has reached, together. Null without `topic`."
  }
  attribute "brokers" {
    type        = list
    mode        = computed
    description = "The progress on each broker. Null without `topic`."
    attribute "broker_name" {
      type        = string
      mode        = computed
      description = "The broker."
    }
    attribute "queues" {
      type        = list(object({ id = number, lag = number, broker_offset = number, consumer_offset = number, last_message_time = string, client_id = string }))
      mode        = computed
      description = "The queues: unread messages, the offset of the next message, the offset that the group has reached, when the last message was stored, in milliseconds since 1970, and who reads it, where the service says so."
    }
  }

  read {
    # A group that has never read anything answers that the first page does not exist.
    step "topics" {
      when       = self.topic == null
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.group}/topics"
      operation  = "ShowConsumerListOrDetails"
      pages      = offset
      items      = response.topics
      total      = response.total
      set        = { topics = items }
      permission = ["dms:instance:get"]
    }
    step "progress" {
      when      = self.topic != null
      call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.group}/topics"
      operation = "ShowConsumerListOrDetails"
      query     = { topic = self.topic }
      set = {
        lag             = response.lag
        max_offset      = response.max_offset
        consumer_offset = response.consumer_offset
        brokers         = [for broker in flatten([response.brokers]) : { broker_name = broker.broker_name, queues = [for queue in broker.queues : { id = queue.id, lag = queue.lag, broker_offset = queue.broker_offset, consumer_offset = queue.consumer_offset, last_message_time = try(tostring(queue.last_message_time), null), client_id = try(queue.client_id, null) }] }]
      }
      permission = ["dms:instance:get"]
    }
  }
}
