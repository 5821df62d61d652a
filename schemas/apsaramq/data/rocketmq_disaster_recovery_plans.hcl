data "apsaramq_rocketmq_disaster_recovery_plans" {
  version     = 1
  service     = rocketmq
  description = "The disaster recovery plans of the region, whoever manages them. Deleted ones are left out."
  example     = <<-EOT
    data "apsaramq_rocketmq_disaster_recovery_plans" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = optional
    description = "Only plans with this instance."
  }
  attribute "filter" {
    type        = string
    mode        = optional
    description = "A part of the name or description."
  }
  attribute "plans" {
    type        = list
    mode        = computed
    description = "The plans."
    attribute "id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name."
    }
    attribute "description" {
      type        = string
      mode        = computed
      description = "The description."
    }
    attribute "type" {
      type        = string
      mode        = computed
      description = "`ACTIVE_PASSIVE` or `ACTIVE_ACTIVE`."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "`CREATED` or `RUNNING`."
    }
    attribute "sync_checkpoint_enabled" {
      type        = bool
      mode        = computed
      description = "Whether read positions can be carried over."
    }
    attribute "auto_sync_checkpoint" {
      type        = bool
      mode        = computed
      description = "Whether they are carried over by themselves."
    }
    attribute "instance_ids" {
      type        = list(string)
      mode        = computed
      description = "The instances."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was created."
    }
  }

  read {
    step "plans" {
      call       = "GET /disaster_recovery"
      operation  = "ListDisasterRecoveryPlans"
      query      = { instanceId = self.instance_id, filter = self.filter }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { plans = [for plan in [for found in items : found if found.planStatus != "DELETED"] : { id = try(plan.planId, null), name = try(plan.planName, null), description = try(plan.planDesc, null), type = try(plan.planType, null), status = try(plan.planStatus, null), sync_checkpoint_enabled = try(plan.syncCheckpointEnabled, null), auto_sync_checkpoint = try(plan.autoSyncCheckpoint, null), instance_ids = try(plan.instances[*].instanceId, null), created_at = try(plan.createTime, null) }] }
      permission = ["rocketmq:ListDisasterRecoveryPlans"]
    }
  }
}
