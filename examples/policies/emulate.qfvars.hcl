# Values for the built-in emulator. Loaded by itself with --emulate, and only then.
network = {
  vpc_id            = "vpc-demo"
  subnet_id         = "subnet-demo"
  security_group_id = "sg-demo"
  zones             = ["ru-moscow-1a"]
}
