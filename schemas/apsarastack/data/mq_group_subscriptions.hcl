data "apsarastack_mq_group_subscriptions" {
  version     = 1
  service     = mq
  description = "What the consumers of a group that are online have subscribed to."
  example     = <<-EOT
    data "apsarastack_mq_group_subscriptions" "billing" {
      instance_id = apsarastack_mq_instance.shop.id
      group_id    = "GID_billing"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The group."
  }
  attribute "online" {
    type        = bool
    mode        = computed
    description = "Whether consumers are online."
  }
  attribute "message_model" {
    type        = string
    mode        = computed
    description = "`CLUSTERING` or `BROADCASTING`; null while nobody is online."
  }
  attribute "subscriptions" {
    type        = list
    mode        = computed
    description = "The subscriptions."
    attribute "topic" {
      type        = string
      mode        = computed
      description = "The topic."
    }
    attribute "expression" {
      type        = string
      mode        = computed
      description = "What of it."
    }
  }

  read {
    step "subscriptions" {
      call      = "GET /json/group/subDetail"
      operation = "group/subDetail"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id }
      set       = { online = try(response.data.online, false), message_model = try(response.data.messagemodel, null), subscriptions = [for row in try(coalesce(response.data.subscriptiondatalist, []), []) : { topic = row.topic, expression = try(row.substring, null) }] }
    }
  }
}
