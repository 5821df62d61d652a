resource "apsaramq_mqtt_custom_auth_permission" {
  version     = 1
  service     = mqtt
  description = "What an identity of custom authentication may do with topics. The parent topic must exist; it is made in the console."
  identity    = [instance_id, identity_type, identity, topic]
  impact      = "its devices lose what it allows"
  example     = <<-EOT
    resource "apsaramq_mqtt_custom_auth_permission" "meters" {
      instance_id   = "mqtt-cn-demohangzhou"
      identity_type = "USER"
      identity      = "meters"
      topic         = "meters/+/readings"
      permit_action = "PUB"
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance, the kind, the identity and the topic."
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
    description = "What `identity` is: a user name or a client id."
  }
  attribute "identity" {
    type        = string
    mode        = required
    change      = replace
    from        = item.Identity
    pattern     = "[^/]{1,128}"
    description = "The user name or the client id, without `/`."
  }
  attribute "topic" {
    type        = string
    mode        = required
    change      = replace
    from        = item.Topic
    length      = [1, 128]
    description = "The topics, with levels and wildcards, such as `meters/+/readings` or `meters/#`."
  }
  attribute "permit_action" {
    type        = string
    mode        = required
    change      = update
    from        = item.PermitAction
    one_of      = ["PUB", "SUB", "PUB_SUB"]
    impact      = "its devices lose what is not allowed any more"
    description = "What is meant: publishing, subscribing or both."
  }
  attribute "effect" {
    type        = string
    mode        = optional
    change      = update
    from        = item.Effect
    default     = "ALLOW"
    one_of      = ["ALLOW", "DENY"]
    impact      = "its devices lose what is not allowed any more"
    description = "Whether it is allowed or denied."
  }

  list {
    scope      = [instance_id, region]
    call       = "GET /"
    operation  = "QueryCustomAuthPermission"
    region     = self.region
    query      = { InstanceId = self.instance_id }
    pages      = records
    items      = response.Data.Results
    permission = ["mq:QueryCustomAuthPermission"]
  }
  read {
    step "permission" {
      call       = "GET /"
      operation  = "QueryCustomAuthPermission"
      region     = self.region
      query      = { InstanceId = self.instance_id, IdentityType = self.identity_type, Identity = self.identity, Topic = self.topic, Size = 100 }
      item       = concat([for one in coalesce(response.Data.Results, []) : one if one.Identity == self.identity && one.IdentityType == self.identity_type && one.Topic == self.topic], [null])[0]
      permission = ["mq:QueryCustomAuthPermission"]
    }
  }
  create {
    step "region" {
      set = { region = coalesce(self.region, provider.region) }
    }
    step "create" {
      call       = "POST /"
      operation  = "AddCustomAuthPermission"
      region     = self.region
      form       = { InstanceId = self.instance_id, IdentityType = self.identity_type, Identity = self.identity, Topic = self.topic, PermitAction = self.permit_action, Effect = self.effect }
      permission = ["mq:AddCustomAuthPermission"]
    }
  }
  update {
    step "region" {
      on  = [region]
      set = { region = self.region }
    }
    step "permission" {
      on         = [permit_action, effect]
      call       = "POST /"
      operation  = "UpdateCustomAuthPermission"
      region     = self.region
      form       = { InstanceId = self.instance_id, IdentityType = self.identity_type, Identity = self.identity, Topic = self.topic, PermitAction = self.permit_action, Effect = self.effect }
      idempotent = true
      permission = ["mq:UpdateCustomAuthPermission"]
    }
  }
  delete {
    step "delete" {
      call       = "POST /"
      operation  = "DeleteCustomAuthPermission"
      region     = self.region
      form       = { InstanceId = self.instance_id, IdentityType = self.identity_type, Identity = self.identity, Topic = self.topic }
      permission = ["mq:DeleteCustomAuthPermission"]
    }
  }

  guard "connected device" {
    kind = impact
    on   = [update, replace, delete]
    when = self.identity_type == "CLIENT"
    step "session" {
      call       = "POST /"
      operation  = "QuerySessionByClientId"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.identity }
      set        = { online = response.OnlineStatus }
      permission = ["mq:QuerySessionByClientId"]
    }
    count   = observed.online ? 1 : 0
    message = "the device is connected"
  }

  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances` of the provider"
    path    = instance_id
    hint    = "check that this is the right environment"
  }
}
