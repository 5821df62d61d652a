resource "apsaramq_rocketmq_instance" {
  version        = 1
  description    = "An instance of ApsaraMQ for RocketMQ 5.x. Which share of sending the service takes, and which specifications it has, is left to the service: its documents contradict each other."
  service        = rocketmq
  identity       = [id]
  visible_within = "1m"
  gone_when      = item.status == "RELEASED"
  loses          = "the instance with all its topics, consumer groups, accounts and messages"
  impact         = "all its clients are cut off"
  notice         = "billed while it exists; takes 2-5 min on the real service"
  example        = <<-EOT
    resource "apsaramq_rocketmq_instance" "main" {
      name         = "orders"
      series       = "standard"
      sub_series   = "cluster_ha"
      payment_type = "PayAsYouGo"
      spec         = "rmq.s2.2xlarge"
      vpc_id       = var.vpc_id
      vswitch_ids  = [var.vswitch_id]
      internet     = { enabled = false }
    }
  EOT

  serialize {
    key  = self.id
    mode = exclusive
  }
  timeouts {
    create = "35m"
    update = "35m"
    delete = "35m"
  }

  attribute "id" {
    type        = string
    mode        = computed
    from        = item.instanceId
    description = "The id, such as `rmq-cn-7e22ody0001`, made by the service."
  }
  attribute "name" {
    type        = string
    mode        = optional_computed
    change      = update
    length      = [1, 128]
    from        = item.instanceName
    description = "The name, at most 128 characters and not unique; the id if left out."
  }
  attribute "remark" {
    type        = string
    mode        = optional
    change      = update
    default     = ""
    from        = item.remark == null ? "" : item.remark
    description = "A note."
  }
  attribute "series" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["standard", "professional", "ultimate"]
    from        = item.seriesCode
    description = "The series."
  }
  attribute "sub_series" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["single_node", "cluster_ha", "serverless"]
    from        = item.subSeriesCode
    description = "The kind of deployment; the ultimate series is `cluster_ha` only."
  }
  attribute "payment_type" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["PayAsYouGo", "Subscription"]
    from        = item.paymentType
    description = "How it is paid for. A subscription cannot be released by the API: it needs `on_destroy = \"forget\"`."
  }
  attribute "commodity_code" {
    type        = string
    mode        = optional_computed
    change      = replace
    from        = item.commodityCode
    description = "The product that is ordered, such as `ons_rmqsrvlesspost_public_cn`. Needed for serverless instances."
  }
  attribute "period" {
    type        = number
    mode        = optional
    change      = update
    readback    = never
    between     = [1, 6]
    description = "How long a subscription is first ordered for. Has no effect later."
  }
  attribute "period_unit" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    one_of      = ["Month", "Year"]
    description = "The unit of `period`: 1 to 6 months, or 1 to 3 years. Has no effect later."
  }
  attribute "auto_renew" {
    type        = bool
    mode        = optional
    change      = update
    readback    = never
    description = "Whether a subscription is renewed by itself. Has no effect later."
  }
  attribute "auto_renew_period" {
    type        = number
    mode        = optional
    change      = update
    readback    = never
    description = "For how many months it is renewed: 1, 2, 3, 6 or 12. Has no effect later."
  }
  attribute "spec" {
    type        = string
    mode        = optional
    change      = replace
    from        = item.productInfo.msgProcessSpec
    description = "What it can take, such as `rmq.s2.2xlarge`. Not for serverless instances on demand."
  }
  attribute "message_retention_hours" {
    type        = number
    mode        = optional_computed
    change      = update
    unit        = "h"
    between     = [1, 720]
    from        = item.productInfo.messageRetentionTime
    impact      = "messages older than that are lost when it is lowered"
    description = "Hours that messages are kept."
  }
  attribute "send_receive_ratio" {
    type        = number
    mode        = optional_computed
    change      = update
    between     = [0.05, 1]
    from        = item.productInfo.sendReceiveRatio
    description = "The share of sending in all messages, 0.05 to 1; which part of it the service takes is uncertain."
  }
  attribute "auto_scaling" {
    type        = bool
    mode        = optional_computed
    change      = update
    from        = item.productInfo.autoScaling
    description = "Whether it may take more than its specification for a while. Not for every series."
  }
  attribute "trace_on" {
    type        = bool
    mode        = optional_computed
    change      = update
    from        = item.productInfo.traceOn
    description = "Whether messages are traced."
  }
  attribute "adaptive_elasticity" {
    type        = bool
    mode        = optional_computed
    change      = update
    from        = item.productInfo.adaptiveElasticity
    description = "Whether capacity adapts by itself. Not for every series."
  }
  attribute "storage_encryption" {
    type        = bool
    mode        = optional_computed
    change      = replace
    from        = item.productInfo.storageEncryption
    description = "Whether messages are stored encrypted."
  }
  attribute "storage_secret_key" {
    type        = string
    mode        = optional
    change      = replace
    sensitive   = true
    from        = item.productInfo.storageSecretKey
    description = "The key of encrypted storage."
  }
  attribute "capacity_type" {
    type        = string
    mode        = optional_computed
    change      = replace
    one_of      = ["provisioned", "ondemand"]
    from        = item.productInfo.capacityType
    description = "How capacity of serverless instances is paid for."
  }
  attribute "provisioned_capacity" {
    type        = number
    mode        = optional
    change      = replace
    from        = item.productInfo.provisionedCapacity
    description = "Provisioned capacity of a serverless instance."
  }
  attribute "dr_replication_mode" {
    type        = string
    mode        = optional
    change      = replace
    from        = item.productInfo.drReplicationMode
    description = "How replicas in other places are kept, where the series has them."
  }
  attribute "vpc_id" {
    type        = string
    mode        = required
    change      = replace
    from        = item.networkInfo.vpcInfo.vpcId
    description = "The private network."
  }
  attribute "vswitch_ids" {
    type        = list(string)
    mode        = required
    change      = replace
    length      = [1, 10]
    from        = [for vswitch in item.networkInfo.vpcInfo.vSwitches : vswitch.vSwitchId]
    description = "The switches of the network that it is attached to; two or more for serverless instances."
  }
  attribute "security_group_id" {
    type        = string
    mode        = optional
    change      = replace
    from        = item.networkInfo.vpcInfo.securityGroupIds == "" ? null : item.networkInfo.vpcInfo.securityGroupIds
    description = "The security group."
  }
  attribute "internet" {
    type        = object
    mode        = required
    change      = replace
    from        = { enabled = item.networkInfo.internetInfo.internetSpec == "enable", billing = item.networkInfo.internetInfo.flowOutType, bandwidth_mbps = try(item.networkInfo.internetInfo.flowOutBandwidth, null) }
    description = "Whether and how it is reached from the Internet."
    attribute "enabled" {
      type        = bool
      mode        = required
      description = "Whether it is reached from the Internet."
    }
    attribute "billing" {
      type        = string
      mode        = optional_computed
      one_of      = ["payByBandwidth", "payByTraffic", "uninvolved"]
      description = "How outgoing traffic is paid for; `uninvolved` without access from the Internet."
    }
    attribute "bandwidth_mbps" {
      type        = number
      mode        = optional
      between     = [1, 1000]
      description = "Bandwidth in Mbit/s. Only with `payByBandwidth`."
    }
  }
  attribute "ip_whitelist" {
    type        = set(string)
    mode        = optional_computed
    change      = update
    from        = item.networkInfo.internetInfo.ipWhitelist
    impact      = "clients at addresses that go are refused"
    description = "Addresses and networks that may connect from the Internet. Do not also declare `apsaramq_rocketmq_ip_whitelist`."
  }
  attribute "acl" {
    type        = object
    mode        = optional_computed
    change      = update
    from        = { types = item.aclInfo.aclTypes, vpc_auth_free = item.aclInfo.defaultVpcAuthFree }
    impact      = "clients that show no account of the new kind are refused"
    description = "How clients show who they are."
    attribute "types" {
      type        = set(string)
      mode        = optional_computed
      one_of      = ["default", "apache_acl", "aliyun_ram"]
      description = "The accounts that count: the instance's own (`default`), those of `apsaramq_rocketmq_account` (`apache_acl`), RAM users (`aliyun_ram`)."
    }
    attribute "vpc_auth_free" {
      type        = bool
      mode        = optional_computed
      description = "Whether clients in the private network need none."
    }
  }
  attribute "resource_group_id" {
    type        = string
    mode        = optional_computed
    change      = update
    from        = item.resourceGroupId
    description = "The resource group."
  }
  attribute "tags" {
    type        = map(string)
    mode        = optional
    change      = update
    default     = {}
    length      = [0, 20]
    through     = tags_all
    from        = self.tags != null ? self.tags : { for tag in item.tags : tag.key => tag.value if !contains(provider.ignore_tags, tag.key) && try(provider.default_tags[tag.key], null) != tag.value }
    description = "The instance's own tags. Those of the provider's `default_tags` are in `tags_all` alone."
  }
  attribute "tags_all" {
    type        = map(string)
    mode        = computed
    change      = update
    derived     = { for key, value in merge(provider.default_tags, self.tags) : key => value if !contains(provider.ignore_tags, key) }
    from        = { for tag in item.tags : tag.key => tag.value if !contains(provider.ignore_tags, tag.key) }
    description = "All tags but those that the provider's `ignore_tags` names: `default_tags` and `tags` together, at most 20."
  }
  attribute "on_destroy" {
    type        = string
    mode        = optional
    change      = update
    default     = "delete"
    one_of      = ["delete", "forget"]
    readback    = never
    description = "What destroying it means: `delete` releases the instance, `forget` leaves it as it is."
  }
  attribute "status" {
    type        = string
    mode        = computed
    volatile    = true
    description = "What the service says of it: `CREATING`, `CHANGING`, `RUNNING` or `STOPPED`."
  }
  attribute "region_id" {
    type        = string
    mode        = computed
    from        = item.regionId
    description = "The region."
  }
  attribute "account_id" {
    type        = string
    mode        = computed
    from        = item.userId
    description = "The Alibaba Cloud account that owns it."
  }
  attribute "endpoints" {
    type        = list
    mode        = computed
    from        = [for endpoint in item.networkInfo.endpoints : { type = endpoint.endpointType, url = endpoint.endpointUrl }]
    description = "Where clients connect."
    attribute "type" {
      type        = string
      mode        = computed
      description = "`TCP_VPC` or `TCP_INTERNET`."
    }
    attribute "url" {
      type        = string
      mode        = computed
      description = "Host and port."
    }
  }
  attribute "create_time" {
    type        = string
    mode        = computed
    from        = item.createTime
    description = "When it was created, as the service writes it."
  }
  attribute "expire_time" {
    type        = string
    mode        = computed
    from        = item.expireTime
    description = "When a subscription ends."
  }
  attribute "topic_count" {
    type        = number
    mode        = computed
    volatile    = true
    from        = item.topicCount
    description = "How many topics it has."
  }
  attribute "group_count" {
    type        = number
    mode        = computed
    volatile    = true
    from        = item.groupCount
    description = "How many consumer groups it has."
  }

  # An entry has no more than what identifies the instance and its status.
  list {
    call       = "GET /instances"
    operation  = "ListInstances"
    pages      = pages
    items      = response.data.list
    total      = response.data.totalCount
    lacks      = [vpc_id, vswitch_ids, internet, acl, spec, ip_whitelist, message_retention_hours, send_receive_ratio, auto_scaling, tags]
    permission = ["rocketmq:ListInstances"]
  }
  read {
    step "instance" {
      call       = "GET /instances/${self.id}"
      operation  = "GetInstance"
      item       = response.data
      permission = ["rocketmq:GetInstance"]
    }
  }
  find {
    call      = "GET /instances"
    operation = "ListInstances"
    query     = { filter = self.name }
    pages     = pages
    items     = response.data.list
    total     = response.data.totalCount
    match     = item.instanceName == self.name && item.seriesCode == self.series && item.subSeriesCode == self.sub_series && item.paymentType == self.payment_type
  }
  ready {
    busy   = contains(["CREATING", "CHANGING"], item.status)
    broken = item.status == "STOPPED" && item.expireTime == null
  }

  create {
    step "create" {
      call      = "POST /instances"
      operation = "CreateInstance"
      body = {
        serviceCode     = "rmq"
        seriesCode      = self.series
        subSeriesCode   = self.sub_series
        paymentType     = self.payment_type
        commodityCode   = self.commodity_code
        instanceName    = self.name
        remark          = self.remark
        period          = self.period
        periodUnit      = self.period_unit
        autoRenew       = self.auto_renew
        autoRenewPeriod = self.auto_renew_period
        resourceGroupId = self.resource_group_id
        tags            = [for key, value in self.tags_all : { key = key, value = value }]
        networkInfo = {
          vpcInfo      = { vpcId = self.vpc_id, vSwitches = [for id in self.vswitch_ids : { vSwitchId = id }], securityGroupIds = self.security_group_id }
          internetInfo = { internetSpec = self.internet.enabled ? "enable" : "disable", flowOutType = self.internet.billing != null ? self.internet.billing : self.internet.enabled ? "payByTraffic" : "uninvolved", flowOutBandwidth = self.internet.bandwidth_mbps }
        }
        productInfo = {
          msgProcessSpec       = self.spec
          messageRetentionTime = self.message_retention_hours
          sendReceiveRatio     = self.send_receive_ratio
          autoScaling          = self.auto_scaling
          traceOn              = self.trace_on
          adaptiveElasticity   = self.adaptive_elasticity
          storageEncryption    = self.storage_encryption
          storageSecretKey     = self.storage_secret_key
          capacityType         = self.capacity_type
          provisionedCapacity  = self.provisioned_capacity
          drReplicationMode    = self.dr_replication_mode
        }
        aclInfo = { defaultVpcAuthFree = try(self.acl.vpc_auth_free, null) }
      }
      set        = { id = response.data }
      wait       = running
      permission = ["rocketmq:CreateInstance"]
    }
    # The kinds of accounts can only be changed.
    step "access" {
      when       = try(self.acl.types, null) != null
      call       = "PATCH /instances/${self.id}"
      operation  = "UpdateInstance"
      body       = { aclInfo = { aclTypes = self.acl.types } }
      idempotent = true
      wait       = changed
      permission = ["rocketmq:UpdateInstance"]
    }
    step "whitelist" {
      when       = self.ip_whitelist == null ? false : length(self.ip_whitelist) > 0
      call       = "POST /instances/${self.id}/ip/whitelist"
      operation  = "CreateInstanceIpWhitelist"
      body       = { ipWhitelists = self.ip_whitelist }
      idempotent = true
      permission = ["rocketmq:CreateInstanceIpWhitelist"]
    }
  }
  update {
    step "settings" {
      on        = [name, remark, message_retention_hours, send_receive_ratio, auto_scaling, trace_on, adaptive_elasticity, acl]
      call      = "PATCH /instances/${self.id}"
      operation = "UpdateInstance"
      body = {
        instanceName = self.name
        remark       = self.remark
        productInfo = {
          messageRetentionTime = changed.message_retention_hours ? self.message_retention_hours : null
          sendReceiveRatio     = changed.send_receive_ratio ? self.send_receive_ratio : null
          autoScaling          = changed.auto_scaling ? self.auto_scaling : null
          traceOn              = changed.trace_on ? self.trace_on : null
          adaptiveElasticity   = changed.adaptive_elasticity ? self.adaptive_elasticity : null
        }
        aclInfo = { aclTypes = changed.acl ? self.acl.types : null, defaultVpcAuthFree = changed.acl ? self.acl.vpc_auth_free : null }
      }
      idempotent = true
      wait       = changed
      permission = ["rocketmq:UpdateInstance"]
    }
    step "resource group" {
      on         = [resource_group_id]
      call       = "POST /resourceGroup/change"
      operation  = "ChangeResourceGroup"
      query      = { regionId = provider.region, resourceType = "instance", resourceId = self.id, resourceGroupId = self.resource_group_id }
      idempotent = true
      permission = ["rocketmq:ChangeResourceGroup"]
    }
    step "old tags" {
      on         = [tags_all]
      when       = length(setsubtract(keys(prior.tags_all), keys(self.tags_all))) > 0
      call       = "DELETE /resourceTag/delete"
      operation  = "UntagResources"
      query      = { regionId = provider.region, resourceType = "instance", resourceId = jsonencode([self.id]), tagKey = jsonencode(sort(setsubtract(keys(prior.tags_all), keys(self.tags_all)))) }
      permission = ["rocketmq:UntagResources"]
    }
    step "new tags" {
      on         = [tags_all]
      when       = length([for key, value in self.tags_all : key if try(prior.tags_all[key], null) != value]) > 0
      call       = "POST /resourceTag/create"
      operation  = "TagResources"
      query      = { regionId = provider.region, resourceType = "instance", resourceId = jsonencode([self.id]), tag = jsonencode([for key, value in self.tags_all : { key = key, value = value } if try(prior.tags_all[key], null) != value]) }
      idempotent = true
      permission = ["rocketmq:TagResources"]
    }
    # New entries come before old ones go, so that nobody is locked out on the way.
    step "new addresses" {
      on         = [ip_whitelist]
      when       = length(setsubtract(self.ip_whitelist, prior.ip_whitelist)) > 0
      call       = "POST /instances/${self.id}/ip/whitelist"
      operation  = "CreateInstanceIpWhitelist"
      body       = { ipWhitelists = setsubtract(self.ip_whitelist, prior.ip_whitelist) }
      idempotent = true
      permission = ["rocketmq:CreateInstanceIpWhitelist"]
    }
    step "old addresses" {
      on         = [ip_whitelist]
      when       = length(setsubtract(prior.ip_whitelist, self.ip_whitelist)) > 0
      call       = "DELETE /instances/${self.id}/ip/whitelist"
      operation  = "DeleteInstanceIpWhitelist"
      query      = { ipWhitelists = join(",", sort(setsubtract(prior.ip_whitelist, self.ip_whitelist))) }
      tolerate   = [gone]
      permission = ["rocketmq:DeleteInstanceIpWhitelist"]
    }
    # Terms of the first order, and what destroying means, are only kept.
    step "record" {
      on  = [period, period_unit, auto_renew, auto_renew_period, on_destroy]
      set = { on_destroy = self.on_destroy }
    }
  }
  delete {
    step "release" {
      when       = self.on_destroy != "forget"
      call       = "DELETE /instances/${self.id}"
      operation  = "DeleteInstance"
      wait       = released
      permission = ["rocketmq:DeleteInstance"]
    }
  }

  waiter "running" {
    description = "the instance is running"
    until       = item.status == "RUNNING"
    failed      = item.status == "STOPPED"
    gone        = pending
    interval    = "10s"
  }
  waiter "changed" {
    description = "the instance is running again"
    until       = item.status == "RUNNING"
    interval    = "10s"
  }
  waiter "released" {
    description = "the instance is released"
    gone        = done
    interval    = "10s"
  }

  guard "topics, groups and accounts outside the state" {
    kind = children
    on   = [delete, replace]
    when = self.on_destroy != "forget"
    step "topics" {
      call       = "GET /instances/${self.id}/topics"
      operation  = "ListTopics"
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { topics = items[*].topicName }
      permission = ["rocketmq:ListTopics"]
    }
    step "groups" {
      call       = "GET /instances/${self.id}/consumerGroups"
      operation  = "ListConsumerGroups"
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { groups = items[*].consumerGroupId }
      permission = ["rocketmq:ListConsumerGroups"]
    }
    step "accounts" {
      call       = "GET /instances/${self.id}/accounts"
      operation  = "ListInstanceAccount"
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { accounts = [for account in items : account.username if account.accountType != "DEFAULT"] }
      permission = ["rocketmq:ListInstanceAccount"]
    }
    children = {
      apsaramq_rocketmq_topic          = observed.topics
      apsaramq_rocketmq_consumer_group = observed.groups
      apsaramq_rocketmq_account        = observed.accounts
    }
    count   = length(unmanaged.apsaramq_rocketmq_topic) + length(unmanaged.apsaramq_rocketmq_consumer_group) + length(unmanaged.apsaramq_rocketmq_account)
    message = "${length(unmanaged.apsaramq_rocketmq_topic)} ${length(unmanaged.apsaramq_rocketmq_topic) == 1 ? "topic" : "topics"}, ${length(unmanaged.apsaramq_rocketmq_consumer_group)} ${length(unmanaged.apsaramq_rocketmq_consumer_group) == 1 ? "consumer group" : "consumer groups"} and ${length(unmanaged.apsaramq_rocketmq_account)} ${length(unmanaged.apsaramq_rocketmq_account) == 1 ? "account" : "accounts"} that are not in the state would be lost: ${join(", ", concat(unmanaged.apsaramq_rocketmq_topic, unmanaged.apsaramq_rocketmq_consumer_group, unmanaged.apsaramq_rocketmq_account))}"
  }
  guard "online clients" {
    kind = impact
    on   = [delete, replace]
    when = self.on_destroy != "forget"
    step "groups" {
      call       = "GET /instances/${self.id}/consumerGroups"
      operation  = "ListConsumerGroups"
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { groups = items[*].consumerGroupId }
      permission = ["rocketmq:ListConsumerGroups"]
    }
    step "clients" {
      for_each   = observed.groups
      call       = "GET /instances/${self.id}/consumerGroups/${each.value}/connections"
      operation  = "ListConsumerConnections"
      set        = { clients = { (each.value) = length(response.data.connections) } }
      tolerate   = [gone]
      permission = ["rocketmq:ListConsumerConnections"]
    }
    count   = sum(concat([0], values(observed.clients)))
    message = "${count} ${count == 1 ? "client is" : "clients are"} online: ${join(", ", [for group, clients in observed.clients : "${group} ${clients}" if clients > 0])}"
  }
  guard "disaster recovery" {
    kind = impact
    on   = [delete, replace]
    when = self.on_destroy != "forget"
    step "plans" {
      call       = "GET /disaster_recovery"
      operation  = "ListDisasterRecoveryPlans"
      query      = { instanceId = self.id }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { plans = [for plan in items : plan.planName if plan.planStatus == "RUNNING"] }
      permission = ["rocketmq:ListDisasterRecoveryPlans"]
    }
    count   = length(observed.plans)
    message = "it belongs to ${count} ${count == 1 ? "disaster recovery plan that runs" : "disaster recovery plans that run"}: ${join(", ", observed.plans)}"
  }

  check "ultimate" {
    when    = self.series == "ultimate"
    that    = self.sub_series == "cluster_ha"
    message = "the ultimate series is `cluster_ha` only (InvalidParameter)"
    path    = sub_series
  }
  check "serverless" {
    when    = self.sub_series == "serverless" && prior == null
    that    = config.commodity_code != null
    message = "a serverless instance needs `commodity_code` (MissingParameter)"
    path    = commodity_code
  }
  check "switches" {
    when    = self.sub_series == "serverless"
    that    = length(self.vswitch_ids) >= 2
    message = "a serverless instance needs two or more `vswitch_ids` (InvalidParameter)"
    path    = vswitch_ids
  }
  check "specification" {
    when    = self.sub_series != "serverless"
    that    = self.spec != null
    message = "`spec` is missing (MissingParameter)"
    path    = spec
  }
  check "subscription" {
    when    = self.payment_type == "Subscription"
    that    = self.on_destroy == "forget"
    message = "a subscription cannot be released by the API"
    path    = on_destroy
    hint    = "set `on_destroy = \"forget\"`: destroying it then leaves the instance as it is"
  }
  check "period" {
    when    = prior == null && self.payment_type == "Subscription"
    that    = self.period != null
    message = "a subscription needs a `period` (MissingParameter)"
    path    = period
  }
  check "years" {
    when    = self.period_unit == "Year" && self.period != null
    that    = self.period <= 3
    message = "a subscription is ordered for at most 3 years (InvalidParameter)"
    path    = period
  }
  check "pay as you go" {
    when    = self.payment_type == "PayAsYouGo"
    that    = self.period == null && self.auto_renew_period == null
    message = "`period` and `auto_renew_period` are for subscriptions"
    path    = period
  }
  check "renewal" {
    when    = self.auto_renew_period != null
    that    = contains([1, 2, 3, 6, 12], self.auto_renew_period)
    message = "a subscription is renewed for 1, 2, 3, 6 or 12 months (InvalidParameter)"
    path    = auto_renew_period
  }
  check "terms of the order" {
    when     = prior != null
    that     = try(self.period == prior.period && self.period_unit == prior.period_unit && self.auto_renew == prior.auto_renew && self.auto_renew_period == prior.auto_renew_period, true)
    message  = "the terms of the first order have no effect on an existing instance"
    path     = period
    severity = warning
  }
  check "encryption" {
    when    = self.storage_secret_key != null
    that    = prior == null ? config.storage_encryption == true : self.storage_encryption == true
    message = "`storage_secret_key` goes with `storage_encryption = true` (InvalidParameter)"
    path    = storage_secret_key
  }
  check "billing" {
    when    = self.internet.billing != null
    that    = self.internet.enabled == (self.internet.billing != "uninvolved")
    message = "`internet.billing` is `uninvolved` exactly if `internet.enabled` is false (InvalidParameter)"
    path    = internet
  }
  check "bandwidth" {
    when    = self.internet.billing != null
    that    = (self.internet.billing == "payByBandwidth") == (self.internet.bandwidth_mbps != null)
    message = "`internet.bandwidth_mbps` goes with `payByBandwidth` and nothing else (InvalidParameter)"
    path    = internet
  }
  check "bandwidth alone" {
    when    = self.internet.bandwidth_mbps != null
    that    = prior == null ? config.internet.billing == "payByBandwidth" : self.internet.billing == "payByBandwidth"
    message = "`internet.bandwidth_mbps` needs `billing = \"payByBandwidth\"` (InvalidParameter)"
    path    = internet
  }
  check "ignored tags" {
    that    = length(setintersection(keys(self.tags), provider.ignore_tags)) == 0
    message = "the provider's `ignore_tags` ignores ${join(", ", [for key in setintersection(keys(self.tags), provider.ignore_tags) : "`${key}`"])}"
    path    = tags
    hint    = "take them out of `tags` or of `ignore_tags`"
  }
  check "number of tags" {
    that    = length(self.tags_all) <= 20
    message = "an instance has at most 20 tags, with `default_tags` it would have ${length(self.tags_all)} (InvalidParameter)"
    path    = tags
  }
  check "allowed instance" {
    when    = prior != null
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, prior.id)
    message = "the instance `${prior.id}` is not one of `allowed_instances`"
    path    = name
    hint    = "check which environment the configuration is for"
  }
  check "allowed account" {
    when    = provider.allowed_accounts != null && try(prior.account_id, null) != null
    that    = contains(provider.allowed_accounts, prior.account_id)
    message = "the instance belongs to the account `${prior.account_id}`, which is not one of `allowed_accounts`"
    path    = name
    hint    = "check which environment the configuration is for"
  }
}
