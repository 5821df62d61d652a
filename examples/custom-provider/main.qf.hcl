# A provider of our own: the schemas in `schemas/inbox` teach Queueform the API of `server.py`.
provider "inbox" {
  schemas = "./schemas/inbox"
}

locals {
  queues = {
    orders  = { retention_days = 14, labels = { team = "sales" } }
    refunds = { retention_days = 30, labels = { team = "sales" } }
    audit   = { retention_days = 7, labels = {} }
  }
}

resource "inbox_queue" "all" {
  for_each = local.queues

  name           = each.key
  retention_days = each.value.retention_days
  labels         = each.value.labels
}

data "inbox_queues" "all" {
  depends_on = [inbox_queue.all]
}

output "queues" {
  description = "The names of all queues of the service."
  value       = data.inbox_queues.all.names
}
