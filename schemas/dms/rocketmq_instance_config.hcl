resource "dms_rocketmq_instance_config" {
  version       = 1
  description   = "Parameters of an instance, one block for each instance. What it does not name keeps its value; what it does not name any more, or what is destroyed, goes back to its default."
  identity      = [instance_id]
  always_exists = true
  example       = <<-EOT
    resource "dms_rocketmq_instance_config" "main" {
      instance_id = dms_rocketmq_instance.main.id
      settings    = { fileReservedTime = "72" }
    }
  EOT

  parent "dms_rocketmq_instance" {
    by           = instance_id
    deleted_with = true
  }
  serialize {
    key  = self.instance_id
    mode = exclusive
  }
  timeouts {
    create = "50m"
    update = "50m"
    delete = "50m"
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The instance."
  }
  # Values travel as texts, whatever their type is called. An import takes over what is not as by default.
  attribute "settings" {
    type        = map(string)
    mode        = required
    change      = update
    length      = [1, 100]
    from        = { for parameter in item.rocketmq_configs : parameter.name => tostring(parameter.value) if self.settings == null ? tostring(parameter.value) != tostring(parameter.default_value) : contains(keys(self.settings), parameter.name) }
    description = "Values by parameter; the data source `dms_rocketmq_configs` lists the parameters. Only those named here are managed."
  }
  attribute "restart_required" {
    type        = bool
    mode        = computed
    follows     = [settings]
    description = "Whether the last change takes effect only when the brokers restart."
  }

  lookup "parameters" {
    call      = "GET /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/configs"
    operation = "ShowRocketMqConfigs"
    value = {
      current  = { for parameter in response.rocketmq_configs : parameter.name => tostring(parameter.value) }
      defaults = { for parameter in response.rocketmq_configs : parameter.name => tostring(parameter.default_value) }
      static   = [for parameter in response.rocketmq_configs : parameter.name if parameter.config_type == "static"]
      allowed  = { for parameter in response.rocketmq_configs : parameter.name => try(parameter.valid_values, "") }
      ranges   = { for parameter in response.rocketmq_configs : parameter.name => try(regex("^(-?[0-9]+)-(-?[0-9]+)$", parameter.valid_values), []) if parameter.value_type == "integer" }
      flags    = [for parameter in response.rocketmq_configs : parameter.name if parameter.value_type == "boolean"]
    }
    permission = ["dms:instance:get"]
  }

  read {
    step "parameters" {
      call       = "GET /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/configs"
      operation  = "ShowRocketMqConfigs"
      item       = response
      permission = ["dms:instance:get"]
    }
  }
  create {
    step "settings" {
      call       = "PUT /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/configs"
      operation  = "UpdateRocketMqConfigs"
      body       = { rocketmq_configs = [for name, value in self.settings : { name = name, value = value }] }
      set        = { restart_required = anytrue([for name, value in self.settings : contains(lookup.parameters.static, name) && try(lookup.parameters.current[name], null) != value]) }
      permission = ["dms:instance:modify"]
    }
  }
  update {
    step "settings" {
      on        = [settings]
      call      = "PUT /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/configs"
      operation = "UpdateRocketMqConfigs"
      body = {
        rocketmq_configs = concat(
          [for name, value in self.settings : { name = name, value = value } if try(prior.settings[name], null) != value],
          [for name in keys(prior.settings) : { name = name, value = lookup.parameters.defaults[name] } if !contains(keys(self.settings), name)],
        )
      }
      set        = { restart_required = anytrue([for name in setunion(keys(self.settings), keys(prior.settings)) : contains(lookup.parameters.static, name) && try(self.settings[name], lookup.parameters.defaults[name]) != try(prior.settings[name], null)]) }
      permission = ["dms:instance:modify"]
    }
  }
  delete {
    step "defaults" {
      call       = "PUT /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/configs"
      operation  = "UpdateRocketMqConfigs"
      body       = { rocketmq_configs = [for name in keys(self.settings) : { name = name, value = lookup.parameters.defaults[name] }] }
      permission = ["dms:instance:modify"]
    }
  }

  check "parameters" {
    that    = alltrue([for name in keys(self.settings) : contains(keys(lookup.parameters.defaults), name)])
    message = "the instance has no parameter ${join(", ", [for name in keys(self.settings) : "`${name}`" if !contains(keys(lookup.parameters.defaults), name)])} (DMS.00400063)"
    path    = settings
    hint    = "the data source `dms_rocketmq_configs` lists them"
  }
  check "ranges" {
    that    = alltrue([for name, value in self.settings : length(lookup.parameters.ranges[name]) == 2 ? try(tonumber(value) >= tonumber(lookup.parameters.ranges[name][0]) && tonumber(value) <= tonumber(lookup.parameters.ranges[name][1]), false) : true if contains(keys(lookup.parameters.ranges), name)])
    message = "a parameter is not within its range: ${join(", ", [for name, value in self.settings : "`${name}` is ${value}, not ${lookup.parameters.allowed[name]}" if length(try(lookup.parameters.ranges[name], [])) == 2 && !try(tonumber(value) >= tonumber(lookup.parameters.ranges[name][0]) && tonumber(value) <= tonumber(lookup.parameters.ranges[name][1]), false)])}"
    path    = settings
  }
  check "switches" {
    that    = alltrue([for name, value in self.settings : contains(["true", "false"], value) if contains(lookup.parameters.flags, name)])
    message = "these parameters are `true` or `false`: ${join(", ", [for name, value in self.settings : "`${name}`" if contains(lookup.parameters.flags, name) && !contains(["true", "false"], value)])}"
    path    = settings
  }
}
