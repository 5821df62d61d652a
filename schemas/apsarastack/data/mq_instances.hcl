data "apsarastack_mq_instances" {
  version     = 1
  service     = mq
  description = "The instances of the region, whoever manages them."
  example     = <<-EOT
    data "apsarastack_mq_instances" "all" {
    }
  EOT

  attribute "name" {
    type        = string
    mode        = optional
    description = "Only instances whose name contains this text."
  }
  attribute "ids" {
    type        = list(string)
    mode        = computed
    description = "Their ids."
  }
  attribute "instances" {
    type        = list
    mode        = computed
    description = "The instances."
    attribute "id" {
      type        = string
      mode        = computed
      description = "The id."
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
    attribute "cluster" {
      type        = string
      mode        = computed
      description = "The cluster, where the platform returns it."
    }
  }

  read {
    step "instances" {
      call      = "GET /json/instance/list"
      operation = "instance/list"
      set       = { instances = [for instance in coalesce(response.data, []) : { id = instance.instanceid, name = instance.instancename, namespaced = try(instance.namespacerulestype, instance.independentnaming, null), cluster = try(instance.cluster, null) } if self.name == null || strcontains(instance.instancename, coalesce(self.name, "x"))] }
    }
    step "ids" {
      set = { ids = self.instances[*].id }
    }
  }
}
