data "apsaramq_mqtt_register_code" {
  version     = 1
  service     = mqtt
  description = "The code that an authority signs to prove that it has its private key. Each instance has its own."
  example     = <<-EOT
    data "apsaramq_mqtt_register_code" "hangzhou" {
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
  attribute "register_code" {
    type        = string
    mode        = computed
    sensitive   = true
    description = "The code."
  }

  read {
    step "code" {
      call       = "GET /"
      operation  = "GetRegisterCode"
      region     = self.region
      query      = { MqttInstanceId = self.instance_id }
      set        = { register_code = response.RegisterCode }
      permission = ["mq:GetRegisterCode"]
    }
  }
}
