data "apsaramq_mqtt_groups" {
  version     = 1
  service     = mqtt
  description = "The groups of an instance, whoever manages them."
  example     = <<-EOT
    data "apsaramq_mqtt_groups" "all" {
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
  attribute "tags" {
    type        = map(string)
    mode        = optional
    description = "Only groups with these tags."
  }
  attribute "group_ids" {
    type        = list(string)
    mode        = computed
    description = "The groups."
  }
  attribute "groups" {
    type        = list
    mode        = computed
    description = "The groups with what is known of them."
    attribute "group_id" {
      type        = string
      mode        = computed
      description = "The group."
    }
    attribute "created_at" {
      type        = number
      mode        = computed
      description = "When it was made, in milliseconds since 1970."
    }
    attribute "updated_at" {
      type        = number
      mode        = computed
      description = "When it was changed, in milliseconds since 1970."
    }
    attribute "tags" {
      type        = map(string)
      mode        = computed
      description = "The tags."
    }
  }

  read {
    step "groups" {
      call       = "POST /"
      operation  = "ListGroupId"
      region     = self.region
      query      = { InstanceId = self.instance_id, Tags = self.tags == null ? null : jsonencode([for key, value in self.tags : { key = key, value = value }]) }
      set        = { group_ids = [for one in response.Data : one.GroupId], groups = [for one in response.Data : { group_id = one.GroupId, created_at = try(one.CreateTime, null), updated_at = try(one.UpdateTime, null), tags = { for tag in try(one.Tags, []) : tag.TagKey => try(tag.TagValue, "") } }] }
      permission = ["mq:ListGroupId"]
    }
  }
}
