action "apsaramq_mqtt_query_token" {
  version     = 1
  service     = mqtt
  description = "Asks whether a temporary token is good."
  reads       = true
  example     = <<-EOT
    action "apsaramq_mqtt_query_token" "guest" {
      config {
        instance_id = "mqtt-cn-demohangzhou"
        token       = var.guest_token
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

  run {
    step "run" {
      call       = "POST /"
      operation  = "QueryToken"
      region     = self.region
      query      = { InstanceId = self.instance_id, Token = self.token }
      set        = { valid = response.TokenStatus }
      permission = ["mq:QueryToken"]
    }
  }
}
