resource "apsaramq_mqtt_device_credential" {
  version     = 1
  service     = mqtt
  description = "The key of one device. The service makes it, for each instance another one: keys of devices cannot be the same on two instances."
  identity    = [instance_id, client_id]
  impact      = "the device is refused when it connects again"
  notice      = "making, reading, renewing and removing keys counts as messages on the bill"
  example     = <<-EOT
    resource "apsaramq_mqtt_device_credential" "meter" {
      instance_id = apsaramq_mqtt_group.meters.instance_id
      client_id   = "$${apsaramq_mqtt_group.meters.group_id}@@@0815"
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance and the device."
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
  attribute "client_id" {
    type        = string
    mode        = required
    change      = replace
    from        = item.ClientId
    pattern     = "GID[_-][A-Za-z0-9_-]{3,60}@@@.+"
    length      = [11, 64]
    description = "The device, `GID_group@@@device`. Its group must exist."
  }
  attribute "rotate_trigger" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    impact      = "the device is refused with its old key when it connects again"
    description = "Any text. A change of it makes a new key."
  }
  attribute "access_key_id" {
    type        = string
    mode        = computed
    follows     = [rotate_trigger]
    description = "The id of the key."
  }
  attribute "access_key_secret" {
    type        = string
    mode        = computed
    sensitive   = true
    follows     = [rotate_trigger]
    description = "The secret of the key."
  }
  attribute "updated_at" {
    type        = number
    mode        = computed
    follows     = [rotate_trigger]
    unit        = "ms"
    description = "When the key was made, in milliseconds since 1970."
  }

  read {
    # Whether there is a key is asked of the list of the group, which says so without doubt.
    step "device" {
      call       = "POST /"
      operation  = "ListDeviceCredentialClientId"
      region     = self.region
      query      = { InstanceId = self.instance_id, GroupId = split("@@@", self.client_id)[0] }
      pages      = numbered
      items      = response.DeviceCredentialClientIdList.ClientIdList
      item       = contains(items, self.client_id) ? { ClientId = self.client_id } : null
      permission = ["mq:ListDeviceCredentialClientId"]
    }
    step "key" {
      on        = [access_key_id, access_key_secret, updated_at]
      call      = "POST /"
      operation = "GetDeviceCredential"
      region    = self.region
      query     = { InstanceId = self.instance_id, ClientId = self.client_id }
      set = {
        access_key_id     = response.DeviceCredential.DeviceAccessKeyId
        access_key_secret = response.DeviceCredential.DeviceAccessKeySecret
        updated_at        = response.DeviceCredential.UpdateTime
      }
      permission = ["mq:GetDeviceCredential"]
    }
  }
  create {
    step "create" {
      call      = "POST /"
      operation = "RegisterDeviceCredential"
      region    = self.region
      query     = { InstanceId = self.instance_id, ClientId = self.client_id }
      set = {
        region            = coalesce(self.region, provider.region)
        access_key_id     = response.DeviceCredential.DeviceAccessKeyId
        access_key_secret = response.DeviceCredential.DeviceAccessKeySecret
        updated_at        = response.DeviceCredential.UpdateTime
      }
      permission = ["mq:RegisterDeviceCredential"]
    }
  }
  update {
    step "region" {
      on  = [region]
      set = { region = self.region }
    }
    step "renew" {
      on        = [rotate_trigger]
      call      = "POST /"
      operation = "RefreshDeviceCredential"
      region    = self.region
      query     = { InstanceId = self.instance_id, ClientId = self.client_id }
      set = {
        access_key_id     = response.DeviceCredential.DeviceAccessKeyId
        access_key_secret = response.DeviceCredential.DeviceAccessKeySecret
        updated_at        = response.DeviceCredential.UpdateTime
      }
      permission = ["mq:RefreshDeviceCredential"]
    }
  }
  delete {
    step "delete" {
      call       = "POST /"
      operation  = "UnRegisterDeviceCredential"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.client_id }
      permission = ["mq:UnRegisterDeviceCredential"]
    }
  }

  guard "connected device" {
    kind = impact
    on   = [update, replace, delete]
    step "session" {
      call       = "POST /"
      operation  = "QuerySessionByClientId"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.client_id }
      set        = { online = response.OnlineStatus }
      permission = ["mq:QuerySessionByClientId"]
    }
    count   = observed.online ? 1 : 0
    message = "the device is connected; it stays so, and is refused with this key when it connects again"
  }

  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances` of the provider"
    path    = instance_id
    hint    = "check that this is the right environment"
  }
}
