resource "apsaramq_mqtt_instance_tags" {
  version       = 1
  service       = mqtt
  description   = "The tags of an instance, one block for each instance: tags that it does not name are removed. The API's word for the kind of resource is not documented; `resource_type` says it."
  identity      = [instance_id]
  always_exists = true
  example       = <<-EOT
    resource "apsaramq_mqtt_instance_tags" "hangzhou" {
      instance_id = "mqtt-cn-demohangzhou"
      tags        = { team = "meters", stage = "production" }
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = exclusive
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
  attribute "region" {
    type        = string
    mode        = optional_computed
    change      = update
    from        = coalesce(self.region, provider.region)
    description = "The region of the instance; that of the provider if left out."
  }
  attribute "resource_type" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    default     = "INSTANCE"
    description = "What the API calls an instance where tags are concerned."
  }
  attribute "tags" {
    type        = map(string)
    mode        = required
    change      = update
    length      = [0, 20]
    from        = item.tags
    description = "The tags."
  }

  read {
    step "tags" {
      call       = "POST /"
      operation  = "ListTagResources"
      region     = self.region
      query      = { ResourceType = coalesce(self.resource_type, "INSTANCE") }
      query_map  = { "ResourceId.1" = self.instance_id }
      pages      = tag_rows
      items      = try(response.TagResources, [])
      item       = { tags = { for row in items : row.TagKey => try(row.TagValue, "") } }
      permission = ["mq:ListTagResources"]
    }
  }
  create {
    step "region" {
      set = { region = coalesce(self.region, provider.region) }
    }
    step "add" {
      when       = length(self.tags) > 0
      call       = "POST /"
      operation  = "TagResources"
      region     = self.region
      query      = { ResourceType = self.resource_type }
      query_map  = merge({ "ResourceId.1" = self.instance_id }, [for index, key in keys(self.tags) : { "Tag.${index + 1}.Key" = key, "Tag.${index + 1}.Value" = self.tags[key] }]...)
      idempotent = true
      permission = ["mq:TagResources"]
    }
  }
  update {
    step "settings" {
      on  = [region, resource_type]
      set = { region = self.region, resource_type = self.resource_type }
    }
    step "remove" {
      on         = [tags]
      when       = length(setsubtract(keys(prior.tags), keys(self.tags))) > 0
      call       = "POST /"
      operation  = "UntagResources"
      region     = self.region
      query      = { ResourceType = self.resource_type }
      query_map  = merge({ "ResourceId.1" = self.instance_id }, { for index, key in tolist(setsubtract(keys(prior.tags), keys(self.tags))) : "TagKey.${index + 1}" => key })
      idempotent = true
      permission = ["mq:UntagResources"]
    }
    step "add" {
      on         = [tags]
      when       = length([for key, value in self.tags : key if try(prior.tags[key], null) != value]) > 0
      call       = "POST /"
      operation  = "TagResources"
      region     = self.region
      query      = { ResourceType = self.resource_type }
      query_map  = merge({ "ResourceId.1" = self.instance_id }, [for index, key in [for key, value in self.tags : key if try(prior.tags[key], null) != value] : { "Tag.${index + 1}.Key" = key, "Tag.${index + 1}.Value" = self.tags[key] }]...)
      idempotent = true
      permission = ["mq:TagResources"]
    }
  }
  delete {
    step "remove" {
      when       = length(self.tags) > 0
      call       = "POST /"
      operation  = "UntagResources"
      region     = self.region
      query      = { ResourceType = self.resource_type }
      query_map  = merge({ "ResourceId.1" = self.instance_id }, { for index, key in keys(self.tags) : "TagKey.${index + 1}" => key })
      idempotent = true
      permission = ["mq:UntagResources"]
    }
  }

  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances` of the provider"
    path    = instance_id
    hint    = "check that this is the right environment"
  }
}
