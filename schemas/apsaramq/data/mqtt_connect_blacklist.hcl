data "apsaramq_mqtt_connect_blacklist" {
  version     = 1
  service     = mqtt
  description = "The devices that may not connect to an instance."
  example     = <<-EOT
    data "apsaramq_mqtt_connect_blacklist" "all" {
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
  attribute "client_ids" {
    type        = list(string)
    mode        = computed
    description = "The devices."
  }

  read {
    step "entries" {
      call       = "GET /"
      operation  = "QueryCustomAuthConnectBlack"
      region     = self.region
      query      = { InstanceId = self.instance_id }
      pages      = records
      items      = response.Data.Results
      set        = { client_ids = [for one in items : one.ClientId] }
      permission = ["mq:QueryCustomAuthConnectBlack"]
    }
  }
}
