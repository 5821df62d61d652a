data "apsaramq_mqtt_device_credentials" {
  version     = 1
  service     = mqtt
  description = "The devices of a group that have keys, without the keys."
  example     = <<-EOT
    data "apsaramq_mqtt_device_credentials" "meters" {
      instance_id = "mqtt-cn-demohangzhou"
      group_id    = "GID_meters"
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
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The group."
  }
  attribute "client_ids" {
    type        = list(string)
    mode        = computed
    description = "The devices."
  }

  read {
    step "devices" {
      call       = "POST /"
      operation  = "ListDeviceCredentialClientId"
      region     = self.region
      query      = { InstanceId = self.instance_id, GroupId = self.group_id }
      pages      = numbered
      items      = response.DeviceCredentialClientIdList.ClientIdList
      set        = { client_ids = items }
      permission = ["mq:ListDeviceCredentialClientId"]
    }
  }
}
