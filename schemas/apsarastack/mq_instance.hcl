resource "apsarastack_mq_instance" {
  version        = 1
  service        = mq
  description    = "An instance of Message Queue for Apache RocketMQ on Apsara Stack. Only its name and remark can be changed; a region has 500 instances at most, and no two of the same name. An instance can be deleted when it has no topics and no groups."
  identity       = [id]
  visible_within = "60s"
  loses          = "the instance"
  impact         = "its clients lose their endpoint"
  example        = <<-EOT
    resource "apsarastack_mq_instance" "shop" {
      name            = "shop"
      cluster         = "cluster1"
      namespaced      = true
      max_send_tps    = 5000
      max_receive_tps = 5000
    }
  EOT

  attribute "id" {
    type        = string
    mode        = computed
    from        = item.instanceid
    description = "The id of the instance."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = update
    length      = [3, 64]
    from        = item.instancename
    description = "The name: 3 to 64 characters, unique in the region."
  }
  attribute "cluster" {
    type        = string
    mode        = required
    change      = replace
    description = "The cluster that the instance is made in, as `apsarastack_mq_clusters` lists it. Not every version of the platform returns it; then it is kept as configured."
  }
  attribute "namespaced" {
    type        = bool
    mode        = optional
    change      = replace
    default     = true
    from        = try(item.independentnaming, item.namespacerulestype, self.namespaced)
    description = "Whether topics and groups have a namespace of their own. Without one, their names are unique among all instances and regions, and clients must not be told the instance's id. An account has one such instance at most."
  }
  attribute "max_send_tps" {
    type        = number
    mode        = required
    change      = replace
    between     = [1, 9007199254740991]
    unit        = "/s"
    from        = try(item.maxsendtps, item.tpsmax, self.max_send_tps)
    description = "How many messages clients may send each second. It cannot be changed: nothing is documented that would."
  }
  attribute "max_receive_tps" {
    type        = number
    mode        = required
    change      = replace
    between     = [1, 9007199254740991]
    unit        = "/s"
    from        = try(item.maxreceivetps, item.tpsreceivemax, self.max_receive_tps)
    description = "How many messages clients may receive each second. It cannot be changed."
  }
  attribute "topic_capacity" {
    type        = number
    mode        = optional_computed
    change      = replace
    between     = [1, 2147483647]
    from        = item.topiccapacity
    description = "How many topics it can have; the service decides if it is left out. It cannot be changed."
  }
  attribute "remark" {
    type        = string
    mode        = optional_computed
    change      = update
    description = "A text. The document does not say how long it may be, nor that it is returned or can be emptied."
  }
  attribute "tcp_endpoint" {
    type        = string
    mode        = computed
    from        = item.endpoints.tcpendpoint
    description = "The address for clients."
  }
  attribute "status" {
    type        = number
    mode        = computed
    volatile    = true
    from        = item.instancestatus
    description = "The status, where the platform returns it: 1 being deployed, 2 overdue, 5 in service, 7 being upgraded."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    from        = item.createtime
    description = "When it was created, in milliseconds since 1970, where the platform returns it."
  }

  lookup "clusters" {
    call      = "GET /json/cluster/list"
    operation = "cluster/list"
    value     = response.data[*].cluster
  }
  lookup "instances" {
    call      = "GET /json/instance/list"
    operation = "instance/list"
    value     = [for instance in coalesce(response.data, []) : { id = instance.instanceid, name = instance.instancename, namespaced = try(instance.namespacerulestype, instance.independentnaming, true) }]
  }
  capacity "instances" {
    limit = 500
    used  = length(lookup.instances)
    code  = "BIZ_FIELD_CHECK_INVALID"
    hint  = "a region has 500 at most"
  }
  capacity "instances without a namespace" {
    takes = self.namespaced == false ? 1 : 0
    limit = 1
    used  = length([for instance in lookup.instances : instance.id if instance.namespaced == false])
    code  = "BIZ_FIELD_CHECK_INVALID"
    hint  = "an account has one at most: give the others a namespace"
  }

  list {
    call      = "GET /json/instance/list"
    operation = "instance/list"
    items     = response.data
    lacks     = [max_send_tps, max_receive_tps, topic_capacity, tcp_endpoint]
  }
  read {
    step "instance" {
      call      = "GET /json/instance/baseInfo"
      operation = "instance/baseInfo"
      query     = { instanceId = self.id }
      item      = try(response.data.instancebaseinfo, response.instancebaseinfo, response.data)
    }
  }
  find {
    call      = "GET /json/instance/list"
    operation = "instance/list"
    items     = response.data
    match     = item.instancename == self.name
  }

  create {
    step "create" {
      call      = "POST /json/instance/create"
      operation = "instance/create"
      query = {
        cluster           = self.cluster
        instanceName      = self.name
        independentNaming = self.namespaced
        maxSendTps        = self.max_send_tps
        maxReceiveTps     = self.max_receive_tps
        topicCapacity     = self.topic_capacity
        remark            = self.remark
      }
      set  = { id = try(response.data.instanceid, null) }
      wait = listed
    }
    # The document promises no id in the answer.
    step "id" {
      when      = self.id == null
      call      = "GET /json/instance/list"
      operation = "instance/list"
      set       = { id = one([for instance in response.data : instance.instanceid if instance.instancename == self.name]) }
    }
  }
  update {
    step "settings" {
      on        = [name, remark]
      call      = "POST /json/instance/update"
      operation = "instance/update"
      query     = { instanceId = self.id, instanceName = changed.name ? self.name : null, remark = changed.remark ? self.remark : null }
    }
  }
  delete {
    step "delete" {
      call      = "POST /json/instance/delete"
      operation = "instance/delete"
      query     = { instanceId = self.id }
      wait      = deleted
    }
  }

  waiter "listed" {
    description = "the instance is listed"
    step "instances" {
      call      = "GET /json/instance/list"
      operation = "instance/list"
      set       = { names = response.data[*].instancename }
    }
    until = contains(observed.names, self.name)
  }
  waiter "deleted" {
    description = "the instance is gone"
    step "instances" {
      call      = "GET /json/instance/list"
      operation = "instance/list"
      set       = { ids = response.data[*].instanceid }
    }
    until = !contains(observed.ids, self.id)
  }

  guard "topics and groups outside the state" {
    kind = children
    on   = [delete, replace]
    step "topics" {
      call      = "GET /json/topic/listNames"
      operation = "topic/listNames"
      query     = { instanceId = self.id }
      set       = { topics = response.data }
    }
    step "groups" {
      call      = "GET /json/group/list"
      operation = "group/list"
      query     = { instanceId = self.id }
      set       = { groups = response.data[*].groupid }
    }
    children = {
      apsarastack_mq_topic = observed.topics
      apsarastack_mq_group = observed.groups
    }
    count   = length(unmanaged.apsarastack_mq_topic) + length(unmanaged.apsarastack_mq_group)
    message = "the service refuses to delete an instance with topics and groups (INSTANCE_NOT_EMPTY), and ${length(unmanaged.apsarastack_mq_topic)} ${length(unmanaged.apsarastack_mq_topic) == 1 ? "topic" : "topics"} and ${length(unmanaged.apsarastack_mq_group)} ${length(unmanaged.apsarastack_mq_group) == 1 ? "group" : "groups"} are not in the state: ${join(", ", concat(unmanaged.apsarastack_mq_topic, unmanaged.apsarastack_mq_group))}"
  }
  guard "online clients" {
    kind = impact
    on   = [delete, replace]
    step "groups" {
      call      = "GET /json/group/list"
      operation = "group/list"
      query     = { instanceId = self.id }
      set       = { groups = response.data[*].groupid }
    }
    step "clients" {
      for_each  = observed.groups
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.id, groupId = each.value }
      set       = { online = { (each.value) = response.data.online } }
      tolerate  = [gone, unavailable]
    }
    count   = length([for group, online in observed.online : group if online == true])
    message = "${count} ${count == 1 ? "group has" : "groups have"} consumers online: ${join(", ", [for group, online in observed.online : group if online == true])}"
  }

  check "cluster" {
    when    = prior == null
    that    = contains(lookup.clusters, self.cluster)
    message = "there is no cluster `${self.cluster}` in this region (BIZ_FIELD_CHECK_INVALID): there are ${join(", ", lookup.clusters)}"
    path    = cluster
  }
  check "name" {
    fresh   = true
    when    = prior == null || try(self.name != prior.name, false)
    that    = length([for instance in lookup.instances : instance.id if instance.name == self.name && instance.id != try(coalesce(prior.id, "-"), "-")]) == 0
    message = "another instance of the region is called `${self.name}` (BIZ_FIELD_CHECK_INVALID)"
    path    = name
    hint    = "choose another name, or import that instance"
  }
  check "long remark" {
    when     = self.remark != null
    that     = length(self.remark) <= 128
    message  = "the remark has ${length(self.remark)} characters: other versions of the service take 128 at most"
    path     = remark
    severity = warning
  }
}
