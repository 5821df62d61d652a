action "dms_rocketmq_delete_background_task" {
  version     = 1
  description = "Removes the record of a background task that is over. The operation is not in the API document of SberCloud: not every region has it."
  repeatable  = true
  example     = <<-EOT
    action "dms_rocketmq_delete_background_task" "old" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        task_id     = "ff808082891e9d8501891ea01a300004"
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
  attribute "task_id" {
    type        = string
    mode        = required
    description = "The id of the task."
  }

  run {
    step "delete" {
      call       = "DELETE /v2/${provider.project_id}/instances/${self.instance_id}/tasks/${self.task_id}"
      operation  = "DeleteBackgroundTask"
      permission = ["dms:instance:deleteBackgroundTask"]
    }
  }
}
