action "dms_rocketmq_verify_consumption" {
  version     = 1
  description = "Lets one consumer that is online consume messages once more, and says whether it did."
  impact      = "the consumer gets the messages again"
  example     = <<-EOT
    action "dms_rocketmq_verify_consumption" "one" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        group       = "billing"
        topic       = "orders"
        client_id   = "billing-1"
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
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "client_id" {
    type        = string
    mode        = required
    description = "The consumer; the data source `dms_rocketmq_consumers` lists them."
  }
  attribute "msg_ids" {
    type        = set(string)
    mode        = required
    length      = [1, 100]
    description = "The ids of the messages."
  }
  attribute "results" {
    type        = list(object({ msg_id = string, error_code = string, error_message = string }))
    mode        = computed
    description = "What became of each message; `DMS.00000000` is success."
  }

  run {
    step "consume" {
      call       = "POST /v2/reliability/${provider.project_id}/instances/${self.instance_id}/messages/resend"
      operation  = "ValidateConsumedMessage"
      body       = { group = self.group, topic = self.topic, client_id = self.client_id, msg_id_list = self.msg_ids }
      set        = { results = [for result in response.resend_results : { msg_id = result.msg_id, error_code = try(result.error_code, "DMS.00000000"), error_message = try(result.error_message, "") }] }
      permission = ["dms:instance:modify"]
    }
  }

  verify "failed messages" {
    that    = alltrue([for result in self.results : result.error_code == "DMS.00000000"])
    message = "${length([for result in self.results : result if result.error_code != "DMS.00000000"])} messages failed: ${join(", ", [for result in self.results : "${result.msg_id} (${result.error_code})" if result.error_code != "DMS.00000000"])}"
  }
}
