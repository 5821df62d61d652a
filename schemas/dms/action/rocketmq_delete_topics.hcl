action "dms_rocketmq_delete_topics" {
  version     = 1
  description = "Deletes topics of an instance with one call, whoever manages them."
  repeatable  = true
  confirm     = "the topics go at once"
  loses       = "the messages in them"
  impact      = "their clients are refused"
  example     = <<-EOT
    action "dms_rocketmq_delete_topics" "old" {
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
    description = "The names of the topics."
  }
  attribute "job_id" {
    type        = string
    mode        = computed
    description = "The id of the job."
  }

  run {
    step "delete" {
      call       = "POST /v2/${provider.project_id}/instances/${self.instance_id}/topics"
      operation  = "BatchDeleteTopic"
      query      = { action = "delete" }
      body       = { topics = self.names }
      set        = { job_id = response.job_id }
      permission = ["dms:instance:modify"]
      wait       = gone
    }
  }

  waiter "gone" {
    description = "the topics are gone"
    step "left" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics"
      operation  = "ListRocketInstanceTopics"
      pages      = offset
      items      = response.topics
      total      = response.total
      set        = { names = items[*].name }
      permission = ["dms:instance:get"]
    }
    until    = length(setintersection(self.names, observed.names)) == 0
    interval = "5s"
  }

  guard "stored messages" {
    kind = data
    step "status" {
      for_each   = self.names
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${each.value}/status"
      operation  = "ShowTopicStatus"
      set        = { stored = { (each.value) = response.max_offset - response.min_offset } }
      tolerate   = [gone]
      permission = ["dms:instance:get"]
    }
    count   = sum(concat([0], values(observed.stored)))
    message = "${count} ${count == 1 ? "message is" : "messages are"} stored in them"
  }
}
