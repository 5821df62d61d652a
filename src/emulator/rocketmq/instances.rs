//! Instances: ordering, changing and releasing them.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::in_order;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_instance;
use super::fields::Fields;
use super::fields::listed;
use super::instance_view;
use super::model::Account;
use super::model::Instance;
use super::page::Page;
use super::route::Target;
use super::settle;
use super::settle::Effect;
use super::settle::Subject;
use super::whitelist::check_address;
use super::world::REGION;
use super::world::World;
use crate::emulator::exchange::Call;

/// `POST /instances`
pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let fields = Fields::of(target.call)?;
    let token = target.call.query("clientToken").filter(|token| !token.is_empty());
    // The same token means the same order.
    if let Some(known) = token.and_then(|token| {
        world.brokers().values().find(|broker| broker.instance.client_token.as_deref() == Some(token))
    }) {
        return Ok(json!(known.instance.id));
    }
    let order = order(world, target.call, &fields)?;
    let live = world.brokers().values().filter(|broker| !broker.instance.is_released()).count();
    if live as u64 >= world.settings.instance_quota {
        return Err(Refusal::new(
            400,
            "Instance.QuotaExceeded",
            "The number of instances exceeds the quota.",
        ));
    }
    let mut instance = Instance { client_token: token.map(str::to_owned), ..order };
    instance.id = world.instance_id();
    if instance.name.is_empty() {
        instance.name.clone_from(&instance.id);
    }
    let hex = world.new_hex();
    hex.get(..16).unwrap_or_default().clone_into(&mut instance.default_username);
    instance.hidden_reads = world.shape.hidden_reads;
    let id = instance.id.clone();
    let account = Account {
        username: instance.default_username.clone(),
        password: hex.get(16..).unwrap_or_default().to_owned(),
        status: "ENABLE".to_owned(),
        remark: String::new(),
        kind: "DEFAULT".to_owned(),
    };
    world.add_instance(instance);
    world.put_account(&id, account);
    settle::begin(
        world,
        Subject::Instance(id.clone()),
        Effect::Become("RUNNING".to_owned()),
        settle::INSTANCE_CREATE,
    );
    world.created = Some(format!("instances/{id}"));
    Ok(json!(id))
}

/// The region that a call is meant for: what it says itself, or else the name it was sent to.
fn region(call: &Call) -> String {
    let host = call.header("host").unwrap_or_default();
    let named = host.strip_prefix("rocketmq.").and_then(|rest| rest.strip_suffix(".aliyuncs.com"));
    let said = call.query("regionId").or_else(|| call.query("RegionId"));
    said.or(named).filter(|region| !region.is_empty()).unwrap_or(REGION).to_owned()
}

