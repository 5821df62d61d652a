resource "dms_rocketmq_instance" {
  version        = 1
  description    = "An instance of DMS for RocketMQ: brokers, storage, network and access."
  identity       = [id]
  visible_within = "2m"
  loses          = "the instance with all its topics, consumer groups, users and messages"
  impact         = "all its clients are cut off"
  notice         = "billed while it exists; takes 5-7 min on the real service"
  example        = <<-EOT
    resource "dms_rocketmq_instance" "main" {
      name               = "orders"
      engine_version     = "4.8.0"
      flavor_id          = "c6.4u8g.cluster.small"
      storage_spec_code  = "dms.physical.storage.high.v2"
      storage_space      = 300
      vpc_id             = var.vpc_id
      subnet_id          = var.subnet_id
      security_group_id  = var.security_group_id
      availability_zones = ["ru-moscow-1a"]
      enable_acl         = true
    }
  EOT

  serialize {
    key  = self.id
    mode = exclusive
  }
  timeouts {
    create = "50m"
    update = "50m"
    delete = "20m"
  }

  attribute "id" {
    type        = string
    mode        = computed
    from        = item.instance_id
    description = "The id of the instance, made by the service."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = update
    pattern     = "[A-Za-z][A-Za-z0-9_-]{3,63}"
    description = "The name: 4 to 64 letters, digits, `-` and `_`, a letter first. A later name cannot hold `_`."
  }
  attribute "description" {
    type        = string
    mode        = optional
    change      = update
    default     = ""
    length      = [0, 1024]
    from        = item.description == null ? "" : item.description
    description = "A text of at most 1024 characters."
  }
  attribute "engine_version" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["4.8.0", "5.x"]
    description = "The version of RocketMQ."
  }
  attribute "flavor_id" {
    type        = string
    mode        = required
    change      = update
    from        = item.product_id
    impact      = "brokers restart one after the other"
    description = "The flavor, such as `c6.4u8g.cluster`."
  }
  attribute "storage_space" {
    type         = number
    mode         = required
    change       = update
    unit         = "GB"
    between      = [200, 900000]
    from         = item.total_storage_space
    replace_when = self.storage_space < prior.storage_space
    description  = "The storage of all brokers together. It grows in place by at least 100 GB per broker; less storage means a new instance."
  }
  attribute "broker_num" {
    type         = number
    mode         = optional_computed
    change       = update
    between      = [1, 10]
    replace_when = self.broker_num < prior.broker_num
    description  = "The number of brokers, 1 if left out. More brokers are added in place, with the storage each broker has; fewer mean a new instance. Flavors with a single node have none."
  }
  attribute "storage_spec_code" {
    type        = string
    mode        = required
    change      = replace
    description = "The kind of disk, such as `dms.physical.storage.high.v2`."
  }
  attribute "vpc_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The VPC."
  }
  attribute "subnet_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The subnet in the VPC; it needs DHCP."
  }
  attribute "security_group_id" {
    type        = string
    mode        = required
    change      = update
    impact      = "clients outside the new security group are cut off"
    description = "The security group."
  }
  attribute "availability_zones" {
    type        = set(string)
    mode        = required
    change      = replace
    length      = [1, 10]
    from        = [for id in item.available_zones : try(contains(self.availability_zones, id), false) ? id : lookup(lookup.zones.codes, id, id)]
    description = "Codes (or ids) of the availability zones: one, or three and more."
  }
  attribute "ssl_enable" {
    type        = bool
    mode        = optional_computed
    change      = replace
    follows     = [tls_mode]
    description = "TLS from the start. Use `tls_mode` to change it later."
  }
  attribute "tls_mode" {
    type        = string
    mode        = optional_computed
    change      = update
    one_of      = ["PLAINTEXT", "SSL", "PERMISSIVE"]
    impact      = "clients that speak the other protocol are cut off"
    description = "Which protocols clients may use. Not every region has it."
  }
  attribute "ipv6_enable" {
    type        = bool
    mode        = optional
    change      = replace
    default     = false
    description = "Addresses of IPv6 too."
  }
  attribute "enable_acl" {
    type        = bool
    mode        = optional_computed
    change      = update
    impact      = "clients without a user are cut off when it is switched on; keys are no longer checked when it is switched off"
    description = "Whether clients need a user."
  }
  attribute "enable_publicip" {
    type        = bool
    mode        = optional
    change      = update
    default     = false
    impact      = "clients on public addresses are cut off when it is switched off"
    description = "Whether the instance has public addresses."
  }
  attribute "publicip_ids" {
    type        = set(string)
    mode        = optional
    change      = update
    default     = []
    from        = item.publicip_id == null ? [] : [for id in split(",", item.publicip_id) : id if id != ""]
    impact      = "clients on the public addresses are cut off while they are bound again"
    description = "Ids of the elastic IPs, as many as the flavor and the number of brokers need."
  }
  attribute "enterprise_project_id" {
    type        = string
    mode        = optional_computed
    change      = update
    description = "The enterprise project."
  }
  attribute "tags" {
    type        = map(string)
    mode        = optional
    change      = update
    default     = {}
    length      = [0, 20]
    pattern     = "[\\p{L}\\p{Nd}_.:=+@-](?:[\\p{L}\\p{Nd} _.:=+@-]{0,126}[\\p{L}\\p{Nd}_.:=+@-])?"
    through     = tags_all
    description = "The instance's own tags. Those of the provider's `default_tags` are in `tags_all` alone."
  }
  attribute "tags_all" {
    type        = map(string)
    mode        = computed
    change      = update
    derived     = { for key, value in merge(provider.default_tags, self.tags) : key => value if !contains(provider.ignore_tags, key) }
    description = "All tags but those that the provider's `ignore_tags` names: `default_tags` and `tags` together, at most 20."
  }

  attribute "status" {
    type        = string
    mode        = computed
    volatile    = true
    description = "The state of the instance, `RUNNING` when all is well."
  }
  attribute "type" {
    type        = string
    mode        = computed
    follows     = [flavor_id]
    description = "The kind of instance: `cluster`, `single.basic` and so on."
  }
  attribute "specification" {
    type        = string
    mode        = computed
    follows     = [flavor_id, broker_num]
    description = "Flavor and number of brokers in words."
  }
  attribute "engine" {
    type        = string
    mode        = computed
    description = "The engine as the service names it."
  }
  attribute "charging_mode" {
    type        = number
    mode        = computed
    description = "How it is paid: 1 by use, 0 yearly or monthly."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    description = "When it was created, in milliseconds since 1970."
  }
  attribute "node_num" {
    type        = number
    mode        = computed
    follows     = [flavor_id, broker_num]
    description = "The number of nodes."
  }
  attribute "usable_storage_space" {
    type        = number
    mode        = computed
    unit        = "GB"
    from        = item.storage_space
    follows     = [flavor_id, storage_space, broker_num]
    description = "What of the storage messages can use."
  }
  attribute "used_storage_space" {
    type        = number
    mode        = computed
    unit        = "GB"
    volatile    = true
    description = "The storage in use."
  }
  attribute "resource_spec_code" {
    type        = string
    mode        = computed
    follows     = [flavor_id]
    description = "The code of the flavor for billing."
  }
  attribute "maintain_begin" {
    type        = string
    mode        = computed
    description = "When the daily time for maintenance begins."
  }
  attribute "maintain_end" {
    type        = string
    mode        = computed
    description = "When the daily time for maintenance ends."
  }
  attribute "namesrv_address" {
    type        = string
    mode        = computed
    follows     = [flavor_id, broker_num]
    description = "Addresses of the name servers: what clients of 4.8.0 connect to."
  }
  attribute "broker_address" {
    type        = string
    mode        = computed
    follows     = [flavor_id, broker_num]
    description = "Addresses of the brokers."
  }
  attribute "grpc_address" {
    type        = string
    mode        = computed
    follows     = [flavor_id]
    description = "The address for clients of 5.x."
  }
  attribute "public_namesrv_address" {
    type        = string
    mode        = computed
    follows     = [enable_publicip, publicip_ids]
    description = "Public addresses of the name servers."
  }
  attribute "public_broker_address" {
    type        = string
    mode        = computed
    follows     = [enable_publicip, publicip_ids]
    description = "Public addresses of the brokers."
  }
  attribute "public_grpc_address" {
    type        = string
    mode        = computed
    follows     = [enable_publicip, publicip_ids]
    description = "The public address for clients of 5.x."
  }
  attribute "publicip_address" {
    type        = string
    mode        = computed
    follows     = [enable_publicip, publicip_ids]
    description = "The elastic IPs, joined by commas."
  }
  attribute "cross_vpc_accesses" {
    type        = list
    mode        = computed
    follows     = [flavor_id, broker_num, enable_publicip, publicip_ids]
    from        = try([for ip, access in jsondecode(item.cross_vpc_info) : { listener_ip = ip, advertised_ip = access.advertised_ip, broker_port = access.broker_port, namesrv_port = access.namesrv_port, port_id = access.port_id }], [])
    description = "How each listener is reached from other VPCs."
    attribute "listener_ip" {
      type = string
      mode = computed
    }
    attribute "advertised_ip" {
      type = string
      mode = computed
    }
    attribute "broker_port" {
      type = string
      mode = computed
    }
    attribute "namesrv_port" {
      type = string
      mode = computed
    }
    attribute "port_id" {
      type = string
      mode = computed
    }
  }
  attribute "vpc_name" {
    type        = string
    mode        = computed
    description = "The name of the VPC."
  }
  attribute "subnet_name" {
    type        = string
    mode        = computed
    description = "The name of the subnet."
  }
  attribute "subnet_cidr" {
    type        = string
    mode        = computed
    description = "The address range of the subnet."
  }
  attribute "security_group_name" {
    type        = string
    mode        = computed
    follows     = [security_group_id]
    description = "The name of the security group."
  }
  attribute "user_id" {
    type        = string
    mode        = computed
    description = "The id of the user who created it."
  }
  attribute "support_features" {
    type        = string
    mode        = computed
    follows     = [flavor_id]
    description = "Features of the instance, joined by commas."
  }

  # Configurations name zones by code, the API by id.
  lookup "zones" {
    call      = "GET /v2/available-zones"
    operation = "ListAvailableZones"
    value = {
      ids   = merge({ for zone in response.available_zones : zone.id => zone.id }, { for zone in response.available_zones : zone.code => zone.id })
      codes = { for zone in response.available_zones : zone.id => zone.code }
      ipv6  = flatten([for zone in response.available_zones : [zone.id, zone.code] if try(zone.ipv6_enable, true)])
    }
  }

  # What can be bought, and how much of it. Not every region tells.
  lookup "flavors" {
    call       = "GET /v2/rocketmq/products"
    operation  = "ListEngineProducts"
    value      = { for product in response.products : product.product_id => product }
    tolerate   = [gone, unavailable]
    permission = ["dms:instance:list"]
  }
  lookup "quota" {
    call       = "GET /v2/${provider.project_id}/quotas"
    operation  = "ShowQuotas"
    value      = one([for resource in response.quotas.resources : resource if resource.type == "rocketmqInstance"])
    tolerate   = [gone, unavailable]
    permission = ["dms:instance:list"]
  }
  capacity "instances" {
    limit = try(lookup.quota.quota, null)
    used  = try(lookup.quota.used, null)
    code  = "DMS.00400035"
    hint  = "ask for a higher quota, or remove what is not needed"
  }

  list {
    call       = "GET /v2/${provider.project_id}/instances"
    operation  = "ListInstances"
    query      = { engine = "reliability", include_failure = "true" }
    pages      = offset
    items      = response.instances
    total      = response.instance_num
    lacks      = [enable_acl]
    permission = ["dms:instance:list"]
  }
  read {
    step "instance" {
      call       = "GET /v2/${provider.project_id}/instances/${self.id}"
      operation  = "ShowInstance"
      item       = response
      permission = ["dms:instance:get"]
    }
    # Whether a tag that was found is a default or the instance's own cannot be told: its own ones are kept as
    # configured, and an import takes all but the defaults for them.
    step "tags" {
      on        = [tags, tags_all]
      call      = "GET /v2/${provider.project_id}/rocketmq/${self.id}/tags"
      operation = "ShowRocketmqTags"
      set = {
        tags     = self.tags != null ? self.tags : { for tag in response.tags : tag.key => tag.value if !contains(provider.ignore_tags, tag.key) && try(provider.default_tags[tag.key], null) != tag.value }
        tags_all = { for tag in response.tags : tag.key => tag.value if !contains(provider.ignore_tags, tag.key) }
      }
      permission = ["dms:instance:get"]
    }
  }
  find {
    call      = "GET /v2/${provider.project_id}/instances"
    operation = "ListInstances"
    query     = { engine = "reliability", include_failure = "true", name = self.name, exact_match_name = "true" }
    pages     = offset
    items     = response.instances
    total     = response.instance_num
    match     = item.name == self.name && item.vpc_id == self.vpc_id && item.engine_version == self.engine_version
  }
  ready {
    busy   = contains(["CREATING", "RESTARTING", "EXTENDING", "DELETING"], item.status)
    stuck  = contains(["EXTENDEDFAILED", "ERROR"], item.status)
    broken = item.status == "CREATEFAILED"
  }

  create {
    step "create" {
      call      = "POST /v2/${provider.project_id}/instances"
      operation = "CreatePostPaidInstance"
      body = {
        name                  = self.name
        description           = self.description
        engine                = "reliability"
        engine_version        = self.engine_version
        product_id            = self.flavor_id
        storage_space         = self.storage_space
        broker_num            = self.broker_num != null ? self.broker_num : startswith(self.flavor_id, "rocketmq.") ? null : 1
        storage_spec_code     = self.storage_spec_code
        vpc_id                = self.vpc_id
        subnet_id             = self.subnet_id
        security_group_id     = self.security_group_id
        available_zones       = [for zone in self.availability_zones : lookup.zones.ids[zone]]
        ssl_enable            = self.ssl_enable
        tls_mode              = self.tls_mode
        ipv6_enable           = self.ipv6_enable
        enable_acl            = self.enable_acl
        enable_publicip       = self.enable_publicip
        publicip_id           = self.enable_publicip ? join(",", self.publicip_ids) : null
        enterprise_project_id = self.enterprise_project_id != null ? self.enterprise_project_id : provider.enterprise_project_id
      }
      set        = { id = response.instance_id }
      wait       = running
      permission = ["dms:instance:create"]
    }
    step "tags" {
      when       = length(self.tags_all) > 0
      call       = "POST /v2/${provider.project_id}/rocketmq/${self.id}/tags/action"
      operation  = "BatchCreateOrDeleteRocketmqTag"
      body       = { action = "create", tags = [for key, value in self.tags_all : { key = key, value = value }] }
      idempotent = true
      permission = ["dms:instance:modify"]
    }
  }
  # Each step is tried when the one before it is done; a failed resize does not leave the instance without its
  # public addresses.
  update {
    # Access control is switched on here and off at the very end.
    step "settings" {
      on         = [name, description, security_group_id, enable_acl, enterprise_project_id]
      call       = "PUT /v2/${provider.project_id}/instances/${self.id}"
      operation  = "UpdateInstance"
      body       = only_changed({ name = self.name, description = self.description, security_group_id = self.security_group_id, enable_acl = self.enable_acl || prior.enable_acl, enterprise_project_id = self.enterprise_project_id })
      permission = ["dms:instance:modify"]
    }
    # The value of a tag cannot be changed: the old tag goes first.
    step "old tags" {
      on         = [tags_all]
      when       = length([for key, value in prior.tags_all : key if try(self.tags_all[key], null) != value]) > 0
      call       = "POST /v2/${provider.project_id}/rocketmq/${self.id}/tags/action"
      operation  = "BatchCreateOrDeleteRocketmqTag"
      body       = { action = "delete", tags = [for key, value in prior.tags_all : { key = key, value = value } if try(self.tags_all[key], null) != value] }
      tolerate   = [gone]
      idempotent = true
      permission = ["dms:instance:modify"]
    }
    step "new tags" {
      on         = [tags_all]
      when       = length([for key, value in self.tags_all : key if try(prior.tags_all[key], null) != value]) > 0
      call       = "POST /v2/${provider.project_id}/rocketmq/${self.id}/tags/action"
      operation  = "BatchCreateOrDeleteRocketmqTag"
      body       = { action = "create", tags = [for key, value in self.tags_all : { key = key, value = value } if try(prior.tags_all[key], null) != value] }
      idempotent = true
      permission = ["dms:instance:modify"]
    }
    step "unbind public addresses" {
      on         = [enable_publicip, publicip_ids]
      when       = prior.enable_publicip && (!self.enable_publicip || self.publicip_ids != prior.publicip_ids)
      call       = "PUT /v2/${provider.project_id}/instances/${self.id}"
      operation  = "UpdateInstance"
      body       = { enable_publicip = false }
      wait       = unbound
      permission = ["dms:instance:modify"]
    }
    step "flavor" {
      on         = [flavor_id]
      call       = "POST /v2/rocketmq/${provider.project_id}/instances/${self.id}/extend"
      operation  = "ResizeInstance"
      body       = { oper_type = startswith(self.engine_version, "4.") ? "vertical" : "horizontal", new_product_id = self.flavor_id }
      wait       = resized
      on_failure = continue
      permission = ["dms:instance:scale"]
    }
    step "brokers" {
      on         = [broker_num]
      call       = "POST /v2/rocketmq/${provider.project_id}/instances/${self.id}/extend"
      operation  = "ResizeInstance"
      body       = { oper_type = "horizontal", new_broker_num = self.broker_num, new_storage_space = prior.storage_space / coalesce(prior.broker_num, 1) * self.broker_num, publicip_id = prior.enable_publicip && self.enable_publicip && self.publicip_ids == prior.publicip_ids ? join(",", self.publicip_ids) : null }
      wait       = extended
      on_failure = continue
      permission = ["dms:instance:scale"]
    }
    # New brokers bring as much storage as each of the others has; here comes what is still missing.
    step "storage" {
      on         = [storage_space, broker_num]
      when       = self.storage_space > prior.storage_space / coalesce(prior.broker_num, 1) * coalesce(self.broker_num, 1)
      call       = "POST /v2/rocketmq/${provider.project_id}/instances/${self.id}/extend"
      operation  = "ResizeInstance"
      body       = { oper_type = "storage", new_storage_space = self.storage_space }
      wait       = enlarged
      on_failure = continue
      permission = ["dms:instance:scale"]
    }
    step "bind public addresses" {
      on         = [enable_publicip, publicip_ids]
      when       = self.enable_publicip && (!prior.enable_publicip || self.publicip_ids != prior.publicip_ids)
      call       = "PUT /v2/${provider.project_id}/instances/${self.id}"
      operation  = "UpdateInstance"
      body       = { enable_publicip = true, publicip_id = join(",", self.publicip_ids) }
      wait       = bound
      on_failure = continue
      permission = ["dms:instance:modify"]
    }
    step "tls" {
      on         = [tls_mode]
      call       = "POST /v2/${provider.project_id}/rocketmq/instances/${self.id}/plain-ssl-switch"
      operation  = "ModifyInstanceSslConfig"
      body       = { tls_mode = self.tls_mode }
      wait       = switched
      idempotent = true
      permission = ["dms:instance:modify"]
    }
    step "access control off" {
      on         = [enable_acl]
      when       = prior.enable_acl && !self.enable_acl
      call       = "PUT /v2/${provider.project_id}/instances/${self.id}"
      operation  = "UpdateInstance"
      body       = { enable_acl = false }
      permission = ["dms:instance:modify"]
    }
  }
  delete {
    step "delete" {
      call       = "DELETE /v2/${provider.project_id}/instances/${self.id}"
      operation  = "DeleteInstance"
      wait       = deleted
      permission = ["dms:instance:delete"]
    }
  }

  waiter "running" {
    description = "the instance is running"
    until       = item.status == "RUNNING"
    failed      = contains(["CREATEFAILED", "ERROR"], item.status)
    gone        = pending
  }
  # The status may still say RUNNING right after a call: the target decides.
  waiter "resized" {
    description = "the instance runs with the new flavor"
    until       = item.status == "RUNNING" && item.product_id == self.flavor_id
    failed      = item.status == "EXTENDEDFAILED" && prior.status != "EXTENDEDFAILED"
  }
  waiter "extended" {
    description = "the new brokers run"
    until       = item.status == "RUNNING" && item.broker_num == self.broker_num
    failed      = item.status == "EXTENDEDFAILED" && prior.status != "EXTENDEDFAILED"
  }
  waiter "enlarged" {
    description = "the new storage is there"
    until       = item.status == "RUNNING" && item.total_storage_space == self.storage_space
    failed      = item.status == "EXTENDEDFAILED" && prior.status != "EXTENDEDFAILED"
  }
  # The newest task of the name says whether it has failed; it is listed within 5 s. That it is done shows in the
  # instance.
  waiter "unbound" {
    description = "the public addresses are unbound"
    step "tasks" {
      call       = "GET /v2/${provider.project_id}/instances/${self.id}/tasks"
      operation  = "ListBackgroundTasks"
      query      = { start = 1, limit = 10 }
      set        = { outcome = try([for task in response.tasks : task.status if task.name == "unbindInstancePublicIp"][0], null) }
      tolerate   = [unavailable, gone]
      permission = ["dms:instance:getBackgroundTask"]
    }
    until  = item.status == "RUNNING" && !item.enable_publicip
    failed = observed.outcome == "FAILED"
    first  = "5s"
  }
  waiter "bound" {
    description = "the public addresses are bound"
    step "tasks" {
      call       = "GET /v2/${provider.project_id}/instances/${self.id}/tasks"
      operation  = "ListBackgroundTasks"
      query      = { start = 1, limit = 10 }
      set        = { outcome = try([for task in response.tasks : task.status if task.name == "bindInstancePublicIp"][0], null) }
      tolerate   = [unavailable, gone]
      permission = ["dms:instance:getBackgroundTask"]
    }
    until  = item.status == "RUNNING" && item.enable_publicip
    failed = observed.outcome == "FAILED"
    first  = "5s"
  }
  waiter "switched" {
    description = "the protocols are switched"
    until       = item.status == "RUNNING" && item.tls_mode == self.tls_mode
    first       = "1s"
    interval    = "20s"
  }
  waiter "deleted" {
    description = "the instance is gone"
    gone        = done
  }

  guard "topics and groups outside the state" {
    kind = children
    on   = [delete, replace]
    step "topics" {
      call       = "GET /v2/${provider.project_id}/instances/${self.id}/topics"
      operation  = "ListRocketInstanceTopics"
      pages      = offset
      items      = response.topics
      total      = response.total
      set        = { topics = items[*].name }
      permission = ["dms:instance:get"]
    }
    step "groups" {
      call       = "GET /v2/${provider.project_id}/instances/${self.id}/groups"
      operation  = "ListInstanceConsumerGroups"
      pages      = offset
      items      = response.groups
      total      = response.total
      set        = { groups = items[*].name }
      permission = ["dms:instance:get"]
    }
    children = {
      dms_rocketmq_topic          = observed.topics
      dms_rocketmq_consumer_group = observed.groups
    }
    count   = length(unmanaged.dms_rocketmq_topic) + length(unmanaged.dms_rocketmq_consumer_group)
    message = "${length(unmanaged.dms_rocketmq_topic)} ${length(unmanaged.dms_rocketmq_topic) == 1 ? "topic" : "topics"} and ${length(unmanaged.dms_rocketmq_consumer_group)} ${length(unmanaged.dms_rocketmq_consumer_group) == 1 ? "consumer group" : "consumer groups"} that are not in the state would be lost: ${join(", ", concat(unmanaged.dms_rocketmq_topic, unmanaged.dms_rocketmq_consumer_group))}"
  }
  guard "online clients" {
    kind = impact
    on   = [delete, replace]
    step "groups" {
      call       = "GET /v2/${provider.project_id}/instances/${self.id}/groups"
      operation  = "ListInstanceConsumerGroups"
      pages      = offset
      items      = response.groups
      total      = response.total
      set        = { groups = items[*].name }
      permission = ["dms:instance:get"]
    }
    step "clients" {
      for_each   = observed.groups
      call       = "GET /v2/rocketmq/${provider.project_id}/instances/${self.id}/groups/${each.value}/clients"
      operation  = "ShowConsumerConnections"
      set        = { clients = { (each.value) = response.total } }
      tolerate   = [gone, unavailable]
      permission = ["dms:instance:get"]
    }
    count   = sum(concat([0], values(observed.clients)))
    message = "${count} ${count == 1 ? "client is" : "clients are"} online: ${join(", ", [for group, clients in observed.clients : "${group} ${clients}" if clients > 0])}"
  }

  check "flavor" {
    when    = prior == null || try(self.flavor_id != prior.flavor_id, false)
    that    = try(contains(keys(lookup.flavors), self.flavor_id), true)
    message = "there is no flavor `${self.flavor_id}` in this region (DMS.00400009)"
    path    = flavor_id
    hint    = "the data source `dms_rocketmq_flavors` lists them"
  }
  check "flavor of the engine" {
    when    = prior == null || try(self.flavor_id != prior.flavor_id, false)
    that    = try(contains(split(",", lookup.flavors[self.flavor_id].properties.engine_versions), self.engine_version), true)
    message = "the flavor `${self.flavor_id}` is for engine version ${try(lookup.flavors[self.flavor_id].properties.engine_versions, "")} (DMS.00400022)"
    path    = flavor_id
  }
  check "number of brokers" {
    when    = self.broker_num != null && try(self.broker_num != prior.broker_num || self.flavor_id != prior.flavor_id, true)
    that    = try(self.broker_num <= tonumber(lookup.flavors[self.flavor_id].properties.max_broker), true)
    message = "the flavor `${self.flavor_id}` has at most ${try(lookup.flavors[self.flavor_id].properties.max_broker, "")} brokers"
    path    = broker_num
  }
  check "least storage" {
    when    = try(self.storage_space != prior.storage_space || self.flavor_id != prior.flavor_id, true)
    that    = try(self.storage_space >= tonumber(lookup.flavors[self.flavor_id].properties.min_storage_per_node), true)
    message = "the flavor `${self.flavor_id}` has at least ${try(lookup.flavors[self.flavor_id].properties.min_storage_per_node, "")} GB for each broker (DMS.00400500)"
    path    = storage_space
  }
  check "storage of each broker" {
    when    = self.broker_num != null && try(self.storage_space != prior.storage_space || self.broker_num != prior.broker_num || self.flavor_id != prior.flavor_id, true)
    that    = try(self.storage_space >= tonumber(lookup.flavors[self.flavor_id].properties.min_storage_per_node) * self.broker_num && self.storage_space <= tonumber(lookup.flavors[self.flavor_id].properties.max_storage_per_node) * self.broker_num, true)
    message = "the flavor `${self.flavor_id}` has ${try(lookup.flavors[self.flavor_id].properties.min_storage_per_node, "")} to ${try(lookup.flavors[self.flavor_id].properties.max_storage_per_node, "")} GB for each broker, and `storage_space` is for ${self.broker_num} (DMS.00400500)"
    path    = storage_space
  }
  check "kind of disk" {
    when    = prior == null
    that    = try(contains(lookup.flavors[self.flavor_id].ios[*].io_spec, self.storage_spec_code), true)
    message = "the flavor `${self.flavor_id}` has disks of ${try(join(", ", [for io in lookup.flavors[self.flavor_id].ios : "`${io.io_spec}`"]), "other kinds")}, not `${self.storage_spec_code}` (DMS.00400125)"
    path    = storage_spec_code
  }
  check "zone count" {
    that    = length(self.availability_zones) != 2
    message = "an instance has one availability zone, or three and more (DMS.00400067)"
    path    = availability_zones
  }
  check "zones" {
    that    = alltrue([for zone in self.availability_zones : contains(keys(lookup.zones.ids), zone)])
    message = "there is no availability zone ${join(", ", [for zone in self.availability_zones : "`${zone}`" if !contains(keys(lookup.zones.ids), zone)])} in this region (DMS.00400042)"
    path    = availability_zones
    hint    = "the data source `dms_rocketmq_availability_zones` lists them"
  }
  check "addresses of IPv6" {
    when    = prior == null && self.ipv6_enable
    that    = length(setsubtract(self.availability_zones, lookup.zones.ipv6)) == 0
    message = "there are no addresses of IPv6 in ${join(", ", [for zone in setsubtract(self.availability_zones, lookup.zones.ipv6) : "`${zone}`"])} (DMS.00400049)"
    path    = ipv6_enable
    hint    = "the data source `dms_rocketmq_availability_zones` tells which zones have them"
  }
  check "new name" {
    when    = try(self.name != prior.name, false)
    that    = !strcontains(self.name, "_")
    message = "an instance cannot be renamed to a name with `_` (DMS.00400010)"
    path    = name
    hint    = "use `-` instead"
  }
  check "public addresses" {
    that    = self.enable_publicip == (length(self.publicip_ids) > 0)
    message = "`enable_publicip` and `publicip_ids` go together (DMS.00400128)"
    path    = publicip_ids
  }
  check "tls" {
    when    = self.ssl_enable != null && self.tls_mode != null
    that    = self.ssl_enable == (self.tls_mode == "SSL")
    message = "`ssl_enable` contradicts `tls_mode`"
    path    = ssl_enable
    hint    = "leave `ssl_enable` out"
  }
  check "storage of new brokers" {
    when    = try(self.broker_num > prior.broker_num, false)
    that    = self.storage_space >= prior.storage_space / prior.broker_num * self.broker_num
    message = "${self.broker_num} brokers with the storage each has now make ${prior.storage_space / prior.broker_num * self.broker_num} GB, more than `storage_space`"
    path    = storage_space
    hint    = "raise `storage_space` to at least that"
  }
  check "storage growth" {
    when    = try(coalesce(self.broker_num, 1) >= coalesce(prior.broker_num, 1) && self.storage_space > prior.storage_space / coalesce(prior.broker_num, 1) * coalesce(self.broker_num, 1), false)
    that    = self.storage_space - prior.storage_space / coalesce(prior.broker_num, 1) * coalesce(self.broker_num, 1) >= 100 * coalesce(self.broker_num, 1)
    message = "storage grows by at least 100 GB per broker${try(self.broker_num > prior.broker_num, false) ? ", beside what new brokers bring" : ""} (DMS.00400500)"
    path    = storage_space
  }
  check "ignored tags" {
    that    = length(setintersection(keys(self.tags), provider.ignore_tags)) == 0
    message = "the provider's `ignore_tags` ignores ${join(", ", [for key in setintersection(keys(self.tags), provider.ignore_tags) : "`${key}`"])}"
    path    = tags
    hint    = "take them out of `tags` or of `ignore_tags`"
  }
  check "number of tags" {
    that    = length(self.tags_all) <= 20
    message = "an instance has at most 20 tags, and with the provider's `default_tags` these are ${length(self.tags_all)} (DMS.10240044)"
    path    = tags
  }
  check "newer engine" {
    when     = provider.cloud == "sbercloud" && self.engine_version == "5.x"
    that     = false
    severity = warning
    message  = "the API reference of SberCloud lists only engine version 4.8.0"
    path     = engine_version
  }

  error {
    code  = ["DMS.00400010"]
    class = invalid
    hint  = "check `name`: 4 to 64 letters, digits and hyphens; underscores only in the first name"
  }
}
