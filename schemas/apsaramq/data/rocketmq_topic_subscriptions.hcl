data "apsaramq_rocketmq_topic_subscriptions" {
  version     = 1
  service     = rocketmq
  description = "The consumer groups that subscribe to a topic."
  example     = <<-EOT
    data "apsaramq_rocketmq_topic_subscriptions" "main" {
      instance_id = var.instance_id
      topic_name  = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "topic_name" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "subscriptions" {
    type        = list
    mode        = computed
    description = "The subscriptions."
    attribute "group_id" {
      type        = string
      mode        = computed
      description = "The consumer group."
    }
    attribute "filter_type" {
      type        = string
      mode        = computed
      description = "`TAG` or `SQL`."
    }
    attribute "filter" {
      type        = string
      mode        = computed
      description = "What it wants of the topic."
    }
    attribute "message_model" {
      type        = string
      mode        = computed
      description = "How messages are spread over consumers."
    }
    attribute "online" {
      type        = string
      mode        = computed
      description = "`ONLINE` if consumers are there, else `OFFLINE`."
    }
    attribute "consistent" {
      type        = string
      mode        = computed
      description = "Whether all its consumers want the same."
    }
  }

  read {
    step "subscriptions" {
      call       = "GET /instances/${self.instance_id}/topics/${self.topic_name}/subscriptions"
      operation  = "ListTopicSubscriptions"
      set        = { subscriptions = [for subscription in response.data : { group_id = try(subscription.consumerGroupId, null), filter_type = try(subscription.filterExpressionType, null), filter = try(subscription.filterExpression, null), message_model = try(subscription.messageModel, null), online = try(subscription.subscriptionStatus, null), consistent = try(subscription.consistency, null) }] }
      permission = ["rocketmq:ListTopicSubscriptions"]
    }
  }
}
