data "apsarastack_mq_consumer_accumulation" {
  version     = 1
  service     = mq
  description = "How many messages a group has not read."
  example     = <<-EOT
    data "apsarastack_mq_consumer_accumulation" "billing" {
      instance_id = apsarastack_mq_instance.shop.id
      group_id    = "GID_billing"
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
  attribute "online" {
    type        = bool
    mode        = computed
    description = "Whether consumers are online."
  }
  attribute "unread" {
    type        = number
    mode        = computed
    description = "Messages that are not read, in all topics."
  }
  attribute "consume_tps" {
    type        = number
    mode        = computed
    description = "How many messages it reads each second."
  }
  attribute "last_timestamp" {
    type        = string
    mode        = computed
    description = "When the message that was read last had been sent, in milliseconds since 1970."
  }
  attribute "delay" {
    type        = number
    mode        = computed
    description = "How far behind the group is, in milliseconds."
  }
  attribute "topics" {
    type        = list
    mode        = computed
    description = "The figures of each topic."
    attribute "topic" {
      type        = string
      mode        = computed
      description = "The topic."
    }
    attribute "unread" {
      type        = number
      mode        = computed
      description = "Messages that are not read."
    }
    attribute "last_timestamp" {
      type        = string
      mode        = computed
      description = "When the message that was read last had been sent, in milliseconds since 1970."
    }
    attribute "delay" {
      type        = number
      mode        = computed
      description = "How far behind the group is, in milliseconds."
    }
  }

  read {
    step "accumulation" {
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, detail = true }
      set       = { online = response.data.online, unread = response.data.totaldiff, consume_tps = try(response.data.consumetps, null), last_timestamp = try(response.data.lasttimestamp, null), delay = try(response.data.delaytime, null), topics = [for row in coalesce(response.data.detailintopiclist, []) : { topic = row.topic, unread = row.totaldiff, last_timestamp = try(row.lasttimestamp, null), delay = try(row.delaytime, null) }] }
    }
  }
}
