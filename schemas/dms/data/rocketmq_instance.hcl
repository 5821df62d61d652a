data "dms_rocketmq_instance" {
  version     = 1
  description = "An instance, by id or by name, whoever manages it."
  example     = <<-EOT
    data "dms_rocketmq_instance" "shared" {
      name = "shared"
    }

    resource "dms_rocketmq_topic" "orders" {
      instance_id = data.dms_rocketmq_instance.shared.id
      name        = "orders"
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = optional_computed
    description = "The id. Either this or `name` is set."
  }
  attribute "name" {
    type        = string
    mode        = optional_computed
    description = "The whole name. There must be one instance of that name."
  }
  attribute "id" {
    type        = string
    mode        = computed
    from        = item.instance_id
    description = "The id of the instance, made by the service."
  }
  attribute "description" {
    type        = string
    mode        = computed
    description = "The text about it."
  }
  attribute "engine_version" {
    type        = string
    mode        = computed
    description = "The version of RocketMQ."
  }
  attribute "flavor_id" {
    type        = string
    mode        = computed
    from        = item.product_id
    description = "The flavor, such as `c6.4u8g.cluster`."
  }
  attribute "storage_space" {
    type        = number
    mode        = computed
    from        = item.total_storage_space
    unit        = "GB"
    description = "The storage of all brokers together."
  }
  attribute "broker_num" {
    type        = number
    mode        = computed
    description = "The number of brokers."
  }
  attribute "storage_spec_code" {
    type        = string
    mode        = computed
    description = "The kind of disk, such as `dms.physical.storage.high.v2`."
  }
  attribute "vpc_id" {
    type        = string
    mode        = computed
    description = "The VPC."
  }
  attribute "subnet_id" {
    type        = string
    mode        = computed
    description = "The subnet in the VPC."
  }
  attribute "security_group_id" {
    type        = string
    mode        = computed
    description = "The security group."
  }
  attribute "availability_zones" {
    type        = list(string)
    mode        = computed
    from        = item.available_zones
    description = "Ids of the availability zones."
  }
  attribute "ssl_enable" {
    type        = bool
    mode        = computed
    description = "Whether clients must use TLS."
  }
  attribute "tls_mode" {
    type        = string
    mode        = computed
    description = "Which protocols clients may use, where the service says so."
  }
  attribute "ipv6_enable" {
    type        = bool
    mode        = computed
    description = "Whether it has addresses of IPv6 too."
  }
  attribute "enable_acl" {
    type        = bool
    mode        = computed
    description = "Whether clients need a user."
  }
  attribute "enable_publicip" {
    type        = bool
    mode        = computed
    description = "Whether the instance has public addresses."
  }
  attribute "publicip_ids" {
    type        = set(string)
    mode        = computed
    from        = item.publicip_id == null ? [] : [for id in split(",", item.publicip_id) : id if id != ""]
    description = "Ids of its elastic IPs."
  }
  attribute "enterprise_project_id" {
    type        = string
    mode        = computed
    description = "The enterprise project."
  }
  attribute "status" {
    type        = string
    mode        = computed
    description = "The state of the instance, `RUNNING` when all is well."
  }
  attribute "type" {
    type        = string
    mode        = computed
    description = "The kind of instance: `cluster`, `single.basic` and so on."
  }
  attribute "specification" {
    type        = string
    mode        = computed
    description = "Flavor and number of brokers in words."
  }
  attribute "engine" {
    type        = string
    mode        = computed
    description = "The engine as the service names it."
  }
  attribute "charging_mode" {
    type        = number
    mode        = computed
    description = "How it is paid: 1 by use, 0 yearly or monthly."
  }
  attribute "created_at" {
    type        = string
    mode        = computed
    description = "When it was created, in milliseconds since 1970."
  }
  attribute "node_num" {
    type        = number
    mode        = computed
    description = "The number of nodes."
  }
  attribute "usable_storage_space" {
    type        = number
    mode        = computed
    from        = item.storage_space
    unit        = "GB"
    description = "What of the storage messages can use."
  }
  attribute "used_storage_space" {
    type        = number
    mode        = computed
    unit        = "GB"
    description = "The storage in use."
  }
  attribute "resource_spec_code" {
    type        = string
    mode        = computed
    description = "The code of the flavor for billing."
  }
  attribute "maintain_begin" {
    type        = string
    mode        = computed
    description = "When the daily time for maintenance begins."
  }
  attribute "maintain_end" {
    type        = string
    mode        = computed
    description = "When the daily time for maintenance ends."
  }
  attribute "namesrv_address" {
    type        = string
    mode        = computed
    description = "Addresses of the name servers: what clients of 4.8.0 connect to."
  }
  attribute "broker_address" {
    type        = string
    mode        = computed
    description = "Addresses of the brokers."
  }
  attribute "grpc_address" {
    type        = string
    mode        = computed
    description = "The address for clients of 5.x."
  }
  attribute "public_namesrv_address" {
    type        = string
    mode        = computed
    description = "Public addresses of the name servers."
  }
  attribute "public_broker_address" {
    type        = string
    mode        = computed
    description = "Public addresses of the brokers."
  }
  attribute "public_grpc_address" {
    type        = string
    mode        = computed
    description = "The public address for clients of 5.x."
  }
  attribute "publicip_address" {
    type        = string
    mode        = computed
    description = "The elastic IPs, joined by commas."
  }
  attribute "cross_vpc_accesses" {
    type        = list
    mode        = computed
    from        = try([for ip, access in jsondecode(item.cross_vpc_info) : { listener_ip = ip, advertised_ip = access.advertised_ip, broker_port = access.broker_port, namesrv_port = access.namesrv_port, port_id = access.port_id }], [])
    description = "How each listener is reached from other VPCs."
    attribute "listener_ip" {
      type = string
      mode = computed
    }
    attribute "advertised_ip" {
      type = string
      mode = computed
    }
    attribute "broker_port" {
      type = string
      mode = computed
    }
    attribute "namesrv_port" {
      type = string
      mode = computed
    }
    attribute "port_id" {
      type = string
      mode = computed
    }
  }
  attribute "vpc_name" {
    type        = string
    mode        = computed
    description = "The name of the VPC."
  }
  attribute "subnet_name" {
    type        = string
    mode        = computed
    description = "The name of the subnet."
  }
  attribute "subnet_cidr" {
    type        = string
    mode        = computed
    description = "The address range of the subnet."
  }
  attribute "security_group_name" {
    type        = string
    mode        = computed
    description = "The name of the security group."
  }
  attribute "user_id" {
    type        = string
    mode        = computed
    description = "The id of the user who created it."
  }
  attribute "support_features" {
    type        = string
    mode        = computed
    description = "Features of the instance, joined by commas."
  }
  attribute "tags" {
    type        = map(string)
    mode        = computed
    description = "All tags."
  }

  read {
    step "by name" {
      when       = self.instance_id == null
      call       = "GET /v2/${provider.project_id}/instances"
      operation  = "ListInstances"
      query      = { engine = "reliability", include_failure = "true", name = self.name, exact_match_name = "true" }
      item       = one(response.instances)
      permission = ["dms:instance:list"]
    }
    step "instance" {
      call       = "GET /v2/${provider.project_id}/instances/${self.instance_id}"
      operation  = "ShowInstance"
      item       = response
      permission = ["dms:instance:get"]
    }
    step "tags" {
      call       = "GET /v2/${provider.project_id}/rocketmq/${self.instance_id}/tags"
      operation  = "ShowRocketmqTags"
      set        = { tags = { for tag in response.tags : tag.key => tag.value } }
      permission = ["dms:instance:get"]
    }
  }

  check "which" {
    that    = (self.instance_id != null) != (self.name != null)
    message = "set either `instance_id` or `name`"
    path    = name
  }
}
