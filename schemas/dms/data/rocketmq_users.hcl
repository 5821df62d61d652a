data "dms_rocketmq_users" {
  version     = 1
  description = "The users of an instance with access control, whoever manages them. Their secrets are not read."
  example     = <<-EOT
    data "dms_rocketmq_users" "admins" {
      instance_id = var.instance_id
      admin       = true
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "access_key" {
    type        = string
    mode        = optional
    description = "Only the user with this access key."
  }
  attribute "white_remote_address" {
    type        = string
    mode        = optional
    description = "Only users with these addresses."
  }
  attribute "admin" {
    type        = bool
    mode        = optional
    description = "Only administrators (`true`), or only others (`false`)."
  }
  attribute "default_topic_perm" {
    type        = string
    mode        = optional
    one_of      = ["PUB", "SUB", "PUB|SUB", "SUB|PUB", "DENY"]
    description = "Only users who may do this with topics without a grant of their own."
  }
  attribute "default_group_perm" {
    type        = string
    mode        = optional
    one_of      = ["PUB", "SUB", "PUB|SUB", "SUB|PUB", "DENY"]
    description = "Only users who may do this with groups without a grant of their own."
  }
  attribute "access_keys" {
    type        = list(string)
    mode        = computed
    description = "The access keys of the users."
  }
  attribute "users" {
    type        = list
    mode        = computed
    description = "The users."
    attribute "access_key" {
      type        = string
      mode        = computed
      description = "The access key."
    }
    attribute "white_remote_address" {
      type        = string
      mode        = computed
      description = "Addresses from which clients need no key."
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
      description = "What it may do with groups without a grant of their own."
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
  }

  read {
    step "users" {
      call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/users"
      operation = "ListUser"
      pages     = offset
      items     = response.users
      total     = response.total
      set = {
        users = [
          for user in items : {
            access_key           = user.access_key
            white_remote_address = try(user.white_remote_address, null)
            admin                = try(user.admin, null)
            default_topic_perm   = try(user.default_topic_perm, null)
            default_group_perm   = try(user.default_group_perm, null)
            topic_perms          = { for grant in coalesce(try(user.topic_perms, null), []) : grant.name => grant.perm }
            group_perms          = { for grant in coalesce(try(user.group_perms, null), []) : grant.name => grant.perm }
          }
          if(self.access_key == null || user.access_key == self.access_key)
          && (self.white_remote_address == null || try(user.white_remote_address, null) == self.white_remote_address)
          && (self.admin == null || try(user.admin, null) == self.admin)
          && try(replace(user.default_topic_perm, "SUB|PUB", "PUB|SUB") == replace(self.default_topic_perm, "SUB|PUB", "PUB|SUB"), self.default_topic_perm == null)
          && try(replace(user.default_group_perm, "SUB|PUB", "PUB|SUB") == replace(self.default_group_perm, "SUB|PUB", "PUB|SUB"), self.default_group_perm == null)
        ]
      }
      permission = ["dms:instance:get"]
    }
    step "names" {
      set = { access_keys = self.users[*].access_key }
    }
  }
}
