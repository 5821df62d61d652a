# Values for the built-in emulator. Loaded by itself with --emulate, and only then.
network = {
  vpc_id            = "vpc-demo"
  subnet_id         = "subnet-demo"
  security_group_id = "sg-demo"
  zones             = ["ru-moscow-1a"]
}

# Invented for the demo; no service knows them.
app_secrets = {
  orders-api     = "Demo-orders-api-1"
  billing-worker = "Demo-billing-worker-1"
  audit-worker   = "Demo-audit-worker-1"
  refund-worker  = "Demo-refund-worker-1"
}
