resource "apsarastack_mq_topic_authorization" {
  version        = 1
  service        = mq
  description    = "The right of another account, or of a RAM user, to use a topic. Only the account that owns the topic can grant it. Whoever holds it still needs a group of its own to consume."
  identity       = [instance_id, topic, grantee_type, grantee_id]
  visible_within = "10s"
  impact         = "the grantee can no longer use the topic"
  example        = <<-EOT
    resource "apsarastack_mq_topic_authorization" "partner" {
      instance_id  = apsarastack_mq_instance.shop.id
      topic        = apsarastack_mq_topic.orders.name
      grantee_type = "account"
      grantee_id   = "1098765432109876"
      permission   = "subscribe"
    }
  EOT

  parent "apsarastack_mq_topic" {
    by = topic_id
  }
  serialize {
    key  = "${self.instance_id}/${self.topic}"
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance, the topic, the kind of grantee and its id."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The instance."
  }
  attribute "topic" {
    type        = string
    mode        = required
    change      = replace
    refers      = "apsarastack_mq_topic.name"
    description = "The topic."
  }
  attribute "topic_id" {
    type        = string
    mode        = computed
    change      = replace
    derived     = "${self.instance_id}/${self.topic}"
    from        = "${self.instance_id}/${self.topic}"
    description = "The id of the topic: its instance and its name."
  }
  attribute "grantee_type" {
    type        = string
    mode        = required
    change      = replace
    one_of      = ["account", "ram_user"]
    from        = self.grantee_type
    description = "Whether `grantee_id` names another account or a RAM user. The service does not return it."
  }
  attribute "grantee_id" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[0-9]{1,19}"
    from        = self.grantee_id
    description = "The id of the account or RAM user, in decimal digits."
  }
  attribute "permission" {
    type        = string
    mode        = required
    change      = update
    one_of      = ["publish", "subscribe", "both"]
    from        = try({ "2" = "publish", "4" = "subscribe", "6" = "both" }[tostring(item.relation)], self.permission)
    impact      = "the grantee cannot use the topic for a moment"
    description = "What the grantee may do. It is changed by revoking the right and granting another. Not every version of the platform returns it; then it is kept as configured."
  }

  # The document does not say what the list looks like: nothing in it, no right.
  read {
    step "authorization" {
      call      = "GET /json/empower/list"
      operation = "empower/list"
      query     = { instanceId = self.instance_id, topic = self.topic, empowerUser = self.grantee_id }
      item      = concat([for grant in flatten([response.data]) : grant if grant != null && try(tostring(grant.empoweruser), self.grantee_id) == self.grantee_id], [null])[0]
    }
  }

  create {
    step "account" {
      when      = self.grantee_type == "account"
      call      = "POST /json/empower/create"
      operation = "empower/create"
      query     = { instanceId = self.instance_id, topic = self.topic, empowerUser = self.grantee_id, relation = { publish = 2, subscribe = 4, both = 6 }[self.permission] }
    }
    step "RAM user" {
      when      = self.grantee_type == "ram_user"
      call      = "POST /json/empower/createBySub"
      operation = "empower/createBySub"
      query     = { instanceId = self.instance_id, topic = self.topic, empowerUser = self.grantee_id, relation = { publish = 2, subscribe = 4, both = 6 }[self.permission] }
    }
  }
  update {
    step "revoke" {
      on        = [permission]
      call      = "POST /json/empower/delete"
      operation = "empower/delete"
      query     = { instanceId = self.instance_id, topic = self.topic, empowerUser = self.grantee_id }
    }
    step "account" {
      on        = [permission]
      when      = self.grantee_type == "account"
      call      = "POST /json/empower/create"
      operation = "empower/create"
      query     = { instanceId = self.instance_id, topic = self.topic, empowerUser = self.grantee_id, relation = { publish = 2, subscribe = 4, both = 6 }[self.permission] }
    }
    step "RAM user" {
      on        = [permission]
      when      = self.grantee_type == "ram_user"
      call      = "POST /json/empower/createBySub"
      operation = "empower/createBySub"
      query     = { instanceId = self.instance_id, topic = self.topic, empowerUser = self.grantee_id, relation = { publish = 2, subscribe = 4, both = 6 }[self.permission] }
    }
  }
  delete {
    step "delete" {
      call      = "POST /json/empower/delete"
      operation = "empower/delete"
      query     = { instanceId = self.instance_id, topic = self.topic, empowerUser = self.grantee_id }
    }
  }
}
