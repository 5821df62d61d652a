resource "apsaramq_rocketmq_account" {
  version        = 1
  description    = "An account that clients of an ApsaraMQ for RocketMQ instance show. The service sends the password in the address of the request that changes it, so changes leave it in logs of proxies between here and the service."
  service        = rocketmq
  identity       = [instance_id, username]
  system_when    = self.account_type == "DEFAULT"
  visible_within = "10s"
  impact         = "its clients are refused at once, and its access rules are gone"
  example        = <<-EOT
    resource "apsaramq_rocketmq_account" "billing" {
      instance_id      = apsaramq_rocketmq_instance.main.id
      username         = "billing"
      password         = var.billing_password
      password_version = 1
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
    description = "The instance and the user name."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    from        = try(item.instanceId, self.instance_id)
    description = "The instance."
  }
  attribute "username" {
    type        = string
    mode        = required
    change      = replace
    length      = [1, 64]
    description = "The user name."
  }
  attribute "password" {
    type        = string
    mode        = required
    change      = update
    sensitive   = true
    write_only  = true
    version     = password_version
    impact      = "clients with the old password are refused"
    description = "The password. The service would tell it; it is never read."
  }
  attribute "password_version" {
    type        = number
    mode        = optional
    change      = update
    readback    = never
    description = "Counts the passwords: a change sends `password` again."
  }
  attribute "account_type" {
    type        = string
    mode        = computed
    from        = item.accountType
    description = "`DEFAULT` for the account that came with the instance, which cannot be deleted, `CUSTOM` for others. Lists tell it, and single reads do not."
  }
  attribute "status" {
    type        = string
    mode        = optional
    change      = update
    default     = "ENABLE"
    one_of      = ["ENABLE", "DISABLE"]
    from        = item.accountStatus
    impact      = "its clients are refused while it is `DISABLE`"
    description = "Whether clients may use it: `ENABLE` or `DISABLE`."
  }
  attribute "remark" {
    type        = string
    mode        = optional
    change      = update
    default     = ""
    from        = item.remark == null ? "" : item.remark
    description = "A note."
  }

  lookup "instance" {
    call       = "GET /instances/${self.instance_id}"
    operation  = "GetInstance"
    value      = response.data
    permission = ["rocketmq:GetInstance"]
  }

  list {
    scope      = [instance_id]
    call       = "GET /instances/${self.instance_id}/accounts"
    operation  = "ListInstanceAccount"
    pages      = pages
    items      = response.data.list
    total      = response.data.totalCount
    permission = ["rocketmq:ListInstanceAccount"]
  }
  read {
    step "account" {
      call       = "GET /instances/${self.instance_id}/account"
      operation  = "GetInstanceAccount"
      query      = { username = self.username }
      item       = response.data
      permission = ["rocketmq:GetInstanceAccount"]
    }
  }

  create {
    step "create" {
      call       = "POST /instances/${self.instance_id}/accounts"
      operation  = "CreateInstanceAccount"
      body       = { username = self.username, password = self.password, remark = self.remark }
      permission = ["rocketmq:CreateInstanceAccount"]
    }
    # A new account is enabled.
    step "disable" {
      when       = self.status == "DISABLE"
      call       = "PATCH /instances/${self.instance_id}/accounts/${self.username}"
      operation  = "UpdateInstanceAccount"
      query      = { accountStatus = self.status }
      idempotent = true
      permission = ["rocketmq:UpdateInstanceAccount"]
    }
  }
  update {
    step "account" {
      on         = [password, password_version, status, remark]
      call       = "PATCH /instances/${self.instance_id}/accounts/${self.username}"
      operation  = "UpdateInstanceAccount"
      query      = { password = changed.password || changed.password_version ? self.password : null, accountStatus = self.status, remark = self.remark }
      idempotent = true
      permission = ["rocketmq:UpdateInstanceAccount"]
    }
  }
  delete {
    step "delete" {
      call       = "DELETE /instances/${self.instance_id}/accounts/${self.username}"
      operation  = "DeleteInstanceAccount"
      permission = ["rocketmq:DeleteInstanceAccount"]
    }
  }

  guard "access rules" {
    kind = impact
    on   = [delete, replace]
    step "rules" {
      call       = "GET /instances/${self.instance_id}/acl"
      operation  = "ListInstanceAcl"
      query      = { filter = self.username }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { rules = [for rule in items : "${lower(rule.resourceType)} ${rule.resourceName}" if rule.username == self.username] }
      permission = ["rocketmq:ListInstanceAcl"]
    }
    count   = length(observed.rules)
    message = "its clients lose access to ${join(", ", observed.rules)}"
  }

  check "own account" {
    when    = prior == null
    that    = self.username != lookup.instance.accountInfo.username
    message = "`${self.username}` is the account that the instance has of its own, which cannot be managed"
    path    = username
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
