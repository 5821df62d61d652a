data "queueform_remote_state" {
  version     = 1
  description = "The outputs of another configuration, read from its state. Only outputs can be read. The same as `terraform_remote_state`; a state that Terraform wrote can be read too."
  reads_state = true
  example     = <<-EOT
    data "queueform_remote_state" "network" {
      backend = "local"
      config = {
        path = "../network"
      }
    }
  EOT

  attribute "backend" {
    type        = string
    mode        = required
    one_of      = ["local", "http", "pg", "s3"]
    description = "Where the state is kept: `local`, a file of this machine, or an engine that a `backend` block can name."
  }
  attribute "config" {
    type        = any
    mode        = optional
    description = "Which state: an object with the arguments of the backend. Those of `local` are `path` (the directory of the other configuration, or its state file; this directory if left out) and `workspace_dir` (the directory of the states of its workspaces; `queueform.state.d` beside the state if left out). Paths are relative to the working directory. Others take what their `backend` block takes, and the same variables of the environment; credentials belong there, or into sensitive variables."
  }
  attribute "workspace" {
    type        = string
    mode        = optional
    description = "The workspace; `default` if left out."
  }
  attribute "defaults" {
    type        = any
    mode        = optional
    description = "An object of values for outputs that the state does not hold: those that are not declared yet, and sensitive ones, which a state keeps only as digests."
  }
  attribute "outputs" {
    type        = any
    mode        = computed
    description = "The outputs by name. Those declared sensitive there are sensitive here."
  }

  check "config" {
    that    = self.config == null || can(keys(self.config))
    message = "`config` must be an object"
    path    = config
    hint    = "write `config = { NAME = VALUE }`, as in the `backend` block"
  }
  check "config_names" {
    that    = self.backend != "local" || self.config == null || !can(keys(self.config)) || length(setsubtract(try(keys(self.config), []), ["path", "workspace_dir"])) == 0
    message = "the backend `local` has no argument `${join("`, `", setsubtract(try(keys(self.config), []), ["path", "workspace_dir"]))}`"
    path    = config
    hint    = "its arguments are `path` and `workspace_dir`"
  }
  check "config_types" {
    that    = self.backend != "local" || alltrue([for name in ["path", "workspace_dir"] : !can(self.config[name]) || can(tostring(self.config[name]))])
    message = "`path` and `workspace_dir` must be texts"
    path    = config
    hint    = "write a path in quotes"
  }
  check "defaults" {
    that    = self.defaults == null || can(keys(self.defaults))
    message = "`defaults` must be an object"
    path    = defaults
    hint    = "write `defaults = { NAME = VALUE }`"
  }
}
