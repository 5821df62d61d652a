# Alibaba Cloud: ApsaraMQ for RocketMQ 5.x. Names and forms are those of the documentation of terraform-provider-alicloud,
# summer 2026.

provider "alicloud" {
  to   = "apsaramq"
  keep = ["region", "access_key", "secret_key", "security_token"]
  drop = {
    profile                 = "use `credential_command`, or the environment variables"
    shared_credentials_file = "use `credential_command`, or the environment variables"
    ecs_role_name           = "use `credential_command`"
    assume_role             = "use `credential_command`"
    configuration_source    = "it is not sent"
    endpoints               = "write `rocketmq_endpoint` and `mqtt_endpoint`"
    account_id              = "write `allowed_accounts = [\"…\"]`"
    account_type            = "it follows the region"
    skip_region_validation  = "an unknown region is only a warning"
    protocol                = "calls are always encrypted"
    max_retry_timeout       = "calls are retried as the service bears it"
    client_read_timeout     = "calls have the time that the schema gives them"
    client_connect_timeout  = "calls have the time that the schema gives them"
  }
}

resource "alicloud_rocketmq_instance" {
  to        = "apsaramq_rocketmq_instance"
  separator = ":"
  keep      = ["payment_type", "period", "period_unit", "commodity_code", "remark", "resource_group_id", "tags", "auto_renew", "auto_renew_period", "status", "region_id", "create_time"]
  rename    = { instance_name = "name", series_code = "series", sub_series_code = "sub_series" }
  drop = {
    service_code           = "it is always `rmq`"
    auto_renew_period_unit = "`auto_renew_period` is in months"
    ip_whitelists          = "write `ip_whitelist` into `internet`, or resources `apsaramq_rocketmq_ip_whitelist`"
  }
  block "network_info" {
    as = "inline"
    block "vpc_info" {
      as     = "inline"
      keep   = ["vpc_id"]
      rename = { security_group_ids = "security_group_id" }
      attribute "vswitch_id" {
        to   = "vswitch_ids"
        wrap = true
      }
      block "vswitches" {
        to    = "vswitch_ids"
        as    = "values"
        value = "vswitch_id"
      }
    }
    block "internet_info" {
      to     = "internet"
      as     = "object"
      keep   = ["ip_whitelist"]
      rename = { flow_out_type = "billing", flow_out_bandwidth = "bandwidth_mbps" }
      attribute "internet_spec" {
        to = "enabled"
        is = "enable"
      }
    }
    block "endpoints" {
      as = "computed"
    }
  }
  block "product_info" {
    as     = "inline"
    keep   = ["send_receive_ratio", "auto_scaling", "trace_on", "storage_encryption", "storage_secret_key"]
    rename = { msg_process_spec = "spec", message_retention_time = "message_retention_hours" }
    drop   = { support_auto_scaling = "it is not read" }
  }
  block "acl_info" {
    to     = "acl"
    as     = "object"
    rename = { acl_types = "types", default_vpc_auth_free = "vpc_auth_free" }
  }
  block "software" {
    drop = "the maintenance window is set in the console"
  }
}

resource "alicloud_rocketmq_topic" {
  to        = "apsaramq_rocketmq_topic"
  separator = ":"
  keep      = ["instance_id", "message_type", "max_send_tps", "remark", "status"]
  rename    = { topic_name = "name", create_time = "created_at" }
  drop      = { region_id = "it is that of the instance" }
}

resource "alicloud_rocketmq_consumer_group" {
  to        = "apsaramq_rocketmq_consumer_group"
  separator = ":"
  keep      = ["instance_id", "delivery_order_type", "max_receive_tps", "remark", "status"]
  rename    = { consumer_group_id = "group_id", create_time = "created_at" }
  drop      = { region_id = "it is that of the instance" }
  block "consume_retry_policy" {
    to     = "retry"
    as     = "object"
    rename = { retry_policy = "policy", max_retry_times = "max_times" }
    attribute "dead_letter_target_topic" {
      to = "dead_letter_topic"
    }
  }
}

resource "alicloud_rocketmq_account" {
  to        = "apsaramq_rocketmq_account"
  separator = ":"
  keep      = ["instance_id", "username", "password"]
  rename    = { account_status = "status" }
  versions  = { password = "password_version" }
}

resource "alicloud_rocketmq_acl" {
  to        = "apsaramq_rocketmq_acl"
  separator = ":"
  keep      = ["instance_id", "username", "resource_type", "resource_name", "actions", "decision", "ip_whitelists"]
}

# Instances of version 4 have another API, which only Apsara Stack has here.
without "alicloud_ons_instance" {
  also    = ["alicloud_ons_instances", "alicloud_ons_service"]
  instead = "it is an instance of RocketMQ 4: move its clients to one of version 5 (`apsaramq_rocketmq_instance`), and let Terraform manage this one until then; on Apsara Stack it is an `apsarastack_mq_instance`"
}

without "alicloud_ons_topic" {
  also    = ["alicloud_ons_topics"]
  instead = "on an instance of version 5 it is an `apsaramq_rocketmq_topic`, with NORMAL for the `message_type` 0, FIFO for 1 and 2, TRANSACTION for 4 and DELAY for 5; on Apsara Stack it is an `apsarastack_mq_topic`"
}

without "alicloud_ons_group" {
  also    = ["alicloud_ons_groups"]
  instead = "on an instance of version 5 it is an `apsaramq_rocketmq_consumer_group` with the `group_name` as its `group_id`; on Apsara Stack it is an `apsarastack_mq_group`"
}

# No resource of Terraform's provider is known to have the same calls as those here.
without "alicloud_*mqtt*" {
  instead = "what lies in an instance of ApsaraMQ for MQTT is written by `queueform adopt 'apsaramq_mqtt_*' --in instance_id=ID`; instances are made in the console"
}
