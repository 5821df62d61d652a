data "dms_rocketmq_dead_letter_messages" {
  version     = 1
  description = "Dead letters of a consumer group, with their contents."
  example     = <<-EOT
    data "dms_rocketmq_dead_letter_messages" "billing" {
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
    description = "The consumer group. Either it or `topic` is set."
  }
  attribute "topic" {
    type        = string
    mode        = optional
    description = "The topic of dead letters, such as `%DLQ%billing`."
  }
  attribute "msg_ids" {
    type        = list(string)
    mode        = optional
    description = "Only the messages with these ids."
  }
  attribute "uniq_keys" {
    type        = list(string)
    mode        = optional
    description = "Only the messages with these unique keys."
  }
  attribute "messages" {
    type        = list
    mode        = computed
    description = "The messages."
    attribute "msg_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "topic" {
      type        = string
      mode        = computed
      description = "The topic."
    }
    attribute "store_timestamp" {
      type        = string
      mode        = computed
      description = "When it was stored, in milliseconds since 1970."
    }
    attribute "born_timestamp" {
      type        = string
      mode        = computed
      description = "When it was made, in milliseconds since 1970."
    }
    attribute "reconsume_times" {
      type        = number
      mode        = computed
      description = "How often it was consumed again."
    }
    attribute "body" {
      type        = string
      mode        = computed
      description = "The content. Only with `msg_id`."
    }
    attribute "body_crc" {
      type        = number
      mode        = computed
      description = "The checksum of the content."
    }
    attribute "store_size" {
      type        = number
      mode        = computed
      description = "The size in bytes as stored."
    }
    attribute "properties" {
      type        = map(string)
      mode        = computed
      description = "Its properties: `KEYS`, `TAGS`, `UNIQ_KEY` and others."
    }
    attribute "born_host" {
      type        = string
      mode        = computed
      description = "The address it came from."
    }
    attribute "store_host" {
      type        = string
      mode        = computed
      description = "The address of its broker."
    }
    attribute "queue_id" {
      type        = number
      mode        = computed
      description = "The queue."
    }
    attribute "queue_offset" {
      type        = number
      mode        = computed
      description = "The offset in the queue."
    }
  }

  read {
    # The answer is a bare array, or, in the example of the API document, one object.
    step "export" {
      call       = "POST /v2/${provider.project_id}/instances/${self.instance_id}/messages/export"
      operation  = "ExportDlqMessage"
      body       = { topic = self.topic != null ? self.topic : join("", ["%DLQ%", self.group]), msg_id_list = self.msg_ids, uniq_key_list = self.uniq_keys }
      idempotent = true
      set = {
        messages = [for message in flatten([response]) : { msg_id = message.msg_id, topic = message.topic, store_timestamp = try(tostring(message.store_timestamp), null), born_timestamp = try(tostring(message.born_timestamp), null), reconsume_times = try(message.reconsume_times, null), body = try(message.body, null), body_crc = try(message.body_crc, null), store_size = try(message.store_size, null), properties = try({ for property in message.property_list : property.name => property.value }, { for name, text in message.property_list : name => text }, {}), born_host = try(message.born_host, null), store_host = try(message.store_host, null), queue_id = try(message.queue_id, null), queue_offset = try(message.queue_offset, null) }]
      }
      permission = ["dms:instance:get"]
    }
  }

  check "group" {
    that    = (self.group == null) != (self.topic == null)
    message = "set either `group` or `topic`"
    path    = group
  }
}
