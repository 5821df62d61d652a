data "apsaramq_mqtt_sessions" {
  version     = 1
  service     = mqtt
  description = "Which of several devices are connected."
  example     = <<-EOT
    data "apsaramq_mqtt_sessions" "meters" {
      instance_id = "mqtt-cn-demohangzhou"
      client_ids  = ["GID_meters@@@0815", "GID_meters@@@0816"]
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
  attribute "client_ids" {
    type        = list(string)
    mode        = required
    description = "The devices, asked for in tens."
  }
  attribute "online" {
    type        = map(bool)
    mode        = computed
    description = "Whether each is connected."
  }

  read {
    step "sessions" {
      call       = "POST /"
      operation  = "BatchQuerySessionByClientIds"
      region     = self.region
      query      = { InstanceId = self.instance_id }
      for_each   = chunklist(self.client_ids, 10)
      query_map  = { for index, client in each.value : "ClientIdList.${index + 1}" => client }
      set        = { online = { for session in response.OnlineStatusList : session.ClientId => session.OnlineStatus } }
      permission = ["mq:BatchQuerySessionByClientIds"]
    }
  }
}
