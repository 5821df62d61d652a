# A state that is encrypted as a whole, so that it may keep secrets and give them back.
# Try it without an account:  queueform apply --emulate

queueform {
  encryption {
    # Never committed: pass it as QF_VAR_state_passphrase, at least 16 characters.
    key_provider "passphrase" "main" {
      passphrase = var.state_passphrase
    }

    state {
      key      = key_provider.passphrase.main
      enforced = true
    }

    plan {
      key      = key_provider.passphrase.main
      enforced = true
    }
  }
}

provider "dms" {
  cloud  = "sbercloud"
  region = "ru-moscow-1"
}

variable "state_passphrase" {
  type      = string
  sensitive = true
}

variable "network" {
  type = object({ vpc_id = string, subnet_id = string, security_group_id = string, zones = set(string) })
}

resource "dms_rocketmq_instance" "main" {
  name               = "encrypted"
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

resource "dms_rocketmq_topic" "orders" {
  instance_id     = dms_rocketmq_instance.main.id
  name            = "orders"
  read_queue_num  = 8
  write_queue_num = 8
}

# A value that is kept between runs: sealed, because the state is.
resource "queueform_data" "connection" {
  input = sensitive("topic=${dms_rocketmq_topic.orders.name};addresses=${dms_rocketmq_instance.main.name}")
}

# `queueform output --emulate --raw connection` prints it; nothing else does.
output "connection" {
  value     = queueform_data.connection.output
  sensitive = true
}
