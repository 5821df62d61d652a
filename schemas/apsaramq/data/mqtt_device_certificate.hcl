data "apsaramq_mqtt_device_certificate" {
  version     = 1
  service     = mqtt
  description = "The certificate that a device has shown to an instance."
  example     = <<-EOT
    data "apsaramq_mqtt_device_certificate" "meter" {
      instance_id = "mqtt-cn-demohangzhou"
      ca_sn       = "00f26900ba87"
      device_sn   = "0815"
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
  attribute "ca_sn" {
    type        = string
    mode        = required
    description = "The serial number of the authority's certificate."
  }
  attribute "device_sn" {
    type        = string
    mode        = required
    description = "The serial number."
  }
  attribute "name" {
    type        = string
    mode        = computed
    description = "The name of the device."
  }
  attribute "active" {
    type        = bool
    mode        = computed
    description = "Whether the certificate is accepted."
  }
  attribute "valid_from" {
    type        = number
    mode        = computed
    description = "Since when it is valid, in milliseconds since 1970."
  }
  attribute "valid_to" {
    type        = number
    mode        = computed
    description = "Until when it is valid, in milliseconds since 1970."
  }
  attribute "content" {
    type        = string
    mode        = computed
    description = "The certificate as PEM."
  }

  read {
    step "certificate" {
      call       = "GET /"
      operation  = "GetDeviceCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaSn = self.ca_sn, DeviceSn = self.device_sn }
      set        = { name = response.Data.DeviceName, active = response.Data.Status == "1", valid_from = response.Data.ValidBegin, valid_to = response.Data.ValidEnd, content = response.Data.DeviceContent }
      permission = ["mq:GetDeviceCertificate"]
    }
  }
}