fn order(world: &mut World, call: &Call, fields: &Fields) -> Result<Instance, Refusal> {
    if fields.required("serviceCode")? != "rmq" {
        return Err(invalid("serviceCode", "it must be rmq"));
    }
    fields.required("seriesCode")?;
    let series = fields.one_of("seriesCode", &["standard", "professional", "ultimate"])?.unwrap_or_default();
    fields.required("subSeriesCode")?;
    let sub_series =
        fields.one_of("subSeriesCode", &["single_node", "cluster_ha", "serverless"])?.unwrap_or_default();
    if series == "ultimate" && sub_series != "cluster_ha" {
        return Err(invalid("subSeriesCode", "the ultimate series is cluster_ha only"));
    }
    fields.required("paymentType")?;
    let payment_type = fields.one_of("paymentType", &["PayAsYouGo", "Subscription"])?.unwrap_or_default();
    let is_serverless = sub_series == "serverless";
    let commodity = fields.filled("commodityCode")?;
    if is_serverless && commodity.is_none() {
        return Err(missing("commodityCode"));
    }
    let name = fields.text("instanceName")?.unwrap_or_default();
    check_name(&name)?;
    let period = period(fields, &payment_type)?;
    let auto_renew_period = fields.number("autoRenewPeriod")?;
    if auto_renew_period.is_some_and(|months| ![1, 2, 3, 6, 12].contains(&months)) {
        return Err(invalid("autoRenewPeriod", "it must be 1, 2, 3, 6 or 12"));
    }
    let network = fields.object("networkInfo")?;
    let vpc = network.object("vpcInfo")?;
    let internet = internet(&network.object("internetInfo")?)?;
    let product = fields.object("productInfo")?;
    let spec = product.filled("msgProcessSpec")?;
    let capacity_type = product.one_of("capacityType", &["provisioned", "ondemand"])?;
    if spec.is_none() && !is_serverless {
        return Err(missing("productInfo.msgProcessSpec"));
    }
    if spec.as_ref().is_some_and(|spec| !spec.starts_with("rmq.")) {
        return Err(invalid("productInfo.msgProcessSpec", "there is no such specification"));
    }
    let encryption = product.flag("storageEncryption")?.unwrap_or(false);
    let secret_key = product.filled("storageSecretKey")?;
    if secret_key.is_some() && !encryption {
        return Err(invalid("productInfo.storageSecretKey", "storage is not encrypted"));
    }
    let now = world.now_ms();
    let default_code = match payment_type.as_str() {
        "Subscription" => "ons_rmqsub_public_cn",
        _ => "ons_rmqpost_public_cn",
    };
    Ok(Instance {
        id: String::new(),
        position: world.next_position(),
        name,
        remark: fields.text("remark")?.unwrap_or_default(),
        status: "CREATING".to_owned(),
        region: region(call),
        series,
        sub_series,
        payment_type,
        commodity_code: commodity.unwrap_or_else(|| default_code.to_owned()),
        period,
        period_unit: fields.one_of("periodUnit", &["Month", "Year"])?,
        auto_renew: fields.flag("autoRenew")?.unwrap_or(false),
        auto_renew_period: auto_renew_period.and_then(|months| u64::try_from(months).ok()),
        resource_group: fields.filled("resourceGroupId")?.unwrap_or_else(|| "rg-acfm00000default".to_owned()),
        tags: tags(fields)?,
        vswitches: vswitches(&vpc, is_serverless)?,
        security_group: vpc.text("securityGroupIds")?.unwrap_or_default(),
        vpc: vpc.required("vpcId").map_err(|_missing| missing("networkInfo.vpcInfo.vpcId"))?,
        internet: internet.enabled,
        flow_out_type: internet.flow_out_type,
        flow_out_bandwidth: internet.bandwidth,
        ip_whitelist: internet.whitelist,
        spec,
        retention_hours: product.within("messageRetentionTime", 1..=720)?.unwrap_or(72),
        send_receive_ratio: ratio(&product)?.unwrap_or(0.5),
        auto_scaling: product.flag("autoScaling")?.unwrap_or(false),
        trace_on: product.flag("traceOn")?.unwrap_or(true),
        adaptive_elasticity: product.flag("adaptiveElasticity")?.unwrap_or(false),
        storage_encryption: encryption,
        storage_secret_key: secret_key,
        capacity_type: capacity_type.or_else(|| is_serverless.then(|| "ondemand".to_owned())),
        provisioned_capacity: product.within("provisionedCapacity", 0..=1_000_000)?,
        dr_replication_mode: product.filled("drReplicationMode")?,
        acl_types: vec!["default".to_owned()],
        vpc_auth_free: fields.object("aclInfo")?.flag("defaultVpcAuthFree")?.unwrap_or(false),
        default_username: String::new(),
        created_at: now,
        updated_at: now,
        hidden_reads: 0,
        client_token: None,
    })
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if name.chars().count() > 128 {
        return Err(invalid("instanceName", "it must have 1 to 128 characters"));
    }
    Ok(())
}

fn period(fields: &Fields, payment_type: &str) -> Result<Option<u64>, Refusal> {
    let unit = fields.one_of("periodUnit", &["Month", "Year"])?;
    let most = if unit.as_deref() == Some("Year") { 3 } else { 6 };
    let period = fields.within("period", 1..=most)?;
    if payment_type == "Subscription" && period.is_none() {
        return Err(missing("period"));
    }
    Ok(period)
}

fn vswitches(vpc: &Fields, is_serverless: bool) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    for entry in vpc.objects("vSwitches")?.unwrap_or_default() {
        found.push(entry.required("vSwitchId")?);
    }
    // The older way joins them by a bar.
    if found.is_empty()
        && let Some(old) = vpc.filled("vSwitchId")?
    {
        found.extend(old.split('|').map(str::to_owned));
    }
    if found.is_empty() {
        return Err(missing("networkInfo.vpcInfo.vSwitches"));
    }
    if is_serverless && found.len() < 2 {
        return Err(invalid("networkInfo.vpcInfo.vSwitches", "serverless instances need two or more"));
    }
    Ok(found)
}

