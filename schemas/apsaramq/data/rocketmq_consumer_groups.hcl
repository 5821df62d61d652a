data "apsaramq_rocketmq_consumer_groups" {
  version     = 1
  service     = rocketmq
  description = "The consumer groups of an instance, whoever manages them."
  example     = <<-EOT
    data "apsaramq_rocketmq_consumer_groups" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "filter" {
    type        = string
    mode        = optional
    description = "A part of the name."
  }
  attribute "names" {
    type        = list(string)
    mode        = computed
    description = "The names of the groups."
  }
  attribute "groups" {
    type        = list
    mode        = computed
    description = "The groups."
    attribute "group_id" {
      type        = string
      mode        = computed
      description = "The name."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "What the service says of it."
    }
    attribute "max_receive_tps" {
      type        = number
      mode        = computed
      description = "Most messages received in a second."
    }
    attribute "message_model" {
      type        = string
      mode        = computed
      description = "How messages are spread over consumers."
    }
    attribute "topic_name" {
      type        = string
      mode        = computed
      description = "The lite topic that it reads."
    }
    attribute "remark" {
      type        = string
      mode        = computed
      description = "A note."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was created."
    }
  }

  read {
    step "groups" {
      call       = "GET /instances/${self.instance_id}/consumerGroups"
      operation  = "ListConsumerGroups"
      query      = { filter = self.filter }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { names = [for group in items : group.consumerGroupId], groups = [for group in items : { group_id = try(group.consumerGroupId, null), status = try(group.status, null), max_receive_tps = try(group.maxReceiveTps, null), message_model = try(group.messageModel, null), topic_name = try(group.topicName, null), remark = try(group.remark, null), created_at = try(group.createTime, null) }] }
      permission = ["rocketmq:ListConsumerGroups"]
    }
  }
}
