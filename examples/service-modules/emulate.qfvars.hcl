# Values for the built-in emulator. Loaded by itself with --emulate, and only then.
network = {
  vpc_id            = "vpc-demo"
  subnet_id         = "subnet-demo"
  security_group_id = "sg-demo"
  zones             = ["ru-moscow-1a"]
}

# Invented for the demo; no service knows them.
secrets = {
  orders  = "Demo-orders-1"
  billing = "Demo-billing-1"
  audit   = "Demo-audit-1"
}
