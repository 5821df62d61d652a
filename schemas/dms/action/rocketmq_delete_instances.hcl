action "dms_rocketmq_delete_instances" {
  version     = 1
  description = "Deletes instances by their ids, whoever manages them."
  repeatable  = true
  confirm     = "the instances go with all their topics, consumer groups, users and messages, and no guard looks into them"
  loses       = "the instances with everything in them"
  impact      = "all their clients are cut off"
  example     = <<-EOT
    action "dms_rocketmq_delete_instances" "old" {
      config {
        instance_ids = ["11111111-2222-4333-8444-555555555555"]
      }
    }
  EOT

  attribute "instance_ids" {
    type        = set(string)
    mode        = required
    length      = [1, 50]
    description = "The ids of the instances."
  }
  attribute "results" {
    type        = list(object({ instance = string, result = string }))
    mode        = computed
    description = "What became of each instance: `success` or `failed`."
  }

  run {
    step "delete" {
      call       = "POST /v2/${provider.project_id}/instances/action"
      operation  = "BatchDeleteInstances"
      body       = { action = "delete", instances = self.instance_ids }
      set        = { results = [for result in response.results : { instance = result.instance, result = result.result }] }
      permission = ["dms:instance:delete"]
    }
  }

  verify "failed deletions" {
    that    = alltrue([for result in self.results : result.result == "success"])
    message = "not deleted: ${join(", ", [for result in self.results : result.instance if result.result != "success"])}"
  }
}
