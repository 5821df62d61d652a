action "apsaramq_mqtt_refresh_device_credential" {
  version     = 1
  service     = mqtt
  description = "Makes another key for a device, outside of any block. `rotate_trigger` of `apsaramq_mqtt_device_credential` does it for one that is managed."
  impact      = "the device is refused with its old key when it connects again"
  notice      = "it counts as a message on the bill"
  example     = <<-EOT
    action "apsaramq_mqtt_refresh_device_credential" "meter" {
      config {
        instance_id = "mqtt-cn-demohangzhou"
        client_id   = "GID_meters@@@0815"
      }
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
  attribute "client_id" {
    type        = string
    mode        = required
    description = "The device, such as `GID_meters@@@0815`."
  }
  attribute "access_key_id" {
    type        = string
    mode        = computed
    description = "The id of the new key."
  }
  attribute "access_key_secret" {
    type        = string
    mode        = computed
    sensitive   = true
    description = "The secret of the new key."
  }

  run {
    step "run" {
      call       = "POST /"
      operation  = "RefreshDeviceCredential"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.client_id }
      set        = { access_key_id = response.DeviceCredential.DeviceAccessKeyId, access_key_secret = response.DeviceCredential.DeviceAccessKeySecret }
      permission = ["mq:RefreshDeviceCredential"]
    }
  }
}
