provider "inbox" {
  version     = 1
  description = "Inbox: queues over a small REST API."
  pin         = [endpoint]
  redact      = ["token", "Authorization"]

  argument "endpoint" {
    type        = string
    mode        = required
    env         = ["INBOX_ENDPOINT"]
    description = "The address of the service."
  }
  argument "token" {
    type        = string
    sensitive   = true
    description = "The token that the service was started with."
  }

  auth "token" {
    signer      = bearer
    needs       = [token]
    description = "A token, sent as `Authorization: Bearer`."
  }
  credentials "INBOX_TOKEN" {
    auth = token
    env  = { token = "INBOX_TOKEN" }
  }

  envelope {
    code               = ["code"]
    message            = ["message"]
    request_id_headers = ["x-request-id"]
  }

  error {
    status = [404]
    code   = ["no_queue"]
    class  = gone
  }
  error {
    code  = ["queue_exists"]
    class = exists
    hint  = "import the queue, or choose another name"
  }
  error {
    status = [401]
    class  = unauthenticated
    hint   = "compare the token with that of the service"
  }
  error {
    status = [429, 503]
    class  = transient
  }
  error {
    status = [400, 422]
    class  = invalid
  }

  paging "pages" {
    style = offset
    start = "skip"
    limit = "take"
    size  = 50
  }
  limits {
    parallel      = 4
    parallel_most = 8
    timeout       = "10s"
  }
}
