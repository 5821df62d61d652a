# Values for the built-in emulator. Loaded by itself with --emulate, and only then.
secrets = {
  storefront = "By-hand-storefront-1"
  warehouse  = "By-hand-warehouse-1"
}
