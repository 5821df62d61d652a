data "apsaramq_mqtt_trace_client_messages" {
  version     = 1
  service     = mqtt
  description = "What happened to the messages of a device, both ways."
  example     = <<-EOT
    data "apsaramq_mqtt_trace_client_messages" "meter" {
      instance_id = "mqtt-cn-demohangzhou"
      client_id   = "GID_meters@@@0815"
      begin       = 1735689600000
      end         = 1735776000000
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
  attribute "begin" {
    type        = number
    mode        = required
    description = "Begin of the time, in milliseconds since 1970."
  }
  attribute "end" {
    type        = number
    mode        = required
    description = "End of the time, in milliseconds since 1970."
  }
  attribute "events" {
    type        = list
    mode        = computed
    description = "The events, in order."
    attribute "time" {
      type        = string
      mode        = computed
      description = "When."
    }
    attribute "action" {
      type        = string
      mode        = computed
      description = "What happened."
    }
    attribute "action_code" {
      type        = string
      mode        = computed
      description = "The code that belongs to it."
    }
    attribute "info" {
      type        = string
      mode        = computed
      description = "More about it."
    }
    attribute "client_id" {
      type        = string
      mode        = computed
      description = "The device."
    }
    attribute "message_id" {
      type        = string
      mode        = computed
      description = "The message."
    }
  }

  read {
    step "events" {
      call       = "POST /"
      operation  = "QueryMqttTraceMessageOfClient"
      region     = self.region
      query      = { InstanceId = self.instance_id, MqttRegionId = coalesce(self.region, provider.region), BeginTime = self.begin, EndTime = self.end, ClientId = self.client_id, Reverse = false }
      pages      = traced
      items      = response.MessageOfClientList
      set        = { events = [for one in items : { time = one.Time, action = one.Action, action_code = try(one.ActionCode, null), info = try(one.ActionInfo, null), client_id = try(one.ClientId, null), message_id = try(one.MsgId, null) }] }
      permission = ["mq:QueryMqttTraceMessageOfClient"]
    }
  }
}
