# Uncertain, and left to the service: whether a running item can be deleted (it is stopped first), and whether an item
# that was stopped goes on where it stopped.
resource "apsaramq_rocketmq_disaster_recovery_item" {
  version        = 1
  description    = "An item of a disaster recovery plan: topics that are replicated into each other, one on each instance of the plan. Starting and stopping it is the attribute `running`. An item that is stopped because of unpaid bills (`OVERDUE_STOPPED`) is never started by itself."
  service        = rocketmq
  identity       = [plan_id, item_id]
  visible_within = "10s"
  loses          = "the record of read positions for its topics"
  impact         = "its topics are not replicated any more"
  example        = <<-EOT
    resource "apsaramq_rocketmq_disaster_recovery_item" "orders" {
      plan_id = apsaramq_rocketmq_disaster_recovery_plan.orders.id
      topics = [
        { instance_id = apsaramq_rocketmq_instance.main.id, topic_name = "orders" },
        { instance_id = apsaramq_rocketmq_instance.standby.id, topic_name = "orders" },
      ]
    }
  EOT

  parent "apsaramq_rocketmq_disaster_recovery_plan" {
    by = plan_id
  }
  serialize {
    key  = self.plan_id
    mode = shared
  }
  timeouts {
    create = "15m"
    update = "15m"
    delete = "15m"
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The plan and the item."
  }
  attribute "plan_id" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[0-9]+"
    from        = item.planId
    description = "The plan."
  }
  attribute "item_id" {
    type        = string
    mode        = computed
    from        = item.itemId
    description = "The id of the item, made by the service."
  }
  attribute "topics" {
    type        = list
    mode        = required
    change      = update
    length      = [2, 10]
    match       = value.instance_id
    from        = [for mapping in item.topics : { instance_id = mapping.instanceId, topic_name = mapping.topicName, instance_type = mapping.instanceType, region_id = mapping.regionId, delivery_order_type = try(mapping.deliveryOrderType, null), consumer_group_id = try(mapping.consumerGroupId, null) }]
    impact      = "replication of the former topics ends"
    description = "The topics, one on each instance of the plan; their order means nothing."
    attribute "instance_id" {
      type        = string
      mode        = required
      description = "The instance: as the plan has it, for external ones the id that the service made up."
    }
    attribute "topic_name" {
      type        = string
      mode        = required
      pattern     = "[A-Za-z0-9_-]{1,128}"
      description = "The topic there."
    }
    attribute "instance_type" {
      type        = string
      mode        = optional_computed
      one_of      = ["ALIYUN_ROCKETMQ", "EXTERNAL_ROCKETMQ"]
      description = "What kind of instance it is, as the plan has it."
    }
    attribute "region_id" {
      type        = string
      mode        = optional_computed
      description = "The region, as the plan has it."
    }
    attribute "delivery_order_type" {
      type        = string
      mode        = optional
      default     = "Concurrently"
      one_of      = ["Concurrently", "Orderly"]
      description = "How messages are delivered: `Concurrently` or `Orderly`. FIFO topics want `Orderly`."
    }
    attribute "consumer_group_id" {
      type        = string
      mode        = optional
      description = "Deprecated by the vendor, though named as required for two-way plans: sent if it is set."
    }
  }
  attribute "running" {
    type        = bool
    mode        = optional
    change      = update
    default     = true
    from        = contains(["RUNNING", "CREATING", "OVERDUE_STOPPED"], item.itemStatus) ? true : item.itemStatus == "MANUAL_STOPPED" ? false : self.running
    impact      = "nothing is replicated while it is false"
    description = "Whether it replicates."
  }
  attribute "status" {
    type        = string
    mode        = computed
    volatile    = true
    from        = item.itemStatus
    description = "What the service says of it: `RUNNING`, `MANUAL_STOPPED`, `OVERDUE_STOPPED` if bills are unpaid, `CREATING` or `CHANGING` on the way."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    from        = item.createTime
    description = "When it was created, as the service writes it."
  }

  lookup "plan" {
    call       = "GET /disaster_recovery/${self.plan_id}"
    operation  = "GetDisasterRecoveryPlan"
    value      = response.data
    permission = ["rocketmq:GetDisasterRecoveryPlan"]
  }

  list {
    scope      = [plan_id]
    call       = "GET /disaster_recovery/${self.plan_id}/items"
    operation  = "ListDisasterRecoveryItems"
    pages      = pages
    items      = response.data.list
    total      = response.data.totalCount
    permission = ["rocketmq:ListDisasterRecoveryItems"]
  }
  read {
    step "item" {
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}"
      operation  = "GetDisasterRecoveryItem"
      item       = response.data
      permission = ["rocketmq:GetDisasterRecoveryItem"]
    }
  }
  # Adding has no token: an item with the same topics may be the one in doubt.
  find {
    call      = "GET /disaster_recovery/${self.plan_id}/items"
    operation = "ListDisasterRecoveryItems"
    pages     = pages
    items     = response.data.list
    total     = response.data.totalCount
    match     = length(item.topics) == length(self.topics) && alltrue([for mapping in self.topics : anytrue([for other in item.topics : other.instanceId == mapping.instance_id && other.topicName == mapping.topic_name])])
  }
  ready {
    busy  = contains(["CREATING", "CHANGING"], item.itemStatus)
    stuck = item.itemStatus == "OVERDUE_STOPPED"
  }

  create {
    step "add" {
      call       = "POST /disaster_recovery/${self.plan_id}/items"
      operation  = "AddDisasterRecoveryItem"
      body       = { topics = [for mapping in self.topics : { instanceId = mapping.instance_id, topicName = mapping.topic_name, instanceType = mapping.instance_type, regionId = mapping.region_id, deliveryOrderType = mapping.delivery_order_type, consumerGroupId = mapping.consumer_group_id }] }
      set        = { item_id = response.data }
      wait       = added
      permission = ["rocketmq:AddDisasterRecoveryItem"]
    }
    # A new item runs.
    step "stop" {
      when       = !self.running
      call       = "POST /disaster_recovery/${self.plan_id}/items/${self.item_id}/stop"
      operation  = "StopDisasterRecoveryItem"
      wait       = stopped
      permission = ["rocketmq:StopDisasterRecoveryItem"]
    }
  }
  update {
    step "stop" {
      on         = [running]
      when       = prior.running && !self.running
      call       = "POST /disaster_recovery/${self.plan_id}/items/${self.item_id}/stop"
      operation  = "StopDisasterRecoveryItem"
      wait       = stopped
      permission = ["rocketmq:StopDisasterRecoveryItem"]
    }
    step "topics" {
      on         = [topics]
      call       = "PATCH /disaster_recovery/${self.plan_id}/items/${self.item_id}"
      operation  = "UpdateDisasterRecoveryItem"
      body       = { topics = [for mapping in self.topics : { instanceId = mapping.instance_id, topicName = mapping.topic_name, instanceType = mapping.instance_type, regionId = mapping.region_id, deliveryOrderType = mapping.delivery_order_type, consumerGroupId = mapping.consumer_group_id }] }
      idempotent = true
      wait       = settled
      permission = ["rocketmq:UpdateDisasterRecoveryItem"]
    }
    step "start" {
      on         = [running]
      when       = !prior.running && self.running
      call       = "POST /disaster_recovery/${self.plan_id}/items/${self.item_id}/start"
      operation  = "StartDisasterRecoveryItem"
      wait       = started
      permission = ["rocketmq:StartDisasterRecoveryItem"]
    }
  }
  delete {
    step "stop" {
      when       = self.running && self.status != "OVERDUE_STOPPED"
      call       = "POST /disaster_recovery/${self.plan_id}/items/${self.item_id}/stop"
      operation  = "StopDisasterRecoveryItem"
      wait       = stopped
      tolerate   = [gone]
      permission = ["rocketmq:StopDisasterRecoveryItem"]
    }
    step "delete" {
      call       = "DELETE /disaster_recovery/${self.plan_id}/items/${self.item_id}"
      operation  = "DeleteDisasterRecoveryItem"
      wait       = deleted
      permission = ["rocketmq:DeleteDisasterRecoveryItem"]
    }
  }

  waiter "added" {
    description = "the item replicates"
    until       = item.itemStatus == "RUNNING"
    failed      = item.itemStatus == "OVERDUE_STOPPED"
    gone        = pending
    interval    = "5s"
  }
  waiter "started" {
    description = "the item replicates"
    until       = item.itemStatus == "RUNNING"
    failed      = item.itemStatus == "OVERDUE_STOPPED"
    interval    = "5s"
  }
  waiter "stopped" {
    description = "the item has stopped"
    until       = item.itemStatus == "MANUAL_STOPPED"
    failed      = item.itemStatus == "OVERDUE_STOPPED"
    gone        = done
    interval    = "5s"
  }
  waiter "settled" {
    description = "the new topics are in place"
    until       = contains(["RUNNING", "MANUAL_STOPPED"], item.itemStatus)
    failed      = item.itemStatus == "OVERDUE_STOPPED"
    interval    = "5s"
  }
  waiter "deleted" {
    description = "the item is gone"
    gone        = done
    interval    = "5s"
  }

  # How many messages have not been replicated yet is told by nobody; how far read positions are behind is.
  guard "read positions" {
    kind = impact
    on   = [delete, replace]
    step "checkpoints" {
      for_each   = [for mapping in self.topics : mapping.instance_id]
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}/checkpoints"
      operation  = "ListDisasterRecoveryCheckpoints"
      query      = { instanceId = each.value }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { groups = { (each.value) = [for checkpoint in items : "${checkpoint.sourceProgress.consumerGroupId}${try(checkpoint.lastSyncTime, 0) == 0 ? " (never carried over)" : try(checkpoint.sourceProgress.progressData.consumeTimestamp > checkpoint.targetProgress.progressData.consumeTimestamp, false) ? " (${floor((checkpoint.sourceProgress.progressData.consumeTimestamp - checkpoint.targetProgress.progressData.consumeTimestamp) / 1000)} s behind)" : ""}"] } }
      permission = ["rocketmq:ListDisasterRecoveryCheckpoints"]
    }
    count   = length(distinct(flatten(values(observed.groups))))
    message = "read positions of ${count} ${count == 1 ? "group" : "groups"} are not carried over any more: ${join(", ", distinct(flatten(values(observed.groups))))}"
  }
  guard "stopping" {
    kind = impact
    on   = [update]
    when = self.running && !planned.running
    step "checkpoints" {
      for_each   = [for mapping in self.topics : mapping.instance_id]
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}/checkpoints"
      operation  = "ListDisasterRecoveryCheckpoints"
      query      = { instanceId = each.value }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { groups = { (each.value) = [for checkpoint in items : "${checkpoint.sourceProgress.consumerGroupId}${try(checkpoint.lastSyncTime, 0) == 0 ? " (never carried over)" : try(checkpoint.sourceProgress.progressData.consumeTimestamp > checkpoint.targetProgress.progressData.consumeTimestamp, false) ? " (${floor((checkpoint.sourceProgress.progressData.consumeTimestamp - checkpoint.targetProgress.progressData.consumeTimestamp) / 1000)} s behind)" : ""}"] } }
      permission = ["rocketmq:ListDisasterRecoveryCheckpoints"]
    }
    count   = length(distinct(flatten(values(observed.groups))))
    message = "replication stops; ${count} ${count == 1 ? "group reads" : "groups read"} its topics: ${join(", ", distinct(flatten(values(observed.groups))))}"
  }

  check "instances of the plan" {
    for_each = self.topics
    that     = contains([for member in lookup.plan.instances : member.instanceId], each.value.instance_id)
    message  = "`topics[${each.key}].instance_id`: `${each.value.instance_id}` is no instance of the plan, which has ${join(" and ", [for member in lookup.plan.instances : "`${member.instanceId}`"])} (InvalidParameter)"
    path     = topics
    part     = instance_id
  }
  check "one topic for each instance" {
    that    = length(distinct([for mapping in self.topics : mapping.instance_id])) == length(self.topics)
    message = "two of `topics` are on the same instance (InvalidParameter)"
    path    = topics
  }
  check "all instances" {
    that    = length(self.topics) == length(lookup.plan.instances)
    message = "the plan has ${length(lookup.plan.instances)} instances, and `topics` name ${length(self.topics)} (InvalidParameter)"
    path    = topics
  }
  check "unpaid" {
    when     = try(prior.status, null) == "OVERDUE_STOPPED"
    that     = false
    message  = "the service has stopped the item because of unpaid bills"
    path     = running
    severity = warning
    hint     = "settle the bills, then start it: `queueform action run` with `apsaramq_rocketmq_disaster_recovery_item_start`"
  }
  check "allowed instances" {
    for_each = self.topics
    when     = each.value.instance_id != null
    that     = provider.allowed_instances == null ? true : contains(provider.allowed_instances, each.value.instance_id)
    message  = "`topics[${each.key}].instance_id`: the instance `${each.value.instance_id}` is not one of `allowed_instances`"
    path     = topics
    part     = instance_id
    hint     = "check which environment the configuration is for"
  }
}
