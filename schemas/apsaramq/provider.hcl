# ApsaraMQ on Alibaba Cloud: RocketMQ (API 2022-08-01) and MQTT (API 2020-04-20).
#
# The variables are those of the vendor's own tools: ALIBABA_CLOUD_* as its SDKs read them, ALICLOUD_* as its Terraform
# provider does (both as of August 2026).
provider "apsaramq" {
  version     = 1
  description = "ApsaraMQ for RocketMQ and for MQTT on Alibaba Cloud."
  pin         = [region, rocketmq_endpoint, mqtt_endpoint]
  redact      = ["password", "Secret", "secretKey", "storageSecretKey", "AccessKeySecret", "SecurityToken", "Signature", "Authorization", "x-acs-security-token", "Token", "DeviceAccessKeySecret", "SniConfig", "VerificationContent"]

  argument "region" {
    type        = string
    mode        = required
    env         = ["ALIBABA_CLOUD_REGION_ID", "ALIBABA_CLOUD_REGION", "ALICLOUD_REGION"]
    description = "The region, such as `cn-hangzhou`. A disaster recovery plan is reached in the region it was made in."
  }
  argument "access_key" {
    type        = string
    description = "The AccessKey id."
  }
  argument "secret_key" {
    type        = string
    sensitive   = true
    description = "The AccessKey secret."
  }
  argument "security_token" {
    type        = string
    sensitive   = true
    description = "The token that belongs to a temporary AccessKey."
  }
  argument "credential_command" {
    type        = list(string)
    description = "A program and its arguments that print a JSON object with `access_key`, `secret_key` and, if need be, `security_token`."
  }
  argument "signature" {
    type        = string
    default     = "acs3"
    one_of      = ["acs3", "v1"]
    description = "How requests are signed: `acs3` is ACS3-HMAC-SHA256. `v1` is the older HMAC-SHA1, which covers neither the host nor, for RocketMQ, the body: for gateways that know nothing else."
  }
  argument "rocketmq_endpoint" {
    type        = string
    description = "The address of ApsaraMQ for RocketMQ, if it is not the region's own, such as `https://rocketmq-vpc.cn-hangzhou.aliyuncs.com`."
  }
  argument "mqtt_endpoint" {
    type        = string
    description = "The address of ApsaraMQ for MQTT, if it is not the region's own. `{region}` stands for the region of a call, as in `https://onsmqtt-vpc.{region}.aliyuncs.com`."
  }
  argument "ca_file" {
    type        = string
    description = "A file with certificate authorities, in PEM, beside those that the machine knows: for a proxy that opens connections."
  }
  argument "allowed_accounts" {
    type        = list(string)
    description = "Ids of the Alibaba Cloud accounts that this configuration may work in; any account if not set. Checked against the owner of each RocketMQ instance."
  }
  argument "allowed_instances" {
    type        = list(string)
    description = "Ids of the instances that this configuration may work in; any instance if not set."
  }
  argument "default_tags" {
    type        = map(string)
    default     = {}
    description = "Tags of every instance, beside its own; the instance's own value wins."
  }
  argument "ignore_tags" {
    type        = list(string)
    default     = []
    description = "Keys of tags that others put on instances: they are neither read, nor set, nor removed."
  }

  # A call to another address than the region's own says which region it is meant for.
  service "rocketmq" {
    description = "ApsaraMQ for RocketMQ"
    endpoint    = provider.rocketmq_endpoint != null ? provider.rocketmq_endpoint : "https://rocketmq.${provider.region}.aliyuncs.com"
    api_version = "2022-08-01"
    style       = roa
    query       = { regionId = provider.rocketmq_endpoint != null ? provider.region : null }
  }
  service "mqtt" {
    description = "ApsaraMQ for MQTT"
    endpoint    = replace(provider.mqtt_endpoint != null ? provider.mqtt_endpoint : "https://onsmqtt.{region}.aliyuncs.com", "{region}", provider.region)
    api_version = "2020-04-20"
    style       = rpc
    query       = { RegionId = provider.region }
  }

  tls {
    ca_file = ca_file
  }

  auth "acs3" {
    signer      = acs3_hmac_sha256
    when        = provider.signature == "acs3"
    needs       = [access_key, secret_key]
    uses        = [security_token]
    description = "Requests signed with an AccessKey and HMAC-SHA256."
  }
  auth "v1" {
    signer      = acs_hmac_sha1
    when        = provider.signature == "v1"
    needs       = [access_key, secret_key]
    uses        = [security_token]
    description = "Requests signed with an AccessKey and HMAC-SHA1, as older clients do."
  }

  credentials "ALIBABA_CLOUD_ACCESS_KEY_ID" {
    auth = acs3
    env  = { access_key = "ALIBABA_CLOUD_ACCESS_KEY_ID", secret_key = "ALIBABA_CLOUD_ACCESS_KEY_SECRET", security_token = "ALIBABA_CLOUD_SECURITY_TOKEN" }
  }
  credentials "ALICLOUD_ACCESS_KEY" {
    auth = acs3
    env  = { access_key = "ALICLOUD_ACCESS_KEY", secret_key = "ALICLOUD_SECRET_KEY", security_token = "ALICLOUD_SECURITY_TOKEN" }
  }
  credentials "credential_command" {
    auth    = acs3
    command = credential_command
  }

  # Samples of the vendor show `success: true` beside a code that looks like an error: success wins.
  envelope {
    code               = ["code"]
    message            = ["message"]
    request_id_headers = ["x-acs-request-id"]
    request_id         = ["requestId"]
    success            = ["success"]
    success_codes      = ["200", "SUCCESS", "OK"]
  }

  error {
    code  = ["Throttling*", "Rejected.Throttling", "SystemOverFlow", "ApplyTokenOverFlow"]
    class = throttled
  }
  error {
    status = [429]
    class  = throttled
  }
  error {
    code  = ["ServiceUnavailable"]
    class = transient
  }
  error {
    status = [503]
    class  = transient
  }
  error {
    code  = ["AsyncTask.InOrder", "AsyncTask.NotCompleted", "DisasterRecoveryItemStatus.Error"]
    class = busy
    hint  = "something else is being done with the object, or its state allows no change: look at its `status`"
  }
  error {
    code  = ["DisasterRecoveryPlanStatus.Error"]
    class = invalid
    hint  = "a plan can be deleted when it has no items any more: delete them first, also those that are not in the configuration"
  }
  error {
    code  = ["InvalidAccessKeyId*", "SignatureDoesNotMatch", "IncompleteSignature", "InvalidTimeStamp*", "SignatureNonceUsed", "InvalidSecurityToken*", "MissingSecurityToken", "MissingAccessKeyId", "MissingAuthorization", "Unsupported*Signature*", "CheckAccountInfoFailed"]
    class = unauthenticated
    hint  = "check that AccessKey id and secret belong together, that a temporary key has its token, and that the clock is right"
  }
  error {
    code  = ["InvalidAction.NotFound", "InvalidVersion", "InvalidApi*", "ApiNotSupport"]
    class = unavailable
    hint  = "this endpoint does not have the operation, or the edition of the instance does not: compare `region` and the endpoints"
  }
  error {
    code  = ["*InstancePermissionCheckFailed", "MqttOwnerCheckError"]
    class = forbidden
    hint  = "the instance belongs to another account, is in another region, does not exist, or the RAM policy does not allow it"
  }
  error {
    code  = ["NoPermission", "*PermissionCheckFailed", "Forbidden*"]
    class = forbidden
    hint  = "grant the RAM user the missing action"
  }
  error {
    status = [403]
    class  = forbidden
    hint   = "grant the RAM user the missing action"
  }
  error {
    code  = ["*.Existed", "*.Existed.*", "GroupIdAlreadyExsited", "SnNotUnique"]
    class = exists
    hint  = "import the object, or choose another name"
  }
  error {
    code  = ["*QuotaExceeded", "*LimitExceeded", "Customauth.over.capacity", "CaNumExceed"]
    class = quota
    hint  = "ask for a higher quota, or remove what is not needed"
  }
  error {
    code  = ["*InsufficientBalance*", "*.Overdue*", "OrderError*"]
    class = billing
    hint  = "settle open orders or the balance of the account, then apply again"
  }
  error {
    code  = ["*.NotFound", "*.NotExisted", "InstanceNotFound", "MqttInstanceNotFound"]
    class = gone
  }
  error {
    status = [404]
    class  = gone
  }
  error {
    status = [405, 501]
    class  = unavailable
  }
  # Codes of MQTT keep their meaning, whatever status they come with.
  error {
    code  = ["ParameterCheckFailed", "ParameterFieldCheckFailed", "InvalidParameter*", "RegisterCode*", "CertificateContentError", "GroupIdAlreadyUsedByOtherUsers"]
    class = invalid
  }
  error {
    status = [401]
    class  = unauthenticated
  }
  error {
    status = [417, 500, 502, 504]
    class  = server
  }
  error {
    code  = ["InternalError", "RemoteCallError", "CreateGroupIdError", "DeleteGroupIdError", "SendMessageFailed", "GetCaNumError"]
    class = server
  }
  error {
    status = [400]
    class  = invalid
  }

  paging "pages" {
    style = page
    start = "pageNumber"
    limit = "pageSize"
    size  = 100
  }

  # Of MQTT.
  paging "records" {
    style = token
    start = "NextToken"
    limit = "Size"
    size  = 100
    next  = response.Data.NextToken
  }
  paging "tag_rows" {
    style = token
    start = "NextToken"
    limit = "MaxResults"
    size  = 50
    next  = response.NextToken
  }
  paging "numbered" {
    style = page
    start = "PageNo"
    limit = "PageSize"
    size  = 100
  }
  paging "traced" {
    style = page
    start = "CurrentPage"
    limit = "PageSize"
    size  = 100
  }

  limits {
    parallel       = 4
    parallel_most  = 16
    timeout        = "30s"
    retry_after_ms = ["x-acs-retry-after"]
  }

  check "ignored tags" {
    that    = length(setintersection(keys(provider.default_tags), provider.ignore_tags)) == 0
    message = "`default_tags` sets tags that `ignore_tags` ignores: ${join(", ", setintersection(keys(provider.default_tags), provider.ignore_tags))}"
    path    = ignore_tags
    hint    = "take them out of one of the two"
  }
}
