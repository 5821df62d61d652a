module "git::https://example.com/a.git?ref=v1" {
  commit = "0123456789abcdef0123456789abcdef01234567"
  hash   = "sha256:00"
}
