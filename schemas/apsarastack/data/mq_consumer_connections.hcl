data "apsarastack_mq_consumer_connections" {
  version     = 1
  service     = mq
  description = "The consumers of a group that are connected; none if nobody is online."
  example     = <<-EOT
    data "apsarastack_mq_consumer_connections" "billing" {
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
  attribute "connections" {
    type        = list
    mode        = computed
    description = "The connections."
    attribute "client_id" {
      type        = string
      mode        = computed
      description = "The id of the client."
    }
    attribute "address" {
      type        = string
      mode        = computed
      description = "Where it connects from."
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
    attribute "remote_ip" {
      type        = string
      mode        = computed
      description = "The address without port."
    }
  }

  read {
    step "online" {
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id }
      set       = { online = response.data.online, connections = [] }
    }
    step "connections" {
      when      = self.online
      call      = "GET /json/consumer/getConnection"
      operation = "consumer/getConnection"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id }
      set       = { connections = [for row in coalesce(response.data, []) : { client_id = row.clientid, address = try(row.clientaddr, null), language = try(row.language, null), version = try(row.version, null), remote_ip = try(row.remoteip, null) }] }
    }
  }
}
