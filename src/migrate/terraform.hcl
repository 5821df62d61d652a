# What is part of Terraform itself.

provider "terraform" {
  to = "queueform"
}

resource "terraform_data" {
  to   = "queueform_data"
  keep = ["input", "triggers_replace", "output"]
}

data "terraform_remote_state" {
  to   = "queueform_remote_state"
  keep = ["backend", "workspace", "config", "defaults", "outputs"]
}
