action "apsarastack_mq_reset_offset" {
  version     = 1
  service     = mq
  description = "Sets how far a group has read a topic: skips all that is unread, or goes to a time. A time in the past gives messages again that were read after it."
  repeatable  = true
  loses       = "the unread messages that are skipped, for this group"
  impact      = "consumers of the group continue somewhere else, and may get messages again"
  example     = <<-EOT
    action "apsarastack_mq_reset_offset" "skip" {
      config {
        instance_id = apsarastack_mq_instance.shop.id
        group_id    = "GID_billing"
        topic       = "orders"
      }
    }
  EOT

  serialize {
    key  = "${self.instance_id}/${self.group_id}"
    mode = exclusive
  }

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The group. It must have read the topic before, or have consumers online."
  }
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "timestamp" {
    type        = string
    mode        = optional
    pattern     = "-1|[0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt].+"
    description = "The time to go to: in RFC 3339 (`2026-08-01T10:00:00Z`), to the second, or in milliseconds since 1970; `0` is the first message. Without it, or with `-1`, everything is skipped."
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
  attribute "unread_before" {
    type        = number
    mode        = computed
    description = "How many messages of the topic were unread before."
  }
  attribute "unread_after" {
    type        = number
    mode        = computed
    description = "How many are unread now."
  }

  run {
    # Texts in RFC 3339 become milliseconds: the time in UTC, then days by a calendar whose years begin in March.
    step "time" {
      when = self.timestamp != null && self.timestamp != "-1"
      set = {
        milliseconds = try(tostring([for utc in [for z in [formatdate("ZZZZZ", self.timestamp)] : timeadd(self.timestamp, "${startswith(z, "-") ? "" : "-"}${substr(z, 1, 2)}h${substr(z, 4, 2)}m")] : [for at in [{ year = tonumber(formatdate("YYYY", utc)) - (tonumber(formatdate("M", utc)) <= 2 ? 1 : 0), month = (tonumber(formatdate("M", utc)) + 9) % 12, day = tonumber(formatdate("D", utc)), second = (tonumber(formatdate("h", utc)) * 60 + tonumber(formatdate("m", utc))) * 60 + tonumber(formatdate("s", utc)) }] : ((365 * at.year + floor(at.year / 4) - floor(at.year / 100) + floor(at.year / 400) + floor((153 * at.month + 2) / 5) + at.day - 719469) * 86400 + at.second) * 1000][0]][0]), self.timestamp)
        time         = try(timeadd("1970-01-01T00:00:00Z", "${self.timestamp}ms"), self.timestamp)
      }
    }
    step "before" {
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, detail = true }
      set       = { unread_before = sum(concat([0], [for topic in coalesce(response.data.detailintopiclist, []) : topic.totaldiff if topic.topic == self.topic])) }
    }
    step "reset" {
      call      = "POST /json/consumer/resetoffset"
      operation = "consumer/resetoffset"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, topic = self.topic, type = self.milliseconds == null ? 0 : 1, resetTime = self.milliseconds }
    }
    step "after" {
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, detail = true }
      set       = { unread_after = sum(concat([0], [for topic in coalesce(response.data.detailintopiclist, []) : topic.totaldiff if topic.topic == self.topic])) }
    }
  }

  # How many of them lie before a time is told by no operation: all count.
  guard "unread messages that may be skipped" {
    kind = data
    step "lag" {
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, detail = true }
      set       = { unread = sum(concat([0], [for topic in coalesce(response.data.detailintopiclist, []) : topic.totaldiff if topic.topic == self.topic])) }
    }
    count   = observed.unread
    message = "${count} unread ${count == 1 ? "message" : "messages"} of `${self.topic}` ${self.timestamp == null || self.timestamp == "-1" ? "are" : "may be"} skipped"
  }
  guard "new position" {
    kind    = impact
    count   = 1
    message = "`${self.group_id}` goes on in `${self.topic}` at ${self.timestamp == null ? "the end" : self.timestamp == "0" ? "the first message" : self.timestamp == "-1" ? "the end" : try(timeadd("1970-01-01T00:00:00Z", "${self.timestamp}ms"), self.timestamp)}"
  }

  check "time" {
    when    = self.timestamp != null
    that    = can(regex("^(-1|[0-9]+)$", self.timestamp)) || can(formatdate("YYYY", self.timestamp))
    message = "`${self.timestamp}` is no time in RFC 3339"
    path    = timestamp
    hint    = "write it as in `2026-08-01T10:00:00Z` or `2026-08-01T12:00:00+02:00`, or in milliseconds since 1970"
  }
}
