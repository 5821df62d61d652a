data "dms_rocketmq_scheduled_tasks" {
  version     = 1
  description = "What is to be done to an instance later, at a time that was set. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_scheduled_tasks" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "begin_time" {
    type        = string
    mode        = optional
    pattern     = "[0-9]{14}"
    description = "Only tasks made from then on: `YYYYMMDDHHmmss` in UTC."
  }
  attribute "end_time" {
    type        = string
    mode        = optional
    pattern     = "[0-9]{14}"
    description = "Only tasks made until then: `YYYYMMDDHHmmss` in UTC."
  }
  attribute "tasks" {
    type        = list
    mode        = computed
    description = "The tasks."
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
    attribute "status" {
      type        = string
      mode        = computed
      description = "The state."
    }
    attribute "params" {
      type        = string
      mode        = computed
      description = "Its parameters as a text that holds JSON."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was made."
    }
    attribute "schedule_at" {
      type        = string
      mode        = computed
      description = "When it is to be done."
    }
  }

  read {
    # Items are counted from 1.
    step "tasks" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/scheduled-tasks"
      operation  = "ListScheduledTasks"
      query      = { begin_time = self.begin_time, end_time = self.end_time }
      pages      = tasks
      items      = response.jobs
      total      = response.job_count
      permission = ["dms:instance:getBackgroundTask"]
      set = {
        tasks = [for task in items : { id = task.id, name = task.name, status = task.status, params = try(task.params, null), created_at = try(tostring(task.created_at), null), schedule_at = try(tostring(task.schedule_at), null) }]
      }
    }
  }
}
