data "apsarastack_mq_regions" {
  version     = 1
  service     = mq
  description = "The regions of the platform."
  example     = <<-EOT
    data "apsarastack_mq_regions" "all" {
    }
  EOT

  attribute "regions" {
    type        = list
    mode        = computed
    description = "The regions."
    attribute "region_id" {
      type        = string
      mode        = computed
      description = "The id, for `region` of the provider."
    }
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name."
    }
  }

  read {
    step "regions" {
      call      = "GET /json/region/list"
      operation = "region/list"
      query     = { _regionId = null }
      set       = { regions = [for region in response.data : { region_id = region.regionid, name = try(region.regionname, null) }] }
    }
  }
}
