data "dms_rocketmq_topic" {
  version     = 1
  description = "A topic of an instance, whoever manages it."
  example     = <<-EOT
    data "dms_rocketmq_topic" "orders" {
      instance_id = var.instance_id
      name        = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "name" {
    type        = string
    mode        = required
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
    from        = item.total_read_queue_num
    description = "Queues that can be read, in all."
  }
  attribute "write_queue_num" {
    type        = number
    mode        = computed
    from        = item.total_write_queue_num
    description = "Queues that can be written, in all."
  }
  attribute "brokers" {
    type        = list
    mode        = computed
    from        = [for broker in item.brokers : { name = broker.broker_name, read_queue_num = broker.read_queue_num, write_queue_num = broker.write_queue_num }]
    description = "The brokers that hold its queues."
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name, such as `broker-0`."
    }
    attribute "read_queue_num" {
      type        = number
      mode        = computed
      description = "Its queues that can be read."
    }
    attribute "write_queue_num" {
      type        = number
      mode        = computed
      description = "Its queues that can be written."
    }
  }

  read {
    step "topic" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.name}"
      operation  = "ShowOneTopic"
      item       = response
      permission = ["dms:instance:get"]
    }
  }
}
