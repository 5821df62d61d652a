resource "apsarastack_mq_topic" {
  version        = 1
  service        = mq
  description    = "A topic of an instance. The service frees the name of a deleted topic slowly: a replacement waits (`recreate_delay`) before the new topic is created, and creating is tried again for up to 10 minutes while it is refused (`BIZ_TOPIC_EXISTED`) although there is no such topic."
  identity       = [instance_id, name]
  system_when    = startswith(self.name, "%")
  visible_within = "30s"
  vacant_within  = "10m"
  cool_down      = self.recreate_delay
  loses          = "the topic with its messages and all subscriptions to it"
  impact         = "its publishers and consumers are refused, and all subscriptions to it are cleaned up"
  example        = <<-EOT
    resource "apsarastack_mq_topic" "orders" {
      instance_id  = apsarastack_mq_instance.shop.id
      name         = "orders-created"
      message_type = "normal"
    }
  EOT

  parent "apsarastack_mq_instance" {
    by = instance_id
  }
  serialize {
    key  = self.instance_id
    mode = shared
  }
  timeouts {
    create = "15m"
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
    description = "The instance; `-` leaves it out of calls, which means the one instance without a namespace."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[A-Za-z0-9_-]{1,255}"
    from        = item.topic
    description = "The name: letters, digits, `-` and `_`. It does not begin with `CID` or `GID`. Other versions of the service take 64 characters at most."
  }
  attribute "message_type" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["normal", "partition_ordered", "global_ordered", "transaction", "delay"]
    from        = try({ "0" = "normal", "1" = "partition_ordered", "2" = "global_ordered", "4" = "transaction", "5" = "delay" }[tostring(item.ordertype)], self.message_type)
    description = "The kind of messages. Not every version of the platform returns it; then it is kept as configured."
  }
  attribute "recreate_delay" {
    type        = number
    mode        = optional
    change      = update
    default     = 60
    unit        = "s"
    between     = [0, 1800]
    readback    = never
    description = "How many seconds a replacement waits between deleting the topic and creating it anew. Nothing that the service knows."
  }
  attribute "permission" {
    type        = string
    mode        = optional
    change      = update
    default     = "read_write"
    one_of      = ["read_write", "read_only", "write_only"]
    readback    = never
    impact      = "publishers or consumers are refused while it is not `read_write`"
    description = "What clients may do. No operation returns it: it is compared with what was set last, and changes made elsewhere go unnoticed."
  }
  attribute "remark" {
    type        = string
    mode        = optional_computed
    change      = replace
    description = "A text. It cannot be changed. Not every version of the platform returns it."
  }
  attribute "owner" {
    type        = string
    mode        = computed
    description = "The account that owns it."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    from        = item.createtime
    description = "When it was created, in milliseconds since 1970, where the platform returns it."
  }

  lookup "names" {
    call      = "GET /json/topic/listNames"
    operation = "topic/listNames"
    query     = { instanceId = self.instance_id == "-" ? null : self.instance_id }
    value     = coalesce(response.data, [])
  }
  lookup "instance" {
    call      = "GET /json/instance/baseInfo"
    operation = "instance/baseInfo"
    query     = { instanceId = self.instance_id }
    value     = { capacity = try(response.data.instancebaseinfo.topiccapacity, response.instancebaseinfo.topiccapacity, response.data.topiccapacity, null) }
  }
  capacity "topics" {
    scope = [instance_id]
    limit = self.instance_id == "-" ? null : parent == null ? lookup.instance.capacity : try(parent.topic_capacity, null)
    used  = length(lookup.names)
    code  = "BIZ_FIELD_CHECK_INVALID"
    hint  = "remove topics; the `topic_capacity` of an instance cannot be changed"
  }

  list {
    scope     = [instance_id]
    call      = "GET /json/topic/listInPage"
    operation = "topic/listInPage"
    query     = { instanceId = self.instance_id == "-" ? null : self.instance_id }
    pages     = page
    items     = response.data
    total     = response.total
  }
  # The document does not say whether the answer is the topic or a list of it.
  read {
    step "topic" {
      call      = "GET /json/topic/get"
      operation = "topic/get"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.name }
      item      = one([for topic in flatten([response.data]) : topic if try(topic.topic == self.name, false)])
    }
  }

  create {
    step "create" {
      call      = "POST /json/topic/create"
      operation = "topic/create"
      query = {
        instanceId = self.instance_id == "-" ? null : self.instance_id
        topic      = self.name
        orderType  = { normal = 0, partition_ordered = 1, global_ordered = 2, transaction = 4, delay = 5 }[self.message_type]
        remark     = self.remark
      }
      wait = there
    }
    # A new topic can be read and written.
    step "permission" {
      when       = self.permission != "read_write"
      call       = "POST /json/topic/update"
      operation  = "topic/update"
      query      = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.name, perm = { read_write = 6, read_only = 4, write_only = 2 }[self.permission] }
      idempotent = true
    }
  }
  update {
    step "permission" {
      on         = [permission]
      call       = "POST /json/topic/update"
      operation  = "topic/update"
      query      = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.name, perm = { read_write = 6, read_only = 4, write_only = 2 }[self.permission] }
      idempotent = true
    }
    step "delay" {
      on  = [recreate_delay]
      set = { recreate_delay = self.recreate_delay }
    }
  }
  delete {
    step "delete" {
      call      = "POST /json/topic/delete"
      operation = "topic/delete"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.name }
      wait      = deleted
    }
  }

  waiter "there" {
    description = "the topic can be read"
    until       = item.topic == self.name
    gone        = pending
  }
  waiter "deleted" {
    description = "the topic is gone"
    gone        = done
  }

  # Groups that are offline tell how far they are in all their topics.
  guard "unread messages" {
    kind = data
    on   = [delete, replace]
    step "groups" {
      call      = "GET /json/group/list"
      operation = "group/list"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id }
      set       = { groups = response.data[*].groupid }
    }
    step "lag" {
      for_each  = observed.groups
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = each.value, detail = true }
      set       = { lag = { (each.value) = sum(concat([0], [for topic in response.data.detailintopiclist : topic.totaldiff if topic.topic == self.name])) } }
      tolerate  = [gone]
    }
    count   = sum(concat([0], [for lag in values(observed.lag) : lag if lag != null]))
    message = "${count} unread: ${join(", ", [for group, lag in observed.lag : "${group} ${lag}" if lag != null && lag != 0])}"
  }
  guard "online consumers" {
    kind = impact
    on   = [delete, replace]
    step "subscriptions" {
      call      = "GET /json/topic/subDetail"
      operation = "topic/subDetail"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.name }
      set       = { groups = try(response.data.subscriptiondatalist[*].groupid, []) }
      tolerate  = [gone]
    }
    count   = length(coalesce(observed.groups, []))
    message = "${count} ${count == 1 ? "group has" : "groups have"} consumers online: ${join(", ", coalesce(observed.groups, []))}"
  }
  guard "consumers and publishers that are refused" {
    kind = impact
    on   = [update]
    when = planned.permission != "read_write"
    step "subscriptions" {
      call      = "GET /json/topic/subDetail"
      operation = "topic/subDetail"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.name }
      set       = { groups = try(response.data.subscriptiondatalist[*].groupid, []) }
    }
    count   = length(coalesce(observed.groups, []))
    message = "${count} ${count == 1 ? "group has" : "groups have"} consumers online: ${join(", ", coalesce(observed.groups, []))}"
  }

  check "prefix" {
    that    = !startswith(self.name, "CID") && !startswith(self.name, "GID")
    message = "the name of a topic does not begin with `CID` or `GID` (BIZ_FIELD_CHECK_INVALID)"
    path    = name
  }
  check "long name" {
    that     = length(self.name) <= 64
    message  = "the name has ${length(self.name)} characters: other versions of the service take 64 at most"
    path     = name
    severity = warning
  }
  check "long remark" {
    when     = self.remark != null
    that     = length(self.remark) <= 128
    message  = "the remark has ${length(self.remark)} characters: other versions of the service take 128 at most"
    path     = remark
    severity = warning
  }
}
