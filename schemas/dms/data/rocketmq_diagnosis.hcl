data "dms_rocketmq_diagnosis" {
  version     = 1
  description = "One report of a diagnosis of a consumer group. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_diagnosis" "billing" {
      report_id = var.report_id
    }
  EOT

  attribute "report_id" {
    type        = string
    mode        = required
    description = "The id of the report."
  }
  attribute "group_name" {
    type        = string
    mode        = computed
    description = "The consumer group."
  }
  attribute "status" {
    type        = string
    mode        = computed
    description = "`diagnosing`, `finished` or `failed`."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    description = "When it was begun, in milliseconds since 1970."
  }
  attribute "online" {
    type        = bool
    mode        = computed
    description = "Whether any consumer is online."
  }
  attribute "consumer_nums" {
    type        = number
    mode        = computed
    description = "How many consumers were online."
  }
  attribute "message_accumulation" {
    type        = number
    mode        = computed
    description = "How many messages the group has not read."
  }
  attribute "subscription_consistency" {
    type        = bool
    mode        = computed
    description = "Whether all consumers read the same topics."
  }
  attribute "duplicate_client_id" {
    type        = bool
    mode        = computed
    description = "Whether two consumers have the same id."
  }
  attribute "abnormal_item_sum" {
    type        = number
    mode        = computed
    description = "How many findings are abnormal."
  }
  attribute "faulted_node_sum" {
    type        = number
    mode        = computed
    description = "How many consumers are faulty."
  }
  attribute "nodes" {
    type        = list
    mode        = computed
    description = "The findings about each consumer."
    attribute "node_id" {
      type        = string
      mode        = computed
      description = "The id of the consumer."
    }
    attribute "is_faulted" {
      type        = bool
      mode        = computed
      description = "Whether it is faulty."
    }
    attribute "abnormal_item_sum" {
      type        = number
      mode        = computed
      description = "How many findings are abnormal."
    }
    attribute "message_accumulation" {
      type        = number
      mode        = computed
      description = "How many messages it has not read."
    }
    attribute "dead_lock" {
      type        = bool
      mode        = computed
      description = "Whether its threads wait for each other."
    }
    attribute "deadlock_thread" {
      type        = string
      mode        = computed
      description = "The threads that do."
    }
    attribute "stack_id" {
      type        = string
      mode        = computed
      description = "The id of its stacks, for the attribute `stack` of this data source with `stack_id`."
    }
    attribute "consume_type" {
      type        = string
      mode        = computed
      description = "Whether it pulls or is pushed to."
    }
  }
  attribute "stack_id" {
    type        = string
    mode        = optional
    description = "The stacks that are read too: a `stack_id` of `nodes`."
  }
  attribute "thread_name" {
    type        = string
    mode        = computed
    description = "The thread of the stacks. Null without `stack_id`."
  }
  attribute "stack" {
    type        = string
    mode        = computed
    description = "The stacks. Null without `stack_id`."
  }

  read {
    step "report" {
      call      = "GET /v2/${provider.project_id}/rocketmq/diagnosis/${self.report_id}"
      operation = "ShowDiagnosisReport"
      set = {
        group_name               = response.group_name
        status                   = response.status
        created_at               = try(tostring(response.created_at), null)
        online                   = try(response.online, null)
        consumer_nums            = try(response.consumer_nums, null)
        message_accumulation     = try(response.message_accumulation, null)
        subscription_consistency = try(response.subscription_consistency, null)
        duplicate_client_id      = try(response.duplicate_client_id, null)
        abnormal_item_sum        = try(response.abnormal_item_sum, null)
        faulted_node_sum         = try(response.faulted_node_sum, null)
        nodes                    = [for node in coalesce(try(response.diagnosis_node_report_list, null), []) : { node_id = node.node_id, is_faulted = try(node.is_faulted, null), abnormal_item_sum = try(node.abnormal_item_sum, null), message_accumulation = try(node.message_accumulation, null), dead_lock = try(node.dead_lock, null), deadlock_thread = try(node.deadlock_thread, null), stack_id = try(node.stack_id, null), consume_type = try(node.consume_type, null) }]
      }
      permission = ["dms:instance:get"]
    }
    step "stack" {
      when       = self.stack_id != null
      call       = "GET /v2/${provider.project_id}/rocketmq/diagnosis/stack/${self.stack_id}"
      operation  = "ShowDiagnosisStack"
      set        = { thread_name = response.thread_name, stack = response.stack }
      permission = ["dms:instance:get"]
    }
  }
}
