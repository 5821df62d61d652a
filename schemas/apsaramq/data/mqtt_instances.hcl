data "apsaramq_mqtt_instances" {
  version     = 1
  service     = mqtt
  description = "The instances of the account. They are bought in the console; `regions` and kinds are told here."
  example     = <<-EOT
    data "apsaramq_mqtt_instances" "platinum" {
      tags = { stage = "production" }
    }
  EOT

  attribute "region" {
    type        = string
    mode        = optional
    description = "The region that is asked; that of the provider if left out. The answer may name others."
  }
  attribute "tags" {
    type        = map(string)
    mode        = optional
    description = "Only instances with these tags."
  }
  attribute "instances" {
    type        = list
    mode        = computed
    description = "The instances."
    attribute "instance_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name."
    }
    attribute "region" {
      type        = string
      mode        = computed
      description = "The region."
    }
    attribute "type" {
      type        = number
      mode        = computed
      description = "The edition: 0 basic, 1 platinum, 2 pay as you go, 3 prepaid light, 4 professional, 5 serverless."
    }
    attribute "status" {
      type        = number
      mode        = computed
      description = "0 preparing, 1 not activated, 2 overdue, 3 expired, 5 in service, 7 upgrading, 10 released, 15 frozen."
    }
    attribute "kernel_version" {
      type        = string
      mode        = computed
      description = "The version of the broker."
    }
    attribute "created_at" {
      type        = number
      mode        = computed
      description = "When it was made, in milliseconds since 1970."
    }
    attribute "expires_at" {
      type        = number
      mode        = computed
      description = "When it expires, in milliseconds since 1970."
    }
    attribute "tags" {
      type        = map(string)
      mode        = computed
      description = "The tags."
    }
  }

  read {
    step "instances" {
      call       = "POST /"
      operation  = "ListInstances"
      region     = self.region
      query      = { Tags = self.tags == null ? null : jsonencode([for key, value in self.tags : { key = key, value = value }]) }
      set        = { instances = [for one in response.Instances : { instance_id = one.InstanceId, name = try(one.InstanceName, null), region = try(one.RegionId, null), type = one.InstanceType, status = one.InstanceStatus, kernel_version = try(one.KernelVersion, null), created_at = try(one.CreateTime, null), expires_at = try(one.ExpireTime, null), tags = { for tag in try(one.MqttTags, []) : tag.TagKey => try(tag.TagValue, "") } }] }
      permission = ["mq:ListInstances"]
    }
  }
}
