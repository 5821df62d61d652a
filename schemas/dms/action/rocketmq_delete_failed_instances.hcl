action "dms_rocketmq_delete_failed_instances" {
  version     = 1
  description = "Deletes all instances whose creation failed."
  repeatable  = true
  example     = <<-EOT
    action "dms_rocketmq_delete_failed_instances" "all" {
      config {
        engine = "reliability"
      }
    }
  EOT

  attribute "engine" {
    type        = string
    mode        = optional
    default     = "reliability"
    one_of      = ["reliability"]
    description = "The engine."
  }

  run {
    step "delete" {
      call       = "POST /v2/${provider.project_id}/instances/action"
      operation  = "BatchDeleteInstances"
      body       = { action = "delete", all_failure = self.engine }
      permission = ["dms:instance:delete"]
    }
  }
}
