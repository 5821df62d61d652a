action "dms_rocketmq_add_tags" {
  version     = 1
  description = "Puts tags on an instance, whoever manages it."
  repeatable  = true
  example     = <<-EOT
    action "dms_rocketmq_add_tags" "owner" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        tags        = { owner = "orders" }
      }
    }
  EOT

  serialize {
    key  = self.instance_id
    mode = shared
  }

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "tags" {
    type        = map(string)
    mode        = required
    length      = [1, 20]
    description = "The tags."
  }

  run {
    step "tags" {
      call       = "POST /v2/${provider.project_id}/rocketmq/${self.instance_id}/tags/action"
      operation  = "BatchCreateOrDeleteRocketmqTag"
      body       = { action = "create", tags = [for key, value in self.tags : { key = key, value = value }] }
      permission = ["dms:instance:modify"]
    }
  }
}
