action "apsaramq_mqtt_close_connection" {
  version     = 1
  service     = mqtt
  description = "Ends the connection of a device. The vendor is trying this out: so far only on professional instances in Shanghai."
  repeatable  = true
  impact      = "the device is cut off; it may connect again at once"
  example     = <<-EOT
    action "apsaramq_mqtt_close_connection" "meter" {
      config {
        instance_id = "mqtt-cn-demoshanghai"
        region      = "cn-shanghai"
        client_id   = "GID_meters@@@0815"
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
  attribute "client_id" {
    type        = string
    mode        = required
    description = "The device, such as `GID_meters@@@0815`."
  }

  run {
    step "run" {
      call       = "POST /"
      operation  = "CloseConnection"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.client_id }
      permission = ["mq:CloseConnection"]
    }
  }

  guard "connected device" {
    kind = impact
    step "session" {
      call       = "POST /"
      operation  = "QuerySessionByClientId"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.client_id }
      set        = { online = response.OnlineStatus }
      permission = ["mq:QuerySessionByClientId"]
    }
    count   = observed.online ? 1 : 0
    message = "the device is connected"
  }
}
