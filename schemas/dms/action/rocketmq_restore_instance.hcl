action "dms_rocketmq_restore_instance" {
  version     = 1
  description = "Takes a deleted instance out of the recycle bin, with everything that was in it. The operation is not in the API document of SberCloud: not every region has it."
  notice      = "the instance is billed again; to manage it, declare it and import it"
  timeout     = "50m"
  example     = <<-EOT
    action "dms_rocketmq_restore_instance" "back" {
      config {
        instance_id = "11111111-2222-4333-8444-555555555555"
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
  attribute "job_id" {
    type        = string
    mode        = computed
    description = "The id of the job."
  }

  run {
    step "restore" {
      call       = "POST /v2/${provider.project_id}/recycle"
      operation  = "RestoreRecycleInstance"
      body       = { instances = [self.instance_id] }
      set        = { job_id = one([for result in response.results : try(result.job_id, null)]) }
      permission = ["dms:instance:create"]
      wait       = running
    }
  }

  waiter "running" {
    description = "the instance is running"
    step "instance" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}"
      operation  = "ShowInstance"
      set        = { status = response.status }
      tolerate   = [gone]
      permission = ["dms:instance:get"]
    }
    until    = observed.status == "RUNNING"
    failed   = observed.status == "ERROR"
    first    = "10s"
    interval = "10s"
  }
}
