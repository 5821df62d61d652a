action "apsaramq_mqtt_revoke_token" {
  version     = 1
  service     = mqtt
  description = "Ends a temporary token before its time."
  repeatable  = true
  impact      = "whoever uses the token is refused"
  example     = <<-EOT
    action "apsaramq_mqtt_revoke_token" "guest" {
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

  run {
    step "run" {
      call       = "POST /"
      operation  = "RevokeToken"
      region     = self.region
      query      = { InstanceId = self.instance_id, Token = self.token }
      permission = ["mq:RevokeToken"]
    }
  }
}
