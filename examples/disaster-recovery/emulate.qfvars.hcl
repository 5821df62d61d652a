# Values for the built-in emulator. Loaded by itself with --emulate, and only then.
mqtt_members = {
  mqtt-cn-demohangzhou = "cn-hangzhou"
  mqtt-cn-demoshanghai = "cn-shanghai"
}
mqtt_active = ["mqtt-cn-demohangzhou", "mqtt-cn-demoshanghai"]

# Invented for the demo; no service knows it.
device_secret = "Demo-device-secret-1"

networks = {
  main    = { vpc_id = "vpc-main", vswitch_ids = ["vsw-main"] }
  standby = { vpc_id = "vpc-standby", vswitch_ids = ["vsw-standby"] }
}
