data "apsarastack_mq_clusters" {
  version     = 1
  service     = mq
  description = "The clusters of the region, in which instances can be made."
  example     = <<-EOT
    data "apsarastack_mq_clusters" "all" {
    }
  EOT

  attribute "clusters" {
    type        = list
    mode        = computed
    description = "The clusters."
    attribute "name" {
      type        = string
      mode        = computed
      description = "The name, for `cluster` of an instance."
    }
    attribute "region_id" {
      type        = string
      mode        = computed
      description = "The region."
    }
    attribute "created_at" {
      type        = string
      mode        = computed
      description = "When it was made, in milliseconds since 1970."
    }
    attribute "modified_at" {
      type        = string
      mode        = computed
      description = "When it was changed."
    }
  }

  read {
    step "clusters" {
      call      = "GET /json/cluster/list"
      operation = "cluster/list"
      set       = { clusters = [for cluster in response.data : { name = cluster.cluster, region_id = try(cluster.regionid, null), created_at = try(cluster.createtime, null), modified_at = try(cluster.modifytime, null) }] }
    }
  }
}
