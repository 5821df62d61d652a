data "apsarastack_mq_topics" {
  version     = 1
  service     = mq
  description = "The topics of an instance, whoever manages them."
  example     = <<-EOT
    data "apsarastack_mq_topics" "all" {
      instance_id = apsarastack_mq_instance.shop.id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "name" {
    type        = string
    mode        = optional
    description = "Only topics whose name contains this text."
  }
  attribute "names" {
    type        = list(string)
    mode        = computed
    description = "The names of all topics, also where the platform lists no more than names."
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
      description = "The kind of messages, where the platform returns it."
    }
    attribute "remark" {
      type        = string
      mode        = computed
      description = "The remark, where the platform returns it."
    }
    attribute "owner" {
      type        = string
      mode        = computed
      description = "The account that owns it."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was created, in milliseconds since 1970, where the platform returns it."
    }
  }

  read {
    step "topics" {
      call      = "GET /json/topic/listInPage"
      operation = "topic/listInPage"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.name }
      pages     = page
      items     = response.data
      total     = response.total
      set       = { topics = [for topic in items : { name = topic.topic, message_type = try({ "0" = "normal", "1" = "partition_ordered", "2" = "global_ordered", "4" = "transaction", "5" = "delay" }[tostring(topic.ordertype)], null), remark = try(topic.remark, null), owner = try(topic.owner, null), created_at = try(topic.createtime, null) }] }
    }
    step "names" {
      call      = "GET /json/topic/listNames"
      operation = "topic/listNames"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id }
      set       = { names = [for name in coalesce(response.data, []) : name if self.name == null || strcontains(name, coalesce(self.name, "x"))] }
    }
  }
}
