action "dms_rocketmq_delete_consumer_groups" {
  version     = 1
  description = "Deletes consumer groups of an instance with one call, whoever manages them."
  repeatable  = true
  confirm     = "the consumer groups go at once"
  loses       = "how far they have read, and their dead letters"
  impact      = "their clients are refused"
  example     = <<-EOT
    action "dms_rocketmq_delete_consumer_groups" "old" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        names       = ["old-one", "old-two"]
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
  attribute "names" {
    type        = set(string)
    mode        = required
    length      = [1, 100]
    description = "The names of the consumer groups."
  }
  attribute "job_id" {
    type        = string
    mode        = computed
    description = "The id of the job."
  }

  run {
    step "delete" {
      call       = "POST /v2/${provider.project_id}/instances/${self.instance_id}/groups"
      operation  = "BatchDeleteConsumerGroup"
      query      = { action = "delete" }
      body       = { groups = self.names }
      set        = { job_id = response.job_id }
      permission = ["dms:instance:modify"]
      wait       = gone
    }
  }

  waiter "gone" {
    description = "the consumer groups are gone"
    step "left" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/groups"
      operation  = "ListInstanceConsumerGroups"
      pages      = offset
      items      = response.groups
      total      = response.total
      set        = { names = items[*].name }
      permission = ["dms:instance:get"]
    }
    until    = length(setintersection(self.names, observed.names)) == 0
    interval = "5s"
  }

  guard "online consumers" {
    kind = impact
    step "clients" {
      for_each   = self.names
      call       = "GET /v2/rocketmq/${provider.project_id}/instances/${self.instance_id}/groups/${each.value}/clients"
      operation  = "ShowConsumerConnections"
      set        = { clients = { (each.value) = response.total } }
      tolerate   = [gone, unavailable]
      permission = ["dms:instance:get"]
    }
    count   = sum(concat([0], values(observed.clients)))
    message = "${count} ${count == 1 ? "consumer is" : "consumers are"} online"
  }
}
