data "dms_rocketmq_brokers" {
  version     = 1
  description = "The brokers of an instance."
  example     = <<-EOT
    data "dms_rocketmq_brokers" "main" {
      instance_id = dms_rocketmq_instance.main.id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "names" {
    type        = list(string)
    mode        = computed
    description = "The names of the brokers."
  }
  attribute "brokers" {
    type        = list
    mode        = computed
    description = "The brokers."
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name, such as `broker-0`."
    }
    attribute "ids" {
      type        = list(number)
      mode        = computed
      description = "The ids of its nodes."
    }
  }

  read {
    step "brokers" {
      call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/brokers"
      operation = "ListBrokers"
      set = {
        names   = response.brokers[*].broker_name
        brokers = [for broker in response.brokers : { name = broker.broker_name, ids = broker.ids }]
      }
      permission = ["dms:instance:get"]
    }
  }
}
