data "apsaramq_mqtt_ca_certificate" {
  version     = 1
  service     = mqtt
  description = "The certificate of an authority of an instance."
  example     = <<-EOT
    data "apsaramq_mqtt_ca_certificate" "fleet" {
      instance_id = "mqtt-cn-demohangzhou"
      sn          = "00f26900ba87"
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
  attribute "sn" {
    type        = string
    mode        = required
    description = "The serial number."
  }
  attribute "name" {
    type        = string
    mode        = computed
    description = "The name."
  }
  attribute "active" {
    type        = bool
    mode        = computed
    description = "Whether certificates of the authority are accepted."
  }
  attribute "content" {
    type        = string
    mode        = computed
    description = "The certificate as PEM."
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
  attribute "register_code" {
    type        = string
    mode        = computed
    sensitive   = true
    description = "The register code that it was registered with."
  }

  read {
    step "certificate" {
      call       = "GET /"
      operation  = "GetCaCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id, Sn = self.sn }
      set        = { name = response.Data.CaName, active = response.Data.Status == "1", content = response.Data.CaContent, valid_from = response.Data.ValidBegin, valid_to = response.Data.ValidEnd, register_code = response.Data.RegistrationCode }
      permission = ["mq:GetCaCertificate"]
    }
  }
}
