data "dms_rocketmq_diagnoses" {
  version     = 1
  description = "The reports of diagnoses of consumer groups of an instance. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_diagnoses" "billing" {
      instance_id = var.instance_id
      group       = "billing"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "group" {
    type        = string
    mode        = optional
    description = "Only reports about this consumer group."
  }
  attribute "ids" {
    type        = list(string)
    mode        = computed
    description = "The ids of the reports."
  }
  attribute "reports" {
    type        = list
    mode        = computed
    description = "The reports."
    attribute "report_id" {
      type        = string
      mode        = computed
      description = "The id."
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
    attribute "consumer_nums" {
      type        = number
      mode        = computed
      description = "How many consumers were online."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was begun, in milliseconds since 1970."
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
  }

  read {
    step "reports" {
      call      = "GET /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/diagnosis"
      operation = "ListDiagnosisReports"
      pages     = offset
      items     = response.diagnosis_report_list
      total     = response.total_num
      set = {
        reports = [for report in items : { report_id = report.report_id, group_name = report.group_name, status = report.status, consumer_nums = try(report.consumer_nums, null), created_at = try(tostring(report.created_at), null), abnormal_item_sum = try(report.abnormal_item_sum, null), faulted_node_sum = try(report.faulted_node_sum, null) } if self.group == null || report.group_name == self.group]
      }
      permission = ["dms:instance:get"]
    }
    step "ids" {
      set = { ids = self.reports[*].report_id }
    }
  }
}
