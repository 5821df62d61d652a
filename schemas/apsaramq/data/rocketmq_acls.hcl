data "apsaramq_rocketmq_acls" {
  version     = 1
  service     = rocketmq
  description = "The access rules of an instance, whoever manages them."
  example     = <<-EOT
    data "apsaramq_rocketmq_acls" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "filter" {
    type        = string
    mode        = optional
    description = "A part of the user name or of the name of the resource."
  }
  attribute "acls" {
    type        = list
    mode        = computed
    description = "The rules."
    attribute "username" {
      type        = string
      mode        = computed
      description = "The account."
    }
    attribute "resource_type" {
      type        = string
      mode        = computed
      description = "`Topic` or `Group`."
    }
    attribute "resource_name" {
      type        = string
      mode        = computed
      description = "The topic or group."
    }
    attribute "actions" {
      type        = list(string)
      mode        = computed
      description = "What is allowed or denied."
    }
    attribute "decision" {
      type        = string
      mode        = computed
      description = "`Allow` or `Deny`."
    }
    attribute "ip_whitelists" {
      type        = list(string)
      mode        = computed
      description = "From where."
    }
  }

  read {
    step "acls" {
      call       = "GET /instances/${self.instance_id}/acl"
      operation  = "ListInstanceAcl"
      query      = { filter = self.filter }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { acls = [for acl in items : { username = try(acl.username, null), resource_type = try(acl.resourceType, null), resource_name = try(acl.resourceName, null), actions = try(acl.actions, null), decision = try(acl.decision, null), ip_whitelists = try(acl.ipWhitelists, null) }] }
      permission = ["rocketmq:ListInstanceAcl"]
    }
  }
}
