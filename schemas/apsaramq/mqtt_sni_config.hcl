resource "apsaramq_mqtt_sni_config" {
  version       = 1
  service       = mqtt
  description   = "Which certificate an instance shows for which domain name, one block for each instance. The API does not tell what is set: what others set is not noticed."
  identity      = [instance_id]
  always_exists = true
  example       = <<-EOT
    resource "apsaramq_mqtt_sni_config" "fleet" {
      instance_id         = "mqtt-cn-demohangzhou"
      default_certificate = "12345-cn-hangzhou"
      entries             = var.certificates
      entries_version     = 1
    }
  EOT

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The instance."
  }
  attribute "region" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    description = "The region of the instance; that of the provider if left out."
  }
  attribute "default_certificate" {
    type        = string
    mode        = required
    change      = update
    readback    = never
    impact      = "devices that do not trust the new certificate cannot connect"
    description = "The id of the certificate for names that no entry has."
  }
  attribute "entries" {
    type        = string
    mode        = optional
    change      = update
    sensitive   = true
    write_only  = true
    version     = entries_version
    impact      = "devices that do not trust the new certificates cannot connect"
    description = "The certificates by domain name, `domain#certificate#password;…`. The password may be left out with its `#`."
  }
  attribute "entries_version" {
    type        = number
    mode        = optional
    change      = update
    readback    = never
    description = "Counts the versions of `entries`: a change sends them again."
  }
  attribute "on_destroy" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    default     = "keep"
    one_of      = ["keep", "clear"]
    description = "What becomes of the setting when the block goes: `keep` leaves it, `clear` removes the entries. The API knows no way to remove the default certificate."
  }

  create {
    step "set" {
      call       = "POST /"
      operation  = "SetSniConfig"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, DefaultCertificate = self.default_certificate, SniConfig = self.entries }
      idempotent = true
      permission = ["mq:SetSniConfig"]
    }
  }
  update {
    step "settings" {
      on  = [region, on_destroy]
      set = { region = self.region, on_destroy = self.on_destroy }
    }
    step "set" {
      on         = [default_certificate, entries, entries_version]
      call       = "POST /"
      operation  = "SetSniConfig"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, DefaultCertificate = self.default_certificate, SniConfig = self.entries }
      idempotent = true
      permission = ["mq:SetSniConfig"]
    }
  }
  delete {
    step "clear" {
      when       = self.on_destroy == "clear"
      call       = "POST /"
      operation  = "SetSniConfig"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, DefaultCertificate = self.default_certificate, SniConfig = "" }
      idempotent = true
      permission = ["mq:SetSniConfig"]
    }
  }

  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances` of the provider"
    path    = instance_id
    hint    = "check that this is the right environment"
  }
}
