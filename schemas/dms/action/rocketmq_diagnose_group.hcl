action "dms_rocketmq_diagnose_group" {
  version     = 1
  description = "Lets the service look for what is wrong with the consumers of a group, and waits for its report. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    action "dms_rocketmq_diagnose_group" "billing" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        group       = "billing"
        node_ids    = ["billing-1"]
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
  attribute "group" {
    type        = string
    mode        = required
    description = "The consumer group."
  }
  attribute "node_ids" {
    type        = set(string)
    mode        = required
    length      = [1, 50]
    description = "The consumers to look at."
  }
  attribute "report_id" {
    type        = string
    mode        = computed
    description = "The id of the report, for the data source `dms_rocketmq_diagnosis`."
  }

  run {
    step "diagnose" {
      call       = "POST /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/diagnosis"
      operation  = "CreateDiagnosisTask"
      body       = { group_name = self.group, node_id_list = self.node_ids }
      set        = { report_id = response.report_id }
      permission = ["dms:instance:modify"]
      wait       = finished
    }
  }

  waiter "finished" {
    description = "the report is finished"
    step "report" {
      call       = "GET /v2/${provider.project_id}/rocketmq/diagnosis/${self.report_id}"
      operation  = "ShowDiagnosisReport"
      set        = { status = response.status }
      permission = ["dms:instance:get"]
    }
    until    = observed.status == "finished"
    failed   = observed.status == "failed"
    interval = "10s"
  }
}
