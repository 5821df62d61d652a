resource "dms_rocketmq_consumer_group" {
  version        = 1
  description    = "A consumer group of a DMS for RocketMQ instance."
  identity       = [instance_id, name]
  system_when    = startswith(self.name, "CID_RMQ_SYS_") || startswith(self.name, "%DLQ%") || startswith(self.name, "%RETRY%") || contains(["DEFAULT_CONSUMER", "TOOLS_CONSUMER", "FILTERSRV_CONSUMER", "__MONITOR_CONSUMER", "SELF_TEST_C_GROUP"], self.name)
  visible_within = "5s"
  loses          = "what the group has read of each topic, and its dead letters"
  impact         = "its consumers are refused"
  example        = <<-EOT
    resource "dms_rocketmq_consumer_group" "billing" {
      instance_id     = dms_rocketmq_instance.main.id
      name            = "billing-worker"
      retry_max_times = 16
    }
  EOT

  parent "dms_rocketmq_instance" {
    by           = instance_id
    deleted_with = true
  }
  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance and the name."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The instance."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[A-Za-z0-9%|_-]{3,64}"
    description = "The name: 3 to 64 letters, digits, `%`, `|`, `-` and `_`."
  }
  attribute "retry_max_times" {
    type        = number
    mode        = optional
    change      = update
    default     = 16
    between     = [1, 16]
    from        = item.retry_max_time
    description = "How often a message is tried again before it becomes a dead letter."
  }
  attribute "enabled" {
    type        = bool
    mode        = optional
    change      = update
    default     = true
    impact      = "its consumers stop receiving when it is switched off"
    description = "Whether the group may consume."
  }
  attribute "broadcast" {
    type        = bool
    mode        = optional
    change      = update
    default     = false
    description = "Whether every consumer receives every message."
  }
  attribute "consume_orderly" {
    type        = bool
    mode        = optional_computed
    change      = update
    description = "Whether messages are consumed in order. Only for engine version 5.x."
  }
  attribute "description" {
    type        = string
    mode        = optional
    change      = update
    default     = ""
    length      = [0, 200]
    from        = item.group_desc
    description = "A text of at most 200 characters."
  }
  attribute "brokers" {
    type        = set(string)
    mode        = optional_computed
    change      = replace
    description = "The brokers it lives on, all if left out. Only for engine version 4.8.0."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    from        = try(item.createdAt, item.created_at, self.created_at)
    description = "When it was created, in milliseconds since 1970."
  }
  attribute "permissions" {
    type        = list(string)
    mode        = computed
    description = "Permissions of the group, as the service lists them."
  }
  attribute "online" {
    type        = bool
    mode        = computed
    volatile    = true
    from        = item.group_online
    description = "Whether consumers of the group are online, where the service says so."
  }

  lookup "instance" {
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}"
    operation  = "ShowInstance"
    value      = response
    permission = ["dms:instance:get"]
  }
  lookup "room" {
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups"
    operation  = "ListInstanceConsumerGroups"
    query      = { limit = 1 }
    value      = { max = try(response.max, null), remaining = try(response.remaining, null) }
    tolerate   = [gone, unavailable]
    permission = ["dms:instance:get"]
  }
  lookup "flavors" {
    call       = "GET /v2/rocketmq/products"
    operation  = "ListEngineProducts"
    value      = { for product in response.products : product.product_id => product.properties }
    tolerate   = [gone, unavailable]
    permission = ["dms:instance:list"]
  }

  # What an instance has room for follows from its flavor: in all for 5.x, for each broker before.
  capacity "consumer groups" {
    scope = [instance_id]
    limit = try(max([for most in [try(lookup.room.max, null), try(tonumber(lookup.flavors[parent.flavor_id].max_consumer), null), try(tonumber(lookup.flavors[parent.flavor_id].max_consumer_per_broker) * coalesce(parent.broker_num, 1), null)] : most if most != null]...), null)
    used  = try(lookup.room.max - lookup.room.remaining, null)
    code  = "DMS.10240019"
    hint  = "a larger flavor or more brokers make room"
  }

  list {
    scope      = [instance_id]
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups"
    operation  = "ListInstanceConsumerGroups"
    pages      = offset
    items      = response.groups
    total      = response.total
    permission = ["dms:instance:get"]
  }
  read {
    step "group" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.name}"
      operation  = "ShowGroup"
      item       = response
      permission = ["dms:instance:get"]
    }
  }

  create {
    step "create" {
      call       = "POST /v2/${provider.project_id}/instances/${self.instance_id}/groups"
      operation  = "CreateConsumerGroup"
      body       = { name = self.name, enabled = self.enabled, broadcast = self.broadcast, retry_max_time = self.retry_max_times, group_desc = self.description, brokers = self.brokers, consume_orderly = self.consume_orderly }
      permission = ["dms:instance:modify"]
    }
  }
  update {
    # The call replaces the whole group: what is left out is emptied.
    step "group" {
      on         = [retry_max_times, enabled, broadcast, consume_orderly, description]
      call       = "PUT /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.name}"
      operation  = "UpdateConsumerGroup"
      body       = { name = self.name, enabled = self.enabled, broadcast = self.broadcast, retry_max_time = self.retry_max_times, group_desc = self.description, brokers = self.brokers, consume_orderly = self.consume_orderly }
      permission = ["dms:instance:modify"]
    }
  }
  delete {
    step "delete" {
      call       = "DELETE /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.name}"
      operation  = "DeleteConsumerGroup"
      permission = ["dms:instance:modify"]
    }
  }

  guard "unread messages" {
    kind = data
    on   = [delete, replace]
    # A group that has never read anything answers that the first page does not exist.
    step "topics" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.name}/topics"
      operation  = "ShowConsumerListOrDetails"
      pages      = offset
      items      = response.topics
      total      = response.total
      set        = { topics = items }
      tolerate   = [gone]
      permission = ["dms:instance:get"]
    }
    step "lag" {
      for_each   = observed.topics
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${self.name}/topics"
      operation  = "ShowConsumerListOrDetails"
      query      = { topic = each.value }
      set        = { lag = { (each.value) = response.lag }, last = { (each.value) = try(max(0, flatten([for broker in response.brokers : broker.queues[*].last_message_time])...), 0) } }
      permission = ["dms:instance:get"]
    }
    count   = sum(concat([0], values(observed.lag)))
    message = "${count} unread: ${join(", ", [for topic, lag in observed.lag : "${topic} ${lag}" if lag > 0])}"
    last_written = max(0, values(observed.last)...)
  }
  guard "dead letters" {
    kind = data
    on   = [delete, replace]
    # The topic is there only if there ever was a dead letter.
    step "dead letters" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${join("", ["%DLQ%", self.name])}/status"
      operation  = "ShowTopicStatus"
      set        = { dead = response.max_offset - response.min_offset }
      tolerate   = [gone]
      permission = ["dms:instance:get"]
    }
    count   = observed.dead == null ? 0 : observed.dead
    message = "${count} ${count == 1 ? "dead letter" : "dead letters"} in %DLQ%${self.name} would become unreachable"
  }
  guard "online consumers" {
    kind = impact
    on   = [delete, replace]
    step "clients" {
      call       = "GET /v2/rocketmq/${provider.project_id}/instances/${self.instance_id}/groups/${self.name}/clients"
      operation  = "ShowConsumerConnections"
      set        = { clients = response.total }
      tolerate   = [gone, unavailable]
      permission = ["dms:instance:get"]
    }
    count   = observed.clients == null ? 0 : observed.clients
    message = "${count} ${count == 1 ? "consumer is" : "consumers are"} online"
  }

  guard "consumers that stop" {
    kind = impact
    on   = [update]
    when = self.enabled && !planned.enabled
    step "clients" {
      call       = "GET /v2/rocketmq/${provider.project_id}/instances/${self.instance_id}/groups/${self.name}/clients"
      operation  = "ShowConsumerConnections"
      set        = { clients = response.total }
      tolerate   = [gone, unavailable]
      permission = ["dms:instance:get"]
    }
    count   = observed.clients == null ? 0 : observed.clients
    message = "${count} online ${count == 1 ? "consumer stops" : "consumers stop"} receiving"
  }

  check "reserved name" {
    that    = !startswith(self.name, "CID_RMQ_SYS_") && !startswith(self.name, "%DLQ%") && !startswith(self.name, "%RETRY%") && !contains(["DEFAULT_CONSUMER", "TOOLS_CONSUMER", "FILTERSRV_CONSUMER", "__MONITOR_CONSUMER", "SELF_TEST_C_GROUP"], self.name)
    message = "`${self.name}` is reserved for RocketMQ itself"
    path    = name
  }
  check "instance in service" {
    when    = prior == null
    that    = !contains(["CREATEFAILED", "ERROR", "EXTENDEDFAILED", "DELETING"], lookup.instance.status)
    message = "the instance is ${lookup.instance.status} and takes no changes (DMS.00400026)"
    path    = instance_id
    hint    = "look at the instance first"
  }
  check "brokers" {
    when    = prior == null && self.brokers != null
    that    = lookup.instance.engine_version != "5.x" && try(length(setsubtract(self.brokers, [for number in range(lookup.instance.broker_num) : "broker-${number}"])) == 0, true)
    message = lookup.instance.engine_version == "5.x" ? "`brokers` are for engine version 4.8.0" : "the instance has no ${try(join(", ", [for name in setsubtract(self.brokers, [for number in range(lookup.instance.broker_num) : "broker-${number}"]) : "`${name}`"]), "such broker")}"
    path    = brokers
    hint    = "the data source `dms_rocketmq_brokers` lists them"
  }
  check "5.x only" {
    when    = prior == null && self.consume_orderly != null
    that    = lookup.instance.engine_version == "5.x"
    message = "`consume_orderly` is for engine version 5.x"
    path    = consume_orderly
    hint    = "remove it"
  }

  # The page after the last one is an error here, and so is the first page of nothing.
  error {
    code  = ["DMS.40050010"]
    class = gone
  }
}
