data "dms_rocketmq_background_task" {
  version     = 1
  description = "One background task of an instance and how far it is. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_background_task" "resize" {
      instance_id = var.instance_id
      task_id     = var.job_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "task_id" {
    type        = string
    mode        = required
    description = "The id of the task; other calls give it as the id of their job."
  }
  attribute "name" {
    type        = string
    mode        = computed
    description = "The name, such as `bindInstancePublicIp`."
  }
  attribute "status" {
    type        = string
    mode        = computed
    description = "The state: `CREATED`, `EXECUTING`, `SUCCESS`, `FAILED`, `DELETED` or `CANCELLED`."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    description = "When it began."
  }
  attribute "updated_at" {
    type        = string
    mode        = computed
    description = "When it changed last."
  }
  attribute "progress" {
    type        = number
    mode        = computed
    description = "How much of it is done, in percent, where the service says so."
  }
  attribute "remaining_seconds" {
    type        = number
    mode        = computed
    description = "How long it still takes, where the service says so."
  }

  read {
    step "task" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/tasks/${self.task_id}"
      operation  = "ShowBackgroundTask"
      permission = ["dms:instance:getBackgroundTask"]
      set = {
        name       = response.tasks[0].name
        status     = response.tasks[0].status
        created_at = try(response.tasks[0].created_at, null)
        updated_at = try(response.tasks[0].updated_at, null)
      }
    }
    step "progress" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/tasks/${self.task_id}/progress"
      operation  = "ShowBackgroundTaskProgress"
      tolerate   = [gone, unavailable]
      permission = ["dms:instance:getBackgroundTask"]
      set = {
        progress          = try(tonumber(response.progress_percentage), null)
        remaining_seconds = try(tonumber(response.remain_time), null)
      }
    }
  }
}
