data "dms_rocketmq_configs" {
  version     = 1
  description = "The parameters of an instance with their values."
  example     = <<-EOT
    data "dms_rocketmq_configs" "main" {
      instance_id = dms_rocketmq_instance.main.id
    }

    output "hours_kept" {
      value = data.dms_rocketmq_configs.main.settings["fileReservedTime"]
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "settings" {
    type        = map(string)
    mode        = computed
    description = "The value of each parameter."
  }
  attribute "configs" {
    type        = list
    mode        = computed
    description = "The parameters."
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name."
    }
    attribute "value" {
      type        = string
      mode        = computed
      description = "The value."
    }
    attribute "default_value" {
      type        = string
      mode        = computed
      description = "The value if nobody sets one."
    }
    attribute "valid_values" {
      type        = string
      mode        = computed
      description = "What is allowed, such as `0-720`."
    }
    attribute "value_type" {
      type        = string
      mode        = computed
      description = "`integer` or `boolean`."
    }
    attribute "config_type" {
      type        = string
      mode        = computed
      description = "`dynamic`, or `static` if a change needs a restart."
    }
  }

  read {
    step "configs" {
      call      = "GET /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/configs"
      operation = "ShowRocketMqConfigs"
      set = {
        settings = { for parameter in response.rocketmq_configs : parameter.name => tostring(parameter.value) }
        configs  = [for parameter in response.rocketmq_configs : { name = parameter.name, value = tostring(parameter.value), default_value = tostring(parameter.default_value), valid_values = try(parameter.valid_values, null), value_type = try(parameter.value_type, null), config_type = try(parameter.config_type, null) }]
      }
      permission = ["dms:instance:get"]
    }
  }
}
