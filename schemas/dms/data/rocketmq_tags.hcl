data "dms_rocketmq_tags" {
  version     = 1
  description = "The tags in use on instances of the project."
  example     = <<-EOT
    data "dms_rocketmq_tags" "all" {}

    output "owners" {
      value = try(data.dms_rocketmq_tags.all.tags["owner"], [])
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = optional
    description = "Only the tags of this instance."
  }
  attribute "keys" {
    type        = list(string)
    mode        = computed
    description = "The keys in use."
  }
  attribute "tags" {
    type        = map(list(string))
    mode        = computed
    description = "The values of each key."
  }

  read {
    step "project" {
      when      = self.instance_id == null
      call      = "GET /v2/${provider.project_id}/rocketmq/tags"
      operation = "ShowRocketmqProjectTags"
      set = {
        keys = sort(response.tags[*].key)
        tags = { for tag in response.tags : tag.key => sort(tag.values) }
      }
      permission = ["dms:instance:list"]
    }
    step "instance" {
      when      = self.instance_id != null
      call      = "GET /v2/${provider.project_id}/rocketmq/${self.instance_id}/tags"
      operation = "ShowRocketmqTags"
      set = {
        keys = sort(response.tags[*].key)
        tags = { for tag in response.tags : tag.key => [tag.value] }
      }
      permission = ["dms:instance:get"]
    }
  }
}
