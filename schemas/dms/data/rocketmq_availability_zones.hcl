data "dms_rocketmq_availability_zones" {
  version     = 1
  description = "The availability zones of the region."
  example     = <<-EOT
    data "dms_rocketmq_availability_zones" "all" {}

    locals {
      zones = [for zone in data.dms_rocketmq_availability_zones.all.zones : zone.code if !zone.sold_out]
    }
  EOT

  attribute "region_id" {
    type        = string
    mode        = computed
    description = "The region."
  }
  attribute "zones" {
    type        = list
    mode        = computed
    description = "The zones."
    attribute "id" {
      type        = string
      mode        = computed
      description = "The id, as the API wants it."
    }
    attribute "code" {
      type        = string
      mode        = computed
      description = "The code, as configurations write it."
    }
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name for people."
    }
    attribute "sold_out" {
      type        = bool
      mode        = computed
      description = "Whether nothing can be created there."
    }
    attribute "ipv6_enable" {
      type        = bool
      mode        = computed
      description = "Whether instances there can have addresses of IPv6."
    }
  }

  read {
    step "zones" {
      call      = "GET /v2/available-zones"
      operation = "ListAvailableZones"
      set = {
        region_id = response.region_id
        zones     = [for zone in response.available_zones : { id = zone.id, code = zone.code, name = zone.name, sold_out = try(zone.soldOut, null), ipv6_enable = try(zone.ipv6_enable, null) }]
      }
    }
  }
}
