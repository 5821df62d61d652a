data "apsarastack_mq_consumer_status" {
  version     = 1
  service     = mq
  description = "The state of a group in detail: consistency of subscriptions, balance, consumers with threads and figures. The service takes long to answer."
  example     = <<-EOT
    data "apsarastack_mq_consumer_status" "billing" {
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
  attribute "stacks" {
    type        = bool
    mode        = optional
    default     = false
    description = "Whether to ask for the stacks of the consumers' threads."
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
  attribute "message_model" {
    type        = string
    mode        = computed
    description = "`CLUSTERING` or `BROADCASTING`."
  }
  attribute "subscriptions_same" {
    type        = bool
    mode        = computed
    description = "Whether all consumers have subscribed to the same."
  }
  attribute "rebalance_ok" {
    type        = bool
    mode        = computed
    description = "Whether the load is balanced."
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
  attribute "connections" {
    type        = list
    mode        = computed
    description = "The connections."
    attribute "client_id" {
      type        = string
      mode        = computed
      description = "The id of the client."
    }
    attribute "address" {
      type        = string
      mode        = computed
      description = "Where it connects from."
    }
    attribute "language" {
      type        = string
      mode        = computed
      description = "The language of the client."
    }
    attribute "version" {
      type        = string
      mode        = computed
      description = "The version of the client."
    }
    attribute "remote_ip" {
      type        = string
      mode        = computed
      description = "The address without port."
    }
  }
  attribute "consumers" {
    type        = list
    mode        = computed
    description = "The consumers."
    attribute "client_id" {
      type        = string
      mode        = computed
      description = "The id of the client."
    }
    attribute "address" {
      type        = string
      mode        = computed
      description = "Where it connects from."
    }
    attribute "language" {
      type        = string
      mode        = computed
      description = "The language of the client."
    }
    attribute "version" {
      type        = string
      mode        = computed
      description = "The version of the client."
    }
    attribute "message_model" {
      type        = string
      mode        = computed
      description = "`CLUSTERING` or `BROADCASTING`."
    }
    attribute "consume_type" {
      type        = string
      mode        = computed
      description = "`PUSH` or `PULL`."
    }
    attribute "threads" {
      type        = number
      mode        = computed
      description = "How many threads it reads with."
    }
    attribute "started_at" {
      type        = string
      mode        = computed
      description = "When it was started, in milliseconds since 1970."
    }
    attribute "seen_at" {
      type        = string
      mode        = computed
      description = "When it was seen last, in milliseconds since 1970."
    }
    attribute "subscriptions" {
      type        = list(object({ topic = string, expression = string, tags = list(string) }))
      mode        = computed
      description = "What it has subscribed to."
    }
    attribute "running" {
      type        = list(object({ topic = string, response_time = number, ok_tps = number, failed_tps = number, failed_per_hour = number }))
      mode        = computed
      description = "Its figures by topic: milliseconds for a message, messages read and failed each second, messages failed in the last hour."
    }
    attribute "stacks" {
      type        = list(object({ thread = string, frames = list(string) }))
      mode        = computed
      description = "The stacks of its threads, if they were asked for."
    }
  }

  read {
    step "status" {
      call      = "GET /json/consumer/status"
      operation = "consumer/status"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, detail = true, needJstack = self.stacks }
      set       = { online = response.data.online, unread = try(response.data.totaldiff, null), consume_tps = try(response.data.consumetps, null), last_timestamp = try(response.data.lasttimestamp, null), delay = try(response.data.delaytime, null), message_model = try(response.data.consumemodel, null), subscriptions_same = try(response.data.subscriptionsame, null), rebalance_ok = try(response.data.rebalanceok, null), topics = [for row in try(coalesce(response.data.detailintopiclist, []), []) : { topic = row.topic, unread = row.totaldiff, last_timestamp = try(row.lasttimestamp, null), delay = try(row.delaytime, null) }], connections = [for row in try(coalesce(response.data.connectionset, []), []) : { client_id = row.clientid, address = try(row.clientaddr, null), language = try(row.language, null), version = try(row.version, null), remote_ip = try(row.remoteip, null) }], consumers = [for row in try(coalesce(response.data.consumerconnectioninfolist, []), []) : { client_id = row.clientid, address = try(row.connection, null), language = try(row.language, null), version = try(row.version, null), message_model = try(row.consumemodel, null), consume_type = try(row.consumetype, null), threads = try(row.threadcount, null), started_at = try(row.starttimestamp, null), seen_at = try(row.lasttimestamp, null), subscriptions = [for one in try(coalesce(row.subscriptionset, []), []) : { topic = one.topic, expression = try(one.substring, null), tags = try(one.tagsset, []) }], running = [for one in try(coalesce(row.runningdatalist, []), []) : { topic = one.topic, response_time = try(one.rt, null), ok_tps = try(one.oktps, null), failed_tps = try(one.failedtps, null), failed_per_hour = try(one.failedcountperhour, null) }], stacks = [for one in try(coalesce(row.jstack, []), []) : { thread = one.thread, frames = try(one.tracklist, []) }] }] }
    }
  }
}
