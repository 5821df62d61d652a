data "apsaramq_rocketmq_ip_whitelist" {
  version     = 1
  service     = rocketmq
  description = "Who may connect to an instance from the Internet."
  example     = <<-EOT
    data "apsaramq_rocketmq_ip_whitelist" "main" {
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
    description = "A part of the address."
  }
  attribute "entries" {
    type        = list(string)
    mode        = computed
    description = "Addresses and networks."
  }

  read {
    step "addresses" {
      call       = "GET /instances/${self.instance_id}/ip/whitelist"
      operation  = "ListInstanceIpWhitelist"
      query      = { ipWhitelist = self.filter }
      pages      = pages
      items      = response.data.list
      total      = response.data.totalCount
      set        = { entries = items }
      permission = ["rocketmq:ListInstanceIpWhitelist"]
    }
  }
}
