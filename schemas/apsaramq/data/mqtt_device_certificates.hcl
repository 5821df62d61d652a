data "apsaramq_mqtt_device_certificates" {
  version     = 1
  service     = mqtt
  description = "The certificates that devices have shown to an instance: all, or those of one authority."
  example     = <<-EOT
    data "apsaramq_mqtt_device_certificates" "all" {
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
  attribute "ca_sn" {
    type        = string
    mode        = optional
    description = "Only certificates of this authority."
  }
  attribute "certificates" {
    type        = list
    mode        = computed
    description = "The certificates."
    attribute "ca_sn" {
      type        = string
      mode        = computed
      description = "The serial number of the authority's certificate."
    }
    attribute "device_sn" {
      type        = string
      mode        = computed
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
  }

  read {
    step "all" {
      call       = "GET /"
      operation  = "ListDeviceCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id }
      when       = self.ca_sn == null
      pages      = numbered
      items      = response.Data.DeviceCertificateVOS
      set        = { certificates = [for one in items : { ca_sn = one.CaSn, device_sn = one.DeviceSn, name = try(one.DeviceName, null), active = one.Status == "1", valid_from = try(one.ValidBegin, null), valid_to = try(one.ValidEnd, null) }] }
      permission = ["mq:ListDeviceCertificate"]
    }
    step "of authority" {
      call       = "GET /"
      operation  = "ListDeviceCertificateByCaSn"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaSn = self.ca_sn }
      when       = self.ca_sn != null
      pages      = numbered
      items      = response.Data.DeviceCertificateVOS
      set        = { certificates = [for one in items : { ca_sn = one.CaSn, device_sn = one.DeviceSn, name = try(one.DeviceName, null), active = one.Status == "1", valid_from = try(one.ValidBegin, null), valid_to = try(one.ValidEnd, null) }] }
      permission = ["mq:ListDeviceCertificateByCaSn"]
    }
  }
}
