resource "dms_rocketmq_migration_task" {
  version        = 1
  description    = "A migration of metadata into an instance: topics and consumer groups of another RocketMQ, or queues of a RabbitMQ, which become topics. Messages are not moved."
  identity       = [id]
  visible_within = "10s"
  notice         = "the topics and consumer groups that it makes are not managed by it"
  example        = <<-EOT
    resource "dms_rocketmq_migration_task" "from_rabbitmq" {
      instance_id = dms_rocketmq_instance.main.id
      name        = "from-rabbitmq"
      type        = "rabbitToRocket"
      overwrite   = false
      vhosts      = [{ name = "shop" }]
      queues      = [{ vhost = "shop", name = "orders", durable = true }]
      exchanges   = [{ vhost = "shop", name = "incoming", type = "direct", durable = true }]
      bindings    = [{ vhost = "shop", source = "incoming", destination = "orders", destination_type = "queue", routing_key = "orders" }]
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
  timeouts {
    create = "30m"
    delete = "15m"
  }

  attribute "id" {
    type        = string
    mode        = computed
    from        = join("/", [try(split("/", self.id)[0], self.instance_id), item.id])
    description = "The instance and the id of the task, as in `INSTANCE/TASK`."
  }
  attribute "task_id" {
    type        = string
    mode        = computed
    from        = item.id
    description = "The id of the task, made by the service."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    from        = try(split("/", self.id)[0], self.instance_id)
    description = "The instance that receives."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[A-Za-z][A-Za-z0-9_-]{3,63}"
    description = "The name of the task: 4 to 64 letters, digits, `-` and `_`, a letter first."
  }
  attribute "type" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["rocketmq", "rabbitToRocket"]
    description = "Where the metadata come from: another RocketMQ, or a RabbitMQ."
  }
  attribute "overwrite" {
    type        = bool
    mode        = required
    change      = replace
    readback    = never
    description = "Whether topics and consumer groups that exist already get the migrated configuration. Otherwise the migration fails if there are any."
  }
  attribute "wait_for_completion" {
    type        = bool
    mode        = optional
    change      = update
    default     = true
    readback    = never
    description = "Whether to wait until the migration is finished, and to fail with it."
  }
  attribute "topic_configs" {
    type        = set
    mode        = optional
    change      = replace
    default     = []
    from        = try([for name, topic in jsondecode(item.json_content).topicConfigTable : { topic_name = name, order = topic.order, perm = topic.perm, read_queue_num = topic.readQueueNums, write_queue_num = topic.writeQueueNums, topic_filter_type = topic.topicFilterType, topic_sys_flag = topic.topicSysFlag }], [for name, topic in jsondecode(item.json_content).topic_config_table : { topic_name = name, order = topic.order, perm = topic.perm, read_queue_num = topic.read_queue_nums, write_queue_num = topic.write_queue_nums, topic_filter_type = topic.topic_filter_type, topic_sys_flag = topic.topic_sys_flag }], try(jsondecode(item.json_content), null) != null ? [] : self.topic_configs)
    description = "For `rocketmq`: the topics."
    attribute "topic_name" {
      type        = string
      mode        = required
      description = "The name."
    }
    attribute "order" {
      type        = bool
      mode        = optional
      default     = false
      description = "Whether its messages are in order."
    }
    attribute "perm" {
      type        = number
      mode        = optional
      default     = 6
      description = "What clients may do: 2 write, 4 read, 6 both."
    }
    attribute "read_queue_num" {
      type        = number
      mode        = optional
      default     = 16
      description = "Queues that can be read."
    }
    attribute "write_queue_num" {
      type        = number
      mode        = optional
      default     = 16
      description = "Queues that can be written."
    }
    attribute "topic_filter_type" {
      type        = string
      mode        = optional
      default     = "SINGLE_TAG"
      description = "`SINGLE_TAG` or `MULTI_TAG`."
    }
    attribute "topic_sys_flag" {
      type        = number
      mode        = optional
      default     = 0
      description = "Flags of RocketMQ itself."
    }
  }
  attribute "subscription_groups" {
    type        = set
    mode        = optional
    change      = replace
    default     = []
    from        = try([for name, group in jsondecode(item.json_content).subscriptionGroupTable : { group_name = name, consume_broadcast_enable = group.consumeBroadcastEnable, consume_enable = group.consumeEnable, consume_from_min_enable = group.consumeFromMinEnable, notify_consumer_ids_changed_enable = group.notifyConsumerIdsChangedEnable, retry_max_times = group.retryMaxTimes, retry_queue_num = group.retryQueueNums, which_broker_when_consume_slow = group.whichBrokerWhenConsumeSlow }], [for name, group in jsondecode(item.json_content).subscription_group_table : { group_name = name, consume_broadcast_enable = group.consume_broadcast_enable, consume_enable = group.consume_enable, consume_from_min_enable = group.consume_from_min_enable, notify_consumer_ids_changed_enable = group.notify_consumer_ids_changed_enable, retry_max_times = group.retry_max_times, retry_queue_num = group.retry_queue_nums, which_broker_when_consume_slow = group.which_broker_when_consume_slow }], try(jsondecode(item.json_content), null) != null ? [] : self.subscription_groups)
    description = "For `rocketmq`: the consumer groups."
    attribute "group_name" {
      type        = string
      mode        = required
      description = "The name."
    }
    attribute "consume_broadcast_enable" {
      type        = bool
      mode        = optional
      default     = true
      description = "Whether every consumer may receive every message."
    }
    attribute "consume_enable" {
      type        = bool
      mode        = optional
      default     = true
      description = "Whether the group may consume."
    }
    attribute "consume_from_min_enable" {
      type        = bool
      mode        = optional
      default     = true
      description = "Whether the group may start at the first message."
    }
    attribute "notify_consumer_ids_changed_enable" {
      type        = bool
      mode        = optional
      default     = true
      description = "Whether consumers are told when others come and go."
    }
    attribute "retry_max_times" {
      type        = number
      mode        = optional
      default     = 16
      description = "How often a message is tried again."
    }
    attribute "retry_queue_num" {
      type        = number
      mode        = optional
      default     = 1
      description = "Queues for messages that are tried again."
    }
    attribute "which_broker_when_consume_slow" {
      type        = number
      mode        = optional
      default     = 1
      description = "The broker that slow consumers read from."
    }
  }
  attribute "vhosts" {
    type        = set
    mode        = optional
    change      = replace
    default     = []
    from        = try([for vhost in jsondecode(item.json_content).vhosts : { name = vhost.name }], try(jsondecode(item.json_content), null) != null ? [] : self.vhosts)
    description = "For `rabbitToRocket`: the virtual hosts."
    attribute "name" {
      type        = string
      mode        = required
      description = "The name."
    }
  }
  attribute "queues" {
    type        = set
    mode        = optional
    change      = replace
    default     = []
    from        = try([for queue in jsondecode(item.json_content).queues : { vhost = queue.vhost, name = queue.name, durable = queue.durable }], try(jsondecode(item.json_content), null) != null ? [] : self.queues)
    description = "For `rabbitToRocket`: the queues. Each becomes a topic."
    attribute "vhost" {
      type        = string
      mode        = required
      description = "The virtual host."
    }
    attribute "name" {
      type        = string
      mode        = required
      description = "The name."
    }
    attribute "durable" {
      type        = bool
      mode        = optional
      default     = true
      description = "Whether it outlasts a restart."
    }
  }
  attribute "exchanges" {
    type        = set
    mode        = optional
    change      = replace
    default     = []
    from        = try([for exchange in jsondecode(item.json_content).exchanges : { vhost = exchange.vhost, name = exchange.name, type = exchange.type, durable = exchange.durable }], try(jsondecode(item.json_content), null) != null ? [] : self.exchanges)
    description = "For `rabbitToRocket`: the exchanges."
    attribute "vhost" {
      type        = string
      mode        = required
      description = "The virtual host."
    }
    attribute "name" {
      type        = string
      mode        = required
      description = "The name."
    }
    attribute "type" {
      type        = string
      mode        = required
      description = "`direct`, `topic`, `fanout` or `headers`."
    }
    attribute "durable" {
      type        = bool
      mode        = optional
      default     = true
      description = "Whether it outlasts a restart."
    }
  }
  attribute "bindings" {
    type        = set
    mode        = optional
    change      = replace
    default     = []
    from        = try([for binding in jsondecode(item.json_content).bindings : { vhost = binding.vhost, source = binding.source, destination = binding.destination, destination_type = binding.destination_type, routing_key = binding.routing_key }], try(jsondecode(item.json_content), null) != null ? [] : self.bindings)
    description = "For `rabbitToRocket`: what goes from which exchange where."
    attribute "vhost" {
      type        = string
      mode        = required
      description = "The virtual host."
    }
    attribute "source" {
      type        = string
      mode        = required
      description = "The exchange that gives."
    }
    attribute "destination" {
      type        = string
      mode        = required
      description = "The queue or exchange that receives."
    }
    attribute "destination_type" {
      type        = string
      mode        = optional
      default     = "queue"
      description = "`queue` or `exchange`."
    }
    attribute "routing_key" {
      type        = string
      mode        = optional
      default     = ""
      description = "The key that messages are bound by."
    }
  }
  attribute "status" {
    type        = string
    mode        = computed
    volatile    = true
    description = "The state: `creating`, `starting`, `finished` or `failed`."
  }
  attribute "start_date" {
    type        = string
    mode        = computed
    description = "When it began, as the service writes it."
  }

  lookup "topics" {
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics"
    operation  = "ListRocketInstanceTopics"
    pages      = offset
    items      = response.topics
    total      = response.total
    value      = { names = items[*].name, remaining = try(response.remaining, null) }
    permission = ["dms:instance:get"]
  }
  lookup "groups" {
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups"
    operation  = "ListInstanceConsumerGroups"
    pages      = offset
    items      = response.groups
    total      = response.total
    value      = { names = items[*].name, remaining = try(response.remaining, null) }
    permission = ["dms:instance:get"]
  }

  # The record itself does not say which instance it belongs to.
  read {
    step "task" {
      call       = "GET /v2/${provider.project_id}/instances/${try(split("/", self.id)[0], self.instance_id)}/metadata"
      operation  = "ListRocketMqMigrationTask"
      query      = { id = split("/", self.id)[1], type = "vhost" }
      item       = can(response.task) ? one([for task in response.task : task if task.id == split("/", self.id)[1]]) : response
      permission = ["dms:instance:get"]
      # Where one record cannot be asked for, it is looked for among all; its content is not read then.
      otherwise {
        on        = [unavailable]
        call      = "GET /v2/${provider.project_id}/instances/${try(split("/", self.id)[0], self.instance_id)}/metadata"
        operation = "ListRocketMqMigrationTask"
        query     = { type = "all", offset = 1, limit = 1000 }
      }
    }
  }
  find {
    call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/metadata"
    operation = "ListRocketMqMigrationTask"
    query     = { type = "all", name = self.name }
    pages     = migrations
    items     = response.task
    total     = response.total
    match     = item.name == self.name && item.type == self.type
  }
  ready {
    broken = item.status == "failed"
  }

  # The document of SberCloud spells the keys in camel case, the current client of Huawei Cloud with underscores.
  create {
    step "start" {
      call      = "POST /v2/${provider.project_id}/instances/${self.instance_id}/metadata"
      operation = "CreateRocketMqMigrationTask"
      query     = { overwrite = tostring(self.overwrite), name = self.name, type = self.type }
      body = {
        topicConfigTable       = self.type == "rocketmq" ? { for topic in self.topic_configs : topic.topic_name => { topicName = topic.topic_name, order = topic.order, perm = topic.perm, readQueueNums = topic.read_queue_num, writeQueueNums = topic.write_queue_num, topicFilterType = topic.topic_filter_type, topicSysFlag = topic.topic_sys_flag } } : null
        subscriptionGroupTable = self.type == "rocketmq" ? { for group in self.subscription_groups : group.group_name => { groupName = group.group_name, consumeBroadcastEnable = group.consume_broadcast_enable, consumeEnable = group.consume_enable, consumeFromMinEnable = group.consume_from_min_enable, notifyConsumerIdsChangedEnable = group.notify_consumer_ids_changed_enable, retryMaxTimes = group.retry_max_times, retryQueueNums = group.retry_queue_num, whichBrokerWhenConsumeSlow = group.which_broker_when_consume_slow } } : null
        vhosts                 = self.type == "rabbitToRocket" ? self.vhosts : null
        queues                 = self.type == "rabbitToRocket" ? self.queues : null
        exchanges              = self.type == "rabbitToRocket" ? self.exchanges : null
        bindings               = self.type == "rabbitToRocket" ? self.bindings : null
      }
      set        = { id = "${self.instance_id}/${response.task_id}", task_id = response.task_id }
      permission = ["dms:instance:modify"]
      otherwise {
        on        = [invalid]
        call      = "POST /v2/${provider.project_id}/instances/${self.instance_id}/metadata"
        operation = "CreateRocketMqMigrationTask"
        query     = { overwrite = tostring(self.overwrite), name = self.name, type = self.type }
        body = {
          topic_config_table       = self.type == "rocketmq" ? { for topic in self.topic_configs : topic.topic_name => { topic_name = topic.topic_name, order = topic.order, perm = topic.perm, read_queue_nums = topic.read_queue_num, write_queue_nums = topic.write_queue_num, topic_filter_type = topic.topic_filter_type, topic_sys_flag = topic.topic_sys_flag } } : null
          subscription_group_table = self.type == "rocketmq" ? { for group in self.subscription_groups : group.group_name => { group_name = group.group_name, consume_broadcast_enable = group.consume_broadcast_enable, consume_enable = group.consume_enable, consume_from_min_enable = group.consume_from_min_enable, notify_consumer_ids_changed_enable = group.notify_consumer_ids_changed_enable, retry_max_times = group.retry_max_times, retry_queue_nums = group.retry_queue_num, which_broker_when_consume_slow = group.which_broker_when_consume_slow } } : null
          vhosts                   = self.type == "rabbitToRocket" ? self.vhosts : null
          queues                   = self.type == "rabbitToRocket" ? self.queues : null
          exchanges                = self.type == "rabbitToRocket" ? self.exchanges : null
          bindings                 = self.type == "rabbitToRocket" ? self.bindings : null
        }
      }
    }
    step "completion" {
      when = self.wait_for_completion
      set  = { task_id = split("/", self.id)[1] }
      wait = finished
    }
  }
  update {
    step "nothing to do" {
      on  = [wait_for_completion]
      set = { wait_for_completion = self.wait_for_completion }
    }
  }
  # The record goes; the topics and groups that were made stay.
  delete {
    step "record" {
      call       = "DELETE /v2/${provider.project_id}/instances/${self.instance_id}/metadata"
      operation  = "DeleteRocketMqMigrationTask"
      body       = { task_ids = [split("/", self.id)[1]] }
      permission = ["dms:instance:modify"]
      otherwise {
        on        = [unavailable]
        call      = "POST /v2/${provider.project_id}/instances/${self.instance_id}/metadata/batch-delete"
        operation = "BatchDeleteRocketMqMigrationTask"
        body      = { task_ids = [split("/", self.id)[1]] }
      }
    }
  }

  waiter "finished" {
    description = "the migration is finished"
    until       = item.status == "finished"
    failed      = item.status == "failed"
    gone        = pending
    interval    = "10s"
  }

  # With `overwrite` what exists under these names gets the migrated configuration: other numbers of queues and other
  # permissions, under the feet of its clients.
  guard "existing topics and groups" {
    kind = data
    on   = [create, replace]
    when = planned.overwrite
    step "topics" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics"
      operation  = "ListRocketInstanceTopics"
      pages      = offset
      items      = response.topics
      total      = response.total
      set        = { topics = items[*].name }
      permission = ["dms:instance:get"]
    }
    step "groups" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups"
      operation  = "ListInstanceConsumerGroups"
      pages      = offset
      items      = response.groups
      total      = response.total
      set        = { groups = items[*].name }
      permission = ["dms:instance:get"]
    }
    count   = length(setintersection(concat([for topic in planned.topic_configs : topic.topic_name], [for queue in planned.queues : queue.name]), observed.topics)) + length(setintersection([for group in planned.subscription_groups : group.group_name], observed.groups))
    message = "the configuration of ${count} ${count == 1 ? "topic or consumer group that exists" : "topics and consumer groups that exist"} would be overwritten: ${join(", ", setunion(setintersection(concat([for topic in planned.topic_configs : topic.topic_name], [for queue in planned.queues : queue.name]), observed.topics), setintersection([for group in planned.subscription_groups : group.group_name], observed.groups)))}"
  }

  check "rocketmq" {
    when    = self.type == "rocketmq"
    that    = length(self.topic_configs) > 0 && length(self.subscription_groups) > 0
    message = "a migration from RocketMQ needs `topic_configs` and `subscription_groups`"
    path    = topic_configs
  }
  check "nothing of RabbitMQ" {
    when    = self.type == "rocketmq"
    that    = length(self.vhosts) + length(self.queues) + length(self.exchanges) + length(self.bindings) == 0
    message = "`vhosts`, `queues`, `exchanges` and `bindings` are for migrations from RabbitMQ"
    path    = type
    hint    = "set `type = \"rabbitToRocket\"`, or remove them"
  }
  check "rabbitmq" {
    when    = self.type == "rabbitToRocket"
    that    = length(self.vhosts) > 0 && length(self.queues) > 0 && length(self.exchanges) > 0 && length(self.bindings) > 0
    message = "a migration from RabbitMQ needs `vhosts`, `queues`, `exchanges` and `bindings`"
    path    = vhosts
  }
  check "nothing of RocketMQ" {
    when    = self.type == "rabbitToRocket"
    that    = length(self.topic_configs) + length(self.subscription_groups) == 0
    message = "`topic_configs` and `subscription_groups` are for migrations from RocketMQ"
    path    = type
    hint    = "set `type = \"rocketmq\"`, or remove them"
  }
  check "names" {
    that    = alltrue([for name in concat([for topic in self.topic_configs : topic.topic_name], [for group in self.subscription_groups : group.group_name]) : can(regex("^[A-Za-z0-9%|_-]{3,64}$", name))])
    message = "names of topics and consumer groups have 3 to 64 letters, digits, `%`, `|`, `-` and `_`: ${join(", ", [for name in concat([for topic in self.topic_configs : topic.topic_name], [for group in self.subscription_groups : group.group_name]) : "`${name}`" if !can(regex("^[A-Za-z0-9%|_-]{3,64}$", name))])}"
    path    = topic_configs
  }
  check "names are distinct" {
    that    = length(distinct([for topic in self.topic_configs : topic.topic_name])) == length(self.topic_configs) && length(distinct([for group in self.subscription_groups : group.group_name])) == length(self.subscription_groups)
    message = "a topic or consumer group stands twice"
    path    = topic_configs
  }
  check "reserved names" {
    that    = alltrue([for topic in self.topic_configs : !startswith(topic.topic_name, "rmq_sys_") && !startswith(topic.topic_name, "%DLQ%") && !startswith(topic.topic_name, "%RETRY%") && !contains(["TBW102", "BenchmarkTest", "SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRANS_HALF_TOPIC", "SELF_TEST_TOPIC", "OFFSET_MOVED_EVENT", "RMQ_SYS_TRACE_TOPIC", "RMQ_SYS_TRANS_OP_HALF_TOPIC", "TRANS_CHECK_MAX_TIME_TOPIC"], topic.topic_name)])
    message = "topics of RocketMQ itself are not migrated"
    path    = topic_configs
  }
  check "numbers" {
    that    = alltrue([for topic in self.topic_configs : contains([2, 4, 6], topic.perm) && topic.read_queue_num >= 1 && topic.write_queue_num >= 1 && contains(["SINGLE_TAG", "MULTI_TAG"], topic.topic_filter_type)]) && alltrue([for group in self.subscription_groups : group.retry_max_times >= 0 && group.retry_queue_num >= 0])
    message = "`perm` is 2, 4 or 6, `topic_filter_type` is `SINGLE_TAG` or `MULTI_TAG`, and there is a queue at least"
    path    = topic_configs
  }
  check "virtual hosts" {
    that    = length(setsubtract(concat([for queue in self.queues : queue.vhost], [for exchange in self.exchanges : exchange.vhost], [for binding in self.bindings : binding.vhost]), [for vhost in self.vhosts : vhost.name])) == 0
    message = "not in `vhosts`: ${join(", ", setsubtract(concat([for queue in self.queues : queue.vhost], [for exchange in self.exchanges : exchange.vhost], [for binding in self.bindings : binding.vhost]), [for vhost in self.vhosts : vhost.name]))}"
    path    = vhosts
  }
  check "exchanges" {
    that    = alltrue([for exchange in self.exchanges : contains(["direct", "topic", "fanout", "headers"], exchange.type)])
    message = "an exchange is of `type` `direct`, `topic`, `fanout` or `headers`"
    path    = exchanges
  }
  check "bindings" {
    that    = alltrue([for binding in self.bindings : contains([for exchange in self.exchanges : "${exchange.vhost}/${exchange.name}"], "${binding.vhost}/${binding.source}") && (binding.destination_type == "queue" ? contains([for queue in self.queues : "${queue.vhost}/${queue.name}"], "${binding.vhost}/${binding.destination}") : binding.destination_type == "exchange" && contains([for exchange in self.exchanges : "${exchange.vhost}/${exchange.name}"], "${binding.vhost}/${binding.destination}"))])
    message = "a binding leads from one of `exchanges` to one of `queues`, or with `destination_type = \"exchange\"` to another exchange"
    path    = bindings
  }
  check "existing objects" {
    when    = prior == null && !self.overwrite
    that    = length(setintersection(concat([for topic in self.topic_configs : topic.topic_name], [for queue in self.queues : queue.name]), lookup.topics.names)) + length(setintersection([for group in self.subscription_groups : group.group_name], lookup.groups.names)) == 0
    message = "exists already: ${join(", ", setunion(setintersection(concat([for topic in self.topic_configs : topic.topic_name], [for queue in self.queues : queue.name]), lookup.topics.names), setintersection([for group in self.subscription_groups : group.group_name], lookup.groups.names)))}"
    path    = overwrite
    hint    = "leave it out, or set `overwrite = true` to give it the migrated configuration"
  }
  check "what it makes" {
    when     = prior == null
    that     = false
    message  = "the topics and consumer groups that the migration makes are not managed: a later plan does not know them"
    path     = type
    severity = warning
    hint     = "to manage one, declare it and import it: `import { to = dms_rocketmq_topic.NAME, id = \"INSTANCE/NAME\" }`"
  }

  error {
    status = [400]
    code   = ["DMS.00405011"]
    class  = gone
  }
}
