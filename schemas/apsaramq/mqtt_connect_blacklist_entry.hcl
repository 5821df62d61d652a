resource "apsaramq_mqtt_connect_blacklist_entry" {
  version     = 1
  service     = mqtt
  description = "A device that may not connect to an instance. If it is connected, it stays so until it connects again."
  identity    = [instance_id, client_id]
  notice      = "the device is refused when it connects again"
  example     = <<-EOT
    resource "apsaramq_mqtt_connect_blacklist_entry" "stolen" {
      instance_id = "mqtt-cn-demohangzhou"
      client_id   = "GID_meters@@@stolen"
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance and the device."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The instance."
  }
  attribute "region" {
    type        = string
    mode        = optional_computed
    change      = update
    from        = coalesce(self.region, provider.region)
    description = "The region of the instance; that of the provider if left out."
  }
  attribute "client_id" {
    type        = string
    mode        = required
    change      = replace
    from        = item.ClientId
    length      = [1, 64]
    description = "The device, such as `GID_meters@@@0815`."
  }

  list {
    scope      = [instance_id, region]
    call       = "GET /"
    operation  = "QueryCustomAuthConnectBlack"
    region     = self.region
    query      = { InstanceId = self.instance_id }
    pages      = records
    items      = response.Data.Results
    permission = ["mq:QueryCustomAuthConnectBlack"]
  }
  read {
    step "entry" {
      call       = "GET /"
      operation  = "QueryCustomAuthConnectBlack"
      region     = self.region
      query      = { InstanceId = self.instance_id, ClientId = self.client_id, Size = 100 }
      item       = concat([for one in coalesce(response.Data.Results, []) : one if one.ClientId == self.client_id], [null])[0]
      permission = ["mq:QueryCustomAuthConnectBlack"]
    }
  }
  create {
    step "region" {
      set = { region = coalesce(self.region, provider.region) }
    }
    step "create" {
      call       = "POST /"
      operation  = "AddCustomAuthConnectBlack"
      region     = self.region
      form       = { InstanceId = self.instance_id, ClientId = self.client_id }
      permission = ["mq:AddCustomAuthConnectBlack"]
    }
  }
  update {
    step "region" {
      on  = [region]
      set = { region = self.region }
    }
  }
  delete {
    step "delete" {
      call       = "POST /"
      operation  = "DeleteCustomAuthConnectBlack"
      region     = self.region
      form       = { InstanceId = self.instance_id, ClientId = self.client_id }
      permission = ["mq:DeleteCustomAuthConnectBlack"]
    }
  }

  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances` of the provider"
    path    = instance_id
    hint    = "check that this is the right environment"
  }
}
