# Queues of a RabbitMQ become topics of a new RocketMQ instance.
# Try it without an account:  queueform apply --emulate

provider "dms" {
  cloud  = "sbercloud" # or "huawei"; keys come from the environment
  region = "ru-moscow-1"
}

# An existing network; for the emulator see emulate.qfvars.hcl.
variable "network" {
  type = object({ vpc_id = string, subnet_id = string, security_group_id = string, zones = set(string) })
}

# Set it when the migration is finished: the topics that it made are managed from then on.
variable "adopt" {
  type    = bool
  default = false
}

locals {
  # What `rabbitmqctl export_definitions definitions.json` wrote.
  rabbitmq = jsondecode(file("definitions.json"))
  topics   = var.adopt ? toset(local.rabbitmq.queues[*].name) : toset([])
}

resource "dms_rocketmq_instance" "main" {
  name               = "from-rabbitmq"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300 # GB
  vpc_id             = var.network.vpc_id
  subnet_id          = var.network.subnet_id
  security_group_id  = var.network.security_group_id
  availability_zones = var.network.zones
}

resource "dms_rocketmq_migration_task" "rabbitmq" {
  instance_id = dms_rocketmq_instance.main.id
  name        = "from-rabbitmq"
  type        = "rabbitToRocket"
  overwrite   = false

  vhosts = [for vhost in local.rabbitmq.vhosts : { name = vhost.name }]
  queues = [for queue in local.rabbitmq.queues : { vhost = queue.vhost, name = queue.name, durable = queue.durable }]
  exchanges = [
    for exchange in local.rabbitmq.exchanges :
    { vhost = exchange.vhost, name = exchange.name, type = exchange.type, durable = exchange.durable }
  ]
  bindings = [
    for binding in local.rabbitmq.bindings : {
      vhost            = binding.vhost
      source           = binding.source
      destination      = binding.destination
      destination_type = binding.destination_type
      routing_key      = binding.routing_key
    }
  ]
}

# The migration makes topics and leaves them to us.
import {
  for_each = local.topics
  to       = dms_rocketmq_topic.migrated[each.key]
  id       = "${dms_rocketmq_instance.main.id}/${each.key}"
}

resource "dms_rocketmq_topic" "migrated" {
  for_each    = local.topics
  instance_id = dms_rocketmq_instance.main.id
  name        = each.key
}

output "migration" {
  value = {
    status = dms_rocketmq_migration_task.rabbitmq.status
    topics = [for topic in dms_rocketmq_topic.migrated : topic.name]
  }
}
