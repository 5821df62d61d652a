# Values for the built-in emulator. Loaded by itself with --emulate, and only then.
partner = "1098765432109876"
