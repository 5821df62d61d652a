data "dms_rocketmq_resize_check" {
  version     = 1
  description = "Whether an instance can be resized now, as the service sees it. The operation is not in the API document of SberCloud: not every region has it."
  example     = <<-EOT
    data "dms_rocketmq_resize_check" "main" {
      instance_id = var.instance_id
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance."
  }
  attribute "success" {
    type        = bool
    mode        = computed
    description = "Whether it can be resized."
  }
  attribute "name" {
    type        = string
    mode        = computed
    description = "What was checked."
  }
  attribute "reason" {
    type        = string
    mode        = computed
    description = "Why it cannot."
  }
  attribute "risk" {
    type        = string
    mode        = computed
    description = "What may happen."
  }

  read {
    step "check" {
      call      = "GET /v2/${provider.project_id}/rocketmq/instances/${self.instance_id}/extend-check"
      operation = "ShowRocketMqScalePreCheckInfo"
      set = {
        success = response.success
        name    = try(response.name, null)
        reason  = try(response.reason, null)
        risk    = try(response.risk, null)
      }
      permission = ["dms:instance:get"]
    }
  }
}
