data "dms_rocketmq_topics" {
  version     = 1
  description = "The topics of an instance, whoever manages them."
  example     = <<-EOT
    data "dms_rocketmq_topics" "all" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "names" {
    type        = list(string)
    mode        = computed
    description = "The names of the topics."
  }
  attribute "topics" {
    type        = list
    mode        = computed
    description = "The topics."
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name."
    }
    attribute "permission" {
      type        = string
      mode        = computed
      description = "What clients may do. Only for engine version 4.8.0."
    }
    attribute "message_type" {
      type        = string
      mode        = computed
      description = "The kind of messages. Only for engine version 5.x."
    }
    attribute "read_queue_num" {
      type        = number
      mode        = computed
      description = "Queues that can be read."
    }
    attribute "write_queue_num" {
      type        = number
      mode        = computed
      description = "Queues that can be written."
    }
  }
  attribute "remaining" {
    type        = number
    mode        = computed
    description = "How many more topics the instance can have."
  }

  read {
    step "topics" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics"
      operation  = "ListRocketInstanceTopics"
      pages      = offset
      items      = response.topics
      total      = response.total
      set        = { names = items[*].name, topics = [for topic in items : { name = topic.name, permission = try(topic.permission, null), message_type = try(topic.message_type, null), read_queue_num = try(topic.total_read_queue_num, null), write_queue_num = try(topic.total_write_queue_num, null) }], remaining = response.remaining }
      permission = ["dms:instance:get"]
    }
  }
}
