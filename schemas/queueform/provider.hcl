# The built-in provider: values in the state, no calls.
provider "queueform" {
  version     = 1
  description = "What Queueform offers by itself, without any remote system."
}
