resource "apsaramq_mqtt_ca_certificate" {
  version     = 1
  service     = mqtt
  description = "The certificate of an authority that an instance checks the certificates of devices with. Only for platinum and professional instances. Content and serial number are the same on every instance of a fleet; the proof of the private key is not, because each instance has a register code of its own."
  identity    = [id]
  impact      = "devices with certificates of this authority are refused when they connect again"
  example     = <<-EOT
    resource "apsaramq_mqtt_ca_certificate" "fleet" {
      instance_id          = "mqtt-cn-demohangzhou"
      name                 = "fleet"
      content              = file("authority.pem")
      verification_content = file("proof-hangzhou.pem")
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    from        = "${coalesce(self.instance_id, split("/", coalesce(self.id, "/"))[0])}/${item.Sn}"
    description = "The instance and the serial number, with `/` between them."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    from        = coalesce(self.instance_id, split("/", coalesce(self.id, "/"))[0])
    description = "The instance."
  }
  attribute "region" {
    type        = string
    mode        = optional_computed
    change      = update
    from        = coalesce(self.region, provider.region)
    description = "The region of the instance; that of the provider if left out."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = replace
    from        = item.CaName
    length      = [1, 64]
    description = "The name."
  }
  attribute "content" {
    type        = string
    mode        = required
    change      = replace
    from        = item.CaContent
    normalize   = trimspace(replace(value, "\\n", "\n"))
    description = "The certificate as PEM."
  }
  attribute "verification_content" {
    type        = string
    mode        = required
    change      = replace
    sensitive   = true
    write_only  = true
    description = "A certificate as PEM that the authority has signed for the register code of the instance (the data source `apsaramq_mqtt_register_code`): it proves the possession of the private key."
  }
  attribute "active" {
    type        = bool
    mode        = optional
    change      = update
    default     = true
    from        = item.Status == "1"
    impact      = "devices with certificates of this authority are refused while it is not active"
    description = "Whether certificates of this authority are accepted."
  }
  attribute "sn" {
    type        = string
    mode        = computed
    from        = item.Sn
    description = "The serial number."
  }
  attribute "valid_from" {
    type        = number
    mode        = computed
    from        = item.ValidBegin
    unit        = "ms"
    description = "Since when it is valid, in milliseconds since 1970."
  }
  attribute "valid_to" {
    type        = number
    mode        = computed
    from        = item.ValidEnd
    unit        = "ms"
    description = "Until when it is valid, in milliseconds since 1970."
  }

  list {
    scope      = [instance_id, region]
    call       = "GET /"
    operation  = "ListCaCertificate"
    region     = self.region
    query      = { MqttInstanceId = self.instance_id }
    pages      = numbered
    items      = response.Data.CaCertificateVOS
    permission = ["mq:ListCaCertificate"]
  }
  read {
    step "certificate" {
      call       = "GET /"
      operation  = "GetCaCertificate"
      region     = self.region
      query      = { MqttInstanceId = split("/", self.id)[0], Sn = split("/", self.id)[1] }
      item       = response.Data
      permission = ["mq:GetCaCertificate"]
    }
  }
  find {
    call      = "GET /"
    operation = "ListCaCertificate"
    region    = self.region
    query     = { MqttInstanceId = self.instance_id }
    pages     = numbered
    items     = response.Data.CaCertificateVOS
    match     = item.CaName == self.name && trimspace(item.CaContent) == trimspace(self.content)
  }
  create {
    step "create" {
      call       = "POST /"
      operation  = "RegisterCaCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaName = self.name, CaContent = self.content, VerificationContent = self.verification_content }
      set        = { region = coalesce(self.region, provider.region), sn = response.Sn, id = "${self.instance_id}/${response.Sn}" }
      permission = ["mq:RegisterCaCertificate"]
    }
    step "inactivate" {
      when       = !self.active
      call       = "POST /"
      operation  = "InactivateCaCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, Sn = self.sn }
      idempotent = true
      permission = ["mq:InactivateCaCertificate"]
    }
  }
  update {
    step "region" {
      on  = [region]
      set = { region = self.region }
    }
    step "activate" {
      on         = [active]
      when       = self.active
      call       = "POST /"
      operation  = "ActiveCaCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, Sn = self.sn }
      idempotent = true
      permission = ["mq:ActiveCaCertificate"]
    }
    step "inactivate" {
      on         = [active]
      when       = !self.active
      call       = "POST /"
      operation  = "InactivateCaCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, Sn = self.sn }
      idempotent = true
      permission = ["mq:InactivateCaCertificate"]
    }
  }
  delete {
    step "delete" {
      call       = "POST /"
      operation  = "DeleteCaCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, Sn = self.sn }
      permission = ["mq:DeleteCaCertificate"]
    }
  }

  guard "certificates of devices" {
    kind = impact
    on   = [replace, delete]
    step "devices" {
      call       = "GET /"
      operation  = "ListDeviceCertificateByCaSn"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, CaSn = self.sn }
      pages      = numbered
      items      = response.Data.DeviceCertificateVOS
      set        = { devices = length(items) }
      permission = ["mq:ListDeviceCertificateByCaSn"]
    }
    count   = observed.devices
    message = "${count} ${count == 1 ? "device has" : "devices have"} shown certificates of this authority"
  }

  check "certificate" {
    that    = can(regex("-----BEGIN CERTIFICATE-----", self.content))
    message = "`content` is no certificate in PEM (CertificateContentError)"
    path    = content
  }

  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances` of the provider"
    path    = instance_id
    hint    = "check that this is the right environment"
  }

  error {
    code  = ["FindCaBySnError"]
    class = gone
  }
}
