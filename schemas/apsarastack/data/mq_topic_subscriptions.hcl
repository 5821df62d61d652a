data "apsarastack_mq_topic_subscriptions" {
  version     = 1
  service     = mq
  description = "The groups with consumers online that have subscribed to a topic."
  example     = <<-EOT
    data "apsarastack_mq_topic_subscriptions" "orders" {
      instance_id = apsarastack_mq_instance.shop.id
      topic       = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "topic" {
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
      description = "The group."
    }
    attribute "expression" {
      type        = string
      mode        = computed
      description = "What it has subscribed to."
    }
    attribute "message_model" {
      type        = string
      mode        = computed
      description = "`CLUSTERING` or `BROADCASTING`."
    }
  }

  read {
    step "subscriptions" {
      call      = "GET /json/topic/subDetail"
      operation = "topic/subDetail"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.topic }
      set       = { subscriptions = [for row in try(coalesce(response.data.subscriptiondatalist, []), []) : { group_id = row.groupid, expression = try(row.substring, null), message_model = try(row.messagemodel, null) }] }
    }
  }
}
