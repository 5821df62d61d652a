resource "apsaramq_rocketmq_ip_whitelist" {
  version       = 1
  description   = "Who may connect to an ApsaraMQ for RocketMQ instance from the Internet: the whole list. An instance has one; do not also set `ip_whitelist` of the instance."
  service       = rocketmq
  identity      = [instance_id]
  always_exists = true
  impact        = "the list becomes empty, which lets nobody in from the Internet"
  example       = <<-EOT
    resource "apsaramq_rocketmq_ip_whitelist" "main" {
      instance_id = apsaramq_rocketmq_instance.main.id
      entries     = ["203.0.113.0/24", "198.51.100.7"]
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
    description = "The instance."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    from        = item.instanceId
    description = "The instance."
  }
  attribute "entries" {
    type        = set(string)
    mode        = required
    change      = update
    pattern     = "[0-9A-Fa-f.:]+(?:/[0-9]{1,3})?"
    from        = item.ipWhitelists
    impact      = "clients at addresses that go are refused"
    description = "All addresses and networks of the list."
  }

  lookup "instance" {
    call       = "GET /instances/${self.instance_id}"
    operation  = "GetInstance"
    value      = response.data
    permission = ["rocketmq:GetInstance"]
  }

  lookup "whitelist" {
    call       = "GET /instances/${self.instance_id}/ip/whitelists"
    operation  = "GetInstanceIpWhitelist"
    value      = response.data.ipWhitelists
    permission = ["rocketmq:GetInstanceIpWhitelist"]
  }
  read {
    step "whitelist" {
      call       = "GET /instances/${self.instance_id}/ip/whitelists"
      operation  = "GetInstanceIpWhitelist"
      item       = response.data
      permission = ["rocketmq:GetInstanceIpWhitelist"]
    }
  }

  create {
    step "new entries" {
      when       = length(setsubtract(self.entries, lookup.whitelist)) > 0
      call       = "POST /instances/${self.instance_id}/ip/whitelist"
      operation  = "CreateInstanceIpWhitelist"
      body       = { ipWhitelists = setsubtract(self.entries, lookup.whitelist) }
      idempotent = true
      permission = ["rocketmq:CreateInstanceIpWhitelist"]
    }
    step "other entries" {
      when       = length(setsubtract(lookup.whitelist, self.entries)) > 0
      call       = "DELETE /instances/${self.instance_id}/ip/whitelist"
      operation  = "DeleteInstanceIpWhitelist"
      query      = { ipWhitelists = join(",", sort(setsubtract(lookup.whitelist, self.entries))) }
      tolerate   = [gone]
      permission = ["rocketmq:DeleteInstanceIpWhitelist"]
    }
  }
  # New entries come before old ones go, so that nobody is locked out on the way.
  update {
    step "new entries" {
      on         = [entries]
      when       = length(setsubtract(self.entries, prior.entries)) > 0
      call       = "POST /instances/${self.instance_id}/ip/whitelist"
      operation  = "CreateInstanceIpWhitelist"
      body       = { ipWhitelists = setsubtract(self.entries, prior.entries) }
      idempotent = true
      permission = ["rocketmq:CreateInstanceIpWhitelist"]
    }
    step "old entries" {
      on         = [entries]
      when       = length(setsubtract(prior.entries, self.entries)) > 0
      call       = "DELETE /instances/${self.instance_id}/ip/whitelist"
      operation  = "DeleteInstanceIpWhitelist"
      query      = { ipWhitelists = join(",", sort(setsubtract(prior.entries, self.entries))) }
      tolerate   = [gone]
      permission = ["rocketmq:DeleteInstanceIpWhitelist"]
    }
  }
  delete {
    step "clear" {
      when       = length(self.entries) > 0
      call       = "DELETE /instances/${self.instance_id}/ip/whitelist"
      operation  = "DeleteInstanceIpWhitelist"
      query      = { ipWhitelists = join(",", sort(self.entries)) }
      tolerate   = [gone]
      permission = ["rocketmq:DeleteInstanceIpWhitelist"]
    }
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
