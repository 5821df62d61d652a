data "apsaramq_mqtt_ca_certificates" {
  version     = 1
  service     = mqtt
  description = "The certificates of authorities of an instance."
  example     = <<-EOT
    data "apsaramq_mqtt_ca_certificates" "all" {
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
  attribute "certificates" {
    type        = list
    mode        = computed
    description = "The certificates."
    attribute "sn" {
      type        = string
      mode        = computed
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
  }

  read {
    step "certificates" {
      call       = "GET /"
      operation  = "ListCaCertificate"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id }
      pages      = numbered
      items      = response.Data.CaCertificateVOS
      set        = { certificates = [for one in items : { sn = one.Sn, name = one.CaName, active = one.Status == "1", content = one.CaContent, valid_from = try(one.ValidBegin, null), valid_to = try(one.ValidEnd, null) }] }
      permission = ["mq:ListCaCertificate"]
    }
  }
}
