ephemeral "apsaramq_mqtt_token" {
  version     = 1
  service     = mqtt
  description = "A temporary token for topics, for as long as the run lasts: it is made while planning, revoked when the run ends, and stored nowhere."
  example     = <<-EOT
    ephemeral "apsaramq_mqtt_token" "run" {
      instance_id = "mqtt-cn-demohangzhou"
      actions     = "R"
      resources   = ["meters/#"]
      expire_time = 4102444800000
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
  attribute "actions" {
    type        = string
    mode        = required
    one_of      = ["R", "W", "R,W"]
    description = "`R` to subscribe, `W` to publish, `R,W` for both."
  }
  attribute "resources" {
    type        = list(string)
    mode        = required
    length      = [1, 100]
    description = "The topics."
  }
  attribute "expire_time" {
    type        = number
    mode        = required
    description = "When it ends if it is not revoked before, in milliseconds since 1970: in a minute at least, and in 30 days at most whatever is asked for."
  }
  attribute "token" {
    type        = string
    mode        = computed
    sensitive   = true
    description = "The token."
  }

  open {
    step "apply" {
      call       = "POST /"
      operation  = "ApplyToken"
      region     = self.region
      query      = { InstanceId = self.instance_id, Actions = self.actions, Resources = join(",", sort(self.resources)), ExpireTime = self.expire_time }
      set        = { token = response.Token }
      permission = ["mq:ApplyToken"]
    }
  }
  close {
    step "revoke" {
      call       = "POST /"
      operation  = "RevokeToken"
      region     = self.region
      query      = { InstanceId = self.instance_id, Token = self.token }
      permission = ["mq:RevokeToken"]
    }
  }
}
