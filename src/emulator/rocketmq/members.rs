//! The instances of a plan: what each kind of them must and must not say.

use serde_json::Value;
use serde_json::json;

use super::errors::Refusal;
use super::errors::invalid;
use super::errors::missing;
use super::errors::no_instance;
use super::fields::Fields;
use super::model::Member;
use super::model::Property;
use super::settings::Echo;
use super::settings::Settings;
use super::world::World;

/// Reads the members of a new plan.
pub(crate) fn read(world: &World, fields: &Fields) -> Result<Option<Vec<Member>>, Refusal> {
    let Some(entries) = fields.objects("instances")? else { return Ok(None) };
    entries.iter().map(|entry| member(world, entry)).collect::<Result<Vec<_>, _>>().map(Some)
}

fn member(world: &World, entry: &Fields) -> Result<Member, Refusal> {
    entry.required("instanceType")?;
    let kind = entry.one_of("instanceType", &["ALIYUN_ROCKETMQ", "EXTERNAL_ROCKETMQ"])?.unwrap_or_default();
    let is_external = kind == "EXTERNAL_ROCKETMQ";
    let role = entry.required("instanceRole")?.to_ascii_uppercase();
    if !["ACTIVE", "PASSIVE"].contains(&role.as_str()) {
        return Err(invalid("instanceRole", "it must be ACTIVE or PASSIVE"));
    }
    let auth_type = entry.one_of("authType", &["NO_AUTH", "ACL_AUTH"])?;
    let network_type = entry.one_of("networkType", &["TCP_INTERNET", "TCP_VPC"])?;
    let instance_id = entry.filled("instanceId")?;
    let member = Member {
        region: entry.required("regionId")?,
        instance_id: if is_external {
            instance_id.unwrap_or_default()
        } else {
            entry.required("instanceId")?
        },
        role,
        auth_type,
        username: entry.filled("username")?,
        password: entry.filled("password")?,
        endpoint_url: entry.filled("endpointUrl")?,
        network_type,
        vpc: entry.filled("vpcId")?,
        vswitch: entry.filled("vSwitchId")?,
        security_group: entry.filled("securityGroupId")?,
        consumer_group: entry.filled("consumerGroupId")?.unwrap_or_default(),
        property: property(entry)?,
        kind,
    };
    if member.auth_type.as_deref() == Some("ACL_AUTH") && member.username.is_none() {
        return Err(missing("username"));
    }
    if is_external {
        check_external(&member)?
    } else {
        check_own(world, &member)?
    }
    Ok(member)
}

fn property(entry: &Fields) -> Result<Option<Property>, Refusal> {
    if !entry.has("messageProperty") {
        return Ok(None);
    }
    let property = entry.object("messageProperty")?;
    match (property.filled("propertyKey")?, property.filled("propertyValue")?) {
        (None, None) => Ok(None),
        (Some(key), Some(value)) => Ok(Some(Property { key, value })),
        _ => Err(missing("messageProperty")),
    }
}

fn check_own(world: &World, member: &Member) -> Result<(), Refusal> {
    let instance = &world.broker(&member.instance_id).map_err(|_missing| no_instance())?.instance;
    if world.settings.check_regions && instance.region != member.region {
        return Err(no_instance());
    }
    for (name, value) in [
        ("password", &member.password),
        ("endpointUrl", &member.endpoint_url),
        ("networkType", &member.network_type),
    ] {
        if value.is_some() {
            return Err(invalid(name, "it goes with external instances only"));
        }
    }
    if member.auth_type.is_none() {
        return Err(missing("authType"));
    }
    Ok(())
}

fn check_external(member: &Member) -> Result<(), Refusal> {
    for (name, value) in [
        ("authType", &member.auth_type),
        ("endpointUrl", &member.endpoint_url),
        ("networkType", &member.network_type),
    ] {
        if value.is_none() {
            return Err(missing(name));
        }
    }
    if member.consumer_group.is_empty() {
        return Err(missing("consumerGroupId"));
    }
    if member.auth_type.as_deref() == Some("ACL_AUTH") && member.password.is_none() {
        return Err(missing("password"));
    }
    if member.network_type.as_deref() == Some("TCP_VPC") {
        for (name, value) in [
            ("vpcId", &member.vpc),
            ("vSwitchId", &member.vswitch),
            ("securityGroupId", &member.security_group),
        ] {
            if value.is_none() {
                return Err(missing(name));
            }
        }
    }
    Ok(())
}

/// What of a member can never change.
pub(crate) fn identity(member: &Member) -> Vec<Option<&str>> {
    let is_external = member.kind == "EXTERNAL_ROCKETMQ";
    let mut parts = vec![Some(member.kind.as_str()), Some(&member.region), Some(&member.role)];
    if is_external {
        parts.extend([
            member.endpoint_url.as_deref(),
            member.network_type.as_deref(),
            member.vpc.as_deref(),
            member.vswitch.as_deref(),
            member.security_group.as_deref(),
            Some(&member.consumer_group),
        ]);
    } else {
        parts.push(Some(&member.instance_id));
    }
    parts
}

/// How a member is shown.
pub(crate) fn view(member: &Member, settings: &Settings) -> Value {
    let mut view = json!({
        "instanceType": member.kind,
        "regionId": member.region,
        "instanceId": member.instance_id,
        "instanceRole": member.role,
        "authType": member.auth_type,
        "username": member.username,
        "endpointUrl": member.endpoint_url,
        "networkType": member.network_type,
        "vpcId": member.vpc,
        "vSwitchId": member.vswitch,
        "securityGroupId": member.security_group,
        "consumerGroupId": member.consumer_group,
        "messageProperty": member.property.as_ref().map(|property| {
            json!({ "propertyKey": property.key, "propertyValue": property.value })
        }),
    });
    if let (Some(password), Some(map)) = (&member.password, view.as_object_mut()) {
        match settings.password_echo {
            Echo::Plain => drop(map.insert("password".to_owned(), json!(password))),
            Echo::Masked => drop(map.insert("password".to_owned(), json!("******"))),
            Echo::Absent => {}
        }
    }
    view
}
