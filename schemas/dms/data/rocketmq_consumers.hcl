data "dms_rocketmq_consumers" {
  version     = 1
  description = "The consumers of a group that are online. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_consumers" "billing" {
      instance_id = var.instance_id
      group       = "billing"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "group" {
    type        = string
    mode        = required
    description = "The consumer group."
  }
  attribute "online" {
    type        = bool
    mode        = computed
    description = "Whether any consumer is online."
  }
  attribute "subscription_consistency" {
    type        = bool
    mode        = computed
    description = "Whether all consumers read the same topics."
  }
  attribute "client_ids" {
    type        = list(string)
    mode        = computed
    description = "The ids of the consumers."
  }
  attribute "clients" {
    type        = list
    mode        = computed
    description = "The consumers."
    attribute "client_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "client_addr" {
      type        = string
      mode        = computed
      description = "The address."
    }
    attribute "language" {
      type        = string
      mode        = computed
      description = "The language of the client."
    }
    attribute "version" {
      type        = string
      mode        = computed
      description = "The version of the client."
    }
    attribute "consume_type" {
      type        = string
      mode        = computed
      description = "Whether it pulls (`CONSUME_ACTIVELY`) or is pushed to (`CONSUME_PASSIVELY`)."
    }
    attribute "subscriptions" {
      type        = list(object({ topic = string, type = string, expression = string }))
      mode        = computed
      description = "What it reads: topic, kind of filter, filter."
    }
  }

  read {
    step "clients" {
      call      = "GET /v2/rocketmq/${provider.project_id}/instances/${self.instance_id}/groups/${self.group}/clients"
      operation = "ShowConsumerConnections"
      query     = { is_detail = true }
      pages     = offset
      items     = response.clients
      total     = response.total
      set = {
        online                   = response.online
        subscription_consistency = try(response.subscription_consistency, null)
        client_ids               = items[*].client_id
        clients                  = [for client in items : { client_id = client.client_id, client_addr = try(client.client_addr, null), language = try(client.language, null), version = try(client.version, null), consume_type = try(client.consume_type, null), subscriptions = [for subscription in coalesce(try(client.subscriptions, null), []) : { topic = subscription.topic, type = try(subscription.type, null), expression = try(subscription.expression, null) }] }]
      }
      permission = ["dms:instance:get"]
    }
  }
}
