resource "dms_rocketmq_topic" {
  version        = 1
  description    = "A topic of a DMS for RocketMQ instance."
  identity       = [instance_id, name]
  system_when    = startswith(self.name, "rmq_sys_") || startswith(self.name, "%DLQ%") || startswith(self.name, "%RETRY%") || contains(["TBW102", "BenchmarkTest", "SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRANS_HALF_TOPIC", "SELF_TEST_TOPIC", "OFFSET_MOVED_EVENT", "RMQ_SYS_TRACE_TOPIC", "RMQ_SYS_TRANS_OP_HALF_TOPIC", "TRANS_CHECK_MAX_TIME_TOPIC"], self.name)
  visible_within = "5s"
  loses          = "the topic with its messages"
  impact         = "its publishers and consumers are refused"
  example        = <<-EOT
    resource "dms_rocketmq_topic" "orders" {
      instance_id     = dms_rocketmq_instance.main.id
      name            = "orders-created"
      read_queue_num  = 16
      write_queue_num = 16
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
  attribute "brokers" {
    type        = set(string)
    mode        = optional_computed
    change      = replace
    from        = item.brokers[*].broker_name
    description = "The brokers that hold its queues, all if left out. Only for engine version 4.8.0."
  }
  attribute "queue_num" {
    type        = number
    mode        = optional_computed
    change      = update
    between     = [1, 500]
    readback    = never
    description = "Queues in all, for reading and writing, up to 50 per broker. Later read back as `read_queue_num` and `write_queue_num`, which also change each side alone. Only for engine version 4.8.0."
  }
  attribute "queues" {
    type        = list
    mode        = optional_computed
    change      = replace
    readback    = never
    description = "Queues of each broker, instead of `brokers` and `queue_num`. Only for engine version 4.8.0."
    attribute "broker" {
      type        = string
      mode        = required
      description = "The broker, such as `broker-0`."
    }
    attribute "queue_num" {
      type        = number
      mode        = required
      between     = [1, 50]
      description = "Its queues."
    }
  }
  attribute "permission" {
    type        = string
    mode        = optional_computed
    change      = update
    one_of      = ["all", "pub", "sub"]
    impact      = "publishers or consumers are refused while it is not `all`"
    description = "What clients may do, `all` if left out. Only for engine version 4.8.0."
  }
  attribute "message_type" {
    type        = string
    mode        = optional_computed
    change      = replace
    one_of      = ["NORMAL", "FIFO", "DELAY", "TRANSACTION"]
    description = "The kind of messages. Only for engine version 5.x."
  }
  attribute "read_queue_num" {
    type        = number
    mode        = optional_computed
    change      = update
    between     = [1, 500]
    from        = item.total_read_queue_num
    follows     = [queue_num]
    description = "Queues that can be read, in all. Fewer take effect when the queues that go are drained: what still holds messages then is left to a later run, or waited for with `--wait-drain`. Only for engine version 4.8.0."
  }
  attribute "write_queue_num" {
    type        = number
    mode        = optional_computed
    change      = update
    between     = [1, 500]
    from        = item.total_write_queue_num
    follows     = [queue_num]
    description = "Queues that can be written, in all. Only for engine version 4.8.0."
  }
  attribute "broker_queues" {
    type        = list
    mode        = computed
    from        = [for broker in item.brokers : { broker_name = broker.broker_name, read_queue_num = broker.read_queue_num, write_queue_num = broker.write_queue_num }]
    follows     = [queue_num, read_queue_num, write_queue_num]
    description = "The queues of each broker."
    attribute "broker_name" {
      type = string
      mode = computed
    }
    attribute "read_queue_num" {
      type = number
      mode = computed
    }
    attribute "write_queue_num" {
      type = number
      mode = computed
    }
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    description = "When it was created, in milliseconds since 1970, where the service says so."
  }

  lookup "instance" {
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}"
    operation  = "ShowInstance"
    value      = response
    permission = ["dms:instance:get"]
  }
  lookup "room" {
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics"
    operation  = "ListRocketInstanceTopics"
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
  capacity "topics" {
    scope = [instance_id]
    limit = try(max([for most in [try(lookup.room.max, null), try(tonumber(lookup.flavors[parent.flavor_id].max_topic), null), try(tonumber(lookup.flavors[parent.flavor_id].max_topic_per_broker) * coalesce(parent.broker_num, 1), null)] : most if most != null]...), null)
    used  = try(lookup.room.max - lookup.room.remaining, null)
    code  = "DMS.00400039"
    hint  = "a larger flavor or more brokers make room"
  }

  list {
    scope      = [instance_id]
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics"
    operation  = "ListRocketInstanceTopics"
    pages      = offset
    items      = response.topics
    total      = response.total
    permission = ["dms:instance:get"]
  }
  read {
    step "topic" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}"
      operation  = "ShowOneTopic"
      item       = response
      permission = ["dms:instance:get"]
    }
  }

  create {
    # The same number on both sides is given at once.
    step "create" {
      call       = "POST /v2/${provider.project_id}/instances/${self.instance_id}/topics"
      operation  = "CreateTopic"
      body       = { name = self.name, brokers = self.brokers, queue_num = self.queue_num != null ? self.queue_num : self.queues == null && self.read_queue_num == self.write_queue_num ? self.read_queue_num : null, queues = self.queues, permission = self.permission, message_type = self.message_type }
      permission = ["dms:instance:modify"]
    }
    step "queues" {
      when       = (self.read_queue_num != null && self.read_queue_num != (self.queue_num != null ? self.queue_num : self.queues == null ? self.write_queue_num : null)) || (self.write_queue_num != null && self.write_queue_num != (self.queue_num != null ? self.queue_num : self.queues == null ? self.read_queue_num : null))
      call       = "PUT /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}"
      operation  = "UpdateTopic"
      body       = { read_queue_num = self.read_queue_num, write_queue_num = self.write_queue_num }
      permission = ["dms:instance:modify"]
    }
  }
  update {
    # Readers grow together with publishers, but shrink after them.
    step "settings" {
      on        = [permission, write_queue_num, read_queue_num, queue_num]
      call      = "PUT /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}"
      operation = "UpdateTopic"
      body = only_changed({
        permission      = self.permission
        write_queue_num = self.write_queue_num != null ? self.write_queue_num : self.queue_num
        read_queue_num  = try(max(self.read_queue_num != null ? self.read_queue_num : self.queue_num, prior.read_queue_num), null)
      })
      permission = ["dms:instance:modify"]
    }
    step "fewer readers" {
      on         = [read_queue_num, queue_num]
      when       = try((self.read_queue_num != null ? self.read_queue_num : self.queue_num) < prior.read_queue_num, false)
      call       = "PUT /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}"
      operation  = "UpdateTopic"
      body       = { read_queue_num = self.read_queue_num != null ? self.read_queue_num : self.queue_num }
      permission = ["dms:instance:modify"]
    }
  }
  delete {
    step "delete" {
      call       = "DELETE /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}"
      operation  = "DeleteTopic"
      permission = ["dms:instance:modify"]
    }
  }

  # Queues are numbered from 0 on each broker; those at the end go.
  guard "every group has read the queues that go" {
    kind  = wait
    on    = [update]
    holds = ["fewer readers"]
    when  = try((planned.read_queue_num != null ? planned.read_queue_num : planned.queue_num) < self.read_queue_num, false)
    step "groups" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}/groups"
      operation  = "ListConsumerGroupOfTopic"
      pages      = offset
      items      = response.groups
      set        = { groups = items }
      permission = ["dms:instance:get"]
    }
    step "lag" {
      for_each   = observed.groups
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${each.value}/topics"
      operation  = "ShowConsumerListOrDetails"
      query      = { topic = self.name }
      set        = { brokers = { (each.value) = flatten([response.brokers]) } }
      permission = ["dms:instance:get"]
    }
    count   = sum(concat([0], flatten([for group, brokers in observed.brokers : [for broker in brokers : [for queue in broker.queues : queue.lag if queue.id >= floor((planned.read_queue_num != null ? planned.read_queue_num : planned.queue_num) / length(self.brokers))]]])))
    message = "${count} unread by ${join(", ", [for group, brokers in observed.brokers : group if sum(concat([0], flatten([for broker in brokers : [for queue in broker.queues : queue.lag if queue.id >= floor((planned.read_queue_num != null ? planned.read_queue_num : planned.queue_num) / length(self.brokers))]]))) > 0])}"
  }
  guard "queues that nobody reads" {
    kind    = data
    on      = [update]
    when    = try(planned.read_queue_num < planned.write_queue_num && (planned.read_queue_num != self.read_queue_num || planned.write_queue_num != self.write_queue_num), false)
    count   = planned.write_queue_num - planned.read_queue_num
    message = "messages in ${count} ${count == 1 ? "queue" : "queues"} would not be read: `read_queue_num` is less than `write_queue_num`"
  }

  guard "unread messages" {
    kind = data
    on   = [delete, replace]
    step "groups" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}/groups"
      operation  = "ListConsumerGroupOfTopic"
      pages      = offset
      items      = response.groups
      set        = { groups = items }
      permission = ["dms:instance:get"]
    }
    step "lag" {
      for_each   = observed.groups
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups/${each.value}/topics"
      operation  = "ShowConsumerListOrDetails"
      query      = { topic = self.name }
      set        = { lag = { (each.value) = response.lag }, last = { (each.value) = try(max(0, flatten([for broker in response.brokers : broker.queues[*].last_message_time])...), 0) } }
      permission = ["dms:instance:get"]
    }
    count   = sum(concat([0], values(observed.lag)))
    message = "${count} unread: ${join(", ", [for group, lag in observed.lag : "${group} ${lag}" if lag > 0])}"
    last_written = max(0, values(observed.last)...)
  }
  guard "online consumers" {
    kind = impact
    on   = [delete, replace]
    step "groups" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}/groups"
      operation  = "ListConsumerGroupOfTopic"
      pages      = offset
      items      = response.groups
      set        = { groups = items }
      permission = ["dms:instance:get"]
    }
    step "clients" {
      for_each   = observed.groups
      call       = "GET /v2/rocketmq/${provider.project_id}/instances/${self.instance_id}/groups/${each.value}/clients"
      operation  = "ShowConsumerConnections"
      set        = { clients = { (each.value) = response.total } }
      tolerate   = [gone, unavailable]
      permission = ["dms:instance:get"]
    }
    count   = sum(concat([0], values(observed.clients)))
    message = "${count} ${count == 1 ? "consumer is" : "consumers are"} online: ${join(", ", [for group, clients in observed.clients : "${group} ${clients}" if clients > 0])}"
  }
  guard "stored messages" {
    kind = impact
    on   = [delete, replace]
    step "status" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}/status"
      operation  = "ShowTopicStatus"
      set        = { stored = response.max_offset - response.min_offset, last = max(concat([0], flatten([for broker in flatten([response.brokers]) : [for queue in broker.queues : try(tonumber(queue.last_message_time), 0)]]))...) }
      permission = ["dms:instance:get"]
    }
    count   = observed.stored
    message = "${count} ${count == 1 ? "message is" : "messages are"} stored"
    last_written = observed.last
  }

  check "reserved name" {
    that    = !startswith(self.name, "rmq_sys_") && !startswith(self.name, "%DLQ%") && !startswith(self.name, "%RETRY%") && !contains(["TBW102", "BenchmarkTest", "SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRANS_HALF_TOPIC", "SELF_TEST_TOPIC", "OFFSET_MOVED_EVENT", "RMQ_SYS_TRACE_TOPIC", "RMQ_SYS_TRANS_OP_HALF_TOPIC", "TRANS_CHECK_MAX_TIME_TOPIC"], self.name)
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
    that    = try(length(setsubtract(self.brokers, [for number in range(lookup.instance.broker_num) : "broker-${number}"])) == 0, true)
    message = "the instance has no ${try(join(", ", [for name in setsubtract(self.brokers, [for number in range(lookup.instance.broker_num) : "broker-${number}"]) : "`${name}`"]), "such broker")}"
    path    = brokers
    hint    = "the data source `dms_rocketmq_brokers` lists them"
  }
  check "brokers of queues" {
    when    = prior == null && self.queues != null
    that    = try(length(setsubtract([for queue in self.queues : queue.broker], [for number in range(lookup.instance.broker_num) : "broker-${number}"])) == 0, true)
    message = "the instance has no ${try(join(", ", [for name in setsubtract([for queue in self.queues : queue.broker], [for number in range(lookup.instance.broker_num) : "broker-${number}"]) : "`${name}`"]), "such broker")}"
    path    = queues
    hint    = "the data source `dms_rocketmq_brokers` lists them"
  }
  check "queues of each broker" {
    when    = prior == null && self.queue_num != null
    that    = try(self.queue_num <= 50 * lookup.instance.broker_num, true)
    message = "a broker has at most 50 queues of a topic"
    path    = queue_num
  }
  check "5.x only" {
    when    = prior == null && self.message_type != null
    that    = lookup.instance.engine_version == "5.x"
    message = "instances of engine version 4.8.0 have no kinds of messages: `message_type` is for 5.x"
    path    = message_type
    hint    = "remove it"
  }
  check "4.8.0 permission" {
    when    = prior == null && self.permission != null
    that    = lookup.instance.engine_version != "5.x"
    message = "`permission` is for engine version 4.8.0"
    path    = permission
    hint    = "remove it"
  }
  check "4.8.0 brokers" {
    when    = prior == null && self.brokers != null
    that    = lookup.instance.engine_version != "5.x"
    message = "`brokers` are for engine version 4.8.0"
    path    = brokers
    hint    = "remove them"
  }
  check "queues" {
    when    = prior == null && self.queues != null
    that    = self.queue_num == null && self.brokers == null
    message = "`queues` stands instead of `queue_num` and `brokers`"
    path    = queues
  }
  check "both numbers" {
    when    = prior == null && self.queue_num != null
    that    = self.read_queue_num == null || self.write_queue_num == null || self.read_queue_num == self.queue_num || self.write_queue_num == self.queue_num || self.read_queue_num == self.write_queue_num
    message = "`queue_num` is overridden by both `read_queue_num` and `write_queue_num`"
    path    = queue_num
    severity = warning
  }
  check "queues that nobody reads" {
    when    = prior == null
    that    = try((self.read_queue_num != null ? self.read_queue_num : self.queue_num) >= (self.write_queue_num != null ? self.write_queue_num : self.queue_num), true)
    message = "fewer queues would be read than written: messages in the others stay where they are"
    path    = read_queue_num
    hint    = "raise `read_queue_num` to at least `write_queue_num`"
  }
  check "4.8.0 only" {
    when    = self.queue_num != null || self.queues != null
    that    = lookup.instance.engine_version != "5.x"
    message = "instances of engine version 5.x place queues themselves: `queue_num` and `queues` are for 4.8.0"
    path    = queue_num
    hint    = "remove them"
  }
}
