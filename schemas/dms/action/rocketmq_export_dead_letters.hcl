action "dms_rocketmq_export_dead_letters" {
  version     = 1
  description = "Writes the dead letters of a consumer group with their contents."
  reads       = true
  repeatable  = true
  rows        = messages
  example     = <<-EOT
    action "dms_rocketmq_export_dead_letters" "all" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        group       = "billing"
      }
    }
  EOT

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
    mode        = optional
    description = "Only the messages with these ids."
  }
  attribute "uniq_keys" {
    type        = set(string)
    mode        = optional
    description = "Only the messages with these unique keys."
  }
  attribute "messages" {
    type        = list(object({ msg_id = string, topic = string, store_timestamp = string, born_timestamp = string, reconsume_times = number, body = string, properties = map(string) }))
    mode        = computed
    sensitive   = true
    description = "The messages."
  }

  run {
    step "export" {
      call       = "POST /v2/${provider.project_id}/instances/${self.instance_id}/messages/export"
      operation  = "ExportDlqMessage"
      body       = { topic = join("", ["%DLQ%", self.group]), msg_id_list = self.msg_ids, uniq_key_list = self.uniq_keys }
      idempotent = true
      set        = { messages = [for message in flatten([response]) : { msg_id = message.msg_id, topic = message.topic, store_timestamp = try(tostring(message.store_timestamp), null), born_timestamp = try(tostring(message.born_timestamp), null), reconsume_times = try(message.reconsume_times, null), body = try(message.body, null), properties = try({ for property in message.property_list : property.name => property.value }, { for name, text in message.property_list : name => text }, {}) }] }
      permission = ["dms:instance:get"]
    }
  }
}