struct Internet {
    enabled: bool,
    flow_out_type: String,
    bandwidth: Option<u64>,
    whitelist: Vec<String>,
}

fn internet(fields: &Fields) -> Result<Internet, Refusal> {
    let enabled = fields.one_of("internetSpec", &["enable", "disable"])?;
    let enabled = enabled.ok_or_else(|| missing("networkInfo.internetInfo.internetSpec"))? == "enable";
    let flow_out_type = fields.one_of("flowOutType", &["payByBandwidth", "payByTraffic", "uninvolved"])?;
    let flow_out_type = flow_out_type.ok_or_else(|| missing("networkInfo.internetInfo.flowOutType"))?;
    if enabled == (flow_out_type == "uninvolved") {
        return Err(invalid("networkInfo.internetInfo.flowOutType", "it does not fit internetSpec"));
    }
    let bandwidth = fields.within("flowOutBandwidth", 1..=1000)?;
    if (flow_out_type == "payByBandwidth") != bandwidth.is_some() {
        return Err(invalid(
            "networkInfo.internetInfo.flowOutBandwidth",
            "it goes with payByBandwidth and nothing else",
        ));
    }
    let whitelist = fields.texts("ipWhitelist")?.unwrap_or_default();
    whitelist.iter().try_for_each(|address| check_address(address))?;
    Ok(Internet { enabled, flow_out_type, bandwidth, whitelist })
}

fn ratio(product: &Fields) -> Result<Option<f64>, Refusal> {
    let ratio = product.fraction("sendReceiveRatio")?;
    if ratio.is_some_and(|ratio| !(0.05..=1.0).contains(&ratio)) {
        return Err(invalid("productInfo.sendReceiveRatio", "it must be from 0.05 to 1"));
    }
    Ok(ratio)
}

fn tags(fields: &Fields) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags = BTreeMap::new();
    for tag in fields.objects("tags")?.unwrap_or_default() {
        tags.insert(tag.required("key")?, tag.text("value")?.unwrap_or_default());
    }
    super::tags::check(&tags)?;
    Ok(tags)
}

/// Lets an instance that is not visible yet come nearer.
fn approach(world: &mut World, iid: &str) {
    if let Some(broker) = world.brokers.get_mut(iid) {
        broker.instance.hidden_reads = broker.instance.hidden_reads.saturating_sub(1);
    }
}

/// `GET /instances/{id}`
pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    let is_hidden = world.brokers().get(iid).is_some_and(|broker| broker.instance.hidden_reads > 0);
    if is_hidden {
        approach(world, iid);
        return Err(no_instance());
    }
    settle::look(world, &Subject::Instance(iid.to_owned()));
    let broker = world.brokers().get(iid).ok_or_else(no_instance)?;
    Ok(instance_view::whole(world, broker))
}

/// `GET /instances`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let call = target.call;
    let page = Page::read(call, 10, 200)?;
    settle::look_at(world, |subject| matches!(subject, Subject::Instance(_)));
    let filter = call.query("filter").unwrap_or_default();
    let group = call.query("resourceGroupId").filter(|text| !text.is_empty());
    let series = call.query("seriesCodes").map(listed).filter(|list| !list.is_empty());
    let tags = call.query("tags").filter(|text| !text.is_empty()).map(wanted_tags).transpose()?;
    let mut found: Vec<_> = world
        .brokers()
        .values()
        .filter(|broker| {
            let instance = &broker.instance;
            instance.hidden_reads == 0
                && (filter.is_empty() || instance.id.contains(filter) || instance.name.contains(filter))
                && group.is_none_or(|group| instance.resource_group == group)
                && series.as_ref().is_none_or(|series| series.contains(&instance.series))
                && tags.as_ref().is_none_or(|tags| super::tags::carries(&instance.tags, tags))
        })
        .collect();
    found.sort_by_key(|broker| broker.instance.position);
    let list = found.into_iter().map(instance_view::brief).collect();
    Ok(page.cut(list))
}

