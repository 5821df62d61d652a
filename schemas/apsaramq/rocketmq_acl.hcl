resource "apsaramq_rocketmq_acl" {
  version        = 1
  description    = "What an account may do with a topic or consumer group of an ApsaraMQ for RocketMQ instance. It has an effect while the instance's `acl.types` hold `apache_acl`."
  service        = rocketmq
  identity       = [instance_id, username, resource_type, resource_name]
  visible_within = "10s"
  impact         = "clients of the account lose the access that the rule gives, or gain what it denies"
  example        = <<-EOT
    resource "apsaramq_rocketmq_acl" "billing_orders" {
      instance_id   = apsaramq_rocketmq_instance.main.id
      username      = apsaramq_rocketmq_account.billing.username
      resource_type = "Topic"
      resource_name = apsaramq_rocketmq_topic.orders.name
      actions       = ["Sub"]
      decision      = "Allow"
    }
  EOT

  parent "apsaramq_rocketmq_instance" {
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
    description = "The instance, the user name, the kind and the name of the resource."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    from        = item.instanceId
    description = "The instance."
  }
  attribute "username" {
    type        = string
    mode        = required
    change      = replace
    refers      = "apsaramq_rocketmq_account.username"
    description = "The account."
  }
  attribute "resource_type" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["Topic", "Group"]
    from        = item.resourceType
    description = "What the rule is about: `Topic` or `Group`."
  }
  attribute "resource_name" {
    type        = string
    mode        = required
    change      = replace
    from        = item.resourceName
    description = "The name of the topic or consumer group."
  }
  attribute "actions" {
    type        = set(string)
    mode        = required
    change      = update
    one_of      = ["Pub", "Sub"]
    length      = [1, 2]
    from        = flatten([for action in item.actions : split("|", action)])
    impact      = "clients of the account lose the actions that go"
    description = "What is allowed or denied: `Pub`, `Sub`, or both for a topic, `Sub` for a consumer group."
  }
  attribute "decision" {
    type        = string
    mode        = required
    change      = update
    one_of      = ["Allow", "Deny"]
    impact      = "clients of the account are refused what is denied"
    description = "`Allow` or `Deny`."
  }
  attribute "ip_whitelists" {
    type        = set(string)
    mode        = optional
    change      = update
    default     = []
    from        = item.ipWhitelists
    impact      = "clients at other addresses are not covered any more"
    description = "Addresses and networks that the rule is for; all if empty."
  }

  lookup "instance" {
    call       = "GET /instances/${self.instance_id}"
    operation  = "GetInstance"
    value      = response.data
    permission = ["rocketmq:GetInstance"]
  }

  list {
    scope      = [instance_id]
    call       = "GET /instances/${self.instance_id}/acl"
    operation  = "ListInstanceAcl"
    pages      = pages
    items      = response.data.list
    total      = response.data.totalCount
    permission = ["rocketmq:ListInstanceAcl"]
  }
  read {
    step "rule" {
      call       = "GET /instances/${self.instance_id}/acl/account/${self.username}"
      operation  = "GetInstanceAcl"
      query      = { resourceType = self.resource_type, resourceName = self.resource_name }
      item       = response.data
      permission = ["rocketmq:GetInstanceAcl"]
    }
  }

  create {
    step "create" {
      call       = "POST /instances/${self.instance_id}/acl/account/${self.username}"
      operation  = "CreateInstanceAcl"
      body       = { resourceType = self.resource_type, resourceName = self.resource_name, actions = self.actions, decision = self.decision, ipWhitelists = self.ip_whitelists }
      permission = ["rocketmq:CreateInstanceAcl"]
    }
  }
  update {
    step "rule" {
      on         = [actions, decision, ip_whitelists]
      call       = "PATCH /instances/${self.instance_id}/acl/account/${self.username}"
      operation  = "UpdateInstanceAcl"
      body       = { resourceType = self.resource_type, resourceName = self.resource_name, actions = self.actions, decision = self.decision, ipWhitelists = self.ip_whitelists }
      idempotent = true
      permission = ["rocketmq:UpdateInstanceAcl"]
    }
  }
  delete {
    step "delete" {
      call       = "DELETE /instances/${self.instance_id}/acl/account/${self.username}"
      operation  = "DeleteInstanceAcl"
      query      = { resourceType = self.resource_type, resourceName = self.resource_name }
      permission = ["rocketmq:DeleteInstanceAcl"]
    }
  }

  guard "online consumers" {
    kind = impact
    on   = [delete, replace]
    when = self.resource_type == "Group" && self.decision == "Allow"
    step "connections" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.resource_name}/connections"
      operation  = "ListConsumerConnections"
      set        = { clients = [for connection in response.data.connections : connection.clientId] }
      tolerate   = [gone]
      permission = ["rocketmq:ListConsumerConnections"]
    }
    count   = observed.clients == null ? 0 : length(observed.clients)
    message = "${count} ${count == 1 ? "consumer of the group is" : "consumers of the group are"} online"
  }

  check "actions of a group" {
    when    = self.resource_type == "Group"
    that    = !contains(self.actions, "Pub")
    message = "nobody publishes to a consumer group: its only action is `Sub` (InvalidParameter)"
    path    = actions
  }
  check "allowed instance" {
    that    = provider.allowed_instances == null ? true : contains(provider.allowed_instances, self.instance_id)
    message = "the instance `${self.instance_id}` is not one of `allowed_instances`"
    path    = instance_id
    hint    = "check which environment the configuration is for"
  }
  check "allowed account" {
    when    = provider.allowed_accounts != null
    that    = contains(provider.allowed_accounts, lookup.instance.userId)
    message = "the instance belongs to the account `${lookup.instance.userId}`, which is not one of `allowed_accounts`"
    path    = instance_id
    hint    = "check which environment the configuration is for"
  }
}
