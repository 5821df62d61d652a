action "apsaramq_rocketmq_disaster_recovery_item_start" {
  version     = 1
  service     = rocketmq
  description = "Starts an item of a disaster recovery plan and waits until it replicates. Where the item is declared, set its attribute `running` instead: the next plan would undo this."
  repeatable  = true
  example     = <<-EOT
    action "apsaramq_rocketmq_disaster_recovery_item_start" "run" {
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
    step "start" {
      when       = self.status != "RUNNING"
      call       = "POST /disaster_recovery/${self.plan_id}/items/${self.item_id}/start"
      operation  = "StartDisasterRecoveryItem"
      set        = { status = "RUNNING" }
      wait       = started
      permission = ["rocketmq:StartDisasterRecoveryItem"]
    }
  }

  waiter "started" {
    description = "the item replicates"
    step "item" {
      call       = "GET /disaster_recovery/${self.plan_id}/items/${self.item_id}"
      operation  = "GetDisasterRecoveryItem"
      set        = { status = response.data.itemStatus }
      permission = ["rocketmq:GetDisasterRecoveryItem"]
    }
    until    = observed.status == "RUNNING"
    failed   = observed.status == "OVERDUE_STOPPED"
    interval = "5s"
  }
}
