action "dms_rocketmq_wait_job" {
  version     = 1
  description = "Waits until a background task of an instance is done. The operation is not in the API document of SberCloud: not every region has it."
  reads       = true
  repeatable  = true
  timeout     = "50m"
  example     = <<-EOT
    action "dms_rocketmq_wait_job" "resize" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        job_id      = "ff808082891e9d8501891ea01a300004"
      }
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "job_id" {
    type        = string
    mode        = required
    description = "The id of the task."
  }
  attribute "status" {
    type        = string
    mode        = computed
    description = "Its state."
  }

  run {
    step "wait" {
      set  = { status = "SUCCESS" }
      wait = done
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
