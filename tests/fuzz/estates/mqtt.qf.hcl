provider "apsaramq" {
  region = "cn-hangzhou"
}

resource "apsaramq_mqtt_group" "g" {
  for_each    = toset(["a", "b"])
  instance_id = "mqtt-cn-demohangzhou"
  group_id    = "GID_fuzz_${each.key}"
}

resource "apsaramq_mqtt_custom_auth_identity" "u" {
  instance_id    = "mqtt-cn-demohangzhou"
  identity_type  = "USER"
  username       = "meters"
  secret         = "not-a-secret"
  secret_version = 1
  sign_mode      = "ORIGIN"
}

resource "apsaramq_mqtt_custom_auth_permission" "p" {
  instance_id   = "mqtt-cn-demohangzhou"
  identity_type = "USER"
  identity      = apsaramq_mqtt_custom_auth_identity.u.username
  topic         = "meters/+/#"
  permit_action = "PUB_SUB"
  effect        = "ALLOW"
}
