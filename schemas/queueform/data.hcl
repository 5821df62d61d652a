resource "queueform_data" {
  version     = 1
  description = "Keeps values in the state, and gives other objects something to be replaced with. It makes no calls. The same as `terraform_data`."
  identity    = [id]
  example     = <<-EOT
    resource "queueform_data" "release" {
      input            = var.release
      triggers_replace = [dms_rocketmq_instance.main.id]
    }
  EOT

  attribute "id" {
    type        = string
    mode        = computed
    description = "A random UUID made on create."
  }
  attribute "input" {
    type        = any
    mode        = optional
    change      = update
    description = "Any value; it is found again in `output` after apply."
  }
  attribute "output" {
    type        = any
    mode        = computed
    follows     = [input]
    description = "The value of `input`, known after apply when it changes."
  }
  attribute "triggers_replace" {
    type        = any
    mode        = optional
    change      = replace
    description = "Any value; a change of it replaces the object."
  }

  create {
    step "id" {
      set = { id = uuid() }
    }
    # Left out without input: the output is then known to be null in the plan.
    step "output" {
      when = self.input != null
      set  = { output = self.input }
    }
  }
  update {
    step "output" {
      on  = [input]
      set = { output = self.input }
    }
  }
  delete {}
}
