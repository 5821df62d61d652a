data "apsaramq_mqtt_token" {
  version     = 1
  service     = mqtt
  description = "Whether a temporary token is good."
  example     = <<-EOT
    data "apsaramq_mqtt_token" "guest" {
      instance_id = "mqtt-cn-demohangzhou"
      token       = var.guest_token
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
  attribute "token" {
    type        = string
    mode        = required
    sensitive   = true
    description = "The token."
  }
  attribute "valid" {
    type        = bool
    mode        = computed
    description = "Whether it is good."
  }

  read {
    step "token" {
      call       = "POST /"
      operation  = "QueryToken"
      region     = self.region
      query      = { InstanceId = self.instance_id, Token = self.token }
      set        = { valid = response.TokenStatus }
      permission = ["mq:QueryToken"]
    }
  }
}
