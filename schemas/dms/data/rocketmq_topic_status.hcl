data "dms_rocketmq_topic_status" {
  version     = 1
  description = "How much a topic holds: the offsets of its queues."
  example     = <<-EOT
    data "dms_rocketmq_topic_status" "orders" {
      instance_id = var.instance_id
      topic       = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic. The dead letters of a group are in `%DLQ%GROUP`."
  }
  attribute "min_offset" {
    type        = number
    mode        = computed
    description = "The first offsets of all queues together."
  }
  attribute "max_offset" {
    type        = number
    mode        = computed
    description = "The next offsets of all queues together."
  }
  attribute "messages" {
    type        = number
    mode        = computed
    description = "How many messages are stored."
  }
  attribute "brokers" {
    type        = list
    mode        = computed
    description = "The brokers that hold its queues."
    attribute "broker_name" {
      type        = string
      mode        = computed
      description = "The broker."
    }
    attribute "queues" {
      type        = list(object({ id = number, min_offset = number, max_offset = number, last_message_time = string }))
      mode        = computed
      description = "The queues: `id`, the first offset that is still stored, the offset of the next message, and when the last one was stored, in milliseconds since 1970."
    }
  }

  read {
    # The API document shows one broker as an object.
    step "status" {
      call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.topic}/status"
      operation = "ShowTopicStatus"
      set = {
        min_offset = response.min_offset
        max_offset = response.max_offset
        messages   = response.max_offset - response.min_offset
        brokers    = [for broker in flatten([response.brokers]) : { broker_name = broker.broker_name, queues = [for queue in broker.queues : { id = queue.id, min_offset = queue.min_offset, max_offset = queue.max_offset, last_message_time = try(tostring(queue.last_message_time), null) }] }]
      }
      permission = ["dms:instance:get"]
    }
  }
}
