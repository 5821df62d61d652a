action "dms_rocketmq_switch_tls" {
  version     = 1
  description = "Changes the protocols that clients of an instance may use, whoever manages it. The operation is not in the API document of SberCloud: not every region has it."
  repeatable  = true
  confirm     = "clients that speak the other protocol are cut off"
  impact      = "clients that speak the other protocol are cut off"
  timeout     = "30m"
  example     = <<-EOT
    action "dms_rocketmq_switch_tls" "both" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        tls_mode    = "PERMISSIVE"
      }
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "tls_mode" {
    type        = string
    mode        = required
    one_of      = ["PLAINTEXT", "SSL", "PERMISSIVE"]
    description = "The protocols."
  }
  attribute "job_id" {
    type        = string
    mode        = computed
    description = "The id of the job."
  }

  run {
    step "switch" {
      call       = "POST /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/plain-ssl-switch"
      operation  = "ModifyInstanceSslConfig"
      body       = { tls_mode = self.tls_mode }
      set        = { job_id = response.job_id }
      permission = ["dms:instance:modify"]
      wait       = done
    }
  }

  waiter "done" {
    description = "the job is done"
    step "task" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/tasks/${self.job_id}"
      operation  = "ShowBackgroundTask"
      set        = { status = response.tasks[0].status }
      permission = ["dms:instance:getBackgroundTask"]
    }
    until    = observed.status == "SUCCESS"
    failed   = contains(["FAILED", "DELETED", "CANCELLED"], observed.status)
    interval = "10s"
  }
}
