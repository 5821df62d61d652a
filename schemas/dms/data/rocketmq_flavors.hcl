data "dms_rocketmq_flavors" {
  version     = 1
  description = "The flavors that instances can be created with, in the order of the service."
  example     = <<-EOT
    data "dms_rocketmq_flavors" "cluster" {
      type              = "cluster"
      storage_spec_code = "dms.physical.storage.high.v2"
    }

    output "smallest" {
      value = data.dms_rocketmq_flavors.cluster.flavors[0].id
    }
  EOT

  attribute "type" {
    type        = string
    mode        = optional
    description = "Only flavors of this type, such as `cluster`, `cluster.small` or `single.basic`."
  }
  attribute "flavor_id" {
    type        = string
    mode        = optional
    description = "Only the flavor with this id."
  }
  attribute "engine_version" {
    type        = string
    mode        = optional
    description = "Only flavors for this version of RocketMQ."
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
  attribute "availability_zones" {
    type        = set(string)
    mode        = optional
    description = "Only flavors that are to be had in all these zones."
  }
  attribute "versions" {
    type        = list(string)
    mode        = computed
    description = "The versions of RocketMQ that these flavors are for."
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

  # The service calls payment by use `hourly`, and payment by month `monthly`.
  read {
    step "products" {
      call      = "GET /v2/rocketmq/products"
      operation = "ListEngineProducts"
      query     = { product_id = self.flavor_id }
      set = {
        flavors = [
          for product in response.products : {
            id                     = product.product_id
            type                   = product.type
            arch_types             = try(product.arch_types, [])
            charging_modes         = [for mode in try(product.charging_mode, []) : mode == "hourly" ? "postPaid" : mode == "monthly" ? "prePaid" : mode]
            vm_specification       = try(product.ecs_flavor_id, null)
            availability_zones     = try(product.available_zones, [])
            ios                    = [for io in try(product.ios, []) : { storage_spec_code = io.io_spec, type = try(io.type, null), availability_zones = try(io.available_zones, []), unavailability_zones = try(io.unavailable_zones, []) }]
            max_brokers            = try(tonumber(product.properties.max_broker), null)
            min_storage_per_broker = try(tonumber(product.properties.min_storage_per_node), null)
            max_storage_per_broker = try(tonumber(product.properties.max_storage_per_node), null)
            properties             = { for name, value in try(product.properties, {}) : name => tostring(value) }
          }
          if(self.type == null || product.type == self.type)
          && (self.flavor_id == null || product.product_id == self.flavor_id)
          && (self.engine_version == null || try(contains(split(",", product.properties.engine_versions), self.engine_version), true))
          && (self.arch_type == null || contains(try(product.arch_types, []), coalesce(self.arch_type, "-")))
          && (self.charging_mode == null || contains(try(product.charging_mode, []), self.charging_mode == "prePaid" ? "monthly" : "hourly"))
          && (self.storage_spec_code == null || contains(try(product.ios[*].io_spec, []), coalesce(self.storage_spec_code, "-")))
          && (self.availability_zones == null || length(setsubtract(coalesce(self.availability_zones, []), try(product.available_zones, []))) == 0)
        ]
        versions = try(response.versions, [])
      }
    }
    step "versions" {
      set = { versions = [for version in self.versions : version if anytrue([for flavor in self.flavors : try(contains(split(",", flavor.properties["engine_versions"]), version), true)])] }
    }
  }
}
