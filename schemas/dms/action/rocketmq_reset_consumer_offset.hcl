action "dms_rocketmq_reset_consumer_offset" {
  version     = 1
  description = "Sets how far a consumer group has read a topic: to the first message, behind the last one, or to a time."
  repeatable  = true
  confirm     = "consumers continue somewhere else: they skip messages, or get them again"
  loses       = "the unread messages that are skipped, for this group"
  impact      = "consumers of the group continue somewhere else, and may get messages again"
  example     = <<-EOT
    action "dms_rocketmq_reset_consumer_offset" "rewind" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        group       = "billing"
        topic       = "orders"
        timestamp   = "0"
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
  attribute "group" {
    type        = string
    mode        = required
    description = "The consumer group."
  }
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "timestamp" {
    type        = string
    mode        = required
    pattern     = "-1|[0-9]{1,15}"
    description = "The time in milliseconds since 1970; `0` is the first message, `-1` behind the last one."
  }
  attribute "queues" {
    type        = list(object({ broker_name = string, queue_id = number, offset = number }))
    mode        = computed
    description = "Where each queue is read from then on."
  }

  run {
    step "reset" {
      call       = "POST /v2/reliability/${provider.project_id}/instances/${self.instance_id}/groups/${self.group}/reset-message-offset"
      operation  = "ResetConsumeOffset"
      body       = { topic = self.topic, timestamp = self.timestamp }
      set        = { queues = [for queue in response.queues : { broker_name = queue.broker_name, queue_id = queue.queue_id, offset = try(tonumber(queue.timestamp_offset), null) }] }
      permission = ["dms:instance:modify"]
    }
  }

  guard "unread messages" {
    kind = data
    step "lag" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.group}/topics"
      operation  = "ShowConsumerListOrDetails"
      query      = { topic = self.topic }
      set        = { lag = response.lag }
      permission = ["dms:instance:get"]
    }
    # Which unread messages are older than a time is told by no call: all of them may be.
    count   = self.timestamp == "0" ? 0 : observed.lag
    message = self.timestamp == "-1" ? "${count} unread ${count == 1 ? "message" : "messages"} would be skipped" : "up to ${count} unread ${count == 1 ? "message" : "messages"} would be skipped"
  }
}
