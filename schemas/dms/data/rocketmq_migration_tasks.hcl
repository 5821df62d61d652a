data "dms_rocketmq_migration_tasks" {
  version     = 1
  description = "The records of metadata migrations of an instance."
  example     = <<-EOT
    data "dms_rocketmq_migration_tasks" "failed" {
      instance_id = var.instance_id
      status      = "failed"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "task_id" {
    type        = string
    mode        = optional
    description = "Only the task with this id."
  }
  attribute "name" {
    type        = string
    mode        = optional
    description = "Only tasks with this name."
  }
  attribute "type" {
    type        = string
    mode        = optional
    one_of      = ["rocketmq", "rabbitToRocket"]
    description = "Only tasks of this type."
  }
  attribute "status" {
    type        = string
    mode        = optional
    description = "Only tasks in this state: `creating`, `starting`, `finished` or `failed`."
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
      description = "The name."
    }
    attribute "type" {
      type        = string
      mode        = computed
      description = "`rocketmq`, or `rabbitToRocket` from RabbitMQ."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "The state."
    }
    attribute "start_date" {
      type        = string
      mode        = computed
      description = "When it began, as the service writes it."
    }
  }

  read {
    # Pages are counted here, not items.
    step "tasks" {
      call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/metadata"
      operation = "ListRocketMqMigrationTask"
      query     = { type = "all" }
      pages     = migrations
      items     = response.task
      total     = response.total
      set = {
        tasks = [for task in items : { id = task.id, name = task.name, type = task.type, status = task.status, start_date = try(task.start_date, null) } if(self.task_id == null || task.id == self.task_id) && (self.name == null || task.name == self.name) && (self.type == null || task.type == self.type) && (self.status == null || task.status == self.status)]
      }
      permission = ["dms:instance:get"]
    }
  }
}
