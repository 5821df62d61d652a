data "apsaramq_mqtt_tags" {
  version     = 1
  service     = mqtt
  description = "Tags of instances or groups."
  example     = <<-EOT
    data "apsaramq_mqtt_tags" "production" {
      tags = { stage = "production" }
    }
  EOT

  attribute "region" {
    type        = string
    mode        = optional
    description = "The region that is asked; that of the provider if left out."
  }
  attribute "resource_type" {
    type        = string
    mode        = optional
    default     = "INSTANCE"
    description = "What is meant; the API's words are not documented."
  }
  attribute "resource_ids" {
    type        = list(string)
    mode        = optional
    length      = [1, 50]
    description = "Only these."
  }
  attribute "tags" {
    type        = map(string)
    mode        = optional
    description = "Only what has these tags."
  }
  attribute "resources" {
    type        = map(map(string))
    mode        = computed
    description = "The tags by id."
  }

  read {
    step "tags" {
      call       = "POST /"
      operation  = "ListTagResources"
      region     = self.region
      query      = { ResourceType = self.resource_type }
      query_map  = merge({ for index, id in coalesce(self.resource_ids, []) : "ResourceId.${index + 1}" => id }, [for index, key in keys(coalesce(self.tags, {})) : { "Tag.${index + 1}.Key" = key, "Tag.${index + 1}.Value" = self.tags[key] }]...)
      pages      = tag_rows
      items      = try(response.TagResources, [])
      set        = { resources = { for id in toset([for row in items : row.ResourceId]) : id => { for row in items : row.TagKey => try(row.TagValue, "") if row.ResourceId == id } } }
      permission = ["mq:ListTagResources"]
    }
  }
}
