data "apsaramq_mqtt_session" {
  version     = 1
  service     = mqtt
  description = "Whether a device is connected."
  example     = <<-EOT
    data "apsaramq_mqtt_session" "meter" {
      instance_id = "mqtt-cn-demohangzhou"
      client_id   = "GID_meters@@@0815"
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
  attribute "client_id" {
    type        = string
    mode        = required
    description = "The device."
  }
  attribute "online" {
    type        = bool
    mode        = computed
    description = "Whether it is connected."
  }

  read {
    step "session" {
      call       = "POST /"
      operation  = "QuerySessionByClientId"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.client_id }
      set        = { online = response.OnlineStatus }
      permission = ["mq:QuerySessionByClientId"]
    }
  }
}
