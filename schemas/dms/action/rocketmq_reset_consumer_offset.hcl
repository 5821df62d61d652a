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
        timestamp   = "2026-08-01T10:00:00Z"
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
    pattern     = "-1|[0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt].+"
    description = "The time in RFC 3339 (`2026-08-01T10:00:00Z`), to the second, or in milliseconds since 1970; `0` is the first message, `-1` behind the last one."
  }
  attribute "milliseconds" {
    type        = string
    mode        = computed
    description = "The time as the service got it."
  }
  attribute "time" {
    type        = string
    mode        = computed
    description = "The time in RFC 3339."
  }
  attribute "queues" {
    type        = list(object({ broker_name = string, queue_id = number, offset = number }))
    mode        = computed
    description = "Where each queue is read from then on."
  }

  run {
    # Texts in RFC 3339 become milliseconds: the time in UTC, then days by a calendar whose years begin in March.
    step "time" {
      set = {
        milliseconds = try(tostring([for utc in [for z in [formatdate("ZZZZZ", self.timestamp)] : timeadd(self.timestamp, "${startswith(z, "-") ? "" : "-"}${substr(z, 1, 2)}h${substr(z, 4, 2)}m")] : [for at in [{ year = tonumber(formatdate("YYYY", utc)) - (tonumber(formatdate("M", utc)) <= 2 ? 1 : 0), month = (tonumber(formatdate("M", utc)) + 9) % 12, day = tonumber(formatdate("D", utc)), second = (tonumber(formatdate("h", utc)) * 60 + tonumber(formatdate("m", utc))) * 60 + tonumber(formatdate("s", utc)) }] : ((365 * at.year + floor(at.year / 4) - floor(at.year / 100) + floor(at.year / 400) + floor((153 * at.month + 2) / 5) + at.day - 719469) * 86400 + at.second) * 1000][0]][0]), self.timestamp)
        time         = try(timeadd("1970-01-01T00:00:00Z", "${self.timestamp}ms"), self.timestamp)
      }
    }
    step "reset" {
      call       = "POST /v2/reliability/${provider.project_id}/instances/${self.instance_id}/groups/${self.group}/reset-message-offset"
      operation  = "ResetConsumeOffset"
      body       = { topic = self.topic, timestamp = self.milliseconds }
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
  guard "new position" {
    kind    = impact
    count   = 1
    message = "`${self.group}` goes on in `${self.topic}` at ${self.timestamp == "0" ? "the first message" : self.timestamp == "-1" ? "the end" : try(timeadd("1970-01-01T00:00:00Z", "${self.timestamp}ms"), self.timestamp)}"
  }

  check "time" {
    that    = can(regex("^(-1|[0-9]+)$", self.timestamp)) || can(formatdate("YYYY", self.timestamp))
    message = "`${self.timestamp}` is no time in RFC 3339"
    path    = timestamp
    hint    = "write it as in `2026-08-01T10:00:00Z` or `2026-08-01T12:00:00+02:00`, or in milliseconds since 1970"
  }
}
