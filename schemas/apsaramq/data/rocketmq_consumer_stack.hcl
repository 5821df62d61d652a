data "apsaramq_rocketmq_consumer_stack" {
  version     = 1
  service     = rocketmq
  description = "What the threads of a consumer are doing."
  example     = <<-EOT
    data "apsaramq_rocketmq_consumer_stack" "main" {
      instance_id = var.instance_id
      group_id    = "billing"
      client_id   = "consumer-1"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The consumer group."
  }
  attribute "client_id" {
    type        = string
    mode        = required
    description = "The consumer."
  }
  attribute "stacks" {
    type        = list
    mode        = computed
    description = "The threads."
    attribute "thread" {
      type        = string
      mode        = computed
      description = "The name of the thread."
    }
    attribute "tracks" {
      type        = list(string)
      mode        = computed
      description = "Its stack."
    }
  }

  read {
    step "stacks" {
      call       = "GET /instances/${self.instance_id}/consumerGroups/${self.group_id}/stack"
      operation  = "GetConsumerStack"
      query      = { clientId = self.client_id }
      set        = { stacks = [for stack in response.data.stacks : { thread = try(stack.thread, null), tracks = try(stack.tracks, null) }] }
      permission = ["rocketmq:GetConsumerStack"]
    }
  }
}
