data "apsarastack_mq_dead_letter_message" {
  version     = 1
  service     = mq
  description = "One dead letter of a group, by its id."
  example     = <<-EOT
    data "apsarastack_mq_dead_letter_message" "one" {
      instance_id = apsarastack_mq_instance.shop.id
      group_id    = "GID_billing"
      message_id  = "0A1B2C3D4E5F60718293A4B5C6D7E8F9"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The group."
  }
  attribute "message_id" {
    type        = string
    mode        = required
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

  read {
    step "message" {
      call      = "GET /json/message/getByIdInDLQ"
      operation = "message/getByIdInDLQ"
      query     = { InstanceId = self.instance_id == "-" ? null : self.instance_id, GroupId = self.group_id, MsgId = self.message_id }
      set       = { body = try(response.data.body, null), store_size = try(response.data.storesize, null), born_at = try(response.data.borntimestamp, null), born_host = try(response.data.bornhost, null), stored_at = try(response.data.storetimestamp, null), store_host = try(response.data.storehost, null), body_crc = try(response.data.bodycrc, null), reconsume_times = try(response.data.reconsumetimes, null), properties = try({ for property in response.data.propertylist : property.name => tostring(property.value) }, {}), topic = try(response.data.topic, null) }
    }
  }
}
