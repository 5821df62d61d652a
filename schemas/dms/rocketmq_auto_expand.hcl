resource "dms_rocketmq_auto_expand" {
  version       = 1
  description   = "Whether the disk of an instance grows by itself, when and how far. The operation is not in the API document of SberCloud: not every region has it."
  identity      = [instance_id]
  always_exists = true
  notice        = "storage that was added is billed and never given back"
  example       = <<-EOT
    resource "dms_rocketmq_auto_expand" "main" {
      instance_id       = dms_rocketmq_instance.main.id
      threshold         = 80
      increment         = 10
      max_storage_space = 1000
    }
  EOT

  parent "dms_rocketmq_instance" {
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
    description = "The instance."
  }
  attribute "enabled" {
    type        = bool
    mode        = optional
    change      = update
    default     = true
    from        = item.auto_volume_expand_enable
    description = "Whether the disk grows by itself."
  }
  attribute "threshold" {
    type        = number
    mode        = optional
    change      = update
    default     = 80
    between     = [20, 80]
    unit        = "percent"
    from        = item.expand_threshold
    description = "How full the disk is when it grows."
  }
  attribute "increment" {
    type        = number
    mode        = optional
    change      = update
    default     = 10
    between     = [10, 100]
    unit        = "percent"
    from        = item.expand_increment
    description = "How much it grows each time."
  }
  attribute "max_storage_space" {
    type        = number
    mode        = required
    change      = update
    unit        = "GB"
    from        = item.max_volume_size
    description = "The storage at which it stops to grow: a multiple of 100, more than the instance has. If the disk grows, `storage_space` of the instance should follow, for less of it means a new instance."
  }

  lookup "instance" {
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}"
    operation  = "ShowInstance"
    value      = response
    permission = ["dms:instance:get"]
  }

  read {
    step "settings" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/auto-volume-expand"
      operation  = "ShowVolumeExpandConfig"
      item       = response
      permission = ["dms:instance:get"]
    }
  }
  create {
    step "settings" {
      call       = "PUT /v2/${provider.project_id}/instances/${self.instance_id}/auto-volume-expand"
      operation  = "UpdateVolumeExpansionConfig"
      body       = { auto_volume_expand_enable = self.enabled, expand_threshold = self.threshold, expand_increment = self.increment, max_volume_size = self.max_storage_space }
      permission = ["dms:instance:modify"]
    }
  }
  update {
    step "settings" {
      on         = [enabled, threshold, increment, max_storage_space]
      call       = "PUT /v2/${provider.project_id}/instances/${self.instance_id}/auto-volume-expand"
      operation  = "UpdateVolumeExpansionConfig"
      body       = { auto_volume_expand_enable = self.enabled, expand_threshold = self.threshold, expand_increment = self.increment, max_volume_size = self.max_storage_space }
      permission = ["dms:instance:modify"]
    }
  }
  # The disk stops to grow; it keeps its size.
  delete {
    step "off" {
      call       = "PUT /v2/${provider.project_id}/instances/${self.instance_id}/auto-volume-expand"
      operation  = "UpdateVolumeExpansionConfig"
      body       = { auto_volume_expand_enable = false, expand_threshold = self.threshold, expand_increment = self.increment, max_volume_size = self.max_storage_space }
      permission = ["dms:instance:modify"]
    }
  }

  check "steps of 100 GB" {
    that    = self.max_storage_space % 100 == 0
    message = "`max_storage_space` is not a multiple of 100 GB (DMS.00400500)"
    path    = max_storage_space
  }
  check "room to grow" {
    when    = self.enabled
    that    = try(self.max_storage_space > lookup.instance.total_storage_space, true)
    message = "`max_storage_space` is not more than the storage that the instance has, ${try(lookup.instance.total_storage_space, 0)} GB (DMS.00400500)"
    path    = max_storage_space
  }
  check "largest disk" {
    when    = self.enabled
    that    = try(self.max_storage_space < lookup.instance.node_num * 30000, true)
    message = "`max_storage_space` is more than the nodes of the instance can have, 30000 GB each (DMS.00400500)"
    path    = max_storage_space
  }
}
