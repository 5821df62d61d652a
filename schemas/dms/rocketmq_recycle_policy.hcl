resource "dms_rocketmq_recycle_policy" {
  version       = 1
  description   = "Whether deleted instances of the project stay in the recycle bin, and for how long. The operation is not in the API document of SberCloud: not every region has it."
  identity      = [id]
  always_exists = true
  notice        = "instances in the recycle bin are billed for their storage"
  loses         = "the second chance: instances that are deleted from then on cannot be restored"
  example       = <<-EOT
    resource "dms_rocketmq_recycle_policy" "project" {
      retention_days = 7
    }
  EOT

  attribute "id" {
    type        = string
    mode        = computed
    from        = provider.project_id
    description = "The id of the project."
  }
  attribute "enabled" {
    type        = bool
    mode        = optional
    change      = update
    default     = true
    from        = item.default_use_recycle
    description = "Whether deleted instances are kept."
  }
  attribute "retention_days" {
    type        = number
    mode        = optional
    change      = update
    default     = 7
    between     = [1, 7]
    description = "For how many days they are kept."
  }

  read {
    step "policy" {
      call       = "GET /v2/${provider.project_id}/recycle"
      operation  = "ShowRecycleInstances"
      item       = response
      permission = ["dms:instance:list"]
    }
  }
  create {
    step "policy" {
      call       = "PUT /v2/${provider.project_id}/recycle"
      operation  = "ModifyRecyclePolicy"
      body       = { default_use_recycle = self.enabled, retention_days = self.retention_days }
      set        = { id = provider.project_id }
      permission = ["dms:instance:modify"]
    }
  }
  update {
    step "policy" {
      on         = [enabled, retention_days]
      call       = "PUT /v2/${provider.project_id}/recycle"
      operation  = "ModifyRecyclePolicy"
      body       = { default_use_recycle = self.enabled, retention_days = self.retention_days }
      permission = ["dms:instance:modify"]
    }
  }
  delete {
    step "off" {
      call       = "PUT /v2/${provider.project_id}/recycle"
      operation  = "ModifyRecyclePolicy"
      body       = { default_use_recycle = false }
      permission = ["dms:instance:modify"]
    }
  }
}
