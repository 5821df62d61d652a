data "apsaramq_mqtt_custom_auth_permissions" {
  version     = 1
  service     = mqtt
  description = "The permissions of custom authentication of an instance."
  example     = <<-EOT
    data "apsaramq_mqtt_custom_auth_permissions" "all" {
      instance_id = "mqtt-cn-demohangzhou"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "region" {
    type        = string
    mode        = optional
    description = "The region of the instance; that of the provider if left out."
  }
  attribute "identity_type" {
    type        = string
    mode        = optional
    one_of      = ["USER", "CLIENT"]
    description = "Only `USER` or only `CLIENT`."
  }
  attribute "identity" {
    type        = string
    mode        = optional
    description = "Only this user name or device."
  }
  attribute "topic" {
    type        = string
    mode        = optional
    description = "Only this topic."
  }
  attribute "permissions" {
    type        = list
    mode        = computed
    description = "The permissions."
    attribute "identity_type" {
      type        = string
      mode        = computed
      description = "`USER` or `CLIENT`."
    }
    attribute "identity" {
      type        = string
      mode        = computed
      description = "The user name or the device."
    }
    attribute "topic" {
      type        = string
      mode        = computed
      description = "The topics."
    }
    attribute "permit_action" {
      type        = string
      mode        = computed
      description = "`PUB`, `SUB` or `PUB_SUB`."
    }
    attribute "effect" {
      type        = string
      mode        = computed
      description = "`ALLOW` or `DENY`."
    }
  }

  read {
    step "permissions" {
      call       = "GET /"
      operation  = "QueryCustomAuthPermission"
      region     = self.region
      query      = { InstanceId = self.instance_id, IdentityType = self.identity_type, Identity = self.identity, Topic = self.topic }
      pages      = records
      items      = response.Data.Results
      set        = { permissions = [for one in items : { identity_type = one.IdentityType, identity = one.Identity, topic = one.Topic, permit_action = one.PermitAction, effect = one.Effect }] }
      permission = ["mq:QueryCustomAuthPermission"]
    }
  }
}
