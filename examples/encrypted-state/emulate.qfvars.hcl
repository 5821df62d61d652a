# Values for the built-in emulator. Loaded by itself with --emulate, and only then.
network = {
  vpc_id            = "vpc-demo"
  subnet_id         = "subnet-demo"
  security_group_id = "sg-demo"
  zones             = ["ru-moscow-1a"]
}

# For the demo alone. The real one is given as QF_VAR_state_passphrase and stands in no file.
state_passphrase = "only for the emulator"
