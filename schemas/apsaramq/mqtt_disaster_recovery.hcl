# The API has two calls, DisasterDowngrade and DisasterRecovery, and none that tells the state: what is compared with the
# configuration is what was requested last. `states` holds it and is written down after every single call, so that a
# switch that was cut off goes on where it was.
resource "apsaramq_mqtt_disaster_recovery" {
  version     = 1
  service     = mqtt
  description = <<-EOT
    Which of several instances devices reach by public addresses. A change of `active_instance_ids` is a switch: members
    that become active get their public address back (`DisasterRecovery`), then those that leave lose theirs
    (`DisasterDowngrade`). Switches are held until they are confirmed by naming them. Devices stay connected where they
    are; they find the other instance when they connect again and their resolver has forgotten the old address. Nothing is
    synchronised between the members: groups, identities and permissions must be the same on all of them.

    The API does not tell which addresses are in use. What the vendor's own inspection switches is therefore not noticed,
    and never taken back: set `trigger` to another text to send the calls again. Uncertain, and therefore settings: what the
    parameter `InstanceId` of the two calls means (`api_convention`), and which region they belong to (`control_region`).
    Only for platinum instances for which the vendor has switched disaster recovery on.
  EOT
  identity    = [name]
  example     = <<-EOT
    resource "apsaramq_mqtt_disaster_recovery" "fleet" {
      name = "fleet"
      members = {
        mqtt-cn-demohangzhou = "cn-hangzhou"
        mqtt-cn-demoshanghai = "cn-shanghai"
      }
      active_instance_ids = ["mqtt-cn-demohangzhou", "mqtt-cn-demoshanghai"]
    }
  EOT

  serialize {
    key  = self.name
    mode = exclusive
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The name."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
    description = "A name of your own; the service knows no such object."
  }
  attribute "members" {
    type        = map(string)
    mode        = required
    change      = update
    readback    = never
    length      = [2, 100]
    description = "The instances that stand in for each other, with the region of each."
  }
  attribute "active_instance_ids" {
    type        = set(string)
    mode        = required
    change      = update
    readback    = never
    length      = [1, 100]
    impact      = "devices that connect again arrive at the active members"
    description = "The members whose public addresses are in use."
  }
  attribute "api_convention" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    default     = "takeover"
    one_of      = ["takeover", "primary", "self"]
    description = "What is sent as `InstanceId` beside the member that loses or regains its address: `takeover` the member that stays active, `primary` the member named by `primary_instance_id`, `self` the same member. The vendor's documents do not say."
  }
  attribute "primary_instance_id" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    description = "The member that the pair is known by; needed for `api_convention = \"primary\"`."
  }
  attribute "anchor_instance_id" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    description = "With `takeover`, the active member that takes over; the first active one if left out."
  }
  attribute "control_region" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    description = "The region whose endpoint the calls go to: it must be alive. The region of the member that takes over if left out."
  }
  attribute "require_parity" {
    type        = bool
    mode        = optional
    change      = update
    readback    = never
    default     = true
    description = "Whether a switch is refused if members that become active lack groups, identities, permissions or blocked clients of those that leave. In an emergency, when the members that leave cannot be asked, set it to `false`."
  }
  attribute "require_platinum" {
    type        = bool
    mode        = optional
    change      = update
    readback    = never
    default     = true
    description = "Whether the active members must be platinum instances in service."
  }
  attribute "trigger" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    description = "Any text. A change of it sends the calls again for all members, for instance after the vendor's inspection has switched."
  }
  attribute "initial_action" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    default     = "none"
    one_of      = ["none", "assert"]
    description = "What creating the block does: `none` takes it that the active members are as configured, `assert` sends the calls for all members."
  }
  attribute "on_destroy" {
    type        = string
    mode        = optional
    change      = update
    readback    = never
    default     = "forget"
    one_of      = ["forget", "restore_all"]
    description = "What destroying the block does: `forget` leaves all addresses as they are, `restore_all` gives every member its address back."
  }
  attribute "observed_active" {
    type        = set(string)
    mode        = optional
    change      = update
    readback    = never
    description = "The members that were seen to be in use, for instance by resolving a domain name: a warning tells if they are not those that were requested. Never a reason to switch."
  }
  attribute "states" {
    type        = map(string)
    mode        = computed
    change      = update
    readback    = never
    derived     = { for id, region in self.members : id => contains(self.active_instance_ids, id) ? "normal" : "downgraded" }
    description = "What was requested last for each member: `normal` or `downgraded`."
  }
  attribute "last_request_ids" {
    type        = map(string)
    mode        = computed
    readback    = never
    follows     = [states, trigger]
    description = "The request ids of the last switch by member, for questions to the vendor."
  }

  lookup "instances" {
    call       = "POST /"
    operation  = "ListInstances"
    region     = try(self.members[tolist(self.active_instance_ids)[0]], provider.region)
    value      = { for one in response.Instances : one.InstanceId => { type = one.InstanceType, status = one.InstanceStatus } }
    permission = ["mq:ListInstances"]
  }

  create {
    step "take over" {
      set = { states = { for id, region in self.members : id => contains(self.active_instance_ids, id) ? "normal" : "downgraded" }, last_request_ids = {} }
    }
    step "recover" {
      when       = self.initial_action == "assert"
      for_each   = toset(self.initial_action == "assert" ? self.active_instance_ids : [])
      call       = "POST /"
      operation  = "DisasterRecovery"
      region     = coalesce(self.control_region, self.members[coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0])])
      form       = { InstanceId = self.api_convention == "self" ? each.value : self.api_convention == "primary" ? self.primary_instance_id : coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0]), RecoveryInstanceId = each.value }
      set        = { last_request_ids = { (each.value) = try(response.RequestId, "") } }
      permission = ["mq:DisasterRecovery"]
    }
    step "downgrade" {
      when       = self.initial_action == "assert"
      for_each   = toset(self.initial_action == "assert" ? setsubtract(keys(self.members), self.active_instance_ids) : [])
      call       = "POST /"
      operation  = "DisasterDowngrade"
      region     = coalesce(self.control_region, self.members[coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0])])
      form       = { InstanceId = self.api_convention == "self" ? each.value : self.api_convention == "primary" ? self.primary_instance_id : coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0]), DowngradeInstanceId = each.value }
      set        = { last_request_ids = merge(self.last_request_ids, { (each.value) = try(response.RequestId, "") }) }
      permission = ["mq:DisasterDowngrade"]
    }
  }
  update {
    # First the members that become active: if their region is dead, this fails and nothing is taken out.
    step "recover" {
      on         = [states, trigger]
      when       = length([for id in self.active_instance_ids : id if changed.trigger || try(prior.states[id], "normal") != "normal"]) > 0
      for_each   = toset([for id in self.active_instance_ids : id if changed.trigger || try(prior.states[id], "normal") != "normal"])
      call       = "POST /"
      operation  = "DisasterRecovery"
      region     = coalesce(self.control_region, self.members[coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0])])
      form       = { InstanceId = self.api_convention == "self" ? each.value : self.api_convention == "primary" ? self.primary_instance_id : coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0]), RecoveryInstanceId = each.value }
      set        = { states = merge(prior.states, { (each.value) = "normal" }), last_request_ids = { (each.value) = try(response.RequestId, "") } }
      confirm    = "members get their public addresses back: devices that connect again may arrive there"
      permission = ["mq:DisasterRecovery"]
    }
    step "downgrade" {
      on         = [states, trigger]
      when       = length([for id in setsubtract(keys(self.members), self.active_instance_ids) : id if changed.trigger || try(prior.states[id], "normal") != "downgraded"]) > 0
      for_each   = toset([for id in setsubtract(keys(self.members), self.active_instance_ids) : id if changed.trigger || try(prior.states[id], "normal") != "downgraded"])
      call       = "POST /"
      operation  = "DisasterDowngrade"
      region     = coalesce(self.control_region, self.members[coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0])])
      form       = { InstanceId = self.api_convention == "self" ? each.value : self.api_convention == "primary" ? self.primary_instance_id : coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0]), DowngradeInstanceId = each.value }
      set        = { states = merge(current.states, { (each.value) = "downgraded" }), last_request_ids = merge(try(current.last_request_ids, {}), { (each.value) = try(response.RequestId, "") }) }
      confirm    = "members lose their public addresses: devices that connect again arrive at the others"
      permission = ["mq:DisasterDowngrade"]
    }
    step "write down" {
      on  = [states, trigger, members, active_instance_ids, api_convention, primary_instance_id, anchor_instance_id, control_region, require_parity, require_platinum, initial_action, on_destroy, observed_active]
      set = { states = { for id, region in self.members : id => contains(self.active_instance_ids, id) ? "normal" : "downgraded" }, last_request_ids = self.last_request_ids == null ? {} : self.last_request_ids }
    }
  }
  delete {
    step "restore" {
      when       = self.on_destroy == "restore_all"
      for_each   = toset(self.on_destroy == "restore_all" ? [for id, state in self.states : id if state == "downgraded"] : [])
      call       = "POST /"
      operation  = "DisasterRecovery"
      region     = coalesce(self.control_region, self.members[coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0])])
      form       = { InstanceId = self.api_convention == "self" ? each.value : self.api_convention == "primary" ? self.primary_instance_id : coalesce(self.anchor_instance_id, tolist(self.active_instance_ids)[0]), RecoveryInstanceId = each.value }
      confirm    = "all members get their public addresses back: devices that connect again may arrive at any of them"
      permission = ["mq:DisasterRecovery"]
    }
  }

  # Devices that arrive at a member need what they had where they were.
  guard "parity" {
    kind = data
    on   = [update]
    when = planned.require_parity && length([for id in planned.active_instance_ids : id if try(self.states[id], "normal") != "normal"]) > 0
    step "groups" {
      for_each   = self.members
      call       = "POST /"
      operation  = "ListGroupId"
      region     = each.value
      query      = { InstanceId = each.key }
      set        = { groups = { (each.key) = [for one in response.Data : "group ${one.GroupId}"] } }
      permission = ["mq:ListGroupId"]
    }
    step "identities" {
      for_each   = self.members
      call       = "GET /"
      operation  = "QueryCustomAuthIdentity"
      region     = each.value
      query      = { InstanceId = each.key }
      pages      = records
      items      = response.Data.Results
      set        = { identities = { (each.key) = [for one in items : "identity ${one.IdentityType}/${one.Username}/${try(one.ClientId, "")} ${one.SignMode}"] } }
      permission = ["mq:QueryCustomAuthIdentity"]
    }
    step "permissions" {
      for_each   = self.members
      call       = "GET /"
      operation  = "QueryCustomAuthPermission"
      region     = each.value
      query      = { InstanceId = each.key }
      pages      = records
      items      = response.Data.Results
      set        = { permissions = { (each.key) = [for one in items : "permission ${one.IdentityType}/${one.Identity}/${one.Topic} ${one.PermitAction} ${one.Effect}"] } }
      permission = ["mq:QueryCustomAuthPermission"]
    }
    step "blocked clients" {
      for_each   = self.members
      call       = "GET /"
      operation  = "QueryCustomAuthConnectBlack"
      region     = each.value
      query      = { InstanceId = each.key }
      pages      = records
      items      = response.Data.Results
      set        = { blocked = { (each.key) = [for one in items : "blocked client ${one.ClientId}"] } }
      permission = ["mq:QueryCustomAuthConnectBlack"]
    }
    step "compare" {
      set = { missing = { for target, region in self.members : target => distinct(flatten([for source, state in self.states : setsubtract(concat(observed.groups[source], observed.identities[source], observed.permissions[source], observed.blocked[source]), concat(observed.groups[target], observed.identities[target], observed.permissions[target], observed.blocked[target])) if state == "normal" && contains(keys(self.members), source)])) } }
    }
    count   = length(flatten([for id in planned.active_instance_ids : try(observed.missing[id], []) if try(self.states[id], "normal") != "normal"]))
    message = "members that become active lack what devices need: ${join("; ", [for id in planned.active_instance_ids : "${id} lacks ${join(", ", slice(concat(try(observed.missing[id], []), [""]), 0, min(5, length(try(observed.missing[id], [])))))}" if length(try(observed.missing[id], [])) > 0])}"
  }

  check "active members are members" {
    that    = length(setsubtract(self.active_instance_ids, keys(self.members))) == 0
    message = "`active_instance_ids` names what is no member: ${join(", ", setsubtract(self.active_instance_ids, keys(self.members)))}"
    path    = active_instance_ids
    hint    = "add it to `members` with its region"
  }
  check "anchor is active" {
    when    = self.anchor_instance_id != null
    that    = contains(self.active_instance_ids, self.anchor_instance_id)
    message = "`anchor_instance_id` is not one of `active_instance_ids`: it could not take over"
    path    = anchor_instance_id
  }
  check "primary is a member" {
    when    = self.api_convention == "primary"
    that    = self.primary_instance_id == null ? false : contains(keys(self.members), self.primary_instance_id)
    message = "`api_convention = \"primary\"` needs `primary_instance_id`, one of the members"
    path    = primary_instance_id
  }
  check "platinum" {
    when    = self.require_platinum
    that    = alltrue([for id in self.active_instance_ids : try(lookup.instances[id].type == 1 && lookup.instances[id].status == 5, false)])
    message = "not all active members are platinum instances in service: ${join(", ", [for id in self.active_instance_ids : id if !try(lookup.instances[id].type == 1 && lookup.instances[id].status == 5, false)])} (ApiNotSupport)"
    path    = active_instance_ids
    hint    = "disaster recovery is for platinum instances; `require_platinum = false` leaves the decision to the service"
  }
  check "observed" {
    when     = self.observed_active != null
    that     = length(setsubtract(self.observed_active, self.active_instance_ids)) == 0 && length(setsubtract(self.active_instance_ids, self.observed_active)) == 0
    message  = "observed are ${join(", ", self.observed_active)}, requested were ${join(", ", self.active_instance_ids)}: perhaps the vendor's inspection has switched"
    path     = observed_active
    severity = warning
    hint     = "nothing is switched back by itself; change `trigger` to request it again, or `active_instance_ids` to what is observed"
  }

  check "allowed instances" {
    that    = provider.allowed_instances == null ? true : length(setsubtract(keys(self.members), provider.allowed_instances)) == 0
    message = "members are not among `allowed_instances` of the provider: ${join(", ", setsubtract(keys(self.members), coalesce(provider.allowed_instances, [])))}"
    path    = members
    hint    = "check that this is the right environment"
  }
}
