data "apsaramq_rocketmq_zones" {
  version     = 1
  service     = rocketmq
  description = "The availability zones of the region."
  example     = <<-EOT
    data "apsaramq_rocketmq_zones" "main" {}
  EOT

  attribute "zone_ids" {
    type        = list(string)
    mode        = computed
    description = "The ids."
  }
  attribute "zones" {
    type        = list
    mode        = computed
    description = "The zones."
    attribute "zone_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name."
    }
  }

  read {
    step "zones" {
      call       = "GET /zones"
      operation  = "ListAvailableZones"
      set        = { zone_ids = [for zone in response.data : zone.zoneId], zones = [for zone in response.data : { zone_id = try(zone.zoneId, null), name = try(zone.zoneName, null) }] }
      permission = ["rocketmq:ListAvailableZones"]
    }
  }
}
