data "apsaramq_rocketmq_instances" {
  version     = 1
  service     = rocketmq
  description = "The instances of the region, whoever manages them. Released ones are left out."
  example     = <<-EOT
    data "apsaramq_rocketmq_instances" "main" {
      filter = "orders"
    }
  EOT

  attribute "filter" {
    type        = string
    mode        = optional
    description = "A part of the id or name."
  }
  attribute "resource_group_id" {
    type        = string
    mode        = optional
    description = "Only instances of this resource group."
  }
  attribute "series" {
    type        = list(string)
    mode        = optional
    description = "Only instances of these series."
  }
  attribute "tags" {
    type        = map(string)
    mode        = optional
    description = "Only instances with these tags."
  }
  attribute "instances" {
    type        = list
    mode        = computed
    description = "The instances."
    attribute "instance_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "What the service says of it."
    }
    attribute "series" {
      type        = string
      mode        = computed
      description = "The series."
    }
    attribute "sub_series" {
      type        = string
      mode        = computed
      description = "The kind of deployment."
    }
    attribute "payment_type" {
      type        = string
      mode        = computed
      description = "How it is paid for."
    }
    attribute "region_id" {
      type        = string
      mode        = computed
      description = "The region."
    }
    attribute "account_id" {
      type        = string
      mode        = computed
      description = "The account that owns it."
    }
    attribute "resource_group_id" {
      type        = string
      mode        = computed
      description = "The resource group."
    }
    attribute "topic_count" {
      type        = number
      mode        = computed
      description = "How many topics it has."
    }
    attribute "group_count" {
      type        = number
      mode        = computed
      description = "How many consumer groups it has."
    }
    attribute "create_time" {
      type        = string
      mode        = computed
      description = "When it was created."
    }
    attribute "expire_time" {
      type        = string
      mode        = computed
      description = "When a subscription ends."
    }
    attribute "remark" {
      type        = string
      mode        = computed
      description = "A note."
    }
  }

  read {
    step "instances" {
      call       = "GET /instances"
      operation  = "ListInstances"
      query      = { filter = self.filter, resourceGroupId = self.resource_group_id, seriesCodes = self.series == null ? null : join(",", self.series), tags = self.tags == null ? null : jsonencode([for key, value in self.tags : { key = key, value = value }]) }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { instances = [for instance in [for found in items : found if found.status != "RELEASED"] : { instance_id = try(instance.instanceId, null), name = try(instance.instanceName, null), status = try(instance.status, null), series = try(instance.seriesCode, null), sub_series = try(instance.subSeriesCode, null), payment_type = try(instance.paymentType, null), region_id = try(instance.regionId, null), account_id = try(instance.userId, null), resource_group_id = try(instance.resourceGroupId, null), topic_count = try(instance.topicCount, null), group_count = try(instance.groupCount, null), create_time = try(instance.createTime, null), expire_time = try(instance.expireTime, null), remark = try(instance.remark, null) }] }
      permission = ["rocketmq:ListInstances"]
    }
  }
}
