data "apsarastack_mq_topic_authorization" {
  version     = 1
  service     = mq
  description = "Whether another account or a RAM user may use a topic."
  example     = <<-EOT
    data "apsarastack_mq_topic_authorization" "partner" {
      instance_id = apsarastack_mq_instance.shop.id
      topic       = "orders"
      grantee_id  = "1098765432109876"
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
  attribute "grantee_id" {
    type        = string
    mode        = required
    pattern     = "[0-9]{1,19}"
    description = "The id of the account or RAM user, in decimal digits."
  }
  attribute "authorized" {
    type        = bool
    mode        = computed
    description = "Whether it holds any right."
  }
  attribute "permission" {
    type        = string
    mode        = computed
    description = "`publish`, `subscribe` or `both`; null without a right, or where the platform does not return it."
  }

  read {
    step "authorization" {
      call      = "GET /json/empower/list"
      operation = "empower/list"
      query     = { instanceId = self.instance_id == "-" ? null : self.instance_id, topic = self.topic, empowerUser = self.grantee_id }
      set       = { authorized = length([for grant in flatten([response.data]) : grant if grant != null]) > 0, permission = try({ "2" = "publish", "4" = "subscribe", "6" = "both" }[tostring(flatten([response.data])[0].relation)], null) }
    }
  }
}
