data "dms_rocketmq_message_traces" {
  version     = 1
  description = "What happened to a message: who sent it and who consumed it, as far as traces are kept."
  example     = <<-EOT
    data "dms_rocketmq_message_traces" "one" {
      instance_id = var.instance_id
      msg_id      = "7F0000010AA818B4AAC25BD4A0C90000"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "msg_id" {
    type        = string
    mode        = required
    description = "The id of the message."
  }
  attribute "traces" {
    type        = list
    mode        = computed
    description = "The steps."
    attribute "success" {
      type        = bool
      mode        = computed
      description = "Whether the step succeeded."
    }
    attribute "trace_type" {
      type        = string
      mode        = computed
      description = "The step: `Pub`, `SubBefore`, `SubAfter` and others."
    }
    attribute "timestamp" {
      type        = string
      mode        = computed
      description = "When, in milliseconds since 1970."
    }
    attribute "group_name" {
      type        = string
      mode        = computed
      description = "The producer or consumer group."
    }
    attribute "cost_time" {
      type        = number
      mode        = computed
      description = "How long it took in milliseconds."
    }
    attribute "request_id" {
      type        = string
      mode        = computed
      description = "The id of the request."
    }
    attribute "consume_status" {
      type        = number
      mode        = computed
      description = "How consuming ended: 0 well, 1 timeout, 2 exception, 3 nothing returned, 5 failed."
    }
    attribute "topic" {
      type        = string
      mode        = computed
      description = "The topic."
    }
    attribute "msg_id" {
      type        = string
      mode        = computed
      description = "The id of the message."
    }
    attribute "offset_msg_id" {
      type        = string
      mode        = computed
      description = "The id of the message by its place."
    }
    attribute "tags" {
      type        = string
      mode        = computed
      description = "The tags of the message."
    }
    attribute "keys" {
      type        = string
      mode        = computed
      description = "The keys of the message."
    }
    attribute "store_host" {
      type        = string
      mode        = computed
      description = "The address of the broker."
    }
    attribute "client_host" {
      type        = string
      mode        = computed
      description = "The address of the client."
    }
    attribute "retry_times" {
      type        = number
      mode        = computed
      description = "How often it was tried again."
    }
    attribute "body_length" {
      type        = number
      mode        = computed
      description = "The length of the content."
    }
    attribute "msg_type" {
      type        = string
      mode        = computed
      description = "The kind of message."
    }
    attribute "transaction_state" {
      type        = string
      mode        = computed
      description = "The state of its transaction."
    }
    attribute "transaction_id" {
      type        = string
      mode        = computed
      description = "The id of its transaction."
    }
    attribute "from_transaction_check" {
      type        = bool
      mode        = computed
      description = "Whether it comes from a check of the transaction."
    }
  }

  read {
    # The API document shows a bare array as well as an object that holds it.
    step "trace" {
      call      = "GET /v2/reliability/${provider.project_id}/instances/${self.instance_id}/trace"
      operation = "ListMessageTrace"
      query     = { msg_id = self.msg_id }
      set = {
        traces = [for trace in try(response.trace, response) : { success = try(trace.success, null), trace_type = try(trace.trace_type, null), timestamp = try(tostring(trace.timestamp), null), group_name = try(trace.group_name, null), cost_time = try(trace.cost_time, null), request_id = try(trace.request_id, null), consume_status = try(trace.consume_status, null), topic = try(trace.topic, null), msg_id = try(trace.msg_id, null), offset_msg_id = try(trace.offset_msg_id, null), tags = try(trace.tags, null), keys = try(trace.keys, null), store_host = try(trace.store_host, null), client_host = try(trace.client_host, null), retry_times = try(trace.retry_times, null), body_length = try(trace.body_length, null), msg_type = try(trace.msg_type, null), transaction_state = try(trace.transaction_state, null), transaction_id = try(trace.transaction_id, null), from_transaction_check = try(trace.from_transaction_check, null) }]
      }
      permission = ["dms:instance:get"]
    }
  }
}
