data "apsarastack_mq_group_output_trend" {
  version     = 1
  service     = mq
  description = "How many messages of a topic a group has read, by time."
  example     = <<-EOT
    data "apsarastack_mq_group_output_trend" "billing" {
      instance_id = apsarastack_mq_instance.shop.id
      group_id    = "GID_billing"
      topic       = "orders"
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
  attribute "topic" {
    type        = string
    mode        = required
    description = "The topic."
  }
  attribute "begin_time" {
    type        = string
    mode        = required
    description = "Where the curve begins, in milliseconds since 1970."
  }
  attribute "end_time" {
    type        = string
    mode        = required
    description = "Where it ends."
  }
  attribute "period" {
    type        = number
    mode        = optional
    default     = 1
    description = "Minutes between two points: 1, 5 or 10."
  }
  attribute "unit" {
    type        = string
    mode        = optional
    default     = "count"
    one_of      = ["count", "tps"]
    description = "`count`: messages in the period. `tps`: messages each second; with little traffic this curve is flat."
  }
  attribute "title" {
    type        = string
    mode        = computed
    description = "What the service calls the curve."
  }
  attribute "points" {
    type        = list
    mode        = computed
    description = "The points."
    attribute "time" {
      type        = string
      mode        = computed
      description = "The time, in milliseconds since 1970."
    }
    attribute "value" {
      type        = number
      mode        = computed
      description = "The value."
    }
  }

  read {
    step "trend" {
      call      = "GET /json/trend/groupOutputTps"
      operation = "trend/groupOutputTps"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, groupId = self.group_id, topic = self.topic, beginTime = self.begin_time, endTime = self.end_time, period = self.period, type = self.unit == "tps" ? 1 : 0 }
      set       = { title = try(response.data.title, null), points = [for point in try(coalesce(response.data.records, []), []) : { time = point.x, value = point.y }] }
    }
  }

  check "period" {
    that    = contains([1, 5, 10], self.period)
    message = "the period is 1, 5 or 10 minutes (BIZ_FIELD_CHECK_INVALID)"
    path    = period
  }
}
