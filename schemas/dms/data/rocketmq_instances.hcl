data "dms_rocketmq_instances" {
  version     = 1
  description = "The instances of the project, whoever manages them."
  example     = <<-EOT
    data "dms_rocketmq_instances" "running" {
      status = "RUNNING"
    }

    output "names" {
      value = data.dms_rocketmq_instances.running.instances[*].name
    }
  EOT

  attribute "name" {
    type        = string
    mode        = optional
    description = "Only instances with this in their name."
  }
  attribute "exact_match_name" {
    type        = bool
    mode        = optional
    default     = false
    description = "Whether `name` must be the whole name."
  }
  attribute "instance_id" {
    type        = string
    mode        = optional
    description = "Only the instance with this id."
  }
  attribute "status" {
    type        = string
    mode        = optional
    description = "Only instances in this state, such as `RUNNING`."
  }
  attribute "enterprise_project_id" {
    type        = string
    mode        = optional
    description = "Only instances of this enterprise project."
  }
  attribute "ids" {
    type        = list(string)
    mode        = computed
    description = "The ids of the instances."
  }
  attribute "instances" {
    type        = list
    mode        = computed
    description = "The instances. The data source `dms_rocketmq_instance` knows more of one."
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
    attribute "description" {
      type        = string
      mode        = computed
      description = "The text about it."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "The state, `RUNNING` when all is well."
    }
    attribute "type" {
      type        = string
      mode        = computed
      description = "The kind of instance: `cluster`, `single.basic` and so on."
    }
    attribute "engine_version" {
      type        = string
      mode        = computed
      description = "The version of RocketMQ."
    }
    attribute "flavor_id" {
      type        = string
      mode        = computed
      description = "The flavor."
    }
    attribute "broker_num" {
      type        = number
      mode        = computed
      description = "The number of brokers."
    }
    attribute "storage_space" {
      type        = number
      mode        = computed
      description = "The storage of all brokers together in GB."
    }
    attribute "used_storage_space" {
      type        = number
      mode        = computed
      description = "The storage in use in GB."
    }
    attribute "storage_spec_code" {
      type        = string
      mode        = computed
      description = "The kind of disk."
    }
    attribute "vpc_id" {
      type        = string
      mode        = computed
      description = "The VPC."
    }
    attribute "subnet_id" {
      type        = string
      mode        = computed
      description = "The subnet."
    }
    attribute "security_group_id" {
      type        = string
      mode        = computed
      description = "The security group."
    }
    attribute "availability_zones" {
      type        = list(string)
      mode        = computed
      description = "Ids of the availability zones."
    }
    attribute "enterprise_project_id" {
      type        = string
      mode        = computed
      description = "The enterprise project."
    }
    attribute "namesrv_address" {
      type        = string
      mode        = computed
      description = "Addresses of the name servers."
    }
    attribute "broker_address" {
      type        = string
      mode        = computed
      description = "Addresses of the brokers."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was created, in milliseconds since 1970."
    }
  }

  read {
    step "instances" {
      call      = "GET /v2/${provider.project_id}/instances"
      operation = "ListInstances"
      query = {
        engine                = "reliability"
        name                  = self.name
        exact_match_name      = self.exact_match_name ? "true" : "false"
        instance_id           = self.instance_id
        status                = self.status
        include_failure       = "true"
        enterprise_project_id = self.enterprise_project_id
      }
      pages = offset
      items = response.instances
      total = response.instance_num
      set = {
        ids       = items[*].instance_id
        instances = [for instance in items : { id = instance.instance_id, name = instance.name, description = try(instance.description, null), status = instance.status, type = try(instance.type, null), engine_version = try(instance.engine_version, null), flavor_id = try(instance.product_id, null), broker_num = try(instance.broker_num, null), storage_space = try(instance.total_storage_space, null), used_storage_space = try(instance.used_storage_space, null), storage_spec_code = try(instance.storage_spec_code, null), vpc_id = try(instance.vpc_id, null), subnet_id = try(instance.subnet_id, null), security_group_id = try(instance.security_group_id, null), availability_zones = try(instance.available_zones, []), enterprise_project_id = try(instance.enterprise_project_id, null), namesrv_address = try(instance.namesrv_address, null), broker_address = try(instance.broker_address, null), created_at = try(instance.created_at, null) }]
      }
      permission = ["dms:instance:list"]
    }
  }
}
