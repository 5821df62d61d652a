resource "dms_rocketmq_user" {
  version        = 1
  description    = "A user of a DMS for RocketMQ instance with access control: the key that clients show, and what it opens."
  identity       = [instance_id, access_key]
  visible_within = "5s"
  impact         = "its clients are refused at once"
  example        = <<-EOT
    resource "dms_rocketmq_user" "billing" {
      instance_id        = dms_rocketmq_instance.main.id
      access_key         = "billing-worker"
      secret_key         = var.billing_secret
      secret_key_version = 1
      topic_perms        = { orders-created = "SUB" }
      group_perms        = { billing-worker = "SUB" }
    }
  EOT

  parent "dms_rocketmq_instance" {
    by           = instance_id
    deleted_with = true
  }
  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "id" {
    type        = string
    mode        = computed
    description = "The instance and the access key."
  }
  attribute "instance_id" {
    type        = string
    mode        = required
    change      = replace
    description = "The instance."
  }
  attribute "access_key" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[A-Za-z][A-Za-z0-9_-]{6,63}"
    description = "The name of the user: 7 to 64 letters, digits, `-` and `_`, a letter first."
  }
  attribute "secret_key" {
    type        = string
    mode        = required
    change      = update
    sensitive   = true
    write_only  = true
    version     = secret_key_version
    length      = [8, 32]
    hidden      = can(regex("^\\**$", item.secret_key))
    impact      = "clients with the old secret are refused"
    description = "The secret: 8 to 32 characters of at least three kinds, upper case, lower case, digits and others, and not the access key."
  }
  attribute "secret_key_version" {
    type        = number
    mode        = optional
    change      = update
    readback    = never
    description = "Counts the secrets: a change sends `secret_key` again."
  }
  attribute "white_remote_address" {
    type        = string
    mode        = optional_computed
    change      = update
    impact      = "clients at other addresses have to show their key"
    description = "Addresses, separated by commas, from which clients need no key. `*` stands for any number, as in `192.168.*.*`."
  }
  attribute "admin" {
    type        = bool
    mode        = optional_computed
    change      = update
    impact      = "its clients lose access where nothing else gives it"
    description = "Whether the user may do everything."
  }
  attribute "default_topic_perm" {
    type        = string
    mode        = optional_computed
    change      = update
    one_of      = ["PUB", "SUB", "PUB|SUB", "SUB|PUB", "DENY"]
    normalize   = value == "SUB|PUB" ? "PUB|SUB" : value
    impact      = "its clients lose access where nothing else gives it"
    description = "What it may do with topics not named in `topic_perms`; `DENY` if left out."
  }
  attribute "default_group_perm" {
    type        = string
    mode        = optional_computed
    change      = update
    one_of      = ["PUB", "SUB", "PUB|SUB", "SUB|PUB", "DENY"]
    normalize   = value == "SUB|PUB" ? "PUB|SUB" : value
    impact      = "its clients lose access where nothing else gives it"
    description = "What it may do with consumer groups not named in `group_perms`; `DENY` if left out."
  }
  attribute "topic_perms" {
    type        = map(string)
    mode        = optional
    change      = update
    default     = {}
    one_of      = ["PUB", "SUB", "PUB|SUB", "SUB|PUB", "DENY"]
    from        = { for grant in item.topic_perms : grant.name => grant.perm }
    normalize   = { for name, perm in value : name => perm == "SUB|PUB" ? "PUB|SUB" : perm }
    impact      = "its clients lose the access that goes"
    grants      = true
    description = "What it may do with each topic."
  }
  attribute "group_perms" {
    type        = map(string)
    mode        = optional
    change      = update
    default     = {}
    one_of      = ["PUB", "SUB", "PUB|SUB", "SUB|PUB", "DENY"]
    from        = { for grant in item.group_perms : grant.name => grant.perm }
    normalize   = { for name, perm in value : name => perm == "SUB|PUB" ? "PUB|SUB" : perm }
    impact      = "its clients lose the access that goes"
    grants      = true
    description = "What it may do with each consumer group."
  }

  lookup "instance" {
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}"
    operation  = "ShowInstance"
    value      = response
    permission = ["dms:instance:get"]
  }

  list {
    scope      = [instance_id]
    call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/users"
    operation  = "ListUser"
    pages      = offset
    items      = response.users
    total      = response.total
    permission = ["dms:instance:get"]
  }
  read {
    step "user" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}/users/${self.access_key}"
      operation  = "ShowUser"
      item       = response
      permission = ["dms:instance:get"]
    }
  }

  create {
    step "create" {
      call      = "POST /v2/${provider.project_id}/instances/${self.instance_id}/users"
      operation = "CreateUser"
      body = {
        access_key           = self.access_key
        secret_key           = self.secret_key
        white_remote_address = self.white_remote_address
        admin                = self.admin
        default_topic_perm   = self.default_topic_perm
        default_group_perm   = self.default_group_perm
        topic_perms          = [for name, perm in self.topic_perms : { name = name, perm = perm }]
        group_perms          = [for name, perm in self.group_perms : { name = name, perm = perm }]
      }
      permission = ["dms:instance:modify"]
    }
  }
  update {
    # The whole user; an empty secret keeps the one there is.
    step "user" {
      on        = [secret_key, secret_key_version, white_remote_address, admin, default_topic_perm, default_group_perm, topic_perms, group_perms]
      call      = "PUT /v2/${provider.project_id}/instances/${self.instance_id}/users/${self.access_key}"
      operation = "UpdateUser"
      body = {
        access_key           = self.access_key
        secret_key           = changed.secret_key || changed.secret_key_version ? self.secret_key : ""
        white_remote_address = self.white_remote_address
        admin                = self.admin
        default_topic_perm   = self.default_topic_perm
        default_group_perm   = self.default_group_perm
        topic_perms          = [for name, perm in self.topic_perms : { name = name, perm = perm }]
        group_perms          = [for name, perm in self.group_perms : { name = name, perm = perm }]
      }
      permission = ["dms:instance:modify"]
    }
  }
  delete {
    step "delete" {
      call       = "DELETE /v2/${provider.project_id}/instances/${self.instance_id}/users/${self.access_key}"
      operation  = "DeleteUser"
      permission = ["dms:instance:modify"]
    }
  }

  check "secret" {
    when    = self.secret_key != null
    that    = length([for kind in ["[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]"] : kind if can(regex(kind, self.secret_key))]) >= 3
    message = "`secret_key` has fewer than three kinds of characters"
    path    = secret_key
    hint    = "use upper case, lower case, digits and others, three kinds at least"
  }
  check "secret is not the key" {
    when    = self.secret_key != null
    that    = self.secret_key != self.access_key && strrev(self.secret_key) != self.access_key
    message = "`secret_key` is the access key, or its reverse"
    path    = secret_key
  }
  check "access control" {
    that    = try(lookup.instance.enable_acl, true)
    message = "the instance has no access control: users have no effect there"
    path    = instance_id
    hint    = "set `enable_acl = true` on the instance"
  }

  error {
    status = [400]
    code   = ["DMS.00500972"]
    class  = gone
  }
}
