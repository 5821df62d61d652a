resource "apsaramq_mqtt_group" {
  version     = 1
  service     = mqtt
  description = "A group of clients of an ApsaraMQ for MQTT instance. The client ids of its devices begin with it: `GID_meters@@@device`."
  identity    = [instance_id, group_id]
  impact      = "its devices are cut off"
  notice      = "creating, listing and deleting groups counts as messages on the bill"
  example     = <<-EOT
    resource "apsaramq_mqtt_group" "meters" {
      instance_id = "mqtt-cn-demohangzhou"
      group_id    = "GID_meters"
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance and the group."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The instance. Instances are bought in the console."
  }
  attribute "region" {
    type        = string
    mode        = optional_computed
    change      = update
    from        = coalesce(self.region, provider.region)
    description = "The region of the instance; that of the provider if left out."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    change      = replace
    from        = item.GroupId
    pattern     = "GID[_-][A-Za-z0-9_-]{3,60}"
    description = "The group: 7 to 64 letters, digits, `-` and `_` that begin with `GID_` or `GID-`."
  }
  attribute "tags" {
    type        = map(string)
    mode        = optional
    change      = replace
    default     = {}
    length      = [0, 20]
    from        = { for tag in try(item.Tags, []) : tag.TagKey => try(tag.TagValue, "") }
    description = "Tags, which are given when the group is made."
  }
  attribute "created_at" {
    type        = number
    mode        = computed
    from        = item.CreateTime
    unit        = "ms"
    description = "When the group was made, in milliseconds since 1970."
  }

  list {
    scope      = [instance_id, region]
    call       = "POST /"
    operation  = "ListGroupId"
    region     = self.region
    query      = { InstanceId = self.instance_id }
    items      = response.Data
    permission = ["mq:ListGroupId"]
  }
  read {
    step "group" {
      call       = "POST /"
      operation  = "ListGroupId"
      region     = self.region
      query      = { InstanceId = self.instance_id }
      item       = concat([for group in coalesce(response.Data, []) : group if group.GroupId == self.group_id], [null])[0]
      permission = ["mq:ListGroupId"]
    }
  }
  create {
    step "region" {
      set = { region = coalesce(self.region, provider.region) }
    }
    step "create" {
      call       = "POST /"
      operation  = "CreateGroupId"
      region     = self.region
      query      = { InstanceId = self.instance_id, GroupId = self.group_id, Tags = length(self.tags) == 0 ? null : jsonencode([for key, value in self.tags : { key = key, value = value }]) }
      permission = ["mq:CreateGroupId"]
    }
  }
  update {
    # Where the instance is called, not what the group is.
    step "region" {
      on  = [region]
      set = { region = self.region }
    }
  }
  delete {
    step "delete" {
      call       = "POST /"
      operation  = "DeleteGroupId"
      region     = self.region
      query      = { InstanceId = self.instance_id, GroupId = self.group_id }
      permission = ["mq:DeleteGroupId"]
    }
  }

  # The API tells sessions by client id alone; those of devices with keys of their own are known.
  guard "connected devices" {
    kind = impact
    on   = [replace, delete]
    step "devices" {
      call       = "POST /"
      operation  = "ListDeviceCredentialClientId"
      region     = self.region
      query      = { InstanceId = self.instance_id, GroupId = self.group_id }
      pages      = numbered
      items      = response.DeviceCredentialClientIdList.ClientIdList
      set        = { clients = items }
      permission = ["mq:ListDeviceCredentialClientId"]
    }
    step "sessions" {
      for_each   = chunklist(observed.clients, 10)
      call       = "POST /"
      operation  = "BatchQuerySessionByClientIds"
      region     = self.region
      query      = { InstanceId = self.instance_id }
      query_map  = { for index, client in each.value : "ClientIdList.${index + 1}" => client }
      set        = { online = { for session in response.OnlineStatusList : session.ClientId => session.OnlineStatus } }
      permission = ["mq:BatchQuerySessionByClientIds"]
    }
    count   = length([for client, online in observed.online : client if online])
    message = "${count} of its ${length(observed.clients)} devices with keys are connected and lose their group; others cannot be observed"
  }

  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances` of the provider"
    path    = instance_id
    hint    = "check that this is the right environment"
  }
}
