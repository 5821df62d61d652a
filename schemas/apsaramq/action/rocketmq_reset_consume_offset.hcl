action "apsaramq_rocketmq_reset_consume_offset" {
  version     = 1
  service     = rocketmq
  description = "Sets what a consumer group has read of a topic: everything, or everything before a time."
  loses       = "messages that wait are skipped if the position goes forward"
  impact      = "consumers read messages again if it goes back"
  example     = <<-EOT
    action "apsaramq_rocketmq_reset_consume_offset" "run" {
      config {
        instance_id = "rmq-cn-7e22ody0001"
        group_id    = "billing"
        topic_name  = "orders"
        reset_type  = "SPECIFIED_TIME"
        reset_time  = "2026-08-01T10:00:00Z"
      }
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
    mode        = required
    description = "The topic."
  }
  attribute "reset_type" {
    type        = string
    mode        = required
    one_of      = ["LATEST_OFFSET", "SPECIFIED_TIME"]
    description = "`LATEST_OFFSET`: nothing waits any more. `SPECIFIED_TIME`: what came at `reset_time` or later waits."
  }
  attribute "reset_time" {
    type        = string
    mode        = optional
    pattern     = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt].+"
    description = "The time: in RFC 3339 (`2026-08-01T10:00:00Z`), to the second, in milliseconds since 1970, or as the service writes times (`2026-08-01 10:00:00`), whose zone the documents do not name; the other two are sent in UTC."
  }
  attribute "sent_time" {
    type        = string
    mode        = computed
    description = "The time as the service got it."
  }

  run {
    step "time" {
      when = self.reset_time != null
      set  = { sent_time = try(formatdate("YYYY-MM-DD hh:mm:ss", [for z in [formatdate("ZZZZZ", self.reset_time)] : timeadd(self.reset_time, "${startswith(z, "-") ? "" : "-"}${substr(z, 1, 2)}h${substr(z, 4, 2)}m")][0]), formatdate("YYYY-MM-DD hh:mm:ss", timeadd("1970-01-01T00:00:00Z", "${self.reset_time}ms")), self.reset_time) }
    }
    step "reset" {
      call       = "PATCH /instances/${self.instance_id}/consumerGroups/${self.group_id}/consumeOffsets/${self.topic_name}"
      operation  = "ResetConsumeOffset"
      body       = { resetType = self.reset_type, resetTime = self.sent_time }
      idempotent = true
      permission = ["rocketmq:ResetConsumeOffset"]
    }
  }

  # How many of them lie before a time is told by no operation: all count.
  guard "unread messages" {
    kind = data
    step "lag" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/lag"
      operation  = "GetConsumerGroupLag"
      query      = { topicName = self.topic_name }
      set        = { total = response.data.totalLag.readyCount + response.data.totalLag.inflightCount }
      permission = ["rocketmq:GetConsumerGroupLag"]
    }
    count   = observed.total
    message = "${count} unread ${count == 1 ? "message" : "messages"} ${self.reset_type == "LATEST_OFFSET" ? "would" : "may"} be skipped"
  }
  guard "new position" {
    kind    = impact
    count   = 1
    message = "`${self.group_id}` goes on in `${self.topic_name}` at ${self.reset_time == null ? "the end" : try(timeadd("1970-01-01T00:00:00Z", "${self.reset_time}ms"), self.reset_time)}"
  }
  guard "online consumers" {
    kind = impact
    step "connections" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/connections"
      operation  = "ListConsumerConnections"
      set        = { clients = length(response.data.connections) }
      permission = ["rocketmq:ListConsumerConnections"]
    }
    count   = observed.clients
    message = "${count} ${count == 1 ? "consumer is" : "consumers are"} online"
  }

  check "form of the time" {
    when    = self.reset_time != null
    that    = can(regex("^[0-9]+$", self.reset_time)) || can(formatdate("YYYY", replace("${self.reset_time}${strcontains(upper(self.reset_time), "T") ? "" : "Z"}", " ", "T")))
    message = "`${self.reset_time}` is no time"
    path    = reset_time
    hint    = "write it as in `2026-08-01T10:00:00Z` or `2026-08-01T12:00:00+02:00`"
  }
  check "time" {
    that    = (self.reset_type == "SPECIFIED_TIME") == (self.reset_time != null)
    message = "`reset_time` goes with `SPECIFIED_TIME` and nothing else (MissingParameter)"
    path    = reset_time
  }
}
