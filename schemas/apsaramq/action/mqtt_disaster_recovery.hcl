action "apsaramq_mqtt_disaster_recovery" {
  version     = 1
  service     = mqtt
  description = "Gives an instance its public address back, with the two ids exactly as they are given: for emergencies, and for what the settings of `apsaramq_mqtt_disaster_recovery` do not cover. The blocks of `apsaramq_mqtt_disaster_recovery` do not notice it."
  confirm     = "the instance gets its public address back: devices that connect again may arrive there"
  impact      = "the instance gets its public address back: devices that connect again may arrive there"
  example     = <<-EOT
    action "apsaramq_mqtt_disaster_recovery" "hangzhou" {
      config {
        instance_id          = "mqtt-cn-demoshanghai"
        recovery_instance_id = "mqtt-cn-demohangzhou"
        control_region       = "cn-shanghai"
      }
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "What is sent as `InstanceId`: the vendor does not say what it means; probably the instance that stays active."
  }
  attribute "recovery_instance_id" {
    type        = string
    mode        = required
    description = "The instance that gets its address back."
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
      operation  = "DisasterRecovery"
      region     = self.control_region
      form       = { InstanceId = self.instance_id, RecoveryInstanceId = self.recovery_instance_id }
      set        = { request_id = try(response.RequestId, "") }
      permission = ["mq:DisasterRecovery"]
    }
  }
}
