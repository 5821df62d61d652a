data "apsarastack_mq_groups" {
  version     = 1
  service     = mq
  description = "The groups of an instance, whoever manages them."
  example     = <<-EOT
    data "apsarastack_mq_groups" "all" {
      instance_id = apsarastack_mq_instance.shop.id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "group_id" {
    type        = string
    mode        = optional
    description = "Only groups whose id contains this text."
  }
  attribute "group_ids" {
    type        = list(string)
    mode        = computed
    description = "Their ids."
  }
  attribute "groups" {
    type        = list
    mode        = computed
    description = "The groups."
    attribute "group_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "remark" {
      type        = string
      mode        = computed
      description = "The remark."
    }
    attribute "owner" {
      type        = string
      mode        = computed
      description = "The account that owns it."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was created, in milliseconds since 1970, where the platform returns it."
    }
  }

  read {
    step "groups" {
      call      = "GET /json/group/list"
      operation = "group/list"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id }
      set       = { groups = [for group in coalesce(response.data, []) : { group_id = group.groupid, remark = try(group.remark, null), owner = try(tostring(group.owner), null), created_at = try(group.createtime, null) }] }
    }
    step "ids" {
      set = { group_ids = self.groups[*].group_id }
    }
  }
}
