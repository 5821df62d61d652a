data "apsaramq_rocketmq_disaster_recovery_items" {
  version     = 1
  service     = rocketmq
  description = "The items of a disaster recovery plan, whoever manages them."
  example     = <<-EOT
    data "apsaramq_rocketmq_disaster_recovery_items" "main" {
      plan_id = "1300000016"
    }
  EOT

  attribute "plan_id" {
    type        = string
    mode        = required
    description = "The plan."
  }
  attribute "topic_name" {
    type        = string
    mode        = optional
    description = "Only items with this topic."
  }
  attribute "filter" {
    type        = string
    mode        = optional
    description = "A part of the name of a topic."
  }
  attribute "items" {
    type        = list
    mode        = computed
    description = "The items."
    attribute "item_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "What the service says of it."
    }
    attribute "topic_names" {
      type        = list(string)
      mode        = computed
      description = "The topics."
    }
    attribute "instance_ids" {
      type        = list(string)
      mode        = computed
      description = "Their instances, in the same order."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was created."
    }
  }

  read {
    step "items" {
      call       = "GET /disaster_recovery/${self.plan_id}/items"
      operation  = "ListDisasterRecoveryItems"
      query      = { topicName = self.topic_name, filter = self.filter }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { items = [for found in items : { item_id = try(found.itemId, null), status = try(found.itemStatus, null), topic_names = try(found.topics[*].topicName, null), instance_ids = try(found.topics[*].instanceId, null), created_at = try(found.createTime, null) }] }
      permission = ["rocketmq:ListDisasterRecoveryItems"]
    }
  }
}
