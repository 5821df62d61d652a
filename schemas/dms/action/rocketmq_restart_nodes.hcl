action "dms_rocketmq_restart_nodes" {
  version     = 1
  description = "Restarts nodes of an instance, or all of them. The operation is not in the API document of SberCloud: not every region has it."
  confirm     = "clients of the nodes are cut off until they are back"
  impact      = "clients of the nodes are cut off for a while"
  timeout     = "30m"
  example     = <<-EOT
    action "dms_rocketmq_restart_nodes" "first" {
      config {
        instance_id = dms_rocketmq_instance.main.id
        node_ids    = ["broker-0-0"]
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
  attribute "node_ids" {
    type        = set(string)
    mode        = required
    length      = [1, 50]
    description = "The ids of the nodes; the data source `dms_rocketmq_nodes` lists them."
  }

  run {
    step "restart" {
      call       = "POST /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/restart"
      operation  = "RestartInstance"
      body       = { nodes = self.node_ids }
      permission = ["dms:instance:modifyStatus"]
      wait       = running
    }
  }

  waiter "running" {
    description = "the instance is running"
    step "instance" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}"
      operation  = "ShowInstance"
      set        = { status = response.status }
      permission = ["dms:instance:get"]
    }
    until    = observed.status == "RUNNING"
    failed   = observed.status == "ERROR"
    first    = "10s"
    interval = "10s"
  }
}
