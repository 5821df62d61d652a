action "apsaramq_rocketmq_delete_subscription" {
  version     = 1
  service     = rocketmq
  description = "Removes what the service remembers of a consumer group that reads a topic no more: its filter and how far it has read. It is refused while consumers are online."
  loses       = "how far the group has read the topic"
  example     = <<-EOT
    action "apsaramq_rocketmq_delete_subscription" "run" {
      config {
        instance_id = "rmq-cn-7e22ody0001"
        group_id    = "billing"
        topic_name  = "orders"
      }
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
    mode        = optional
    one_of      = ["TAG", "SQL"]
    description = "The kind of the filter: `TAG` or `SQL`."
  }
  attribute "filter_expression" {
    type        = string
    mode        = optional
    description = "The filter."
  }

  run {
    step "delete" {
      call       = "DELETE /instances/${self.instance_id}/consumerGroups/${self.group_id}/subscriptions"
      operation  = "DeleteConsumerGroupSubscription"
      query      = { topicName = self.topic_name, filterType = self.filter_type, filterExpression = self.filter_expression }
      permission = ["rocketmq:DeleteConsumerGroupSubscription"]
    }
  }

  guard "unread messages" {
    kind = data
    step "lag" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/lag"
      operation  = "GetConsumerGroupLag"
      query      = { topicName = self.topic_name }
      set        = { total = response.data.totalLag.readyCount + response.data.totalLag.inflightCount }
      permission = ["rocketmq:GetConsumerGroupLag"]
    }
    count   = observed.total
    message = "${count} unread ${count == 1 ? "message" : "messages"} would not be delivered to the group"
  }
}
