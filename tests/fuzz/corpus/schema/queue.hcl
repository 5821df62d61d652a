resource "inbox_queue" {
  version     = 1
  description = "A queue."
  identity    = [name]
  loses       = "the messages in it"
  example     = <<-EOT
    resource "inbox_queue" "orders" {
      name           = "orders"
      retention_days = 14
    }
  EOT

  attribute "id" {
    type        = string
    mode        = computed
    description = "The name."
  }
  attribute "name" {
    type        = string
    mode        = required
    change      = replace
    pattern     = "[a-z][a-z0-9-]{2,31}"
    description = "The name: 3 to 32 lower-case letters, digits and `-`, a letter first."
  }
  attribute "retention_days" {
    type        = number
    mode        = optional
    change      = update
    default     = 7
    between     = [1, 30]
    description = "How long messages are kept."
  }
  attribute "labels" {
    type        = map(string)
    mode        = optional
    change      = update
    default     = {}
    description = "Whatever helps to find it."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    description = "When it was made."
  }
  attribute "messages" {
    type        = number
    mode        = computed
    volatile    = true
    description = "How many messages are in it."
  }

  list {
    call  = "GET /queues"
    pages = pages
    items = response.items
    total = response.total
  }
  read {
    step "queue" {
      call = "GET /queues/${self.name}"
      item = response
    }
  }
  create {
    step "create" {
      call = "POST /queues"
      body = { name = self.name, retention_days = self.retention_days, labels = self.labels }
    }
  }
  update {
    step "settings" {
      on   = [retention_days, labels]
      call = "PUT /queues/${self.name}"
      body = only_changed({ retention_days = self.retention_days, labels = self.labels })
    }
  }
  delete {
    step "delete" {
      call = "DELETE /queues/${self.name}"
    }
  }

  guard "messages" {
    kind = data
    on   = [delete, replace]
    step "queue" {
      call     = "GET /queues/${self.name}"
      set      = { messages = response.messages }
      tolerate = [gone]
    }
    count   = observed.messages == null ? 0 : observed.messages
    message = "${count} messages would be lost"
  }
}
