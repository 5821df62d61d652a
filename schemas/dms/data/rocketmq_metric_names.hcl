data "dms_rocketmq_metric_names" {
  version     = 1
  description = "The names by which monitoring knows an instance: its nodes, topics, consumer groups and dead letters. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_metric_names" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "dimensions" {
    type        = list
    mode        = computed
    description = "The dimensions of metrics."
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name."
    }
    attribute "metrics" {
      type        = list(string)
      mode        = computed
      description = "Its metrics."
    }
    attribute "key_names" {
      type        = list(string)
      mode        = computed
      description = "The names that tell its values apart."
    }
    attribute "dim_router" {
      type        = list(string)
      mode        = computed
      description = "The dimensions on the way to it."
    }
  }
  attribute "nodes" {
    type        = list(string)
    mode        = computed
    description = "The nodes."
  }
  attribute "topics" {
    type        = list(string)
    mode        = computed
    description = "The topics."
  }
  attribute "groups" {
    type        = list(string)
    mode        = computed
    description = "The consumer groups."
  }
  attribute "dead_letters" {
    type        = list(string)
    mode        = computed
    description = "The topics of dead letters."
  }

  read {
    step "names" {
      call      = "GET /v2/${provider.project_id}/instances/${self.instance_id}/ces-hierarchy"
      operation = "ShowCesHierarchy"
      set = {
        dimensions   = [for dimension in coalesce(try(response.dimensions, null), []) : { name = dimension.name, metrics = try(dimension.metrics, []), key_names = try(dimension.key_name, []), dim_router = try(dimension.dim_router, []) }]
        nodes        = try(response.nodes[*].name, [])
        topics       = try(response.topics[*].name, [])
        groups       = try(response.groups[*].name, [])
        dead_letters = try(response.dlq[*].name, [])
      }
      permission = ["dms:instance:get"]
    }
  }
}
