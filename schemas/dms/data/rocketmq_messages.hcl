data "dms_rocketmq_messages" {
  version     = 1
  description = "Messages of a topic, by time, key or id."
  example     = <<-EOT
    data "dms_rocketmq_messages" "owner" {
      instance_id = var.instance_id
      topic       = "orders"
      key         = "owner"
      start_time  = "1700000000000"
      end_time    = "1700086400000"
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
    description = "The topic. The dead letters of a group are in `%DLQ%GROUP`."
  }
  attribute "start_time" {
    type        = string
    mode        = optional
    description = "Only messages stored from then on, in milliseconds since 1970. Required without `msg_id`."
  }
  attribute "end_time" {
    type        = string
    mode        = optional
    description = "Only messages stored until then, in milliseconds since 1970. Required without `msg_id`."
  }
  attribute "key" {
    type        = string
    mode        = optional
    description = "Only messages with this key."
  }
  attribute "msg_id" {
    type        = string
    mode        = optional
    description = "Only the message with this id, with its content."
  }
  attribute "messages" {
    type        = list
    mode        = computed
    description = "The messages. Their contents are read only with `msg_id`."
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
    step "messages" {
      call      = "GET /v2/reliability/${provider.project_id}/instances/${self.instance_id}/messages"
      operation = "ListMessages"
      query     = { topic = self.topic, key = self.key, start_time = self.start_time, end_time = self.end_time, msg_id = self.msg_id }
      pages     = offset
      items     = response.messages
      total     = response.total
      set = {
        messages = [for message in items : { msg_id = message.msg_id, topic = message.topic, store_timestamp = try(tostring(message.store_timestamp), null), born_timestamp = try(tostring(message.born_timestamp), null), reconsume_times = try(message.reconsume_times, null), body = try(message.body, null), body_crc = try(message.body_crc, null), store_size = try(message.store_size, null), properties = try({ for property in message.property_list : property.name => property.value }, { for name, text in message.property_list : name => text }, {}), born_host = try(message.born_host, null), store_host = try(message.store_host, null), queue_id = try(message.queue_id, null), queue_offset = try(message.queue_offset, null) }]
      }
      permission = ["dms:instance:get"]
    }
  }

  check "times" {
    that    = self.msg_id != null || (self.start_time != null && self.end_time != null)
    message = "messages are looked for by `msg_id`, or between `start_time` and `end_time`"
    path    = msg_id
    hint    = "set `start_time` and `end_time`"
  }
}
