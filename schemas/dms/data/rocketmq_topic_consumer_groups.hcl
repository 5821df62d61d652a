data "dms_rocketmq_topic_consumer_groups" {
  version     = 1
  description = "The consumer groups that read a topic."
  example     = <<-EOT
    data "dms_rocketmq_topic_consumer_groups" "orders" {
      instance_id = var.instance_id
      topic       = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "names" {
    type        = list(string)
    mode        = computed
    description = "The names of the groups."
  }

  read {
    step "groups" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.topic}/groups"
      operation  = "ListConsumerGroupOfTopic"
      pages      = offset
      items      = response.groups
      set        = { names = items }
      permission = ["dms:instance:get"]
    }
  }
}
