# Two instances of ApsaraMQ for MQTT in two regions stand in for each other. The service synchronises nothing between
# them: what devices need is declared once and made on both.

variable "mqtt_members" {
  description = "The instances, with the region of each. They are bought in the console."
  type        = map(string)
}

variable "mqtt_active" {
  description = "The instances that devices reach by public addresses."
  type        = set(string)
}

variable "device_secret" {
  description = "The secret that devices sign their client ids with."
  type        = string
  sensitive   = true
}

locals {
  # What devices may do: the same on every instance.
  grants = {
    "meters/+/readings" = "PUB"
    "meters/+/commands" = "SUB"
  }
  mqtt_grants = {
    for pair in setproduct(keys(var.mqtt_members), keys(local.grants)) :
    "${pair[0]} ${pair[1]}" => { instance = pair[0], topic = pair[1] }
  }
}

resource "apsaramq_mqtt_group" "meters" {
  for_each    = var.mqtt_members
  instance_id = each.key
  region      = each.value
  group_id    = "GID_meters"
}

# Custom authentication: its secrets can be the same everywhere, unlike keys of devices.
resource "apsaramq_mqtt_custom_auth_identity" "meters" {
  for_each       = var.mqtt_members
  instance_id    = each.key
  region         = each.value
  identity_type  = "USER"
  username       = "meters"
  secret         = var.device_secret
  secret_version = 1
  sign_mode      = "SIGNED"
}

resource "apsaramq_mqtt_custom_auth_permission" "meters" {
  for_each      = local.mqtt_grants
  instance_id   = each.value.instance
  region        = var.mqtt_members[each.value.instance]
  identity_type = "USER"
  identity      = apsaramq_mqtt_custom_auth_identity.meters[each.value.instance].username
  topic         = each.value.topic
  permit_action = local.grants[each.value.topic]
}

# A change of the active instances is a switch: it is held until it is named.
resource "apsaramq_mqtt_disaster_recovery" "meters" {
  name                = "meters"
  members             = var.mqtt_members
  active_instance_ids = var.mqtt_active

  depends_on = [
    apsaramq_mqtt_group.meters,
    apsaramq_mqtt_custom_auth_permission.meters,
  ]
}

output "mqtt_switch" {
  description = "What was requested last for each instance."
  value       = apsaramq_mqtt_disaster_recovery.meters.states
}
