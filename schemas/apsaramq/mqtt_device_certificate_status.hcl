resource "apsaramq_mqtt_device_certificate_status" {
  version       = 1
  service       = mqtt
  description   = "Whether the certificate of a device is accepted. Devices register their certificates themselves when they first connect, so it must be there already."
  identity      = [instance_id, ca_sn, device_sn]
  always_exists = true
  example       = <<-EOT
    resource "apsaramq_mqtt_device_certificate_status" "stolen" {
      instance_id = "mqtt-cn-demohangzhou"
      ca_sn       = apsaramq_mqtt_ca_certificate.fleet.sn
      device_sn   = "0815"
      active      = false
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance and the two serial numbers."
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
  attribute "ca_sn" {
    type        = string
    mode        = required
    change      = replace
    from        = item.CaSn
    length      = [1, 128]
    description = "The serial number of the authority's certificate."
  }
  attribute "device_sn" {
    type        = string
    mode        = required
    change      = replace
    from        = item.DeviceSn
    length      = [1, 128]
    description = "The serial number of the device's certificate."
  }
  attribute "active" {
    type        = bool
    mode        = required
    change      = update
    from        = item.Status == "1"
    impact      = "the device is refused when it connects again with a certificate that is not active"
    description = "Whether the certificate is accepted."
  }
  attribute "on_destroy" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    default     = "keep"
    one_of      = ["keep", "delete"]
    description = "What becomes of the certificate when the block goes: `keep` leaves it as it is, `delete` removes it; the device registers it again when it connects."
  }
  attribute "device_name" {
    type        = string
    mode        = computed
    from        = item.DeviceName
    description = "The name of the device."
  }
  attribute "valid_to" {
    type        = number
    mode        = computed
    from        = item.ValidEnd
    unit        = "ms"
    description = "Until when the certificate is valid, in milliseconds since 1970."
  }

  list {
    scope      = [instance_id, region]
    call       = "GET /"
    operation  = "ListDeviceCertificate"
    region     = self.region
    query      = { MqttInstanceId = self.instance_id }
    pages      = numbered
    items      = response.Data.DeviceCertificateVOS
    permission = ["mq:ListDeviceCertificate"]
  }
  read {
    step "certificate" {
      call       = "GET /"
      operation  = "GetDeviceCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaSn = self.ca_sn, DeviceSn = self.device_sn }
      item       = response.Data
      permission = ["mq:GetDeviceCertificate"]
    }
  }
  create {
    step "region" {
      set = { region = coalesce(self.region, provider.region) }
    }
    step "activate" {
      when       = self.active
      call       = "POST /"
      operation  = "ActiveDeviceCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaSn = self.ca_sn, DeviceSn = self.device_sn }
      idempotent = true
      permission = ["mq:ActiveDeviceCertificate"]
    }
    step "inactivate" {
      when       = !self.active
      call       = "POST /"
      operation  = "InactivateDeviceCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaSn = self.ca_sn, DeviceSn = self.device_sn }
      idempotent = true
      permission = ["mq:InactivateDeviceCertificate"]
    }
  }
  update {
    step "settings" {
      on  = [region, on_destroy]
      set = { region = self.region, on_destroy = self.on_destroy }
    }
    step "activate" {
      on         = [active]
      when       = self.active
      call       = "POST /"
      operation  = "ActiveDeviceCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaSn = self.ca_sn, DeviceSn = self.device_sn }
      idempotent = true
      permission = ["mq:ActiveDeviceCertificate"]
    }
    step "inactivate" {
      on         = [active]
      when       = !self.active
      call       = "POST /"
      operation  = "InactivateDeviceCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaSn = self.ca_sn, DeviceSn = self.device_sn }
      idempotent = true
      permission = ["mq:InactivateDeviceCertificate"]
    }
  }
  delete {
    step "delete" {
      when       = self.on_destroy == "delete"
      call       = "POST /"
      operation  = "DeleteDeviceCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaSn = self.ca_sn, DeviceSn = self.device_sn }
      permission = ["mq:DeleteDeviceCertificate"]
    }
  }

  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances` of the provider"
    path    = instance_id
    hint    = "check that this is the right environment"
  }

  error {
    code  = ["FindDeviceBySnError"]
    class = gone
    hint  = "the device has not registered this certificate: it does so when it first connects"
  }
}
