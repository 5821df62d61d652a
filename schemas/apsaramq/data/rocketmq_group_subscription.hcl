data "apsaramq_rocketmq_group_subscription" {
  version     = 1
  service     = rocketmq
  description = "What a consumer group wants of a topic."
  example     = <<-EOT
    data "apsaramq_rocketmq_group_subscription" "main" {
      instance_id = var.instance_id
      group_id    = "billing"
      topic_name  = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The consumer group."
  }
  attribute "topic_name" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "filter_type" {
    type        = string
    mode        = computed
    description = "`TAG` or `SQL`."
  }
  attribute "filter" {
    type        = string
    mode        = computed
    description = "The filter."
  }
  attribute "status" {
    type        = string
    mode        = computed
    description = "`ONLINE` or `OFFLINE`."
  }
  attribute "client_ids" {
    type        = list(string)
    mode        = computed
    description = "The consumers that are online."
  }

  read {
    step "subscription" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/subscriptions/${self.topic_name}"
      operation  = "GetConsumerGroupSubscription"
      set        = { filter_type = response.data[0].subscriptionDTO.filterExpressionType, filter = response.data[0].subscriptionDTO.filterExpression, status = response.data[0].subscriptionDTO.subscriptionStatus, client_ids = [for row in response.data : row.connectionDTO.clientId if try(row.connectionDTO.clientId, null) != null] }
      permission = ["rocketmq:GetConsumerGroupSubscription"]
    }
  }
}
