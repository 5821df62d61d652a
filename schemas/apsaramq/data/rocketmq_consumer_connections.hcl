data "apsaramq_rocketmq_consumer_connections" {
  version     = 1
  service     = rocketmq
  description = "The consumers of a group that are online."
  example     = <<-EOT
    data "apsaramq_rocketmq_consumer_connections" "main" {
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
    description = "Only those that read this topic."
  }
  attribute "connections" {
    type        = list
    mode        = computed
    description = "The consumers."
    attribute "client_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "hostname" {
      type        = string
      mode        = computed
      description = "The host."
    }
    attribute "egress_ip" {
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
    attribute "message_model" {
      type        = string
      mode        = computed
      description = "How messages are spread over consumers."
    }
  }

  read {
    step "connections" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/connections"
      operation  = "ListConsumerConnections"
      query      = { topicName = self.topic_name }
      set        = { connections = [for connection in response.data.connections : { client_id = try(connection.clientId, null), hostname = try(connection.hostname, null), egress_ip = try(connection.egressIp, null), language = try(connection.language, null), version = try(connection.version, null), message_model = try(connection.messageModel, null) }] }
      permission = ["rocketmq:ListConsumerConnections"]
    }
  }
}
