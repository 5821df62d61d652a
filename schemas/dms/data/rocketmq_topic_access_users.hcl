data "dms_rocketmq_topic_access_users" {
  version     = 1
  description = "The users who may use a topic, with what they may do. Their secrets are not read."
  example     = <<-EOT
    data "dms_rocketmq_topic_access_users" "orders" {
      instance_id = var.instance_id
      topic       = "orders"
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
    description = "The topic."
  }
  attribute "access_keys" {
    type        = list(string)
    mode        = computed
    description = "The access keys of the users."
  }
  attribute "policies" {
    type        = list
    mode        = computed
    description = "The users and what they may do."
    attribute "access_key" {
      type        = string
      mode        = computed
      description = "The access key."
    }
    attribute "white_remote_address" {
      type        = string
      mode        = computed
      description = "Addresses from which it needs no key."
    }
    attribute "admin" {
      type        = bool
      mode        = computed
      description = "Whether it may do everything."
    }
    attribute "perm" {
      type        = string
      mode        = computed
      description = "What it may do here: `PUB`, `SUB` or `PUB|SUB`."
    }
  }

  read {
    step "policies" {
      call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/topics/${self.topic}/accesspolicy"
      operation = "ListTopicAccessPolicy"
      pages     = offset
      items     = response.policies
      total     = response.total
      set = {
        access_keys = items[*].access_key
        policies    = [for policy in items : { access_key = policy.access_key, white_remote_address = try(policy.white_remote_address, null), admin = try(policy.admin, null), perm = policy.perm }]
      }
      permission = ["dms:instance:get"]
    }
  }
}
