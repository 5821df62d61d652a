data "apsaramq_mqtt_trace_message" {
  version     = 1
  service     = mqtt
  description = "How a message came in, and where it went."
  example     = <<-EOT
    data "apsaramq_mqtt_trace_message" "lost" {
      instance_id = "mqtt-cn-demohangzhou"
      message_id  = "1E0376DA000000000000000000000001"
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
  attribute "message_id" {
    type        = string
    mode        = required
    description = "The message."
  }
  attribute "client_id" {
    type        = string
    mode        = optional
    description = "Only deliveries to this device."
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
  attribute "published" {
    type        = list
    mode        = computed
    description = "How it came in."
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
  attribute "delivered" {
    type        = list
    mode        = computed
    description = "Where it went."
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
    step "published" {
      call       = "POST /"
      operation  = "QueryMqttTraceMessagePublish"
      region     = self.region
      query      = { InstanceId = self.instance_id, MqttRegionId = coalesce(self.region, provider.region), BeginTime = self.begin, EndTime = self.end, MsgId = self.message_id }
      set        = { published = [for one in try(response.MessageTraceLists, []) : { time = one.Time, action = one.Action, action_code = try(one.ActionCode, null), info = try(one.ActionInfo, null), client_id = try(one.ClientId, null), message_id = try(one.MsgId, null) }] }
      permission = ["mq:QueryMqttTraceMessagePublish"]
    }
    step "delivered" {
      call       = "POST /"
      operation  = "QueryMqttTraceMessageSubscribe"
      region     = self.region
      query      = { InstanceId = self.instance_id, MqttRegionId = coalesce(self.region, provider.region), BeginTime = self.begin, EndTime = self.end, MsgId = self.message_id, ClientId = self.client_id, Reverse = false }
      pages      = traced
      items      = response.MessageTraceLists
      set        = { delivered = [for one in items : { time = one.Time, action = one.Action, action_code = try(one.ActionCode, null), info = try(one.ActionInfo, null), client_id = try(one.ClientId, null), message_id = try(one.MsgId, null) }] }
      permission = ["mq:QueryMqttTraceMessageSubscribe"]
    }
  }
}
