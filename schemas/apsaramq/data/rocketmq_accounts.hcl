data "apsaramq_rocketmq_accounts" {
  version     = 1
  service     = rocketmq
  description = "The accounts of an instance, whoever manages them, without their passwords."
  example     = <<-EOT
    data "apsaramq_rocketmq_accounts" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "status" {
    type        = string
    mode        = optional
    description = "Only accounts that are `ENABLE` or `DISABLE`."
  }
  attribute "type" {
    type        = string
    mode        = optional
    description = "Only accounts of this type."
  }
  attribute "username" {
    type        = string
    mode        = optional
    description = "A part of the user name."
  }
  attribute "usernames" {
    type        = list(string)
    mode        = computed
    description = "The user names."
  }
  attribute "accounts" {
    type        = list
    mode        = computed
    description = "The accounts."
    attribute "username" {
      type        = string
      mode        = computed
      description = "The user name."
    }
    attribute "status" {
      type        = string
      mode        = computed
      description = "`ENABLE` or `DISABLE`."
    }
    attribute "type" {
      type        = string
      mode        = computed
      description = "Whether it is the instance's own."
    }
    attribute "remark" {
      type        = string
      mode        = computed
      description = "A note."
    }
  }

  read {
    step "accounts" {
      call       = "GET /instances/${self.instance_id}/accounts"
      operation  = "ListInstanceAccount"
      query      = { accountStatus = self.status, accountType = self.type, username = self.username }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { usernames = [for account in items : account.username], accounts = [for account in items : { username = try(account.username, null), status = try(account.accountStatus, null), type = try(account.accountType, null), remark = try(account.remark, null) }] }
      permission = ["rocketmq:ListInstanceAccount"]
    }
  }
}
