# Message Queue for Apache RocketMQ of Apsara Stack, the API of the console (`/json/…`), after the vendor's developer
# guide, document version 20220815. The variables are those of the vendor's Terraform providers for Apsara Stack as of
# July 2026, the newer ALIBABACLOUDSTACK_* before the older APSARASTACK_*.
provider "apsarastack" {
  version     = 1
  description = "Message Queue for Apache RocketMQ on Apsara Stack, the console's API."
  pin         = [region, endpoint]
  redact      = ["secret_key", "_signature", "_accesskey"]

  argument "endpoint" {
    type        = string
    mode        = required
    env         = ["ALIBABACLOUDSTACK_MQ_CONSOLE_ENDPOINT"]
    description = "The address of the message queue console: `https://mq.console.DOMAIN`, or `https://mq.console.REGION.DOMAIN` for a region that is not the central one. The administrator of the platform knows it. Signatures do not cover what is done, so use `https`."
  }
  argument "region" {
    type        = string
    env         = ["ALIBABACLOUDSTACK_REGION", "APSARASTACK_REGION"]
    default     = "mq-private"
    description = "The region, as `apsarastack_mq_regions` lists it; `mq-private` if nothing sets it."
  }
  argument "access_key" {
    type        = string
    description = "The id of the AccessKey. What it creates belongs to its account."
  }
  argument "secret_key" {
    type        = string
    sensitive   = true
    description = "The secret of the AccessKey."
  }
  argument "platform" {
    type        = string
    default     = "onsConsole"
    description = "The value of the parameter `_platform`, which stands in the vendor's sample of a call but not in the table of parameters. An empty text leaves it out."
  }
  argument "write_method" {
    type        = string
    default     = "GET"
    one_of      = ["GET", "POST"]
    description = "The method of calls that change something. The vendor documents GET; with POST the parameters stay in the query."
  }
  argument "organization_id" {
    type        = string
    description = "The organization, for the AccessKey of a personal account: sent as the header `x-acs-organizationid`, with the region as `x-acs-regionid`. Keys of an organization need none. The header `x-acs-instanceid`, which the guide also has, is not sent: instances stand in the parameters."
  }
  argument "resource_group_id" {
    type        = string
    description = "The resource group in the organization, for the AccessKey of a personal account: sent as the header `x-acs-resourcegroupid`."
  }
  argument "ca_file" {
    type        = string
    description = "A file with the certificate authorities of the platform, in PEM, beside those that the machine knows."
  }
  argument "insecure_tls" {
    type        = bool
    default     = false
    description = "Whether certificates are not checked. Whoever is on the way can then read and change everything: better set `ca_file`."
  }
  argument "insecure_http" {
    type        = bool
    default     = false
    description = "Whether `endpoint` may be `http://` on another machine. Whoever is on the way can then read and change everything, and signatures do not cover what is done."
  }
  argument "allowed_instances" {
    type        = list(string)
    description = "Ids of the instances that this configuration may work in; any instance if not set."
  }
  argument "allowed_regions" {
    type        = list(string)
    description = "Regions that this configuration may work in; any region if not set."
  }
  argument "credential_command" {
    type        = list(string)
    description = "A program and its arguments that print a JSON object with `access_key` and `secret_key`."
  }

  service "mq" {
    description  = "The message queue console."
    endpoint     = provider.endpoint
    query        = { _regionId = provider.region, _platform = provider.platform == "" ? null : provider.platform }
    headers = {
      "x-acs-regionid"        = provider.organization_id == null ? null : provider.region
      "x-acs-organizationid"  = provider.organization_id
      "x-acs-resourcegroupid" = provider.resource_group_id
    }
    write_method = provider.write_method
  }

  tls {
    ca_file    = ca_file
    insecure   = insecure_tls
    plain_http = insecure_http
  }

  auth "access_key" {
    signer      = sorted_values_hmac_sha1
    needs       = [access_key, secret_key]
    description = "Requests signed with an AccessKey: HMAC-SHA1 over the values of all parameters."
  }

  credentials "ALIBABACLOUDSTACK_ACCESS_KEY" {
    auth = access_key
    env  = { access_key = "ALIBABACLOUDSTACK_ACCESS_KEY", secret_key = "ALIBABACLOUDSTACK_SECRET_KEY" }
  }
  credentials "APSARASTACK_ACCESS_KEY" {
    auth = access_key
    env  = { access_key = "APSARASTACK_ACCESS_KEY", secret_key = "APSARASTACK_SECRET_KEY" }
  }
  credentials "credential_command" {
    auth    = access_key
    command = credential_command
  }

  # `code` repeats the HTTP status; what went wrong stands in `status`.
  envelope {
    code               = ["status", "dynamicCode", "code"]
    message            = ["dynamicMessage", "message"]
    request_id_headers = ["x-request-id"]
    request_id         = ["requestId"]
    success            = ["success"]
    success_codes      = ["SUCCESS", "200"]
    embedded           = ["data", "InstanceBaseInfo"]
    keys               = lower
  }

  error {
    code  = ["Throttling*"]
    class = throttled
  }
  error {
    status = [429]
    class  = throttled
  }
  error {
    status = [503]
    class  = transient
  }
  error {
    code  = ["BIZ_TOPIC_NOT_FOUND", "BIZ_SUBSCRIPTION_NOT_FOUND", "BIZ_PUBLISH_INFO_NOT_FOUND", "INSTANCE_NOT_FOUND", "BIZ_NO_MESSAGE"]
    class = gone
  }
  # Said of topics and groups that do not exist as well as of those of other accounts.
  error {
    code  = ["AUTH_RESOURCE_OWNER_ERROR"]
    class = gone
    hint  = "it does not exist, or it belongs to another account"
  }
  error {
    code  = ["*_BELONG_TO_OTHER_USER"]
    class = exists
    hint  = "the name belongs to another account: choose another one"
  }
  error {
    code  = ["BIZ_TOPIC_EXISTED", "BIZ_PUBLISHER_EXISTED", "BIZ_SUBSCRIPTION_EXISTED", "EMPOWER_EXIST_ERROR"]
    class = exists
    hint  = "import the object, or choose another name"
  }
  error {
    code  = ["AUTH_CSRF_CHECK_ERROR"]
    class = unauthenticated
    hint  = "check that the clock is right"
  }
  error {
    code  = ["AUTH_SIGNATURE_CHECK_ERROR", "AUTH_CAL_SIGNATURE_ERROR", "AUTH_LOGIN_CHECK_ERROR"]
    class = unauthenticated
    hint  = "check that key and secret belong together and to this platform"
  }
  error {
    code  = ["EMPOWER_OWNER_CHECK_ERROR"]
    class = forbidden
    hint  = "only the account that owns the topic can authorize others"
  }
  error {
    code  = ["AUTH_*", "ADMIN_UPDATE_*"]
    class = forbidden
    hint  = "RAM users need an authorization to create, change and delete instances and to create and change topics"
  }
  error {
    code  = ["INSTANCE_NOT_EMPTY"]
    class = invalid
    hint  = "an instance can be deleted when it has no topics and no groups"
  }
  error {
    code  = ["ONS_SERVICE_UNSUPPORTED"]
    class = unavailable
    hint  = "this version of the platform does not have the operation"
  }
  error {
    code  = ["BIZ_CONSUMER_NOT_ONLINE"]
    class = invalid
    hint  = "start a consumer of the group, then try again"
  }
  error {
    code  = ["BIZ_REGION_NOT_FOUND"]
    class = invalid
    hint  = "check `region`: the data source `apsarastack_mq_regions` lists them"
  }
  error {
    code  = ["BIZ_FIELD_CHECK_INVALID"]
    class = invalid
    hint  = "a parameter was refused; quotas and taken names of instances are said like this too"
  }
  error {
    code  = ["ONS_SYSTEM_ERROR", "ONS_INVOKE_ERROR"]
    class = server
  }
  error {
    status = [500, 502, 504]
    class  = server
  }
  error {
    status = [404, 405]
    class  = unavailable
    hint   = "check `endpoint`: this is not the message queue console"
  }

  paging "page" {
    style = page
    start = "currentPage"
    limit = "pageSize"
    size  = 50
  }

  # The console is made for people: few calls at a time.
  limits {
    parallel      = 4
    parallel_most = 16
    timeout       = "60s"
  }

  check "resource group" {
    when    = provider.resource_group_id != null
    that    = provider.organization_id != null
    message = "`resource_group_id` needs `organization_id`"
    path    = resource_group_id
    hint    = "set both, or neither for the AccessKey of an organization"
  }
  check "certificates" {
    when     = provider.insecure_tls == true
    that     = provider.ca_file == null
    message  = "`ca_file` has no effect beside `insecure_tls`"
    path     = ca_file
    severity = warning
  }
  object_check "allowed instance" {
    attribute = "instance_id"
    that      = provider.allowed_instances == null ? true : contains(provider.allowed_instances, value)
    message   = "the instance `${value}` is not one of `allowed_instances`"
    hint      = "check the configuration and its variables: this may be the wrong environment"
  }
  object_check "allowed instance itself" {
    attribute = "id"
    of        = ["apsarastack_mq_instance"]
    that      = provider.allowed_instances == null ? true : contains(provider.allowed_instances, value)
    message   = "the instance `${value}` is not one of `allowed_instances`"
    hint      = "check the configuration and its variables: this may be the wrong environment"
  }
  check "allowed region" {
    that    = provider.allowed_regions == null ? true : contains(provider.allowed_regions, provider.region)
    message = "the region `${provider.region}` is not one of `allowed_regions`"
    path    = allowed_regions
    hint    = "check `region`"
  }
}
