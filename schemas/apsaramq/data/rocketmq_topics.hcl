data "apsaramq_rocketmq_topics" {
  version     = 1
  service     = rocketmq
  description = "The topics of an instance, whoever manages them."
  example     = <<-EOT
    data "apsaramq_rocketmq_topics" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "filter" {
    type        = string
    mode        = optional
    description = "A part of the name."
  }
  attribute "message_types" {
    type        = list(string)
    mode        = optional
    description = "Only topics with these kinds of messages."
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
    attribute "message_type" {
      type        = string
      mode        = computed
      description = "The kind of messages."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "What the service says of it."
    }
    attribute "max_send_tps" {
      type        = number
      mode        = computed
      description = "Most messages sent in a second."
    }
    attribute "lite_topic_expiration" {
      type        = number
      mode        = computed
      description = "Minutes that an unused lite topic lives."
    }
    attribute "remark" {
      type        = string
      mode        = computed
      description = "A note."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was created."
    }
  }

  read {
    step "topics" {
      call       = "GET /instances/${self.instance_id}/topics"
      operation  = "ListTopics"
      query      = { filter = self.filter, messageTypes = self.message_types == null ? null : join(",", self.message_types) }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { names = [for topic in items : topic.topicName], topics = [for topic in items : { name = try(topic.topicName, null), message_type = try(topic.messageType, null), status = try(topic.status, null), max_send_tps = try(topic.maxSendTps, null), lite_topic_expiration = try(topic.liteTopicExpiration, null), remark = try(topic.remark, null), created_at = try(topic.createTime, null) }] }
      permission = ["rocketmq:ListTopics"]
    }
  }
}
