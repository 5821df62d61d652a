//! How instances are shown: whole by a read, in brief by a list.

use serde_json::Value;
use serde_json::json;

use super::model::Broker;
use super::model::Instance;
use super::world::ACCOUNT;
use super::world::World;
use super::world::date;

/// An item of the list.
pub(crate) fn brief(broker: &Broker) -> Value {
    let instance = &broker.instance;
    json!({
        "instanceId": instance.id,
        "instanceName": instance.name,
        "status": instance.status,
        "serviceCode": "rmq",
        "seriesCode": instance.series,
        "subSeriesCode": instance.sub_series,
        "commodityCode": instance.commodity_code,
        "paymentType": instance.payment_type,
        "regionId": instance.region,
        "userId": ACCOUNT,
        "resourceGroupId": instance.resource_group,
        "remark": instance.remark,
        "topicCount": broker.topics.len(),
        "groupCount": broker.groups.len(),
        "createTime": date(instance.created_at),
        "startTime": date(instance.created_at),
        "updateTime": date(instance.updated_at),
        "expireTime": expires(instance),
        "releaseTime": instance.is_released().then(|| date(instance.updated_at)),
        "tags": tags(instance),
        "productInfo": { "capacityType": instance.capacity_type, "traceOn": instance.trace_on },
    })
}

fn tags(instance: &Instance) -> Vec<Value> {
    instance.tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

fn expires(instance: &Instance) -> Option<String> {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let days = match instance.period_unit.as_deref() {
        Some("Year") => 365,
        _ => 30,
    };
    let length = i64::try_from(instance.period.filter(|_| instance.is_subscription())?).ok()?;
    Some(date(instance.created_at.saturating_add(length.saturating_mul(days).saturating_mul(DAY))))
}

/// The answer of a read.
pub(crate) fn whole(world: &World, broker: &Broker) -> Value {
    let instance = &broker.instance;
    let mut view = brief(broker);
    let quota = |name: &str, total: u64, used: usize| {
        let used = used as u64;
        json!({
            "quotaName": name,
            "totalCount": total,
            "usedCount": used,
            "freeCount": total.saturating_sub(used),
        })
    };
    let vswitches: Vec<Value> = instance
        .vswitches
        .iter()
        .map(|id| json!({ "vSwitchId": id, "zoneId": format!("{}-h", instance.region) }))
        .collect();
    let details = json!({
        "bid": "26842",
        "autoRenew": instance.auto_renew,
        "autoRenewPeriod": instance.auto_renew_period,
        "accountInfo": { "username": instance.default_username },
        "aclInfo": {
            "aclType": "default",
            "aclTypes": instance.acl_types,
            "defaultVpcAuthFree": instance.vpc_auth_free,
        },
        "networkInfo": {
            "vpcInfo": {
                "vpcId": instance.vpc,
                "vSwitchId": instance.vswitches.join("|"),
                "vSwitches": vswitches,
                "securityGroupIds": instance.security_group,
            },
            "internetInfo": {
                "internetSpec": if instance.internet { "enable" } else { "disable" },
                "flowOutType": instance.flow_out_type,
                "flowOutBandwidth": instance.flow_out_bandwidth,
                "ipWhitelist": instance.ip_whitelist,
            },
            "endpoints": endpoints(instance),
        },
        "productInfo": {
            "msgProcessSpec": instance.spec,
            "messageRetentionTime": instance.retention_hours,
            "sendReceiveRatio": instance.send_receive_ratio,
            "autoScaling": instance.auto_scaling,
            "supportAutoScaling": instance.series != "standard",
            "traceOn": instance.trace_on,
            "adaptiveElasticity": instance.adaptive_elasticity,
            "storageEncryption": instance.storage_encryption,
            "storageSecretKey": instance.storage_secret_key,
            "capacityType": instance.capacity_type,
            "provisionedCapacity": instance.provisioned_capacity,
            "drReplicationMode": instance.dr_replication_mode,
            "maxDelayTime": 3_456_000,
        },
        "software": {
            "softwareVersion": "5.0-rmq-20250609-1",
            "upgradeMethod": "auto",
            "maintainTime": "02:00-06:00",
        },
        "instanceQuotas": [
            quota("TOPIC_COUNT", world.settings.topic_quota, broker.topics.len()),
            quota("GROUP_COUNT", world.settings.group_quota, broker.groups.len()),
        ],
    });
    if let (Some(view), Value::Object(details)) = (view.as_object_mut(), details) {
        view.extend(details);
    }
    view
}

fn endpoints(instance: &Instance) -> Vec<Value> {
    let (id, region) = (&instance.id, &instance.region);
    let mut found = vec![json!({
        "endpointType": "TCP_VPC",
        "endpointUrl": format!("{id}-vpc.{region}.rmq.aliyuncs.com:8080"),
        "endpointId": format!("{id}-vpc"),
        "ipWhitelist": Value::Null,
    })];
    if instance.internet {
        found.push(json!({
            "endpointType": "TCP_INTERNET",
            "endpointUrl": format!("{id}.{region}.rmq.aliyuncs.com:8080"),
            "endpointId": format!("{id}-internet"),
            "ipWhitelist": instance.ip_whitelist,
        }));
    }
    found
}
