data "dms_rocketmq_recycle_instances" {
  version     = 1
  description = "The instances in the recycle bin, which can still be restored. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_recycle_instances" "all" {}
  EOT

  attribute "name" {
    type        = string
    mode        = optional
    description = "Only instances with this name."
  }
  attribute "enabled" {
    type        = bool
    mode        = computed
    description = "Whether deleted instances go to the recycle bin."
  }
  attribute "retention_days" {
    type        = number
    mode        = computed
    description = "For how many days they are kept."
  }
  attribute "ids" {
    type        = list(string)
    mode        = computed
    description = "The ids of the instances."
  }
  attribute "instances" {
    type        = list
    mode        = computed
    description = "The instances."
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
    attribute "engine" {
      type        = string
      mode        = computed
      description = "The engine."
    }
    attribute "flavor_id" {
      type        = string
      mode        = computed
      description = "The flavor."
    }
    attribute "in_recycle_time" {
      type        = string
      mode        = computed
      description = "When it was put there, in milliseconds since 1970."
    }
    attribute "save_time" {
      type        = number
      mode        = computed
      description = "For how many days it is kept."
    }
    attribute "auto_delete_time" {
      type        = string
      mode        = computed
      description = "When it is deleted for good, in milliseconds since 1970."
    }
  }

  read {
    step "instances" {
      call       = "GET /v2/${provider.project_id}/recycle"
      operation  = "ShowRecycleInstances"
      permission = ["dms:instance:list"]
      set = {
        enabled        = try(response.default_use_recycle, null)
        retention_days = try(response.retention_days, null)
        instances      = [for instance in coalesce(try(response.recycle_instances, null), []) : { id = instance.instance_id, name = instance.name, status = try(instance.status, null), engine = try(instance.engine, null), flavor_id = try(instance.product_id, null), in_recycle_time = try(tostring(instance.in_recycle_time), null), save_time = try(instance.save_time, null), auto_delete_time = try(tostring(instance.auto_delete_time), null) } if self.name == null || instance.name == self.name]
      }
    }
    step "ids" {
      set = { ids = self.instances[*].id }
    }
  }
}
