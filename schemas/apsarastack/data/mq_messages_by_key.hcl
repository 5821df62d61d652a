data "apsarastack_mq_messages_by_key" {
  version     = 1
  service     = mq
  description = "The messages of a topic with a key; there may be several, and the service may find too many."
  example     = <<-EOT
    data "apsarastack_mq_messages_by_key" "order" {
      instance_id = apsarastack_mq_instance.shop.id
      topic       = "orders"
      key         = "order-1"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "key" {
    type        = string
    mode        = required
    description = "The key."
  }
  attribute "messages" {
    type        = list
    mode        = computed
    description = "The messages; none if there is no such message."
    attribute "message_id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "topic" {
      type        = string
      mode        = computed
      description = "The topic."
    }
    attribute "body" {
      type        = string
      mode        = computed
      description = "The text."
    }
    attribute "store_size" {
      type        = number
      mode        = computed
      description = "Its size, in bytes."
    }
    attribute "born_at" {
      type        = string
      mode        = computed
      description = "When it was sent, in milliseconds since 1970."
    }
    attribute "born_host" {
      type        = string
      mode        = computed
      description = "Where it was sent from."
    }
    attribute "stored_at" {
      type        = string
      mode        = computed
      description = "When it was stored, in milliseconds since 1970."
    }
    attribute "store_host" {
      type        = string
      mode        = computed
      description = "The broker that holds it."
    }
    attribute "body_crc" {
      type        = number
      mode        = computed
      description = "The checksum of the text."
    }
    attribute "reconsume_times" {
      type        = number
      mode        = computed
      description = "How often it was delivered again."
    }
    attribute "properties" {
      type        = map(string)
      mode        = computed
      description = "Its properties, `KEYS` and `TAGS` among them."
    }
  }

  read {
    step "nothing" {
      set = { messages = [] }
    }
    step "messages" {
      call      = "GET /json/message/getByKey"
      operation = "message/getByKey"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.topic, key = self.key }
      tolerate  = [gone]
      set       = { messages = [for row in coalesce(response.data, []) : { message_id = try(row.msgid, null), topic = try(row.topic, null), body = try(row.body, null), store_size = try(row.storesize, null), born_at = try(row.borntimestamp, null), born_host = try(row.bornhost, null), stored_at = try(row.storetimestamp, null), store_host = try(row.storehost, null), body_crc = try(row.bodycrc, null), reconsume_times = try(row.reconsumetimes, null), properties = try({ for property in row.propertylist : property.name => tostring(property.value) }, {}) }] }
    }
  }
}
