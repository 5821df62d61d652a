# Distributed Message Service, API v2: Huawei Cloud and SberCloud.
#
# The variables are those that the vendors' own tools read: SBC_* as the Terraform provider of SberCloud does (as of
# July 2026), HW_* as the one of Huawei Cloud does (as of August 2026; its older OS_* are left out, they also belong to
# OpenStack), HUAWEICLOUD_SDK_* as huaweicloudsdkcore for Python 3.1.219 does. The regions are those of
# huaweicloudsdkrocketmq for Python 3.1.219.
provider "dms" {
  version     = 1
  description = "Distributed Message Service for RocketMQ on Huawei Cloud and SberCloud, API v2."
  pin         = [cloud, region, endpoint, project_id]
  redact      = ["secret_key", "password", "token", "X-Auth-Token", "X-Subject-Token", "X-Security-Token", "Authorization"]

  argument "cloud" {
    type        = string
    mode        = required
    one_of      = ["sbercloud", "huawei"]
    description = "Whose cloud: decides the endpoints."
  }
  argument "region" {
    type        = string
    mode        = required
    env         = ["SBC_REGION_NAME", "HW_REGION_NAME", "HUAWEICLOUD_SDK_REGION"]
    description = "The region, such as `ru-moscow-1`."
  }
  argument "project_id" {
    type        = string
    env         = ["HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID"]
    lookup      = iam_project
    description = "The id of the project. Asked for by `project_name` if it is not set."
  }
  argument "project_name" {
    type        = string
    env         = ["SBC_PROJECT_NAME", "HW_PROJECT_NAME"]
    description = "The name of the project, if it is not the region's own."
  }
  argument "enterprise_project_id" {
    type        = string
    env         = ["SBC_ENTERPRISE_PROJECT_ID", "HW_ENTERPRISE_PROJECT_ID"]
    description = "The enterprise project of new instances that do not name one."
  }
  argument "endpoint" {
    type        = string
    description = "The address of the service, if it is not the region's own."
  }
  argument "auth_url" {
    type        = string
    env         = ["SBC_AUTH_URL", "HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT"]
    description = "The address of IAM, if it is not the region's own. It may end in `/v3`, as with the vendors' own tools."
  }
  argument "access_key" {
    type        = string
    description = "The access key."
  }
  argument "secret_key" {
    type        = string
    sensitive   = true
    description = "The secret of the access key."
  }
  argument "security_token" {
    type        = string
    sensitive   = true
    description = "The token that belongs to a temporary access key."
  }
  argument "domain_name" {
    type        = string
    description = "The account that an IAM user belongs to."
  }
  argument "user_name" {
    type        = string
    description = "The name of an IAM user."
  }
  argument "password" {
    type        = string
    sensitive   = true
    description = "The password of an IAM user."
  }
  argument "token" {
    type        = string
    sensitive   = true
    description = "An IAM token obtained elsewhere."
  }
  argument "credential_command" {
    type        = list(string)
    description = "A program and its arguments that print a JSON object with `access_key`, `secret_key` and, if need be, `security_token`."
  }
  argument "ca_file" {
    type        = string
    description = "A file with certificate authorities, in PEM, beside those that the machine knows: for a proxy that opens connections."
  }
  argument "allowed_projects" {
    type        = list(string)
    description = "Ids of the projects that this configuration may work in; any project if not set."
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

  cloud "sbercloud" {
    description = "SberCloud Advanced"
    regions     = ["ru-moscow-1"]
    presets = {
      endpoint = "https://dms.${provider.region}.hc.sbercloud.ru"
      auth_url = "https://iam.${provider.region}.hc.sbercloud.ru"
    }
  }
  cloud "huawei" {
    description = "Huawei Cloud"
    regions = [
      "ae-ad-1", "af-north-1", "af-south-1", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
      "ap-southeast-5", "cn-east-2", "cn-east-3", "cn-east-4", "cn-east-5", "cn-north-1", "cn-north-11", "cn-north-12",
      "cn-north-2", "cn-north-4", "cn-north-9", "cn-south-1", "cn-south-2", "cn-south-4", "cn-southwest-2",
      "cn-southwest-3", "eu-west-0", "eu-west-101", "la-north-2", "la-south-2", "me-east-1", "my-kualalumpur-1",
      "na-mexico-1", "ru-moscow-1", "ru-northwest-2", "sa-brazil-1", "tr-west-1",
    ]
    # The European cloud has a domain of its own; its regions begin with eu-west-1.
    presets = {
      endpoint = "https://dms.${provider.region}.myhuaweicloud.${startswith(provider.region, "eu-west-1") ? "eu" : "com"}"
      auth_url = "https://iam.${provider.region}.myhuaweicloud.${startswith(provider.region, "eu-west-1") ? "eu" : "com"}"
    }
  }

  tls {
    ca_file = ca_file
  }

  auth "access_key" {
    signer      = sdk_hmac_sha256
    needs       = [access_key, secret_key]
    uses        = [security_token]
    description = "Requests signed with an access key."
  }
  auth "token" {
    signer      = iam_token
    needs       = [token]
    description = "An IAM token obtained elsewhere."
  }
  auth "password" {
    signer      = iam_token
    needs       = [domain_name, user_name, password]
    description = "An IAM user, whose password is exchanged for a token."
  }

  credentials "SBC_ACCESS_KEY" {
    auth = access_key
    env  = { access_key = "SBC_ACCESS_KEY", secret_key = "SBC_SECRET_KEY", security_token = "SBC_SECURITY_TOKEN" }
  }
  credentials "HW_ACCESS_KEY" {
    auth = access_key
    env  = { access_key = "HW_ACCESS_KEY", secret_key = "HW_SECRET_KEY", security_token = "HW_SECURITY_TOKEN" }
  }
  credentials "HUAWEICLOUD_SDK_AK" {
    auth = access_key
    env  = { access_key = "HUAWEICLOUD_SDK_AK", secret_key = "HUAWEICLOUD_SDK_SK", security_token = "HUAWEICLOUD_SDK_SECURITY_TOKEN" }
  }
  credentials "SBC_USERNAME" {
    auth = password
    env  = { domain_name = "SBC_ACCOUNT_NAME", user_name = "SBC_USERNAME", password = "SBC_PASSWORD" }
  }
  credentials "HW_USER_NAME" {
    auth = password
    env  = { domain_name = "HW_DOMAIN_NAME", user_name = "HW_USER_NAME", password = "HW_USER_PASSWORD" }
  }
  credentials "HW_AUTH_TOKEN" {
    auth = token
    env  = { token = "HW_AUTH_TOKEN" }
  }
  credentials "credential_command" {
    auth    = access_key
    command = credential_command
  }

  envelope {
    code               = ["error_code", "errorCode", "code"]
    message            = ["error_msg", "errorMsg", "message"]
    request_id_headers = ["x-request-id"]
  }

  # Flow control comes as 404 and must be told from a missing object first.
  error {
    code  = ["DMS.10240407"]
    class = throttled
  }
  error {
    status = [429]
    class  = throttled
  }
  error {
    code  = ["DMS.111501024", "DMS.111501025"]
    class = transient
  }
  error {
    status = [503]
    class  = transient
  }
  error {
    code  = ["DMS.00400017", "DMS.00400026", "DMS.00400052", "DMS.00400099", "DMS.00400108", "DMS.10240032", "CBC.99003651"]
    class = busy
    hint  = "something else is being done with the instance, or its state allows no change: look at its `status`"
  }
  error {
    status = [404]
    code   = ["DMS.00404022"]
    class  = gone
    hint   = "the instance does not exist: compare region and project with those of the instance"
  }
  error {
    status = [404]
    code   = ["DMS.00404001", "DMS.10240406"]
    class  = unavailable
    hint   = "this region does not have the operation: compare `cloud`, `region` and `endpoint`"
  }
  error {
    status = [405, 501]
    class  = unavailable
  }
  error {
    status = [404]
    code   = ["DMS.*"]
    class  = gone
  }
  error {
    code  = ["DMS.00400060", "DMS.00400081", "DMS.00400082", "DMS.10240017", "DMS.10240018", "DMS.10240045"]
    class = exists
    hint  = "import the object, or choose another name"
  }
  error {
    status = [401]
    class  = unauthenticated
    hint   = "check that key and secret belong together, that the token has not expired, and that the clock is right"
  }
  error {
    status = [403]
    code   = ["APIG.*", "APIGW.*"]
    class  = unauthenticated
    hint   = "the gateway refused the signature or the key: check the credentials"
  }
  error {
    code = [
      "DMS.00400107", "DMS.00400134", "DMS.00500986", "DMS.00500987", "DMS.10240306", "DMS.10240312",
    ]
    class = billing
    hint  = "settle open orders, the balance or the freeze of the account, then apply again"
  }
  error {
    code = [
      "DMS.00400035", "DMS.00400039", "DMS.00400124", "DMS.10240019", "DMS.10240020", "DMS.10240044", "DMS.10240304",
      "DMS.10240307", "DMS.10240308",
    ]
    class = quota
    hint  = "ask for a higher quota, or remove what is not needed"
  }
  error {
    code  = ["DMS.00400055"]
    class = capacity
    hint  = "try again later, or choose other availability zones or another flavor"
  }
  error {
    code  = ["DMS.00501000", "DMS.00501002"]
    class = forbidden
    hint  = "the account needs the permission to create agencies"
  }
  error {
    status = [403]
    class  = forbidden
    hint   = "grant the missing permission; creating and changing instances also needs permissions of VPC"
  }
  error {
    code  = ["DMS.00400127", "DMS.00400129", "DMS.00400135", "DMS.00404033"]
    class = invalid
    hint  = "this instance does not support the change"
  }
  error {
    code  = ["DMS.00400014", "DMS.00400046", "DMS.00400048"]
    class = invalid
    hint  = "check `security_group_id`"
  }
  error {
    code  = ["DMS.00400013", "DMS.00400068"]
    class = invalid
    hint  = "check `vpc_id`"
  }
  error {
    code  = ["DMS.00400016", "DMS.00400018", "DMS.00400020"]
    class = invalid
    hint  = "check `subnet_id`: the subnet must be in the VPC and have DHCP"
  }
  error {
    code  = ["DMS.00400042", "DMS.00400067"]
    class = invalid
    hint  = "check `availability_zones`: one zone, or three and more"
  }
  error {
    code  = ["DMS.00400009", "DMS.00400022", "DMS.00400125"]
    class = invalid
    hint  = "check `flavor_id` and `storage_spec_code` against the engine version"
  }
  error {
    code  = ["DMS.00400128"]
    class = invalid
    hint  = "check `publicip_ids`: each broker needs its own"
  }
  error {
    code  = ["DMS.00400500"]
    class = invalid
    hint  = "check `storage_space` against the flavor and the number of brokers"
  }
  error {
    code  = ["DMS.50050004"]
    class = invalid
    hint  = "start a consumer of the group, then try again"
  }
  error {
    code  = ["DMS.10550035"]
    class = invalid
  }
  # May also mean a missing topic; a second look decides.
  error {
    code  = ["DMS.00400975"]
    class = server
  }
  error {
    status = [500, 502, 504]
    class  = server
  }
  error {
    status = [400]
    class  = invalid
  }

  # Pages are counted here, from 1.
  paging "migrations" {
    style = page
    start = "offset"
    limit = "limit"
    size  = 50
  }
  # Background tasks are counted from 1.
  paging "tasks" {
    style = offset
    start = "start"
    limit = "limit"
    size  = 50
    first = 1
  }
  paging "offset" {
    style = offset
    start = "offset"
    limit = "limit"
    size  = 50
  }

  limits {
    parallel      = 8
    parallel_most = 64
    timeout       = "60s"
  }

  check "ignored tags" {
    that    = length(setintersection(keys(provider.default_tags), provider.ignore_tags)) == 0
    message = "`default_tags` sets tags that `ignore_tags` ignores: ${join(", ", setintersection(keys(provider.default_tags), provider.ignore_tags))}"
    path    = ignore_tags
    hint    = "take them out of one of the two"
  }
  object_check "allowed instance" {
    attribute = "instance_id"
    that      = provider.allowed_instances == null ? true : contains(provider.allowed_instances, value)
    message   = "the instance `${value}` is not one of `allowed_instances`"
    hint      = "check the configuration and its variables: this may be the wrong environment"
  }
  object_check "allowed instance itself" {
    attribute = "id"
    of        = ["dms_rocketmq_instance"]
    that      = provider.allowed_instances == null ? true : contains(provider.allowed_instances, value)
    message   = "the instance `${value}` is not one of `allowed_instances`"
    hint      = "check the configuration and its variables: this may be the wrong environment"
  }
  check "allowed project" {
    that    = provider.allowed_projects == null ? true : contains(provider.allowed_projects, provider.project_id)
    message = "the project `${provider.project_id}` is not one of `allowed_projects`"
    path    = allowed_projects
    hint    = "check the project of the credentials in use"
  }
}
