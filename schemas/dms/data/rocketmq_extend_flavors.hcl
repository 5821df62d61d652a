data "dms_rocketmq_extend_flavors" {
  version     = 1
  description = "What an instance can be changed to: flavors with their limits."
  example     = <<-EOT
    data "dms_rocketmq_extend_flavors" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "type" {
    type        = string
    mode        = optional
    description = "Only flavors of this type, such as `cluster`."
  }
  attribute "arch_type" {
    type        = string
    mode        = optional
    description = "Only flavors with this architecture, such as `X86`."
  }
  attribute "charging_mode" {
    type        = string
    mode        = optional
    one_of      = ["postPaid", "prePaid"]
    description = "Only flavors that can be paid by use (`postPaid`), or by month (`prePaid`)."
  }
  attribute "storage_spec_code" {
    type        = string
    mode        = optional
    description = "Only flavors with this kind of disk."
  }
  attribute "versions" {
    type        = list(string)
    mode        = computed
    description = "The versions of RocketMQ that they are for."
  }
  attribute "flavors" {
    type        = list
    mode        = computed
    description = "The flavors."
    attribute "id" {
      type        = string
      mode        = computed
      description = "The id: the `flavor_id` of instances."
    }
    attribute "type" {
      type        = string
      mode        = computed
      description = "The type."
    }
    attribute "arch_types" {
      type        = list(string)
      mode        = computed
      description = "The architectures."
    }
    attribute "charging_modes" {
      type        = list(string)
      mode        = computed
      description = "How it can be paid: `postPaid`, `prePaid`."
    }
    attribute "vm_specification" {
      type        = string
      mode        = computed
      description = "The machines behind it."
    }
    attribute "availability_zones" {
      type        = list(string)
      mode        = computed
      description = "The zones where it is to be had."
    }
    attribute "ios" {
      type        = list(object({ storage_spec_code = string, type = string, availability_zones = list(string), unavailability_zones = list(string) }))
      mode        = computed
      description = "The kinds of disk: `storage_spec_code`, `type`, and the zones where they are to be had and sold out."
    }
    attribute "max_brokers" {
      type        = number
      mode        = computed
      description = "The most brokers that an instance can have."
    }
    attribute "max_topics_per_broker" {
      type        = number
      mode        = computed
      description = "The most topics for each broker."
    }
    attribute "max_groups_per_broker" {
      type        = number
      mode        = computed
      description = "The most consumer groups for each broker."
    }
    attribute "min_storage_per_broker" {
      type        = number
      mode        = computed
      description = "The least storage of a broker in GB."
    }
    attribute "max_storage_per_broker" {
      type        = number
      mode        = computed
      description = "The most storage of a broker in GB."
    }
    attribute "properties" {
      type        = map(string)
      mode        = computed
      description = "Everything else that the service says of it, as texts."
    }
  }

  read {
    # The service calls payment by use `hourly`, and payment by month `monthly`.
    step "products" {
      call      = "GET /v2/rocketmq/${provider.project_id}/instances/${self.instance_id}/extend"
      operation = "ShowEngineInstanceExtendProductInfo"
      query     = { type = "advanced" }
      set = {
        versions = try(response.versions, [])
        flavors  = [for product in response.products : { id = product.product_id, type = product.type, arch_types = try(product.arch_types, []), charging_modes = [for mode in try(product.charging_mode, []) : mode == "hourly" ? "postPaid" : mode == "monthly" ? "prePaid" : mode], vm_specification = try(product.ecs_flavor_id, null), availability_zones = try(product.available_zones, []), ios = [for io in try(product.ios, []) : { storage_spec_code = io.io_spec, type = try(io.type, null), availability_zones = try(io.available_zones, []), unavailability_zones = try(io.unavailable_zones, []) }], max_brokers = try(tonumber(product.properties.max_broker), null), max_topics_per_broker = try(tonumber(product.properties.max_topic_per_broker), null), max_groups_per_broker = try(tonumber(product.properties.max_consumer_per_broker), null), min_storage_per_broker = try(tonumber(product.properties.min_storage_per_node), null), max_storage_per_broker = try(tonumber(product.properties.max_storage_per_node), null), properties = { for name, value in try(product.properties, {}) : name => tostring(value) } } if(self.type == null || product.type == self.type) && (self.arch_type == null || contains(try(product.arch_types, []), coalesce(self.arch_type, "-"))) && (self.charging_mode == null || contains(try(product.charging_mode, []), self.charging_mode == "prePaid" ? "monthly" : "hourly")) && (self.storage_spec_code == null || contains(try(product.ios[*].io_spec, []), coalesce(self.storage_spec_code, "-")))]
      }
      permission = ["dms:instance:get"]
    }
  }
}
