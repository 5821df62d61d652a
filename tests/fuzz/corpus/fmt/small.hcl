a=1
long_name = "x" # c
b {c=1}
d = [
1,2,
   3]
e = <<EOT
  x
EOT
