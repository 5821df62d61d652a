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
    pattern     = "[0-9]{1,15}"
    description = "The time to go to, in milliseconds since 1970. Without it, everything is skipped."
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
    step "before" {
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, detail = true }
      set       = { unread_before = sum(concat([0], [for topic in coalesce(response.data.detailintopiclist, []) : topic.totaldiff if topic.topic == self.topic])) }
    }
    step "reset" {
      call      = "POST /json/consumer/resetoffset"
      operation = "consumer/resetoffset"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, topic = self.topic, type = self.timestamp == null ? 0 : 1, resetTime = self.timestamp }
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
    message = "${count} unread ${count == 1 ? "message" : "messages"} of `${self.topic}` ${self.timestamp == null ? "are" : "may be"} skipped"
  }
}
