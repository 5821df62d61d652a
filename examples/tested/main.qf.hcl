# Topics whose names and sizes follow rules, and tests of these rules: `queueform test`.

provider "dms" {
  cloud  = "sbercloud" # or "huawei"; keys come from the environment
  region = "ru-moscow-1"
}

# An existing network; for the emulator see emulate.qfvars.hcl.
variable "network" {
  type = object({ vpc_id = string, subnet_id = string, security_group_id = string, zones = set(string) })
}

variable "name" {
  description = "The name of the instance."
  type        = string
  default     = "tested"
}

variable "topics" {
  description = "Queues of each topic, by name."
  type        = map(number)
  default     = { orders-created = 8, orders-refund = 4 }

  validation {
    condition     = alltrue([for name in keys(var.topics) : can(regex("^[a-z]+-[a-z]+$", name))])
    error_message = "Topics are called DOMAIN-EVENT, in small letters."
  }
}

resource "dms_rocketmq_instance" "main" {
  name               = var.name
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300 # GB
  vpc_id             = var.network.vpc_id
  subnet_id          = var.network.subnet_id
  security_group_id  = var.network.security_group_id
  availability_zones = var.network.zones

  lifecycle {
    prevent_destroy = true # tests destroy what they made in spite of it
  }
}

resource "dms_rocketmq_topic" "topic" {
  for_each        = var.topics
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  read_queue_num  = each.value
  write_queue_num = each.value

  lifecycle {
    precondition {
      condition     = each.value <= 16
      error_message = "More than 16 queues need a decision of the platform team."
    }
  }
}

output "topics" {
  description = "The topics by name, with the number of their queues."
  value       = { for name, topic in dms_rocketmq_topic.topic : name => topic.read_queue_num }

  precondition {
    condition     = length(var.topics) > 0
    error_message = "An instance without topics costs money for nothing."
  }
}
