data "apsaramq_rocketmq_regions" {
  version     = 1
  service     = rocketmq
  description = "The regions that have the service."
  example     = <<-EOT
    data "apsaramq_rocketmq_regions" "main" {}
  EOT

  attribute "region_ids" {
    type        = list(string)
    mode        = computed
    description = "The ids."
  }
  attribute "regions" {
    type        = list
    mode        = computed
    description = "The regions."
    attribute "region_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name."
    }
    attribute "supports_v4" {
      type        = bool
      mode        = computed
      description = "Whether instances of version 4.x can be ordered."
    }
    attribute "supports_v5" {
      type        = bool
      mode        = computed
      description = "Whether instances of version 5.x can be ordered."
    }
  }

  read {
    step "regions" {
      call       = "GET /regions"
      operation  = "ListRegions"
      set        = { region_ids = [for region in response.data : region.regionId], regions = [for region in response.data : { region_id = try(region.regionId, null), name = try(region.regionName, null), supports_v4 = try(region.supportRocketmqV4, null), supports_v5 = try(region.supportRocketmqV5, null) }] }
      permission = ["rocketmq:ListRegions"]
    }
  }
}
