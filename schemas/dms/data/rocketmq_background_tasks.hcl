data "dms_rocketmq_background_tasks" {
  version     = 1
  description = "What was done to an instance in the background: changes of its specification, public addresses and others. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_background_tasks" "today" {
      instance_id = var.instance_id
      begin_time  = "20260801000000"
      end_time    = "20260802000000"
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
    description = "Only tasks begun from then on: `YYYYMMDDHHmmss` in UTC."
  }
  attribute "end_time" {
    type        = string
    mode        = optional
    pattern     = "[0-9]{14}"
    description = "Only tasks begun until then: `YYYYMMDDHHmmss` in UTC."
  }
  attribute "status" {
    type        = string
    mode        = optional
    description = "Only tasks in this state: `CREATED`, `EXECUTING`, `SUCCESS`, `FAILED`, `DELETED` or `CANCELLED`."
  }
  attribute "tasks" {
    type        = list
    mode        = computed
    description = "The tasks, the newest first."
    attribute "id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name, such as `bindInstancePublicIp`."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "The state."
    }
    attribute "user_id" {
      type        = string
      mode        = computed
      description = "The id of who asked for it."
    }
    attribute "user_name" {
      type        = string
      mode        = computed
      description = "The name of who asked for it."
    }
    attribute "params" {
      type        = string
      mode        = computed
      description = "Its parameters as a text that holds JSON."
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
  }

  read {
    # Items are counted from 1.
    step "tasks" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/tasks"
      operation  = "ListBackgroundTasks"
      query      = { begin_time = self.begin_time, end_time = self.end_time }
      pages      = tasks
      items      = response.tasks
      total      = tonumber(response.task_count)
      permission = ["dms:instance:getBackgroundTask"]
      set = {
        tasks = [for task in items : { id = task.id, name = task.name, status = task.status, user_id = try(task.user_id, null), user_name = try(task.user_name, null), params = try(task.params, null), created_at = try(task.created_at, null), updated_at = try(task.updated_at, null) } if self.status == null || task.status == self.status]
      }
    }
  }
}
