resource "apsaramq_rocketmq_topic" {
  version        = 1
  description    = "A topic of an ApsaraMQ for RocketMQ instance."
  service        = rocketmq
  identity       = [instance_id, name]
  system_when    = contains(["TBW102", "BenchmarkTest", "SELF_TEST_TOPIC", "OFFSET_MOVED_EVENT", "SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRANS_HALF_TOPIC", "RMQ_SYS_TRACE_TOPIC", "RMQ_SYS_TRANS_OP_HALF_TOPIC"], self.name) || startswith(self.name, "rmq_sys_") || startswith(self.name, "rocketmq-broker-") || startswith(self.name, "rocketmq-proxy-") || startswith(self.name, "%") || endswith(self.name, "_REPLY_TOPIC")
  visible_within = "10s"
  loses          = "the topic with all its messages"
  impact         = "its publishers and consumers are refused"
  example        = <<-EOT
    resource "apsaramq_rocketmq_topic" "orders" {
      instance_id  = apsaramq_rocketmq_instance.main.id
      name         = "orders"
      message_type = "NORMAL"
      remark       = "orders as they come in"
    }
  EOT

  parent "apsaramq_rocketmq_instance" {
    by           = instance_id
    deleted_with = true
  }
  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance and the name."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    from        = item.instanceId
    description = "The instance."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[A-Za-z0-9_-]{1,128}"
    from        = item.topicName
    description = "The name: 1 to 60 letters, digits, `-` and `_`; 1 to 128 on serverless instances."
  }
  attribute "message_type" {
    type        = string
    mode        = optional
    change      = replace
    default     = "NORMAL"
    one_of      = ["NORMAL", "FIFO", "DELAY", "TRANSACTION", "LITE"]
    from        = item.messageType
    description = "The kind of messages."
  }
  attribute "max_send_tps" {
    type        = number
    mode        = optional_computed
    change      = update
    between     = [1, 1000000]
    from        = item.maxSendTps
    impact      = "publishers above the limit are refused"
    description = "Most messages sent in a second; the limit of the instance if left out. Leaving it out later keeps the last limit."
  }
  attribute "lite_topic_expiration" {
    type        = number
    mode        = optional_computed
    change      = update
    unit        = "min"
    between     = [-1, 720]
    from        = item.liteTopicExpiration
    description = "Minutes that an unused lite topic lives, 30 to 720 in a new topic, 15 to 720 later, -1 for ever. Only with message type `LITE`."
  }
  attribute "remark" {
    type        = string
    mode        = optional
    change      = update
    default     = ""
    from        = item.remark == null ? "" : item.remark
    description = "A note."
  }
  attribute "status" {
    type        = string
    mode        = computed
    volatile    = true
    description = "What the service says of it: `RUNNING`, or `CREATING` at first."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    from        = item.createTime
    description = "When it was created, as the service writes it."
  }

  lookup "instance" {
    call       = "GET /instances/${self.instance_id}"
    operation  = "GetInstance"
    value      = response.data
    permission = ["rocketmq:GetInstance"]
  }
  capacity "topics" {
    scope = [instance_id]
    limit = try(one([for quota in lookup.instance.instanceQuotas : quota.totalCount if quota.quotaName == "TOPIC_COUNT"]), null)
    used  = try(one([for quota in lookup.instance.instanceQuotas : quota.totalCount - quota.freeCount if quota.quotaName == "TOPIC_COUNT"]), null)
    code  = "Topic.QuotaExceeded"
    hint  = "ask for a higher quota, or remove what is not needed"
  }

  list {
    scope      = [instance_id]
    call       = "GET /instances/${self.instance_id}/topics"
    operation  = "ListTopics"
    pages      = pages
    items      = response.data.list
    total      = response.data.totalCount
    permission = ["rocketmq:ListTopics"]
  }
  read {
    step "topic" {
      call       = "GET /instances/${self.instance_id}/topics/${self.name}"
      operation  = "GetTopic"
      item       = response.data
      permission = ["rocketmq:GetTopic"]
    }
  }
  ready {
    busy = item.status == "CREATING"
  }

  create {
    step "create" {
      call       = "POST /instances/${self.instance_id}/topics/${self.name}"
      operation  = "CreateTopic"
      body       = { messageType = self.message_type, remark = self.remark, maxSendTps = self.max_send_tps, liteTopicExpiration = self.lite_topic_expiration }
      wait       = running
      permission = ["rocketmq:CreateTopic"]
    }
  }
  update {
    step "settings" {
      on         = [max_send_tps, lite_topic_expiration, remark]
      call       = "PATCH /instances/${self.instance_id}/topics/${self.name}"
      operation  = "UpdateTopic"
      body       = { remark = self.remark, maxSendTps = self.max_send_tps, liteTopicExpiration = self.message_type == "LITE" ? self.lite_topic_expiration : null }
      idempotent = true
      permission = ["rocketmq:UpdateTopic"]
    }
  }
  delete {
    step "delete" {
      call       = "DELETE /instances/${self.instance_id}/topics/${self.name}"
      operation  = "DeleteTopic"
      wait       = deleted
      permission = ["rocketmq:DeleteTopic"]
    }
  }

  waiter "running" {
    description = "the topic can be used"
    until       = item.status == "RUNNING"
    gone        = pending
    interval    = "2s"
  }
  waiter "deleted" {
    description = "the topic is gone"
    gone        = done
    interval    = "2s"
  }

  # Subscriptions are those of clients that the service remembers: a group that has read the topic once and has none
  # now may be behind all the same, so every group of the instance is asked.
  guard "unread messages" {
    kind = data
    on   = [delete, replace]
    step "groups" {
      call       = "GET /instances/${self.instance_id}/consumerGroups"
      operation  = "ListConsumerGroups"
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { groups = items[*].consumerGroupId }
      permission = ["rocketmq:ListConsumerGroups"]
    }
    step "lag" {
      for_each   = observed.groups
      call       = "GET /instances/${self.instance_id}/consumerGroups/${each.value}/lag"
      operation  = "GetConsumerGroupLag"
      query      = { topicName = self.name }
      set        = { lag = { (each.value) = response.data.totalLag.readyCount + response.data.totalLag.inflightCount }, read = { (each.value) = try(max(0, values(response.data.topicLagMap)[*].lastConsumeTimestamp...), 0) } }
      tolerate   = [gone]
      permission = ["rocketmq:GetConsumerGroupLag"]
    }
    count   = sum(concat([0], values(observed.lag)))
    message = "${count} unread: ${join(", ", [for group, lag in observed.lag : "${group} ${lag}" if lag > 0])}"
    last_read = max(0, values(observed.read)...)
  }
  guard "online consumers" {
    kind = impact
    on   = [delete, replace]
    step "subscriptions" {
      call       = "GET /instances/${self.instance_id}/topics/${self.name}/subscriptions"
      operation  = "ListTopicSubscriptions"
      set        = { online = [for subscription in response.data : subscription.consumerGroupId if subscription.subscriptionStatus == "ONLINE"] }
      permission = ["rocketmq:ListTopicSubscriptions"]
    }
    count   = length(observed.online)
    message = "consumers of ${count} ${count == 1 ? "group" : "groups"} are online: ${join(", ", observed.online)}"
  }

  check "reserved name" {
    that    = !contains(["TBW102", "BenchmarkTest", "SELF_TEST_TOPIC", "OFFSET_MOVED_EVENT", "SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRANS_HALF_TOPIC", "RMQ_SYS_TRACE_TOPIC", "RMQ_SYS_TRANS_OP_HALF_TOPIC"], self.name) && !startswith(self.name, "rmq_sys_") && !startswith(self.name, "rocketmq-broker-") && !startswith(self.name, "rocketmq-proxy-") && !endswith(self.name, "_REPLY_TOPIC")
    message = "`${self.name}` is reserved for RocketMQ itself (InvalidParameter)"
    path    = name
  }
  check "length of the name" {
    when    = length(self.name) > 60
    that    = lookup.instance.subSeriesCode == "serverless"
    message = "the name has ${length(self.name)} characters: more than 60 are for serverless instances (InvalidParameter)"
    path    = name
  }
  check "lite" {
    when    = self.message_type != "LITE"
    that    = self.lite_topic_expiration == null
    message = "`lite_topic_expiration` is for message type `LITE` (InvalidParameter)"
    path    = lite_topic_expiration
  }
  check "expiration of a new topic" {
    when    = prior == null && self.lite_topic_expiration != null
    that    = self.lite_topic_expiration == -1 || self.lite_topic_expiration >= 30
    message = "a new topic expires after 30 to 720 minutes, or never with -1 (InvalidParameter)"
    path    = lite_topic_expiration
  }
  check "expiration" {
    when    = prior != null && self.lite_topic_expiration != null
    that    = self.lite_topic_expiration == -1 || self.lite_topic_expiration >= 15
    message = "a topic expires after 15 to 720 minutes, or never with -1 (InvalidParameter)"
    path    = lite_topic_expiration
  }
  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances`"
    path    = instance_id
    hint    = "check which environment the configuration is for"
  }
  check "allowed account" {
    when    = provider.allowed_accounts != null
    that    = contains(provider.allowed_accounts, lookup.instance.userId)
    message = "the instance belongs to the account `${lookup.instance.userId}`, which is not one of `allowed_accounts`"
    path    = instance_id
    hint    = "check which environment the configuration is for"
  }
}
