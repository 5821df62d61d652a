data "apsaramq_mqtt_device_credential" {
  version     = 1
  service     = mqtt
  description = "The key of one device, without its secret."
  example     = <<-EOT
    data "apsaramq_mqtt_device_credential" "meter" {
      instance_id = "mqtt-cn-demohangzhou"
      client_id   = "GID_meters@@@0815"
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
    description = "The device."
  }
  attribute "access_key_id" {
    type        = string
    mode        = computed
    description = "The id of the key."
  }
  attribute "created_at" {
    type        = number
    mode        = computed
    description = "When it was made, in milliseconds since 1970."
  }
  attribute "updated_at" {
    type        = number
    mode        = computed
    description = "When it was renewed, in milliseconds since 1970."
  }

  read {
    step "key" {
      call       = "POST /"
      operation  = "GetDeviceCredential"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.client_id }
      set        = { access_key_id = response.DeviceCredential.DeviceAccessKeyId, created_at = response.DeviceCredential.CreateTime, updated_at = response.DeviceCredential.UpdateTime }
      permission = ["mq:GetDeviceCredential"]
    }
  }
}
