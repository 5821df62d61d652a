data "apsaramq_mqtt_parity" {
  version     = 1
  service     = mqtt
  description = "Whether instances have the same groups, identities, permissions, blocked devices and authorities: what devices need when another instance takes over. Nothing of it is synchronised by the service. Clients that are known by RAM need policies for every instance besides."
  example     = <<-EOT
    data "apsaramq_mqtt_parity" "fleet" {
      baseline_instance_id = "mqtt-cn-demohangzhou"
      instances            = { mqtt-cn-demoshanghai = "cn-shanghai" }
    }
  EOT

  attribute "baseline_instance_id" {
    type        = string
    mode        = required
    description = "The instance that the others are compared with."
  }
  attribute "baseline_region" {
    type        = string
    mode        = optional
    description = "Its region; that of the provider if left out."
  }
  attribute "instances" {
    type        = map(string)
    mode        = required
    description = "The instances that are compared with it, with the region of each."
  }
  attribute "scope" {
    type        = set(string)
    mode        = optional
    default     = ["groups", "identities", "permissions", "blacklist", "ca_certificates"]
    one_of      = ["groups", "identities", "permissions", "blacklist", "ca_certificates"]
    description = "What is compared; everything that can be if left out."
  }
  attribute "groups" {
    type        = map(map(string))
    mode        = computed
    description = "The groups of each instance."
  }
  attribute "identities" {
    type        = map(map(string))
    mode        = computed
    description = "The identities of custom authentication of each instance, `KIND/user/device`, with the way in which they sign."
  }
  attribute "permissions" {
    type        = map(map(string))
    mode        = computed
    description = "The permissions of each instance, `KIND/identity/topic`, with action and effect."
  }
  attribute "blacklist" {
    type        = map(map(string))
    mode        = computed
    description = "The blocked devices of each instance."
  }
  attribute "ca_certificates" {
    type        = map(map(string))
    mode        = computed
    description = "The serial numbers of authorities of each instance, with their states."
  }
  attribute "missing" {
    type        = map(list(string))
    mode        = computed
    description = "What the baseline has and an instance lacks."
  }
  attribute "extra" {
    type        = map(list(string))
    mode        = computed
    description = "What an instance has and the baseline lacks."
  }
  attribute "different" {
    type        = map(list(string))
    mode        = computed
    description = "What both have in different ways."
  }
  attribute "equal" {
    type        = bool
    mode        = computed
    description = "Whether nothing is missing, extra or different."
  }
  attribute "unverifiable" {
    type        = list(string)
    mode        = computed
    description = "What the API does not tell, so that it may differ nevertheless."
  }

  read {
    step "groups" {
      call       = "POST /"
      operation  = "ListGroupId"
      region     = each.value
      query      = { InstanceId = each.key }
      for_each   = merge({ (self.baseline_instance_id) = coalesce(self.baseline_region, provider.region) }, self.instances)
      when       = contains(self.scope, "groups")
      set        = { groups = { (each.key) = { for one in response.Data : one.GroupId => "" } } }
      permission = ["mq:ListGroupId"]
    }
    step "identities" {
      call       = "GET /"
      operation  = "QueryCustomAuthIdentity"
      region     = each.value
      query      = { InstanceId = each.key }
      for_each   = merge({ (self.baseline_instance_id) = coalesce(self.baseline_region, provider.region) }, self.instances)
      when       = contains(self.scope, "identities")
      pages      = records
      items      = response.Data.Results
      set        = { identities = { (each.key) = { for one in items : "${one.IdentityType}/${one.Username}/${try(one.ClientId, "")}" => one.SignMode } } }
      permission = ["mq:QueryCustomAuthIdentity"]
    }
    step "permissions" {
      call       = "GET /"
      operation  = "QueryCustomAuthPermission"
      region     = each.value
      query      = { InstanceId = each.key }
      for_each   = merge({ (self.baseline_instance_id) = coalesce(self.baseline_region, provider.region) }, self.instances)
      when       = contains(self.scope, "permissions")
      pages      = records
      items      = response.Data.Results
      set        = { permissions = { (each.key) = { for one in items : "${one.IdentityType}/${one.Identity}/${one.Topic}" => "${one.PermitAction} ${one.Effect}" } } }
      permission = ["mq:QueryCustomAuthPermission"]
    }
    step "blacklist" {
      call       = "GET /"
      operation  = "QueryCustomAuthConnectBlack"
      region     = each.value
      query      = { InstanceId = each.key }
      for_each   = merge({ (self.baseline_instance_id) = coalesce(self.baseline_region, provider.region) }, self.instances)
      when       = contains(self.scope, "blacklist")
      pages      = records
      items      = response.Data.Results
      set        = { blacklist = { (each.key) = { for one in items : one.ClientId => "" } } }
      permission = ["mq:QueryCustomAuthConnectBlack"]
    }
    step "ca certificates" {
      call       = "GET /"
      operation  = "ListCaCertificate"
      region     = each.value
      query      = { MqttInstanceId = each.key }
      for_each   = merge({ (self.baseline_instance_id) = coalesce(self.baseline_region, provider.region) }, self.instances)
      when       = contains(self.scope, "ca_certificates")
      pages      = numbered
      items      = response.Data.CaCertificateVOS
      set        = { ca_certificates = { (each.key) = { for one in items : one.Sn => one.Status } } }
      permission = ["mq:ListCaCertificate"]
    }
    step "compare" {
      set = {
        missing      = { for id, region in self.instances : id => flatten([for kind, all in { groups = coalesce(self.groups, {}), identities = coalesce(self.identities, {}), permissions = coalesce(self.permissions, {}), blacklist = coalesce(self.blacklist, {}), ca_certificates = coalesce(self.ca_certificates, {}) } : [for key, value in try(all[self.baseline_instance_id], {}) : "${kind} ${key}" if !can(all[id][key])]]) }
        extra        = { for id, region in self.instances : id => flatten([for kind, all in { groups = coalesce(self.groups, {}), identities = coalesce(self.identities, {}), permissions = coalesce(self.permissions, {}), blacklist = coalesce(self.blacklist, {}), ca_certificates = coalesce(self.ca_certificates, {}) } : [for key, value in try(all[id], {}) : "${kind} ${key}" if !can(all[self.baseline_instance_id][key])]]) }
        different    = { for id, region in self.instances : id => flatten([for kind, all in { groups = coalesce(self.groups, {}), identities = coalesce(self.identities, {}), permissions = coalesce(self.permissions, {}), blacklist = coalesce(self.blacklist, {}), ca_certificates = coalesce(self.ca_certificates, {}) } : [for key, value in try(all[self.baseline_instance_id], {}) : "${kind} ${key}" if can(all[id][key]) && try(all[id][key], "") != value]]) }
        unverifiable = ["parent topics", "rules", "certificates by domain name", "secrets", "keys of devices", "RAM policies", "whether disaster recovery is switched on"]
      }
    }
    step "conclude" {
      set = { equal = length(flatten(concat(values(self.missing), values(self.extra), values(self.different)))) == 0 }
    }
  }
}
