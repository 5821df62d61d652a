data "apsarastack_mq_consumer_timespan" {
  version     = 1
  service     = mq
  description = "From when to when a topic has messages, and how far a group has read them."
  example     = <<-EOT
    data "apsarastack_mq_consumer_timespan" "billing" {
      instance_id = apsarastack_mq_instance.shop.id
      group_id    = "GID_billing"
      topic       = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The group."
  }
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "earliest_at" {
    type        = string
    mode        = computed
    description = "When the oldest message was stored, in milliseconds since 1970. The vendor's document describes the two ends the other way round than it names them: the earlier one is taken."
  }
  attribute "latest_at" {
    type        = string
    mode        = computed
    description = "When the newest message was stored."
  }
  attribute "consumed_at" {
    type        = string
    mode        = computed
    description = "When the message that was read last had been stored."
  }

  read {
    step "timespan" {
      call      = "GET /json/consumer/timespan"
      operation = "consumer/timespan"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, topic = self.topic }
      set       = { earliest_at = try(min(response.data.mintimestamp, response.data.maxtimestamp), null), latest_at = try(max(response.data.mintimestamp, response.data.maxtimestamp), null), consumed_at = try(response.data.consumetimestamp, null) }
    }
  }
}
