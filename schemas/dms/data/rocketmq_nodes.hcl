data "dms_rocketmq_nodes" {
  version     = 1
  description = "The nodes of an instance: where each broker runs. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_nodes" "main" {
      instance_id = dms_rocketmq_instance.main.id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "ids" {
    type        = list(string)
    mode        = computed
    description = "The ids of the nodes."
  }
  attribute "nodes" {
    type        = list
    mode        = computed
    description = "The nodes."
    attribute "id" {
      type        = string
      mode        = computed
      description = "The id."
    }
    attribute "broker_name" {
      type        = string
      mode        = computed
      description = "The broker, such as `broker-0`."
    }
    attribute "broker_id" {
      type        = number
      mode        = computed
      description = "The number of the node in its broker."
    }
    attribute "address" {
      type        = string
      mode        = computed
      description = "The address in the VPC."
    }
    attribute "public_address" {
      type        = string
      mode        = computed
      description = "The public address, empty without one."
    }
  }

  read {
    step "nodes" {
      call      = "GET /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/nodes"
      operation = "ShowInstanceNodes"
      pages     = offset
      items     = response.nodes
      total     = response.total
      set = {
        ids   = items[*].id
        nodes = [for node in items : { id = node.id, broker_name = node.broker_name, broker_id = try(tonumber(node.broker_id), null), address = try(node.address, null), public_address = try(node.public_address, null) }]
      }
      permission = ["dms:instance:get"]
    }
  }
}
