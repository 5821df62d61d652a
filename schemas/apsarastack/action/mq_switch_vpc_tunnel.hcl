action "apsarastack_mq_switch_vpc_tunnel" {
  version     = 1
  service     = mq
  description = "Switches how virtual private clouds reach the cluster of an instance, and with it every instance and topic of that cluster. All clients must be given the new address of the name servers and be started again."
  confirm     = "the whole cluster is switched: every client of every instance in it must be given the new address and be started again"
  impact      = "all clients of the whole cluster lose their connection until they have the new address"
  example     = <<-EOT
    action "apsarastack_mq_switch_vpc_tunnel" "single" {
      config {
        instance_id = apsarastack_mq_instance.shop.id
        tunnel_type = "singleTunnel"
      }
    }
  EOT

  serialize {
    key  = "tunnel"
    mode = exclusive
  }

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "An instance of the cluster."
  }
  attribute "tunnel_type" {
    type        = string
    mode        = required
    one_of      = ["anyTunnel", "singleTunnel"]
    description = "`anyTunnel`: every virtual private cloud reaches it. `singleTunnel`: one does."
  }
  attribute "slb_url" {
    type        = string
    mode        = optional
    description = "The address of the API of the load balancer, where the platform needs it."
  }
  attribute "vswitch_id" {
    type        = string
    mode        = optional
    description = "The virtual private cloud in which the address of a single tunnel is made. Not needed if there is only one."
  }
  attribute "force" {
    type        = bool
    mode        = optional
    default     = false
    description = "Switches while messages are being processed. Without it, the service refuses as soon as one broker handles more than 10 messages each second."
  }
  attribute "name_server" {
    type        = string
    mode        = computed
    description = "The new address of the name servers, for `NAMESRV_ADDR` of all clients. The document promises JSON, but not its shape: what is no text is given as JSON."
  }

  run {
    step "switch" {
      call      = "POST /json/vpcTunnel/tunnelSwitch"
      operation = "vpcTunnel/tunnelSwitch"
      query     = { tunnelType = self.tunnel_type, instanceId = self.instance_id, slbUrl = self.slb_url, vSwitchId = self.vswitch_id, force = self.force }
      set       = { name_server = try(tostring(response.data), jsonencode(response.data)) }
    }
  }

  # Only the instance itself can be looked at: which others share its cluster is promised by no operation.
  guard "groups with consumers online in this instance" {
    kind = impact
    step "groups" {
      call      = "GET /json/group/list"
      operation = "group/list"
      query     = { instanceId = self.instance_id }
      set       = { groups = [for group in coalesce(response.data, []) : group.groupid] }
    }
    step "online" {
      for_each  = observed.groups
      call      = "GET /json/consumer/accumulate"
      operation = "consumer/accumulate"
      query     = { instanceId = self.instance_id, groupId = each.value }
      set       = { online = { (each.value) = response.data.online } }
      tolerate  = [gone]
    }
    count   = length([for group, online in observed.online : group if online == true])
    message = "${count} ${count == 1 ? "group has" : "groups have"} consumers online: ${join(", ", [for group, online in observed.online : group if online == true])}"
  }

  check "virtual private cloud" {
    that    = self.vswitch_id == null || self.tunnel_type == "singleTunnel"
    message = "`vswitch_id` takes effect only with `tunnel_type = \"singleTunnel\"`"
    path    = vswitch_id
  }
}
