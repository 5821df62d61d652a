# What a plan is, and its instances, cannot be changed. Uncertain, and left to the service: whether two plans may have
# the same name, and whether more than two instances are possible.
resource "apsaramq_rocketmq_disaster_recovery_plan" {
  version        = 1
  description    = "A disaster recovery plan of ApsaraMQ for RocketMQ: a task of Global Replicator between two instances. Its items say which topics are replicated. The API has no switch-over: roles stay, clients are pointed to the other instance, and read positions are carried over by checkpoints."
  service        = rocketmq
  identity       = [id]
  visible_within = "10s"
  gone_when      = item.planStatus == "DELETED"
  loses          = "the plan with its record of read positions"
  impact         = "nothing is replicated any more"
  notice         = "replication counts as traffic of both instances"
  example        = <<-EOT
    resource "apsaramq_rocketmq_disaster_recovery_plan" "orders" {
      name                    = "orders"
      type                    = "ACTIVE_PASSIVE"
      sync_checkpoint_enabled = true
      auto_sync_checkpoint    = true
      instances = [
        { type = "ALIYUN_ROCKETMQ", region_id = "cn-hangzhou", instance_id = apsaramq_rocketmq_instance.main.id, role = "ACTIVE", auth_type = "NO_AUTH" },
        { type = "ALIYUN_ROCKETMQ", region_id = "cn-beijing", instance_id = apsaramq_rocketmq_instance.standby.id, role = "PASSIVE", auth_type = "NO_AUTH" },
      ]
    }
  EOT

  timeouts {
    create = "5m"
    update = "5m"
    delete = "5m"
  }

  attribute "id" {
    type        = string
    mode        = computed
    from        = item.planId
    description = "The id of the plan, made by the service."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = update
    length      = [1, 256]
    from        = item.planName
    description = "The name."
  }
  attribute "description" {
    type        = string
    mode        = optional
    change      = update
    default     = ""
    from        = try(item.planDesc, null) == null ? "" : item.planDesc
    description = "A description."
  }
  attribute "type" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["ACTIVE_PASSIVE", "ACTIVE_ACTIVE"]
    from        = item.planType
    description = "`ACTIVE_PASSIVE` replicates from the active instance to the passive one, `ACTIVE_ACTIVE` in both directions."
  }
  attribute "sync_checkpoint_enabled" {
    type        = bool
    mode        = optional
    change      = update
    default     = false
    from        = item.syncCheckpointEnabled
    impact      = "read positions cannot be carried over while it is off"
    description = "Whether read positions of consumer groups can be carried over."
  }
  attribute "auto_sync_checkpoint" {
    type        = bool
    mode        = optional
    change      = update
    default     = false
    from        = item.autoSyncCheckpoint
    impact      = "read positions of the other instance fall behind while it is off"
    description = "Whether read positions of groups with the same name are carried over by themselves, every 10 seconds. Has no effect in two-way plans."
  }
  attribute "instances" {
    type         = list
    mode         = required
    change       = update
    length       = [2, 10]
    match        = value.type == "EXTERNAL_ROCKETMQ" ? "external ${value.endpoint_url} ${value.role}" : value.instance_id
    replace_when = length(self.instances) != length(prior.instances)
    from         = [for member in item.instances : { type = member.instanceType, region_id = member.regionId, instance_id = member.instanceId, role = upper(member.instanceRole), auth_type = try(member.authType, null), username = try(member.username, null), endpoint_url = try(member.endpointUrl, null), network_type = try(member.networkType, null), vpc_id = try(member.vpcId, null), vswitch_id = try(member.vSwitchId, null), security_group_id = try(member.securityGroupId, null), consumer_group_id = member.instanceType == "EXTERNAL_ROCKETMQ" ? try(member.consumerGroupId, null) : null, message_property = try({ key = member.messageProperty.propertyKey, value = member.messageProperty.propertyValue }, null) }]
    impact       = "the replicator connects anew"
    description  = "The two instances; their order means nothing. Only how they are authenticated, and the property, can be changed."
    attribute "type" {
      type        = string
      mode        = required
      change      = replace
      one_of      = ["ALIYUN_ROCKETMQ", "EXTERNAL_ROCKETMQ"]
      description = "`ALIYUN_ROCKETMQ` for instances of ApsaraMQ, `EXTERNAL_ROCKETMQ` for Apache RocketMQ 4.4.0 or later."
    }
    attribute "region_id" {
      type        = string
      mode        = required
      change      = replace
      length      = [1, 64]
      description = "The region of the instance, or the one that an external instance is reached from."
    }
    attribute "instance_id" {
      type        = string
      mode        = optional_computed
      change      = replace
      pattern     = "[A-Za-z0-9_-]+"
      description = "The id of the instance. For external instances the service makes one up, which items of the plan name."
    }
    attribute "role" {
      type        = string
      mode        = required
      change      = replace
      one_of      = ["ACTIVE", "PASSIVE"]
      description = "`ACTIVE`: messages come from there. `PASSIVE`: they go there. In two-way plans both are sources and the roles are names."
    }
    attribute "auth_type" {
      type        = string
      mode        = optional
      one_of      = ["NO_AUTH", "ACL_AUTH"]
      description = "How the replicator shows who it is: `NO_AUTH` or `ACL_AUTH`. Needed but for instances of version 4.x."
    }
    attribute "username" {
      type        = string
      mode        = optional
      description = "The user. Only with `ACL_AUTH`."
    }
    attribute "password" {
      type        = string
      mode        = optional
      sensitive   = true
      write_only  = true
      version     = password_version
      description = "The password. Only for external instances with `ACL_AUTH`."
    }
    attribute "password_version" {
      type        = number
      mode        = optional
      readback    = never
      description = "Counts the passwords: a change sends `password` again."
    }
    attribute "endpoint_url" {
      type        = string
      mode        = optional
      change      = replace
      description = "The address of the name server of an external instance."
    }
    attribute "network_type" {
      type        = string
      mode        = optional
      change      = replace
      one_of      = ["TCP_INTERNET", "TCP_VPC"]
      description = "How an external instance is reached: `TCP_INTERNET` or `TCP_VPC`."
    }
    attribute "vpc_id" {
      type        = string
      mode        = optional
      change      = replace
      description = "The private network of an external instance. Only with `TCP_VPC`."
    }
    attribute "vswitch_id" {
      type        = string
      mode        = optional
      change      = replace
      description = "Its switch. Only with `TCP_VPC`."
    }
    attribute "security_group_id" {
      type        = string
      mode        = optional
      change      = replace
      description = "Its security group. Only with `TCP_VPC`."
    }
    attribute "consumer_group_id" {
      type        = string
      mode        = optional
      change      = replace
      description = "The group that the replicator reads with. Only for external instances, which need it; for others the service makes one."
    }
    attribute "message_property" {
      type        = object({ key = string, value = string })
      mode        = optional
      description = "A property that is added to messages that come from there, so that consumers can tell them by a filter."
    }
  }
  attribute "status" {
    type        = string
    mode        = computed
    volatile    = true
    from        = item.planStatus
    description = "What the service says of it: `CREATED`, or `RUNNING` with its first item."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    from        = item.createTime
    description = "When it was created, as the service writes it."
  }

  list {
    call       = "GET /disaster_recovery"
    operation  = "ListDisasterRecoveryPlans"
    pages      = pages
    items      = response.data.list
    total      = response.data.totalCount
    permission = ["rocketmq:ListDisasterRecoveryPlans"]
  }
  read {
    step "plan" {
      call       = "GET /disaster_recovery/${self.id}"
      operation  = "GetDisasterRecoveryPlan"
      item       = response.data
      permission = ["rocketmq:GetDisasterRecoveryPlan"]
    }
  }
  # Creating has no token: a plan with the same name, type and instances may be the one in doubt.
  find {
    call      = "GET /disaster_recovery"
    operation = "ListDisasterRecoveryPlans"
    query     = { filter = self.name }
    pages     = pages
    items     = response.data.list
    total     = response.data.totalCount
    match     = item.planName == self.name && item.planType == self.type && length(item.instances) == length(self.instances) && alltrue([for member in self.instances : anytrue([for other in item.instances : other.instanceType == member.type && other.regionId == member.region_id && (member.type == "EXTERNAL_ROCKETMQ" ? other.endpointUrl == member.endpoint_url : other.instanceId == member.instance_id)])])
  }

  create {
    step "create" {
      call       = "POST /disaster_recovery"
      operation  = "CreateDisasterRecoveryPlan"
      body       = { planName = self.name, planDesc = self.description, planType = self.type, syncCheckpointEnabled = self.sync_checkpoint_enabled, autoSyncCheckpoint = self.auto_sync_checkpoint, instances = [for member in self.instances : { instanceType = member.type, regionId = member.region_id, instanceId = member.instance_id, instanceRole = member.role, authType = member.auth_type, username = member.username, password = member.password, endpointUrl = member.endpoint_url, networkType = member.network_type, vpcId = member.vpc_id, vSwitchId = member.vswitch_id, securityGroupId = member.security_group_id, consumerGroupId = member.type == "EXTERNAL_ROCKETMQ" ? member.consumer_group_id : null, messageProperty = member.message_property == null ? null : { propertyKey = member.message_property.key, propertyValue = member.message_property.value } }] }
      set        = { id = response.data }
      wait       = created
      permission = ["rocketmq:CreateDisasterRecoveryPlan"]
    }
  }
  # The instances are sent only if something of them changes: the service wants the whole list then.
  update {
    step "instances" {
      on         = [instances]
      call       = "PATCH /disaster_recovery/${self.id}"
      operation  = "UpdateDisasterRecoveryPlan"
      body       = { planName = self.name, planDesc = self.description, planType = self.type, syncCheckpointEnabled = self.sync_checkpoint_enabled, autoSyncCheckpoint = self.auto_sync_checkpoint, instances = [for member in self.instances : { instanceType = member.type, regionId = member.region_id, instanceId = member.instance_id, instanceRole = member.role, authType = member.auth_type, username = member.username, password = member.password, endpointUrl = member.endpoint_url, networkType = member.network_type, vpcId = member.vpc_id, vSwitchId = member.vswitch_id, securityGroupId = member.security_group_id, consumerGroupId = member.type == "EXTERNAL_ROCKETMQ" ? member.consumer_group_id : null, messageProperty = member.message_property == null ? null : { propertyKey = member.message_property.key, propertyValue = member.message_property.value } }] }
      idempotent = true
      permission = ["rocketmq:UpdateDisasterRecoveryPlan"]
    }
    step "settings" {
      on         = [name, description, sync_checkpoint_enabled, auto_sync_checkpoint]
      when       = !changed.instances
      call       = "PATCH /disaster_recovery/${self.id}"
      operation  = "UpdateDisasterRecoveryPlan"
      body       = { planName = self.name, planDesc = self.description, syncCheckpointEnabled = self.sync_checkpoint_enabled, autoSyncCheckpoint = self.auto_sync_checkpoint }
      idempotent = true
      permission = ["rocketmq:UpdateDisasterRecoveryPlan"]
    }
  }
  delete {
    step "delete" {
      call       = "DELETE /disaster_recovery/${self.id}"
      operation  = "DeleteDisasterRecoveryPlan"
      wait       = deleted
      permission = ["rocketmq:DeleteDisasterRecoveryPlan"]
    }
  }

  waiter "created" {
    description = "the plan is there"
    until       = contains(["CREATED", "RUNNING"], item.planStatus)
    gone        = pending
    interval    = "2s"
  }
  waiter "deleted" {
    description = "the plan is gone"
    gone        = done
    interval    = "2s"
  }

  guard "items that replicate" {
    kind = impact
    on   = [delete, replace]
    step "items" {
      call       = "GET /disaster_recovery/${self.id}/items"
      operation  = "ListDisasterRecoveryItems"
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { topics = [for found in items : found.topics[0].topicName if found.itemStatus == "RUNNING"] }
      permission = ["rocketmq:ListDisasterRecoveryItems"]
    }
    count   = length(observed.topics)
    message = "${count} items replicate: ${join(", ", observed.topics)}"
  }
  guard "items outside the state" {
    kind = children
    on   = [delete, replace]
    step "items" {
      call       = "GET /disaster_recovery/${self.id}/items"
      operation  = "ListDisasterRecoveryItems"
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { items = [for found in items : tostring(found.itemId)] }
      permission = ["rocketmq:ListDisasterRecoveryItems"]
    }
    children = { apsaramq_rocketmq_disaster_recovery_item = observed.items }
    count    = length(unmanaged.apsaramq_rocketmq_disaster_recovery_item)
    message  = "${count} ${count == 1 ? "item that is" : "items that are"} not in the state would be lost: ${join(", ", unmanaged.apsaramq_rocketmq_disaster_recovery_item)}"
  }

  # What the service would make up for an external instance: whether the configuration gives it is what counts.
  check "instance of Alibaba Cloud" {
    for_each = config.instances
    when     = each.value.type == "ALIYUN_ROCKETMQ"
    that     = each.value.instance_id != null
    message  = "`instances[${each.key}].instance_id` is needed for `ALIYUN_ROCKETMQ` (MissingParameter)"
    path     = instances
    part     = instance_id
  }
  check "made-up id" {
    for_each = self.instances
    when     = each.value.type == "EXTERNAL_ROCKETMQ" && prior == null
    that     = each.value.instance_id == null
    message  = "`instances[${each.key}].instance_id` is made by the service for `EXTERNAL_ROCKETMQ`: leave it out (InvalidParameter)"
    path     = instances
    part     = instance_id
  }
  check "address" {
    for_each = self.instances
    when     = each.value.type == "EXTERNAL_ROCKETMQ"
    that     = each.value.endpoint_url != null
    message  = "`instances[${each.key}].endpoint_url` is needed for `EXTERNAL_ROCKETMQ`: the address of its name server (MissingParameter)"
    path     = instances
    part     = endpoint_url
  }
  check "no address" {
    for_each = self.instances
    when     = each.value.type == "ALIYUN_ROCKETMQ"
    that     = each.value.endpoint_url == null
    message  = "`instances[${each.key}].endpoint_url` is for `EXTERNAL_ROCKETMQ` only (InvalidParameter)"
    path     = instances
    part     = endpoint_url
  }
  check "network" {
    for_each = self.instances
    when     = each.value.type == "EXTERNAL_ROCKETMQ"
    that     = each.value.network_type != null
    message  = "`instances[${each.key}].network_type` is needed for `EXTERNAL_ROCKETMQ`: `TCP_INTERNET` or `TCP_VPC` (MissingParameter)"
    path     = instances
    part     = network_type
  }
  check "no network" {
    for_each = self.instances
    when     = each.value.type == "ALIYUN_ROCKETMQ"
    that     = each.value.network_type == null
    message  = "`instances[${each.key}].network_type` is for `EXTERNAL_ROCKETMQ` only (InvalidParameter)"
    path     = instances
    part     = network_type
  }
  check "authentication of external instances" {
    for_each = self.instances
    when     = each.value.type == "EXTERNAL_ROCKETMQ"
    that     = each.value.auth_type != null
    message  = "`instances[${each.key}].auth_type` is needed for `EXTERNAL_ROCKETMQ`: `NO_AUTH` or `ACL_AUTH` (MissingParameter)"
    path     = instances
    part     = auth_type
  }
  # Instances of version 5.x are called so; what is called otherwise may be one of version 4.x.
  check "authentication of version 5.x" {
    for_each = self.instances
    when     = each.value.type == "ALIYUN_ROCKETMQ" && each.value.instance_id != null && startswith(each.value.instance_id != null ? each.value.instance_id : "", "rmq-")
    that     = each.value.auth_type != null
    message  = "`instances[${each.key}].auth_type` is needed for instances of version 5.x: `NO_AUTH` or `ACL_AUTH` (MissingParameter)"
    path     = instances
    part     = auth_type
  }
  check "authentication" {
    for_each = self.instances
    when     = each.value.type == "ALIYUN_ROCKETMQ" && !startswith(each.value.instance_id != null ? each.value.instance_id : "rmq-", "rmq-")
    that     = each.value.auth_type != null
    message  = "`instances[${each.key}].auth_type` is needed for instances of version 5.x (MissingParameter)"
    path     = instances
    part     = auth_type
    severity = warning
    hint     = "set it to `NO_AUTH` or `ACL_AUTH`, or leave it out for an instance of version 4.x"
  }
  check "user" {
    for_each = self.instances
    when     = each.value.auth_type == "ACL_AUTH"
    that     = each.value.username != null
    message  = "`instances[${each.key}].username` is needed with `auth_type = \"ACL_AUTH\"` (MissingParameter)"
    path     = instances
    part     = username
  }
  check "no user" {
    for_each = self.instances
    when     = each.value.auth_type != "ACL_AUTH"
    that     = each.value.username == null
    message  = "`instances[${each.key}].username` goes with `auth_type = \"ACL_AUTH\"` only (InvalidParameter)"
    path     = instances
    part     = username
  }
  check "password" {
    for_each = self.instances
    when     = each.value.type == "EXTERNAL_ROCKETMQ" && each.value.auth_type == "ACL_AUTH" && prior == null
    that     = each.value.password != null
    message  = "`instances[${each.key}].password` is needed for `EXTERNAL_ROCKETMQ` with `auth_type = \"ACL_AUTH\"` (MissingParameter)"
    path     = instances
    part     = password
  }
  check "no password" {
    for_each = self.instances
    when     = !(each.value.type == "EXTERNAL_ROCKETMQ" && each.value.auth_type == "ACL_AUTH")
    that     = each.value.password == null
    message  = "`instances[${each.key}].password` is for `EXTERNAL_ROCKETMQ` with `auth_type = \"ACL_AUTH\"` only (InvalidParameter)"
    path     = instances
    part     = password
  }
  check "private network" {
    for_each = self.instances
    when     = each.value.type == "EXTERNAL_ROCKETMQ" && each.value.network_type == "TCP_VPC"
    that     = each.value.vpc_id != null
    message  = "`instances[${each.key}].vpc_id` is needed for `EXTERNAL_ROCKETMQ` with `network_type = \"TCP_VPC\"` (MissingParameter)"
    path     = instances
    part     = vpc_id
  }
  check "no private network" {
    for_each = self.instances
    when     = !(each.value.type == "EXTERNAL_ROCKETMQ" && each.value.network_type == "TCP_VPC")
    that     = each.value.vpc_id == null
    message  = "`instances[${each.key}].vpc_id` is for `EXTERNAL_ROCKETMQ` with `network_type = \"TCP_VPC\"` only (InvalidParameter)"
    path     = instances
    part     = vpc_id
  }
  check "switch" {
    for_each = self.instances
    when     = each.value.type == "EXTERNAL_ROCKETMQ" && each.value.network_type == "TCP_VPC"
    that     = each.value.vswitch_id != null
    message  = "`instances[${each.key}].vswitch_id` is needed for `EXTERNAL_ROCKETMQ` with `network_type = \"TCP_VPC\"` (MissingParameter)"
    path     = instances
    part     = vswitch_id
  }
  check "no switch" {
    for_each = self.instances
    when     = !(each.value.type == "EXTERNAL_ROCKETMQ" && each.value.network_type == "TCP_VPC")
    that     = each.value.vswitch_id == null
    message  = "`instances[${each.key}].vswitch_id` is for `EXTERNAL_ROCKETMQ` with `network_type = \"TCP_VPC\"` only (InvalidParameter)"
    path     = instances
    part     = vswitch_id
  }
  check "security group" {
    for_each = self.instances
    when     = each.value.type == "EXTERNAL_ROCKETMQ" && each.value.network_type == "TCP_VPC"
    that     = each.value.security_group_id != null
    message  = "`instances[${each.key}].security_group_id` is needed for `EXTERNAL_ROCKETMQ` with `network_type = \"TCP_VPC\"` (MissingParameter)"
    path     = instances
    part     = security_group_id
  }
  check "no security group" {
    for_each = self.instances
    when     = !(each.value.type == "EXTERNAL_ROCKETMQ" && each.value.network_type == "TCP_VPC")
    that     = each.value.security_group_id == null
    message  = "`instances[${each.key}].security_group_id` is for `EXTERNAL_ROCKETMQ` with `network_type = \"TCP_VPC\"` only (InvalidParameter)"
    path     = instances
    part     = security_group_id
  }
  check "group of the replicator" {
    for_each = self.instances
    when     = each.value.type == "EXTERNAL_ROCKETMQ"
    that     = each.value.consumer_group_id != null
    message  = "`instances[${each.key}].consumer_group_id` is needed for `EXTERNAL_ROCKETMQ`: the group that the replicator reads with (MissingParameter)"
    path     = instances
    part     = consumer_group_id
  }
  check "no group of the replicator" {
    for_each = self.instances
    when     = each.value.type == "ALIYUN_ROCKETMQ"
    that     = each.value.consumer_group_id == null
    message  = "`instances[${each.key}].consumer_group_id` is for `EXTERNAL_ROCKETMQ` only: the service makes a group of its own (InvalidParameter)"
    path     = instances
    part     = consumer_group_id
  }
  check "number of instances" {
    that     = length(self.instances) == 2
    message  = "a plan is between two instances, as far as the documents tell; this one has ${length(self.instances)}"
    path     = instances
    severity = warning
  }
  check "at least two" {
    that    = length(self.instances) >= 2
    message = "a plan needs two `instances` (InvalidParameter)"
    path    = instances
  }
  check "distinct instances" {
    that    = length(distinct([for member in self.instances : member.type == "EXTERNAL_ROCKETMQ" ? "${member.endpoint_url != null ? member.endpoint_url : ""}" : "${member.instance_id != null ? member.instance_id : ""}"])) == length(self.instances)
    message = "an instance is in the plan twice (InvalidParameter)"
    path    = instances
  }
  check "roles" {
    when    = self.type == "ACTIVE_PASSIVE"
    that    = length([for member in self.instances : member if member.role == "ACTIVE"]) == 1 && length([for member in self.instances : member if member.role == "PASSIVE"]) == 1
    message = "an `ACTIVE_PASSIVE` plan has one `ACTIVE` and one `PASSIVE` instance (InvalidParameter)"
    path    = instances
  }
  check "checkpoints" {
    when    = self.auto_sync_checkpoint
    that    = self.sync_checkpoint_enabled
    message = "`auto_sync_checkpoint` needs `sync_checkpoint_enabled = true`"
    path    = auto_sync_checkpoint
  }
  check "checkpoints of two-way plans" {
    when     = self.auto_sync_checkpoint && self.type == "ACTIVE_ACTIVE"
    that     = false
    message  = "two-way plans never carry over read positions by themselves: `auto_sync_checkpoint` has no effect"
    path     = auto_sync_checkpoint
    severity = warning
  }
  check "allowed instances" {
    for_each = self.instances
    when     = each.value.instance_id != null
    that     = provider.allowed_instances == null ? true : contains(provider.allowed_instances, each.value.instance_id)
    message  = "`instances[${each.key}].instance_id`: the instance `${each.value.instance_id}` is not one of `allowed_instances`"
    path     = instances
    part     = instance_id
    hint     = "check which environment the configuration is for"
  }
}
