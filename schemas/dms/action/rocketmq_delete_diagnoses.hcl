action "dms_rocketmq_delete_diagnoses" {
  version     = 1
  description = "Deletes reports of diagnoses. The operation is not in the API document of SberCloud: not every region has it."
  repeatable  = true
  example     = <<-EOT
    action "dms_rocketmq_delete_diagnoses" "old" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        report_ids  = ["11111111-2222-4333-8444-555555555555"]
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
  attribute "report_ids" {
    type        = set(string)
    mode        = required
    length      = [1, 50]
    description = "The ids of the reports."
  }

  run {
    step "delete" {
      call       = "POST /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/diagnosis/batch-delete"
      operation  = "BatchDeleteDiagnosisRecords"
      body       = { report_id_list = self.report_ids }
      permission = ["dms:instance:modify"]
    }
  }
}
