action "apsaramq_mqtt_disaster_downgrade" {
  version     = 1
  service     = mqtt
  description = "Takes the public address of an instance out, with the two ids exactly as they are given: for emergencies, and for what the settings of `apsaramq_mqtt_disaster_recovery` do not cover. Reads nothing, so that a region that does not answer is no hindrance. The blocks of `apsaramq_mqtt_disaster_recovery` do not notice it."
  confirm     = "the instance loses its public address: devices that connect again arrive at others"
  impact      = "the instance loses its public address: devices that connect again arrive at others"
  example     = <<-EOT
    action "apsaramq_mqtt_disaster_downgrade" "hangzhou" {
      config {
        instance_id          = "mqtt-cn-demoshanghai"
        downgrade_instance_id = "mqtt-cn-demohangzhou"
        control_region       = "cn-shanghai"
      }
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "What is sent as `InstanceId`: the vendor does not say what it means; probably the instance that stays active."
  }
  attribute "downgrade_instance_id" {
    type        = string
    mode        = required
    description = "The instance whose address is taken out."
  }
  attribute "control_region" {
    type        = string
    mode        = optional
    description = "The region whose endpoint is called: it must be alive. That of the provider if left out."
  }
  attribute "request_id" {
    type        = string
    mode        = computed
    description = "The id of the call, for questions to the vendor."
  }

  run {
    step "run" {
      call       = "POST /"
      operation  = "DisasterDowngrade"
      region     = self.control_region
      form       = { InstanceId = self.instance_id, DowngradeInstanceId = self.downgrade_instance_id }
      set        = { request_id = try(response.RequestId, "") }
      permission = ["mq:DisasterDowngrade"]
    }
  }
}
