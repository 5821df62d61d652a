data "apsaramq_rocketmq_disaster_recovery_checkpoints" {
  version     = 1
  service     = rocketmq
  description = "How far read positions of consumer groups have been carried over for an item."
  example     = <<-EOT
    data "apsaramq_rocketmq_disaster_recovery_checkpoints" "main" {
      plan_id     = "1300000016"
      item_id     = "100070284"
      instance_id = var.instance_id
    }
  EOT

  attribute "plan_id" {
    type        = string
    mode        = required
    description = "The plan."
  }
  attribute "item_id" {
    type        = string
    mode        = required
    description = "The item."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance that is looked at from: the one that messages come from."
  }
  attribute "filter" {
    type        = string
    mode        = optional
    description = "A part of the name of a group or topic."
  }
  attribute "checkpoints" {
    type        = list
    mode        = computed
    description = "The checkpoints."
    attribute "checkpoint_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "group_id" {
      type        = string
      mode        = computed
      description = "The consumer group."
    }
    attribute "last_sync_time" {
      type        = number
      mode        = computed
      description = "When it was last carried over, in milliseconds since 1970; 0 for never."
    }
    attribute "source_topic" {
      type        = string
      mode        = computed
      description = "The topic there."
    }
    attribute "source_timestamp" {
      type        = number
      mode        = computed
      description = "When the last message was stored that the group has read there."
    }
    attribute "target_instance_id" {
      type        = string
      mode        = computed
      description = "The other instance."
    }
    attribute "target_topic" {
      type        = string
      mode        = computed
      description = "The topic on the other instance."
    }
    attribute "target_timestamp" {
      type        = number
      mode        = computed
      description = "The same on the other instance."
    }
  }

  read {
    step "checkpoints" {
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}/checkpoints"
      operation  = "ListDisasterRecoveryCheckpoints"
      query      = { instanceId = self.instance_id, filter = self.filter }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { checkpoints = [for checkpoint in items : { checkpoint_id = try(checkpoint.checkpointId, null), group_id = try(checkpoint.sourceProgress.consumerGroupId, null), last_sync_time = try(checkpoint.lastSyncTime, null), source_topic = try(checkpoint.sourceProgress.topicName, null), source_timestamp = try(checkpoint.sourceProgress.progressData.consumeTimestamp, null), target_instance_id = try(checkpoint.targetProgress.instanceId, null), target_topic = try(checkpoint.targetProgress.topicName, null), target_timestamp = try(checkpoint.targetProgress.progressData.consumeTimestamp, null) }] }
      permission = ["rocketmq:ListDisasterRecoveryCheckpoints"]
    }
  }
}
