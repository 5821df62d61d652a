# Topics with names and tags that policies look at. See README.md.
# Try it without an account:  queueform plan --emulate

provider "dms" {
  cloud  = "sbercloud"
  region = "ru-moscow-1"
}

# An existing network; for the emulator see emulate.qfvars.hcl.
variable "network" {
  type = object({ vpc_id = string, subnet_id = string, security_group_id = string, zones = set(string) })
}

variable "tags" {
  type        = map(string)
  description = "Every instance has these."
  default     = { team = "commerce", cost_center = "c-104" }
}

variable "topics" {
  type        = map(number)
  description = "Topics by name, with the number of their queues."
  default = {
    orders-created  = 16
    orders-refunded = 8
    billing-done    = 8
  }
}

resource "dms_rocketmq_instance" "main" {
  name               = "commerce"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300 # GB
  vpc_id             = var.network.vpc_id
  subnet_id          = var.network.subnet_id
  security_group_id  = var.network.security_group_id
  availability_zones = var.network.zones
  tags               = var.tags
}

resource "dms_rocketmq_topic" "topic" {
  for_each        = var.topics
  instance_id     = dms_rocketmq_instance.main.id
  name            = each.key
  read_queue_num  = each.value
  write_queue_num = each.value
}

output "topics" {
  value = keys(dms_rocketmq_topic.topic)
}
