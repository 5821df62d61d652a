data "dms_rocketmq_instance_tags" {
  version     = 1
  description = "The tags of one instance."
  example     = <<-EOT
    data "dms_rocketmq_instance_tags" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "tags" {
    type        = map(string)
    mode        = computed
    description = "The tags."
  }

  read {
    step "tags" {
      call       = "GET /v2/${provider.project_id}/rocketmq/${self.instance_id}/tags"
      operation  = "ShowRocketmqTags"
      set        = { tags = { for tag in response.tags : tag.key => tag.value } }
      permission = ["dms:instance:get"]
    }
  }
}
