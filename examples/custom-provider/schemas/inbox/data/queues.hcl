data "inbox_queues" {
  version     = 1
  description = "All queues, whoever manages them."
  example     = <<-EOT
    data "inbox_queues" "all" {}
  EOT

  attribute "names" {
    type        = list(string)
    mode        = computed
    description = "Their names."
  }

  read {
    step "queues" {
      call  = "GET /queues"
      pages = pages
      items = response.items
      total = response.total
      set   = { names = sort(items[*].name) }
    }
  }
}
