action "apsaramq_rocketmq_disaster_recovery_item_stop" {
  version     = 1
  service     = rocketmq
  description = "Stops an item of a disaster recovery plan and waits until it has stopped. Where the item is declared, set its attribute `running` instead: the next plan would undo this."
  repeatable  = true
  impact      = "its topics are not replicated any more"
  example     = <<-EOT
    action "apsaramq_rocketmq_disaster_recovery_item_stop" "run" {
      config {
        plan_id = "1300000016"
        item_id = "100070284"
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
  attribute "status" {
    type        = string
    mode        = computed
    description = "What the service says of it then."
  }

  run {
    step "look" {
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}"
      operation  = "GetDisasterRecoveryItem"
      set        = { status = response.data.itemStatus }
      permission = ["rocketmq:GetDisasterRecoveryItem"]
    }
    step "stop" {
      when       = self.status != "MANUAL_STOPPED"
      call       = "POST /disaster_recovery/${self.plan_id}/items/${self.item_id}/stop"
      operation  = "StopDisasterRecoveryItem"
      set        = { status = "MANUAL_STOPPED" }
      wait       = stopped
      permission = ["rocketmq:StopDisasterRecoveryItem"]
    }
  }

  waiter "stopped" {
    description = "the item has stopped"
    step "item" {
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}"
      operation  = "GetDisasterRecoveryItem"
      set        = { status = response.data.itemStatus }
      permission = ["rocketmq:GetDisasterRecoveryItem"]
    }
    until    = observed.status == "MANUAL_STOPPED"
    failed   = observed.status == "OVERDUE_STOPPED"
    interval = "5s"
  }

  # How many messages have not been replicated yet is told by nobody; how far read positions are behind is.
  guard "stopping" {
    kind = impact
    step "item" {
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}"
      operation  = "GetDisasterRecoveryItem"
      set        = { status = response.data.itemStatus, instances = response.data.topics[*].instanceId }
      permission = ["rocketmq:GetDisasterRecoveryItem"]
    }
    step "checkpoints" {
      for_each   = observed.instances
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}/checkpoints"
      operation  = "ListDisasterRecoveryCheckpoints"
      query      = { instanceId = each.value }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { groups = { (each.value) = [for checkpoint in items : "${checkpoint.sourceProgress.consumerGroupId}${try(checkpoint.lastSyncTime, 0) == 0 ? " (never carried over)" : try(checkpoint.sourceProgress.progressData.consumeTimestamp > checkpoint.targetProgress.progressData.consumeTimestamp, false) ? " (${floor((checkpoint.sourceProgress.progressData.consumeTimestamp - checkpoint.targetProgress.progressData.consumeTimestamp) / 1000)} s behind)" : ""}"] } }
      permission = ["rocketmq:ListDisasterRecoveryCheckpoints"]
    }
    count   = observed.status == "RUNNING" ? 1 : 0
    message = "replication stops; ${length(distinct(flatten(values(observed.groups))))} groups read its topics: ${join(", ", distinct(flatten(values(observed.groups))))}"
  }
}
