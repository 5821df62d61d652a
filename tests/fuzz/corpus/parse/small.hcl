resource "a" "b" {
  c = [for x in var.y : upper("${x}-%{ if x }1%{ endif }") if x != null]
  d = <<-EOT
    ${a.b[0].*.c}
  EOT
  e { f = { g = 1, "h" : (2 + 3) * -4 } }
}
