data "apsarastack_mq_message_trace" {
  version     = 1
  service     = mq
  description = "Whether a message was read, by group. The service compares offsets: after a reset the answer may be wrong."
  example     = <<-EOT
    data "apsarastack_mq_message_trace" "one" {
      instance_id = apsarastack_mq_instance.shop.id
      topic       = "orders"
      message_id  = "0A1B2C3D4E5F60718293A4B5C6D7E8F9"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "message_id" {
    type        = string
    mode        = required
    description = "The id."
  }
  attribute "groups" {
    type        = list
    mode        = computed
    description = "What became of it in each group."
    attribute "group_id" {
      type        = string
      mode        = computed
      description = "The group."
    }
    attribute "state" {
      type        = string
      mode        = computed
      description = "`CONSUMED`, `CONSUMED_BUT_FILTERED`, `NOT_CONSUME_YET`, `NOT_ONLINE` or `UNKNOWN`."
    }
    attribute "exception" {
      type        = string
      mode        = computed
      description = "Why it is not known."
    }
  }

  read {
    step "trace" {
      call      = "GET /json/message/trace"
      operation = "message/trace"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.topic, msgId = self.message_id }
      set       = { groups = [for row in coalesce(response.data, []) : { group_id = row.consumergroup, state = row.tracktype, exception = try(row.exceptiondesc, null) }] }
    }
  }
}
