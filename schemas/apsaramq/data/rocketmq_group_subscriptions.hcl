data "apsaramq_rocketmq_group_subscriptions" {
  version     = 1
  service     = rocketmq
  description = "The topics that a consumer group subscribes to."
  example     = <<-EOT
    data "apsaramq_rocketmq_group_subscriptions" "main" {
      instance_id = var.instance_id
      group_id    = "billing"
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
    mode        = optional
    description = "Only this topic."
  }
  attribute "subscriptions" {
    type        = list
    mode        = computed
    description = "The subscriptions."
    attribute "topic_name" {
      type        = string
      mode        = computed
      description = "The topic."
    }
    attribute "topic_created" {
      type        = bool
      mode        = computed
      description = "Whether the topic exists."
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
    attribute "online" {
      type        = string
      mode        = computed
      description = "`ONLINE` if consumers are there, else `OFFLINE`."
    }
    attribute "consistent" {
      type        = bool
      mode        = computed
      description = "Whether all its consumers want the same."
    }
  }

  read {
    step "subscriptions" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/subscriptions"
      operation  = "ListConsumerGroupSubscriptions"
      query      = { topicName = self.topic_name }
      set        = { subscriptions = [for subscription in response.data : { topic_name = try(subscription.topicName, null), topic_created = try(subscription.topicCreated, null), filter_type = try(subscription.filterExpressionType, null), filter = try(subscription.filterExpression, null), online = try(subscription.subscriptionStatus, null), consistent = try(subscription.consistency, null) }] }
      permission = ["rocketmq:ListConsumerGroupSubscriptions"]
    }
  }
}
