action "apsaramq_rocketmq_disaster_recovery_checkpoint_sync" {
  version     = 1
  service     = rocketmq
  description = "Carries read positions of consumer groups over to the other instance of a disaster recovery plan: of one checkpoint, or of all that a filter finds. Positions that differ by minutes make consumers read messages twice. In two-way plans it has an effect only where both sides read and the source is ahead."
  repeatable  = true
  impact      = "consumers of the groups on the other instance skip what was read here, or read messages twice"
  rows        = checkpoints
  example     = <<-EOT
    action "apsaramq_rocketmq_disaster_recovery_checkpoint_sync" "run" {
      config {
        plan_id     = "1300000016"
        item_id     = "100070284"
        instance_id = "rmq-cn-7e22ody0001"
      }
    }
  EOT

  attribute "plan_id" {
    type        = string
    mode        = required
    pattern     = "[0-9]+"
    description = "The plan."
  }
  attribute "item_id" {
    type        = string
    mode        = required
    pattern     = "[0-9]+"
    description = "The item."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance that the positions come from."
  }
  attribute "checkpoint_id" {
    type        = string
    mode        = optional
    pattern     = "[0-9]+"
    description = "The only checkpoint that is meant."
  }
  attribute "filter" {
    type        = string
    mode        = optional
    description = "A part of the name of a group or topic; all checkpoints if neither is set."
  }
  attribute "checkpoints" {
    type        = list
    mode        = computed
    description = "What was carried over."
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
    attribute "topic_name" {
      type        = string
      mode        = computed
      description = "The topic."
    }
  }

  run {
    step "find" {
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}/checkpoints"
      operation  = "ListDisasterRecoveryCheckpoints"
      query      = { instanceId = self.instance_id, filter = self.filter }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { checkpoints = [for found in items : { checkpoint_id = tostring(found.checkpointId), group_id = found.sourceProgress.consumerGroupId, topic_name = found.sourceProgress.topicName } if self.checkpoint_id == null ? true : tostring(found.checkpointId) == self.checkpoint_id] }
      permission = ["rocketmq:ListDisasterRecoveryCheckpoints"]
    }
    step "sync" {
      for_each   = self.checkpoints
      call       = "POST /disaster_recovery/${self.plan_id}/items/${self.item_id}/checkpoints/${each.value.checkpoint_id}"
      operation  = "SyncDisasterRecoveryCheckpoint"
      idempotent = true
      permission = ["rocketmq:SyncDisasterRecoveryCheckpoint"]
    }
  }

  verify "something was found" {
    that    = length(self.checkpoints) > 0
    message = "there is no such checkpoint: a group has one if it exists on both instances and reads the topic"
    hint    = "look at the data source `apsaramq_rocketmq_disaster_recovery_checkpoints`, and at `sync_checkpoint_enabled` of the plan"
  }
}