fn wanted_tags(text: &str) -> Result<Vec<(String, Option<String>)>, Refusal> {
    let value: Value = serde_json::from_str(text).map_err(|_bad| invalid("tags", "it is not JSON"))?;
    super::tags::pairs(&value).ok_or_else(|| invalid("tags", "it is not a list of tags"))
}

/// Refuses a change unless the instance is in service. A refusal counts as a look: a client that
/// only repeats its change must get through one day.
pub(crate) fn require_running(world: &mut World, iid: &str) -> Result<(), Refusal> {
    if world.broker(iid)?.instance.status == "RUNNING" {
        return Ok(());
    }
    settle::look(world, &Subject::Instance(iid.to_owned()));
    Err(in_order())
}

/// `PATCH /instances/{id}`: what is absent stays.
pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    require_running(world, iid)?;
    let name = fields.filled("instanceName")?;
    check_name(name.as_deref().unwrap_or_default())?;
    let product = fields.object("productInfo")?;
    let acl = fields.object("aclInfo")?;
    let retention = product.within("messageRetentionTime", 1..=720)?;
    let ratio = ratio(&product)?;
    let acl_types = acl.texts("aclTypes")?;
    if let Some(types) = &acl_types
        && types.iter().any(|kind| !["default", "apache_acl", "aliyun_ram"].contains(&kind.as_str()))
    {
        return Err(invalid("aclInfo.aclTypes", "it may hold default, apache_acl and aliyun_ram"));
    }
    let whitelist = fields.object("networkInfo")?.object("internetInfo")?.texts("ipWhitelist")?;
    whitelist.iter().flatten().try_for_each(|address| check_address(address))?;
    let (remark, free) = (fields.text("remark")?, acl.flag("defaultVpcAuthFree")?);
    let (scaling, trace) = (product.flag("autoScaling")?, product.flag("traceOn")?);
    let elastic = product.flag("adaptiveElasticity")?;
    let now = world.now_ms();
    let late = world.shape.late_reads;
    if let Some(instance) = world.instance_mut(iid) {
        instance.name = name.unwrap_or_else(|| instance.name.clone());
        instance.remark = remark.unwrap_or_else(|| instance.remark.clone());
        instance.retention_hours = retention.unwrap_or(instance.retention_hours);
        instance.send_receive_ratio = ratio.unwrap_or(instance.send_receive_ratio);
        instance.auto_scaling = scaling.unwrap_or(instance.auto_scaling);
        instance.trace_on = trace.unwrap_or(instance.trace_on);
        instance.adaptive_elasticity = elastic.unwrap_or(instance.adaptive_elasticity);
        instance.vpc_auth_free = free.unwrap_or(instance.vpc_auth_free);
        if let Some(types) = acl_types {
            instance.acl_types = types;
        }
        if let Some(whitelist) = whitelist {
            instance.ip_whitelist = whitelist;
        }
        instance.updated_at = now;
        if late == 0 {
            "CHANGING".clone_into(&mut instance.status);
        }
    }
    settle::begin(
        world,
        Subject::Instance(iid.to_owned()),
        Effect::Become("RUNNING".to_owned()),
        settle::INSTANCE_CHANGE,
    );
    Ok(json!(true))
}

/// `DELETE /instances/{id}`
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    let broker = world.broker(iid)?;
    if broker.instance.is_subscription() {
        return Err(Refusal::bad(
            "Instance.PaymentType.NotSupport",
            "Subscription instances cannot be released by this operation.",
        ));
    }
    let is_member = world
        .plans()
        .values()
        .filter(|plan| !plan.is_deleted())
        .any(|plan| plan.members.iter().any(|member| member.instance_id == iid));
    if is_member {
        return Err(Refusal::bad(
            "Instance.DisasterRecoveryPlan.Existed",
            "The instance belongs to a disaster recovery plan.",
        ));
    }
    if settle::is_changing(world, &Subject::Instance(iid.to_owned())) {
        settle::look(world, &Subject::Instance(iid.to_owned()));
        return Err(in_order());
    }
    if let Some(instance) = world.instance_mut(iid) {
        "CHANGING".clone_into(&mut instance.status);
    }
    settle::begin(world, Subject::Instance(iid.to_owned()), Effect::Vanish, settle::INSTANCE_DELETE);
    Ok(json!(true))
}
