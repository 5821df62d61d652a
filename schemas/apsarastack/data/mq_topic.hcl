data "apsarastack_mq_topic" {
  version     = 1
  service     = mq
  description = "One topic."
  example     = <<-EOT
    data "apsarastack_mq_topic" "orders" {
      instance_id = apsarastack_mq_instance.shop.id
      name        = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "name" {
    type        = string
    mode        = required
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

  read {
    step "topic" {
      call      = "GET /json/topic/get"
      operation = "topic/get"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.name }
      set       = { message_type = try({ "0" = "normal", "1" = "partition_ordered", "2" = "global_ordered", "4" = "transaction", "5" = "delay" }[tostring(flatten([response.data])[0].ordertype)], null), remark = try(flatten([response.data])[0].remark, null), owner = try(flatten([response.data])[0].owner, null), created_at = try(flatten([response.data])[0].createtime, null) }
    }
  }
}
