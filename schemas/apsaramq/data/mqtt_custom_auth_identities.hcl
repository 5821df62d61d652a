data "apsaramq_mqtt_custom_auth_identities" {
  version     = 1
  service     = mqtt
  description = "The identities of custom authentication of an instance, without their secrets."
  example     = <<-EOT
    data "apsaramq_mqtt_custom_auth_identities" "all" {
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
  attribute "username" {
    type        = string
    mode        = optional
    description = "Only this user name."
  }
  attribute "client_id" {
    type        = string
    mode        = optional
    description = "Only this device."
  }
  attribute "identities" {
    type        = list
    mode        = computed
    description = "The identities."
    attribute "identity_type" {
      type        = string
      mode        = computed
      description = "`USER` or `CLIENT`."
    }
    attribute "username" {
      type        = string
      mode        = computed
      description = "The user name."
    }
    attribute "client_id" {
      type        = string
      mode        = computed
      description = "The device, for `CLIENT`."
    }
    attribute "sign_mode" {
      type        = string
      mode        = computed
      description = "`ORIGIN` or `SIGNED`."
    }
  }

  read {
    step "identities" {
      call       = "GET /"
      operation  = "QueryCustomAuthIdentity"
      region     = self.region
      query      = { InstanceId = self.instance_id, IdentityType = self.identity_type, Username = self.username, ClientId = self.client_id }
      pages      = records
      items      = response.Data.Results
      set        = { identities = [for one in items : { identity_type = one.IdentityType, username = one.Username, client_id = try(one.ClientId, null), sign_mode = one.SignMode }] }
      permission = ["mq:QueryCustomAuthIdentity"]
    }
  }
}
