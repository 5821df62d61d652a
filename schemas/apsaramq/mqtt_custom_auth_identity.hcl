resource "apsaramq_mqtt_custom_auth_identity" {
  version     = 1
  service     = mqtt
  description = "Somebody who may connect to an instance by custom authentication: a user name, or one device. Unlike keys of devices, its secret can be the same on every instance of a fleet."
  identity    = [instance_id, identity_type, username, client_id]
  impact      = "its devices are refused when they connect again"
  example     = <<-EOT
    resource "apsaramq_mqtt_custom_auth_identity" "meters" {
      instance_id    = "mqtt-cn-demohangzhou"
      identity_type  = "USER"
      username       = "meters"
      secret         = var.meters_secret
      secret_version = 1
      sign_mode      = "SIGNED"
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance, the kind, the user name and the client id."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The instance."
  }
  attribute "region" {
    type        = string
    mode        = optional_computed
    change      = update
    from        = coalesce(self.region, provider.region)
    description = "The region of the instance; that of the provider if left out."
  }
  attribute "identity_type" {
    type        = string
    mode        = required
    change      = replace
    from        = item.IdentityType
    one_of      = ["USER", "CLIENT"]
    description = "`USER`: everybody with the user name. `CLIENT`: one device."
  }
  attribute "username" {
    type        = string
    mode        = required
    change      = replace
    from        = item.Username
    pattern     = "[^/]{1,64}"
    description = "The user name: 64 characters at most, without `/`."
  }
  attribute "client_id" {
    type        = string
    mode        = optional
    change      = replace
    default     = "-"
    from        = item.IdentityType == "CLIENT" ? item.ClientId : "-"
    description = "For `CLIENT` the device, such as `GID_meters@@@0815`; `-` for `USER`."
  }
  attribute "secret" {
    type        = string
    mode        = required
    change      = update
    sensitive   = true
    write_only  = true
    version     = secret_version
    length      = [1, 1024]
    impact      = "devices with the old secret are refused when they connect again"
    description = "The secret. It is sent with every change, because the API takes identities as a whole."
  }
  attribute "secret_version" {
    type        = number
    mode        = optional
    change      = update
    readback    = never
    description = "Counts the secrets: a change sends `secret` again."
  }
  attribute "sign_mode" {
    type        = string
    mode        = required
    change      = update
    from        = item.SignMode
    one_of      = ["ORIGIN", "SIGNED"]
    impact      = "devices that show their secret in the other way are refused when they connect again"
    description = "`ORIGIN`: devices show the secret itself. `SIGNED`: they show the client id signed with it (HMAC-SHA1)."
  }

  list {
    scope      = [instance_id, region]
    call       = "GET /"
    operation  = "QueryCustomAuthIdentity"
    region     = self.region
    query      = { InstanceId = self.instance_id }
    pages      = records
    items      = [for one in response.Data.Results : { IdentityType = one.IdentityType, Username = one.Username, ClientId = try(one.ClientId, ""), SignMode = one.SignMode }]
    permission = ["mq:QueryCustomAuthIdentity"]
  }
  read {
    step "identity" {
      call       = "GET /"
      operation  = "QueryCustomAuthIdentity"
      region     = self.region
      query      = { InstanceId = self.instance_id, IdentityType = self.identity_type, Username = self.username, ClientId = self.client_id == "-" ? null : self.client_id, Size = 100 }
      item       = concat([for one in coalesce(response.Data.Results, []) : { IdentityType = one.IdentityType, Username = one.Username, ClientId = try(one.ClientId, ""), SignMode = one.SignMode } if one.Username == self.username && one.IdentityType == self.identity_type && (self.client_id == "-" || one.ClientId == self.client_id)], [null])[0]
      permission = ["mq:QueryCustomAuthIdentity"]
    }
  }
  create {
    step "region" {
      set = { region = coalesce(self.region, provider.region) }
    }
    step "create" {
      call       = "POST /"
      operation  = "AddCustomAuthIdentity"
      region     = self.region
      form       = { InstanceId = self.instance_id, IdentityType = self.identity_type, Username = self.username, ClientId = self.client_id == "-" ? null : self.client_id, Secret = self.secret, SignMode = self.sign_mode }
      permission = ["mq:AddCustomAuthIdentity"]
    }
  }
  update {
    step "region" {
      on  = [region]
      set = { region = self.region }
    }
    step "identity" {
      on         = [secret, secret_version, sign_mode]
      call       = "POST /"
      operation  = "UpdateCustomAuthIdentity"
      region     = self.region
      form       = { InstanceId = self.instance_id, IdentityType = self.identity_type, Username = self.username, ClientId = self.client_id == "-" ? null : self.client_id, Secret = self.secret, SignMode = self.sign_mode }
      idempotent = true
      permission = ["mq:UpdateCustomAuthIdentity"]
    }
  }
  delete {
    step "delete" {
      call       = "POST /"
      operation  = "DeleteCustomAuthIdentity"
      region     = self.region
      form       = { InstanceId = self.instance_id, IdentityType = self.identity_type, Username = self.username, ClientId = self.client_id == "-" ? null : self.client_id }
      permission = ["mq:DeleteCustomAuthIdentity"]
    }
  }

  guard "connected device" {
    kind = impact
    on   = [replace, delete]
    when = self.identity_type == "CLIENT"
    step "session" {
      call       = "POST /"
      operation  = "QuerySessionByClientId"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.client_id }
      set        = { online = response.OnlineStatus }
      permission = ["mq:QuerySessionByClientId"]
    }
    count   = observed.online ? 1 : 0
    message = "the device is connected; it stays so, and is refused when it connects again"
  }

  check "device of a client" {
    when    = self.identity_type == "CLIENT"
    that    = can(regex("^GID[_-][A-Za-z0-9_-]{3,60}@@@.+$", self.client_id))
    message = "`client_id` is not of the form `GID_group@@@device` (InvalidParameter.ClientId)"
    path    = client_id
    hint    = "identities of the kind `CLIENT` are for one device"
  }
  check "no device of a user" {
    when    = self.identity_type == "USER"
    that    = self.client_id == "-"
    message = "identities of the kind `USER` have no `client_id`"
    path    = client_id
    hint    = "leave it out, or choose `CLIENT`"
  }

  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances` of the provider"
    path    = instance_id
    hint    = "check that this is the right environment"
  }
}
