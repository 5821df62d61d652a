data "dms_rocketmq_quotas" {
  version     = 1
  description = "How many instances the project may have. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_quotas" "project" {}

    output "instances_left" {
      value = data.dms_rocketmq_quotas.project.remaining
    }
  EOT

  attribute "quota" {
    type        = number
    mode        = computed
    description = "How many instances of RocketMQ the project may have."
  }
  attribute "used" {
    type        = number
    mode        = computed
    description = "How many there are."
  }
  attribute "remaining" {
    type        = number
    mode        = computed
    description = "How many more there may be."
  }
  attribute "resources" {
    type        = list
    mode        = computed
    description = "Everything that the service limits."
    attribute "type" {
      type        = string
      mode        = computed
      description = "What is limited."
    }
    attribute "quota" {
      type        = number
      mode        = computed
      description = "The limit."
    }
    attribute "used" {
      type        = number
      mode        = computed
      description = "What is in use."
    }
  }

  read {
    step "quotas" {
      call       = "GET /v2/${provider.project_id}/quotas"
      operation  = "ShowQuotas"
      permission = ["dms:instance:list"]
      set = {
        resources = [for resource in response.quotas.resources : { type = resource.type, quota = resource.quota, used = resource.used }]
      }
    }
    step "instances" {
      set = {
        quota     = one([for resource in self.resources : resource.quota if resource.type == "rocketmqInstance"])
        used      = one([for resource in self.resources : resource.used if resource.type == "rocketmqInstance"])
        remaining = one([for resource in self.resources : resource.quota - resource.used if resource.type == "rocketmqInstance"])
      }
    }
  }
}
