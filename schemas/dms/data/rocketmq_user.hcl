data "dms_rocketmq_user" {
  version     = 1
  description = "A user of an instance with access control, whoever manages it. Its secret is not read."
  example     = <<-EOT
    data "dms_rocketmq_user" "billing" {
      instance_id = var.instance_id
      access_key  = "billing-worker"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "access_key" {
    type        = string
    mode        = required
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
  attribute "default_topic_perm" {
    type        = string
    mode        = computed
    description = "What it may do with topics without a grant of their own."
  }
  attribute "default_group_perm" {
    type        = string
    mode        = computed
    description = "What it may do with consumer groups without a grant of their own."
  }
  attribute "topic_perms" {
    type        = map(string)
    mode        = computed
    description = "What it may do with each topic."
  }
  attribute "group_perms" {
    type        = map(string)
    mode        = computed
    description = "What it may do with each consumer group."
  }

  read {
    step "user" {
      call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/users/${self.access_key}"
      operation = "ShowUser"
      set = {
        white_remote_address = try(response.white_remote_address, null)
        admin                = try(response.admin, null)
        default_topic_perm   = try(response.default_topic_perm, null)
        default_group_perm   = try(response.default_group_perm, null)
        topic_perms          = { for grant in coalesce(try(response.topic_perms, null), []) : grant.name => grant.perm }
        group_perms          = { for grant in coalesce(try(response.group_perms, null), []) : grant.name => grant.perm }
      }
      permission = ["dms:instance:get"]
    }
  }
}
