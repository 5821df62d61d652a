resource "apsarastack_mq_group" {
  version        = 1
  service        = mq
  description    = "A group of an instance: the name under which consumers share what they read, and producers what they send. What a RAM user creates can be used by its account too; what an account creates cannot be used by its RAM users."
  identity       = [instance_id, group_id]
  system_when    = startswith(self.group_id, "%") || startswith(self.group_id, "CID_RMQ_SYS_")
  visible_within = "30s"
  loses          = "what the group has read of each topic, and its dead letters"
  impact         = "its consumers are refused"
  example        = <<-EOT
    resource "apsarastack_mq_group" "billing" {
      instance_id = apsarastack_mq_instance.shop.id
      group_id    = "GID_billing"
    }
  EOT

  parent "apsarastack_mq_instance" {
    by = instance_id
  }
  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance and the group id."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The instance; `-` leaves it out of calls, which means the one instance without a namespace."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[GC]ID[_-][A-Za-z0-9_-]{1,60}"
    from        = item.groupid
    description = "The id: `GID_` or `GID-` and letters, digits, `-` and `_`, 64 in all. Older ids that begin with `CID_` or `CID-` can be imported but not created."
  }
  attribute "remark" {
    type        = string
    mode        = optional_computed
    change      = replace
    description = "A text. It cannot be changed."
  }
  attribute "read_enabled" {
    type        = bool
    mode        = optional_computed
    change      = update
    readback    = never
    impact      = "its consumers stop receiving when it is switched off"
    description = "Whether the group may read; left as it is if not set. It takes effect only after a client has used the group. No operation returns it: it is compared with what was set last, and changes made elsewhere go unnoticed."
  }
  attribute "owner" {
    type        = string
    mode        = computed
    description = "The account that owns it."
  }

  list {
    scope     = [instance_id]
    call      = "GET /json/group/list"
    operation = "group/list"
    query     = { instanceId = self.instance_id == "-" ? null : self.instance_id }
    items     = response.data
  }
  # The filter finds ids that contain what is asked for.
  read {
    step "group" {
      call      = "GET /json/group/list"
      operation = "group/list"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id }
      item      = one([for group in coalesce(response.data, []) : group if group.groupid == self.group_id])
    }
  }

  create {
    step "create" {
      call      = "POST /json/group/create"
      operation = "group/create"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, remark = self.remark }
      wait      = there
    }
    step "reading" {
      when       = self.read_enabled != null
      call       = "POST /json/group/consumerUpdate"
      operation  = "group/consumerUpdate"
      query      = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, readEnable = self.read_enabled }
      idempotent = true
    }
  }
  update {
    step "reading" {
      on         = [read_enabled]
      call       = "POST /json/group/consumerUpdate"
      operation  = "group/consumerUpdate"
      query      = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, readEnable = self.read_enabled }
      idempotent = true
    }
  }
  delete {
    step "delete" {
      call      = "POST /json/group/delete"
      operation = "group/delete"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id }
      wait      = deleted
    }
  }

  waiter "there" {
    description = "the group is listed"
    until       = item.groupid == self.group_id
    gone        = pending
  }
  waiter "deleted" {
    description = "the group is gone"
    gone        = done
  }

  guard "unread messages" {
    kind = data
    on   = [delete, replace]
    step "lag" {
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, detail = true }
      set       = { lag = response.data.totaldiff, topics = { for topic in coalesce(response.data.detailintopiclist, []) : topic.topic => topic.totaldiff } }
    }
    count   = observed.lag
    message = "${count} unread: ${join(", ", [for topic, lag in coalesce(observed.topics, {}) : "${topic} ${lag}" if lag > 0])}"
  }
  # Dead letters are kept for three days, and one page of them is enough to know.
  guard "dead letters" {
    kind = data
    on   = [delete, replace]
    step "dead letters" {
      call      = "GET /json/message/getByPagedDLQ"
      operation = "message/getByPagedDLQ"
      query     = { InstanceId = self.instance_id == "-" ? null : self.instance_id, GroupId = self.group_id, BeginTime = 0, EndTime = 253402300799000, CurrentPage = 1, PageSize = 50 }
      set       = { pages = response.data.maxpagecount, first = length(coalesce(response.data.data, [])) }
      tolerate  = [gone]
    }
    count   = observed.pages == null ? 0 : observed.pages <= 1 ? observed.first : (observed.pages - 1) * 50 + 1
    message = "${observed.pages == null ? 0 : observed.pages > 1 ? "at least ${count}" : count} ${count == 1 ? "dead letter" : "dead letters"} would become unreachable"
  }
  guard "online consumers" {
    kind = impact
    on   = [delete, replace]
    step "online" {
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id }
      set       = { online = response.data.online }
    }
    count   = observed.online == true ? 1 : 0
    message = "consumers are online"
  }
  guard "consumers that stop" {
    kind = impact
    on   = [update]
    when = planned.read_enabled == false
    step "online" {
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id }
      set       = { online = response.data.online }
    }
    count   = observed.online == true ? 1 : 0
    message = "online consumers stop receiving"
  }

  check "prefix" {
    when    = prior == null
    that    = startswith(self.group_id, "GID")
    message = "a new group begins with `GID_` or `GID-` (BIZ_FIELD_CHECK_INVALID)"
    path    = group_id
    hint    = "ids that begin with `CID` can only be imported"
  }
  check "long remark" {
    when     = self.remark != null
    that     = length(self.remark) <= 256
    message  = "the remark has ${length(self.remark)} characters: other versions of the service take 256 at most"
    path     = remark
    severity = warning
  }
}
