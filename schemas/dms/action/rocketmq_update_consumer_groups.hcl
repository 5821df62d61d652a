action "dms_rocketmq_update_consumer_groups" {
  version     = 1
  description = "Changes consumer groups of an instance with one call, whoever manages them."
  repeatable  = true
  notice      = "settings of groups that this configuration manages are changed back by the next plan"
  example     = <<-EOT
    action "dms_rocketmq_update_consumer_groups" "retries" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        groups      = [{ name = "billing", enabled = true, broadcast = false, retry_max_times = 16 }]
      }
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "groups" {
    type        = list(object({ name = string, enabled = bool, broadcast = bool, retry_max_times = number }))
    mode        = required
    length      = [1, 100]
    description = "The consumer groups as they should be."
  }
  attribute "job_id" {
    type        = string
    mode        = computed
    description = "The id of the job."
  }

  run {
    step "update" {
      call       = "PUT /v2/${provider.project_id}/instances/${self.instance_id}/groups"
      operation  = "BatchUpdateConsumerGroup"
      body       = { groups = [for group in self.groups : { name = group.name, enabled = group.enabled, broadcast = group.broadcast, retry_max_time = group.retry_max_times }] }
      set        = { job_id = try(response.job_id, null) }
      permission = ["dms:instance:modify"]
      wait       = changed
    }
  }

  waiter "changed" {
    description = "the consumer groups have their settings"
    step "groups" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups"
      operation  = "ListInstanceConsumerGroups"
      pages      = offset
      items      = response.groups
      total      = response.total
      set        = { settings = { for item in items : item.name => { enabled = item.enabled, broadcast = item.broadcast, retries = item.retry_max_time } } }
      permission = ["dms:instance:get"]
    }
    until    = alltrue([for group in self.groups : try(observed.settings[group.name].enabled == group.enabled && observed.settings[group.name].broadcast == group.broadcast && observed.settings[group.name].retries == group.retry_max_times, false)])
    interval = "5s"
  }
}
