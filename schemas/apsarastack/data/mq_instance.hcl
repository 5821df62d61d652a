data "apsarastack_mq_instance" {
  version     = 1
  service     = mq
  description = "One instance with its endpoint."
  example     = <<-EOT
    data "apsarastack_mq_instance" "shop" {
      instance_id = "MQ_INST_1234567890123456_BXmain"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "name" {
    type        = string
    mode        = computed
    description = "The name."
  }
  attribute "namespaced" {
    type        = bool
    mode        = computed
    description = "Whether topics and groups have a namespace of their own."
  }
  attribute "tcp_endpoint" {
    type        = string
    mode        = computed
    description = "The address for clients."
  }
  attribute "max_send_tps" {
    type        = number
    mode        = computed
    description = "How many messages clients may send each second."
  }
  attribute "max_receive_tps" {
    type        = number
    mode        = computed
    description = "How many messages clients may receive each second."
  }
  attribute "topic_capacity" {
    type        = number
    mode        = computed
    description = "How many topics it can have."
  }
  attribute "cluster" {
    type        = string
    mode        = computed
    description = "The cluster, where the platform returns it."
  }
  attribute "remark" {
    type        = string
    mode        = computed
    description = "The remark, where the platform returns it."
  }

  read {
    step "instance" {
      call      = "GET /json/instance/baseInfo"
      operation = "instance/baseInfo"
      query     = { instanceId = self.instance_id }
      item      = try(response.data.instancebaseinfo, response.instancebaseinfo, response.data)
      set       = { name = try(response.data.instancebaseinfo.instancename, response.instancebaseinfo.instancename, response.data.instancename, null), namespaced = try(response.data.instancebaseinfo.independentnaming, response.instancebaseinfo.independentnaming, response.data.independentnaming, null), tcp_endpoint = try(response.data.instancebaseinfo.endpoints.tcpendpoint, response.instancebaseinfo.endpoints.tcpendpoint, response.data.endpoints.tcpendpoint, null), max_send_tps = try(response.data.instancebaseinfo.maxsendtps, response.instancebaseinfo.maxsendtps, response.data.maxsendtps, null), max_receive_tps = try(response.data.instancebaseinfo.maxreceivetps, response.instancebaseinfo.maxreceivetps, response.data.maxreceivetps, null), topic_capacity = try(response.data.instancebaseinfo.topiccapacity, response.instancebaseinfo.topiccapacity, response.data.topiccapacity, null), cluster = try(response.data.instancebaseinfo.cluster, response.instancebaseinfo.cluster, response.data.cluster, null), remark = try(response.data.instancebaseinfo.remark, response.instancebaseinfo.remark, response.data.remark, null) }
    }
  }
}
