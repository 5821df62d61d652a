data "apsaramq_rocketmq_tags" {
  version     = 1
  service     = rocketmq
  description = "The tags of instances."
  example     = <<-EOT
    data "apsaramq_rocketmq_tags" "main" {
      instance_ids = [var.instance_id]
    }
  EOT

  attribute "instance_ids" {
    type        = list(string)
    mode        = optional
    description = "The instances; all of the region if left out."
  }
  attribute "tags" {
    type        = list
    mode        = computed
    description = "The tags."
    attribute "instance_id" {
      type        = string
      mode        = computed
      description = "The instance."
    }
    attribute "key" {
      type        = string
      mode        = computed
      description = "The key."
    }
    attribute "value" {
      type        = string
      mode        = computed
      description = "The value."
    }
  }

  read {
    step "tags" {
      call       = "GET /resourceTag/list"
      operation  = "ListTagResources"
      query      = { regionId = provider.region, resourceType = "instance", resourceId = self.instance_ids == null ? null : jsonencode(self.instance_ids) }
      set        = { tags = [for tag in response.data.tagResources : { instance_id = tag.resourceId, key = tag.tagKey, value = tag.tagValue }] }
      permission = ["rocketmq:ListTagResources"]
    }
  }
}
