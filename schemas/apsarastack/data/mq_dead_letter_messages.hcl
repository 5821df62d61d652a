data "apsarastack_mq_dead_letter_messages" {
  version     = 1
  service     = mq
  description = "The dead letters of a group that were stored within a span of time, 2500 at most."
  example     = <<-EOT
    data "apsarastack_mq_dead_letter_messages" "hour" {
      instance_id = apsarastack_mq_instance.shop.id
      group_id    = "GID_billing"
      begin_time  = "1767225600000"
      end_time    = "1767229200000"
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
  attribute "begin_time" {
    type        = string
    mode        = required
    description = "From when on messages were stored, in milliseconds since 1970."
  }
  attribute "end_time" {
    type        = string
    mode        = required
    description = "Until when."
  }
  attribute "max_pages" {
    type        = number
    mode        = optional
    default     = 4
    between     = [1, 50]
    description = "How many pages of 50 messages are read at most: 1 to 50."
  }
  attribute "task_id" {
    type        = string
    mode        = computed
    description = "What the service calls the query."
  }
  attribute "page_count" {
    type        = number
    mode        = computed
    description = "How many pages there are."
  }
  attribute "messages" {
    type        = map
    mode        = computed
    description = "The messages by page and position on it, such as `01-07`."
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
    step "query" {
      call      = "GET /json/message/getByPagedDLQ"
      operation = "message/getByPagedDLQ"
      query     = { InstanceId = self.instance_id == "-" ? null : self.instance_id, GroupId = self.group_id, BeginTime = self.begin_time, EndTime = self.end_time, CurrentPage = 1, PageSize = 50 }
      tolerate  = [gone]
      set       = { task_id = try(response.data.taskid, null), page_count = try(coalesce(response.data.maxpagecount, 0), 0) }
    }
    step "pages" {
      for_each  = range(1, min(coalesce(self.page_count, 0), self.max_pages) + 1)
      call      = "GET /json/message/getByPagedDLQ"
      operation = "message/getByPagedDLQ"
      query     = { InstanceId = self.instance_id == "-" ? null : self.instance_id, GroupId = self.group_id, BeginTime = self.begin_time, EndTime = self.end_time, TaskId = self.task_id, CurrentPage = each.value, PageSize = 50 }
      set       = { messages = { for index, row in try(coalesce(response.data.data, []), []) : format("%02d-%02d", each.value, index + 1) => { message_id = try(row.msgid, null), topic = try(row.topic, null), body = try(row.body, null), store_size = try(row.storesize, null), born_at = try(row.borntimestamp, null), born_host = try(row.bornhost, null), stored_at = try(row.storetimestamp, null), store_host = try(row.storehost, null), body_crc = try(row.bodycrc, null), reconsume_times = try(row.reconsumetimes, null), properties = try({ for property in row.propertylist : property.name => tostring(property.value) }, {}) } } }
    }
  }
}
