resource "apsaramq_rocketmq_consumer_group" {
  version        = 1
  description    = "A consumer group of an ApsaraMQ for RocketMQ instance. Whether the delivery order of an existing group can be changed is uncertain: the vendor's client says no, so a change of it makes a new group."
  service        = rocketmq
  identity       = [instance_id, group_id]
  system_when    = startswith(self.group_id, "%") || startswith(self.group_id, "CID_RMQ_SYS_")
  visible_within = "10s"
  loses          = "what the group has read of each topic"
  impact         = "its consumers are refused"
  example        = <<-EOT
    resource "apsaramq_rocketmq_consumer_group" "billing" {
      instance_id         = apsaramq_rocketmq_instance.main.id
      group_id            = "billing"
      delivery_order_type = "Concurrently"
      retry               = { policy = "DefaultRetryPolicy", max_times = 16 }
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
  attribute "group_id" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[A-Za-z0-9_-]{1,60}"
    from        = item.consumerGroupId
    description = "The name: 1 to 60 letters, digits, `-` and `_`."
  }
  attribute "delivery_order_type" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["Concurrently", "Orderly"]
    from        = item.deliveryOrderType
    description = "Whether messages are delivered side by side or in order."
  }
  attribute "retry" {
    type        = object
    mode        = required
    change      = update
    from        = { policy = item.consumeRetryPolicy.retryPolicy, max_times = item.consumeRetryPolicy.maxRetryTimes, fixed_interval_seconds = try(item.consumeRetryPolicy.fixedIntervalRetryTime, null), dead_letter_topic = try(item.consumeRetryPolicy.deadLetterTargetTopic, null) }
    description = "How often and when a message is tried again."
    attribute "policy" {
      type        = string
      mode        = required
      one_of      = ["DefaultRetryPolicy", "FixedRetryPolicy"]
      description = "`DefaultRetryPolicy` waits longer each time and is for groups that read concurrently, `FixedRetryPolicy` for those that read in order."
    }
    attribute "max_times" {
      type        = number
      mode        = optional_computed
      between     = [0, 1000]
      description = "How often, before a message becomes a dead letter."
    }
    attribute "fixed_interval_seconds" {
      type        = number
      mode        = optional_computed
      between     = [1, 1800]
      description = "Seconds between tries, 1 to 600. Only with `FixedRetryPolicy`."
    }
    attribute "dead_letter_topic" {
      type        = string
      mode        = optional
      description = "The topic that dead letters go to; it is in the same instance."
    }
  }
  attribute "max_receive_tps" {
    type        = number
    mode        = optional_computed
    change      = update
    between     = [1, 1000000]
    from        = item.maxReceiveTps
    impact      = "consumers receive no faster than that"
    description = "Most messages received in a second; the limit of the instance if left out. Leaving it out later keeps the last limit."
  }
  attribute "message_model" {
    type        = string
    mode        = optional
    change      = replace
    default     = "CLUSTERING"
    one_of      = ["CLUSTERING", "LITE_SELECTIVE"]
    from        = item.messageModel
    description = "How messages are spread over consumers."
  }
  attribute "topic_name" {
    type        = string
    mode        = optional
    change      = replace
    from        = item.topicName
    description = "The lite topic that the group reads. Only with message model `LITE_SELECTIVE`."
  }
  attribute "exclusive" {
    type        = bool
    mode        = optional_computed
    change      = replace
    from        = item.exclusive
    description = "Whether the group reads its lite topic alone."
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
    description = "What the service says of it: `RUNNING`."
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
  capacity "consumer groups" {
    scope = [instance_id]
    limit = try(one([for quota in lookup.instance.instanceQuotas : quota.totalCount if quota.quotaName == "GROUP_COUNT"]), null)
    used  = try(one([for quota in lookup.instance.instanceQuotas : quota.totalCount - quota.freeCount if quota.quotaName == "GROUP_COUNT"]), null)
    code  = "ConsumerGroup.QuotaExceeded"
    hint  = "ask for a higher quota, or remove what is not needed"
  }

  list {
    scope      = [instance_id]
    call       = "GET /instances/${self.instance_id}/consumerGroups"
    operation  = "ListConsumerGroups"
    pages      = pages
    items      = response.data.list
    total      = response.data.totalCount
    lacks      = [delivery_order_type, retry, exclusive]
    permission = ["rocketmq:ListConsumerGroups"]
  }
  read {
    step "group" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}"
      operation  = "GetConsumerGroup"
      item       = response.data
      permission = ["rocketmq:GetConsumerGroup"]
    }
  }

  create {
    step "create" {
      call       = "POST /instances/${self.instance_id}/consumerGroups/${self.group_id}"
      operation  = "CreateConsumerGroup"
      body       = { deliveryOrderType = self.delivery_order_type, consumeRetryPolicy = { retryPolicy = self.retry.policy, maxRetryTimes = self.retry.max_times, fixedIntervalRetryTime = self.retry.fixed_interval_seconds, deadLetterTargetTopic = self.retry.dead_letter_topic }, maxReceiveTps = self.max_receive_tps, messageModel = self.message_model, topicName = self.topic_name, exclusive = self.exclusive, remark = self.remark }
      permission = ["rocketmq:CreateConsumerGroup"]
    }
  }
  update {
    # The service wants the retry policy in every update.
    step "settings" {
      on         = [retry, max_receive_tps, remark]
      call       = "PATCH /instances/${self.instance_id}/consumerGroups/${self.group_id}"
      operation  = "UpdateConsumerGroup"
      body       = { consumeRetryPolicy = { retryPolicy = self.retry.policy, maxRetryTimes = self.retry.max_times, fixedIntervalRetryTime = self.retry.fixed_interval_seconds, deadLetterTargetTopic = self.retry.dead_letter_topic }, maxReceiveTps = self.max_receive_tps, remark = self.remark }
      idempotent = true
      permission = ["rocketmq:UpdateConsumerGroup"]
    }
  }
  delete {
    step "delete" {
      call       = "DELETE /instances/${self.instance_id}/consumerGroups/${self.group_id}"
      operation  = "DeleteConsumerGroup"
      wait       = deleted
      permission = ["rocketmq:DeleteConsumerGroup"]
    }
  }

  waiter "deleted" {
    description = "the group is gone"
    gone        = done
    interval    = "2s"
  }

  guard "unread messages" {
    kind = data
    on   = [delete, replace]
    step "lag" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/lag"
      operation  = "GetConsumerGroupLag"
      set        = { total = response.data.totalLag.readyCount + response.data.totalLag.inflightCount, topics = [for topic, lag in response.data.topicLagMap : "${topic} ${lag.readyCount + lag.inflightCount}" if lag.readyCount + lag.inflightCount > 0], read = try(max(0, values(response.data.topicLagMap)[*].lastConsumeTimestamp...), 0) }
      permission = ["rocketmq:GetConsumerGroupLag"]
    }
    count   = observed.total
    message = "${count} unread: ${join(", ", observed.topics)}"
    last_read = observed.read
  }
  guard "online consumers" {
    kind = impact
    on   = [delete, replace]
    step "connections" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/connections"
      operation  = "ListConsumerConnections"
      set        = { clients = [for connection in response.data.connections : connection.clientId] }
      permission = ["rocketmq:ListConsumerConnections"]
    }
    count   = length(observed.clients)
    message = "${count} ${count == 1 ? "consumer is" : "consumers are"} online"
  }

  check "retry policy" {
    that    = (self.retry.policy == "FixedRetryPolicy") == (self.delivery_order_type == "Orderly")
    message = "`retry.policy` is `${self.retry.policy}`, but groups that read ${self.delivery_order_type == "Orderly" ? "in order have `FixedRetryPolicy`" : "concurrently have `DefaultRetryPolicy`"} (InvalidParameter)"
    path    = retry
  }
  check "interval" {
    when    = self.retry.fixed_interval_seconds != null && self.retry.policy == "FixedRetryPolicy"
    that    = self.retry.fixed_interval_seconds <= 600
    message = "`retry.fixed_interval_seconds` is at most 600 (InvalidParameter)"
    path    = retry
  }
  check "lite group" {
    when    = self.message_model == "LITE_SELECTIVE"
    that    = self.topic_name != null
    message = "a group with message model `LITE_SELECTIVE` names its `topic_name` (MissingParameter)"
    path    = topic_name
  }
  check "dead letters" {
    when    = self.retry.dead_letter_topic != null
    that    = self.retry.dead_letter_topic != self.topic_name
    message = "dead letters would go to the topic that the group reads"
    path    = retry
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
