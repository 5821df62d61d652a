action "dms_rocketmq_resend_dead_letters" {
  version     = 1
  description = "Gives dead letters to their consumer group once more. They stay where they are."
  impact      = "the group gets the messages again"
  example     = <<-EOT
    action "dms_rocketmq_resend_dead_letters" "again" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        group       = "billing"
        msg_ids     = ["0A1B2C3D4E5F60718293A4B5C6D7E8F9"]
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
  attribute "msg_ids" {
    type        = set(string)
    mode        = required
    length      = [1, 100]
    description = "The ids of the dead letters."
  }
  attribute "results" {
    type        = list(object({ msg_id = string, error_code = string, error_message = string }))
    mode        = computed
    description = "What became of each message; `DMS.00000000` is success."
  }

  run {
    step "resend" {
      call       = "POST /v2/reliability/${provider.project_id}/instances/${self.instance_id}/messages/deadletter-resend"
      operation  = "SendDlqMessage"
      body       = { topic = join("", ["%DLQ%", self.group]), msg_id_list = self.msg_ids }
      set        = { results = [for result in response.resend_results : { msg_id = result.msg_id, error_code = try(result.error_code, "DMS.00000000"), error_message = try(result.error_message, "") }] }
      permission = ["dms:instance:modify"]
    }
  }

  verify "failed messages" {
    that    = alltrue([for result in self.results : result.error_code == "DMS.00000000"])
    message = "${length([for result in self.results : result if result.error_code != "DMS.00000000"])} of ${length(self.results)} messages failed: ${join(", ", [for result in self.results : "${result.msg_id} (${result.error_code})" if result.error_code != "DMS.00000000"])}"
  }
}
