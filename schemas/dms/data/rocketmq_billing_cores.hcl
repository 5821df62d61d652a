data "dms_rocketmq_billing_cores" {
  version     = 1
  description = "What the instances of the project are billed for. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_billing_cores" "project" {}
  EOT

  attribute "core_num" {
    type        = number
    mode        = computed
    description = "The cores of all instances."
  }
  attribute "total_extend_storage_space" {
    type        = number
    mode        = computed
    description = "The storage of all instances in GB."
  }

  read {
    step "cores" {
      call       = "GET /v2/rocketmq/products/cores"
      operation  = "ShowRocketMqProductCores"
      permission = ["dms:instance:list"]
      set        = { core_num = response.core_num, total_extend_storage_space = try(response.total_extend_storage_space, null) }
    }
  }
}
