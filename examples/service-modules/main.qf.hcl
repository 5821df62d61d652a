# One module for each service: its topics, its consumer groups and its user, with the grants that follow from them.
# Try it without an account:  queueform apply --emulate

provider "dms" {
  cloud  = "sbercloud" # or "huawei"; keys come from the environment
  region = "ru-moscow-1"
}

# An existing network; for the emulator see emulate.qfvars.hcl.
variable "network" {
  type = object({ vpc_id = string, subnet_id = string, security_group_id = string, zones = set(string) })
}

# Service => secret key. Never committed: pass it as QF_VAR_secrets.
variable "secrets" {
  type      = map(string)
  sensitive = true
}

locals {
  # What each service publishes, and what it reads of others.
  services = {
    orders  = { publishes = { created = 16, cancelled = 8 }, reads = [] }
    billing = { publishes = { paid = 8 }, reads = ["orders-created", "orders-cancelled"] }
    audit   = { publishes = {}, reads = ["orders-created", "billing-paid"] }
  }
}

resource "dms_rocketmq_instance" "main" {
  name               = "services"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300 # GB
  vpc_id             = var.network.vpc_id
  subnet_id          = var.network.subnet_id
  security_group_id  = var.network.security_group_id
  availability_zones = var.network.zones
  enable_acl         = true
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  name        = each.key
  instance_id = dms_rocketmq_instance.main.id
  publishes   = each.value.publishes
  reads       = each.value.reads
  secret      = var.secrets[each.key]
}

output "topics" {
  description = "The topics of every service."
  value       = { for name, service in module.service : name => service.topics }
}

output "readers" {
  description = "Who reads each topic."
  value       = { for topic in flatten([for service in module.service : service.topics]) : topic => [for name, service in local.services : name if contains(service.reads, topic)] }
}
