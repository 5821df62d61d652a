ephemeral "queueform_password" {
  version     = 1
  description = "A random password that is new in every run and stored nowhere. Give it to write-only attributes: it reaches the service when the version beside them changes, and at no other time."
  generates   = password
  example     = <<-EOT
    ephemeral "queueform_password" "app" {
      length      = 24
      min_upper   = 1
      min_numeric = 1
      min_special = 1
    }
  EOT

  attribute "length" {
    type        = number
    mode        = required
    between     = [1, 4096]
    description = "How many characters."
  }
  attribute "upper" {
    type        = bool
    mode        = optional
    default     = true
    description = "Whether capital letters may stand in it."
  }
  attribute "lower" {
    type        = bool
    mode        = optional
    default     = true
    description = "Whether small letters may stand in it."
  }
  attribute "numeric" {
    type        = bool
    mode        = optional
    default     = true
    description = "Whether digits may stand in it."
  }
  attribute "special" {
    type        = bool
    mode        = optional
    default     = true
    description = "Whether special characters may stand in it: ``!@#$%&*()-_=+[]{}<>:?``, or those of `override_special`."
  }
  attribute "override_special" {
    type        = string
    mode        = optional
    length      = [1, 64]
    description = "The special characters, where a service takes only some."
  }
  attribute "min_upper" {
    type        = number
    mode        = optional
    between     = [0, 4096]
    description = "How many capital letters at least."
  }
  attribute "min_lower" {
    type        = number
    mode        = optional
    between     = [0, 4096]
    description = "How many small letters at least."
  }
  attribute "min_numeric" {
    type        = number
    mode        = optional
    between     = [0, 4096]
    description = "How many digits at least."
  }
  attribute "min_special" {
    type        = number
    mode        = optional
    between     = [0, 4096]
    description = "How many special characters at least."
  }
  attribute "result" {
    type        = string
    mode        = computed
    sensitive   = true
    description = "The password."
  }

  check "kinds" {
    that    = self.upper || self.lower || self.numeric || self.special
    message = "a password needs characters: `upper`, `lower`, `numeric` and `special` are all false"
    path    = special
  }
  check "minimums" {
    that    = sum([for least in [self.min_upper, self.min_lower, self.min_numeric, self.min_special] : coalesce(least, 0)]) <= self.length
    message = "the least numbers of characters are ${sum([for least in [self.min_upper, self.min_lower, self.min_numeric, self.min_special] : coalesce(least, 0)])} together, but `length` is ${self.length}"
    path    = length
  }
  check "needed_kinds" {
    that    = (self.upper || coalesce(self.min_upper, 0) == 0) && (self.lower || coalesce(self.min_lower, 0) == 0) && (self.numeric || coalesce(self.min_numeric, 0) == 0) && (self.special || coalesce(self.min_special, 0) == 0)
    message = "a kind of character that is not allowed is asked for"
    path    = length
    hint    = "leave out the `min_…` of the kind, or allow it"
  }
}
