# Huawei Cloud and SberCloud: resources of both providers have the same attributes. Names, forms and defaults are those
# of the documentation of terraform-provider-huaweicloud, August 2026.

provider "huaweicloud" {
  to     = "dms"
  set    = { cloud = "huawei" }
  keep   = ["region", "access_key", "secret_key", "security_token", "domain_name", "user_name", "password", "token", "project_name", "project_id", "enterprise_project_id", "auth_url"]
  rename = { cacert_file = "ca_file", tenant_name = "project_name", tenant_id = "project_id" }
  drop = {
    insecure                  = "certificates are always checked: name the authority with `ca_file`"
    domain_id                 = "name the account with `domain_name`"
    user_id                   = "name the user with `user_name`"
    max_retries               = "calls are retried as the service bears it"
    endpoints                 = "write `endpoint` for DMS, and `auth_url` for IAM"
    shared_config_file        = "use `credential_command`, or the environment variables"
    profile                   = "use `credential_command`, or the environment variables"
    regional                  = "the endpoint follows the region"
    cloud                     = "the endpoint follows `cloud` and `region`"
    assume_role               = "use `credential_command`"
    signing_algorithm         = "requests are signed with SDK-HMAC-SHA256"
    enable_force_new          = "what a change replaces stands in the schema"
    skip_check_website_type   = "there is nothing to check"
    skip_check_upgrade        = "there is nothing to check"
    default_tags              = "write them as a map: `default_tags = { … }`"
  }
}

provider "sbercloud" {
  like = "huaweicloud"
  set  = { cloud = "sbercloud" }
}

resource "huaweicloud_dms_rocketmq_instance" {
  also   = ["sbercloud_dms_rocketmq_instance"]
  to     = "dms_rocketmq_instance"
  keep   = ["name", "description", "engine_version", "storage_space", "vpc_id", "subnet_id", "security_group_id", "availability_zones", "flavor_id", "storage_spec_code", "broker_num", "ssl_enable", "tls_mode", "ipv6_enable", "enable_acl", "enable_publicip", "enterprise_project_id", "tags", "status", "type", "specification", "maintain_begin", "maintain_end", "used_storage_space", "publicip_address", "node_num", "namesrv_address", "broker_address", "public_namesrv_address", "public_broker_address", "resource_spec_code"]
  drop = {
    region                  = "the provider configuration says it"
    charging_mode           = "instances are made with pay-per-use billing; change it in the console"
    period_unit             = "instances are made with pay-per-use billing; change it in the console"
    period                  = "instances are made with pay-per-use billing; change it in the console"
    auto_renew              = "instances are made with pay-per-use billing; change it in the console"
    cross_vpc_info          = "read `cross_vpc_accesses`"
    new_spec_billing_enable = "it is not read"
  }
  attribute "publicip_id" {
    to    = "publicip_ids"
    split = ","
  }
  block "configs" {
    as        = "resource"
    to        = "dms_rocketmq_instance_config"
    by        = "instance_id"
    attribute = "settings"
    key       = "name"
    value     = "value"
  }
  block "cross_vpc_accesses" {
    as = "computed"
  }
}

resource "huaweicloud_dms_rocketmq_topic" {
  also = ["sbercloud_dms_rocketmq_topic"]
  to   = "dms_rocketmq_topic"
  keep = ["instance_id", "name", "message_type", "queue_num", "permission"]
  rename = {
    total_read_queue_num  = "read_queue_num"
    total_write_queue_num = "write_queue_num"
  }
  drop = { region = "the provider configuration says it" }
  block "brokers" {
    as    = "values"
    value = "name"
  }
  block "queues" {
    as   = "objects"
    keep = ["broker", "queue_num"]
  }
}

resource "huaweicloud_dms_rocketmq_consumer_group" {
  also = ["sbercloud_dms_rocketmq_consumer_group"]
  to   = "dms_rocketmq_consumer_group"
  keep = ["instance_id", "name", "retry_max_times", "enabled", "broadcast", "description", "brokers", "consume_orderly"]
  drop = { region = "the provider configuration says it" }
}

resource "huaweicloud_dms_rocketmq_user" {
  also     = ["sbercloud_dms_rocketmq_user"]
  to       = "dms_rocketmq_user"
  keep     = ["instance_id", "access_key", "secret_key", "white_remote_address", "admin", "default_topic_perm", "default_group_perm"]
  versions = { secret_key = "secret_key_version" }
  drop     = { region = "the provider configuration says it" }
  block "topic_perms" {
    as    = "map"
    key   = "name"
    value = "perm"
  }
  block "group_perms" {
    as    = "map"
    key   = "name"
    value = "perm"
  }
}

resource "huaweicloud_dms_rocketmq_migration_task" {
  also  = ["sbercloud_dms_rocketmq_migration_task"]
  to    = "dms_rocketmq_migration_task"
  id    = ["instance_id", "id"]
  copy  = { task_id = "id" }
  keep  = ["instance_id", "name", "type", "overwrite", "status", "start_date"]
  drop  = { region = "the provider configuration says it" }
  block "topic_configs" {
    as   = "objects"
    keep = ["topic_name", "order", "perm", "read_queue_num", "write_queue_num", "topic_filter_type", "topic_sys_flag"]
  }
  block "subscription_groups" {
    as     = "objects"
    keep   = ["group_name", "consume_broadcast_enable", "consume_enable", "consume_from_min_enable", "retry_max_times", "retry_queue_num", "which_broker_when_consume_slow"]
    rename = { notify_consumerids_changed_enable = "notify_consumer_ids_changed_enable" }
  }
  block "vhosts" {
    as   = "objects"
    keep = ["name"]
  }
  block "queues" {
    as   = "objects"
    keep = ["name", "vhost", "durable"]
  }
  block "exchanges" {
    as   = "objects"
    keep = ["name", "vhost", "durable", "type"]
  }
  block "bindings" {
    as   = "objects"
    keep = ["vhost", "source", "destination", "destination_type", "routing_key"]
  }
}
