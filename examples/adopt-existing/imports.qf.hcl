# Which objects of the service the blocks of main.qf.hcl are. Once they are in the state, this file can go.

# The instance is found by its name. Its id would do as well: `id = "8e4c…"`.
data "dms_rocketmq_instances" "shop" {
  name             = "shop"
  exact_match_name = true
}

locals {
  shop = one(data.dms_rocketmq_instances.shop.ids)
}

import {
  to = dms_rocketmq_instance.shop
  id = local.shop
}

import {
  for_each = local.topics
  to       = dms_rocketmq_topic.topic[each.key]
  id       = "${local.shop}/${each.key}"
}

import {
  for_each = local.groups
  to       = dms_rocketmq_consumer_group.group[each.key]
  id       = "${local.shop}/${each.key}"
}

import {
  for_each = local.users
  to       = dms_rocketmq_user.user[each.key]
  id       = "${local.shop}/${each.key}"
}
