//! Keys of single devices. The service makes them; nobody can choose them.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::no_permission;
use super::groups;
use super::groups::group_of;
use super::model::Credential;
use super::page::Numbered;
use super::params::Params;
use super::world::World;

/// `RegisterDeviceCredential`: a device has one key; registering it again makes a new one.
pub(super) fn register(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let client = groups::client(world, iid, params)?;
    let created_at = world.now_ms();
    if world.get::<Credential>(iid, client).is_none() {
        world.created = Some(format!("credential/{iid}/{client}"));
    }
    Ok(make(world, iid, client, created_at))
}

/// `RefreshDeviceCredential`: another secret for the same device.
pub(super) fn refresh(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    world.member(iid)?;
    let client = params.need("ClientId")?;
    let old = world.get::<Credential>(iid, client).ok_or_else(no_permission)?;
    Ok(make(world, iid, client, old.created_at))
}

/// `GetDeviceCredential`.
pub(super) fn get(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    world.member(iid)?;
    let credential = world.get::<Credential>(iid, params.need("ClientId")?).ok_or_else(no_permission)?;
    Ok(view(iid, &credential))
}

/// `UnRegisterDeviceCredential`.
pub(super) fn unregister(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    world.member(iid)?;
    if world.remove::<Credential>(iid, params.need("ClientId")?) {
        Ok(json!({}))
    } else {
        Err(no_permission())
    }
}

/// `ListDeviceCredentialClientId`: the client ids of one group, by pages.
pub(super) fn list(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let group = params.need("GroupId")?;
    let page = Numbered::read(params, "PageNo", "PageSize")?;
    let member = world.member(iid)?;
    if !member.groups.contains_key(group) {
        return Err(no_permission());
    }
    let clients: Vec<&String> =
        member.credentials.keys().filter(|client| group_of(client) == Some(group)).collect();
    let total = clients.len();
    // All of them are texts, as in the vendor's own clients.
    Ok(json!({
        "DeviceCredentialClientIdList": {
            "ClientIdList": page.cut(clients),
            "NextToken": "",
            "PageNo": page.number.to_string(),
            "PageSize": page.size.to_string(),
            "Total": total.to_string(),
        },
    }))
}

fn make(world: &mut World, iid: &str, client: &str, created_at: i64) -> Value {
    let key = |world: &mut World| format!("DC.{}", world.new_hex().chars().take(22).collect::<String>());
    let credential = Credential {
        client_id: client.to_owned(),
        access_key_id: key(world),
        access_key_secret: key(world),
        created_at,
        updated_at: world.now_ms(),
    };
    let view = view(iid, &credential);
    world.put(iid, credential);
    view
}

fn view(iid: &str, credential: &Credential) -> Value {
    json!({
        "DeviceCredential": {
            "InstanceId": iid,
            "ClientId": credential.client_id,
            "DeviceAccessKeyId": credential.access_key_id,
            "DeviceAccessKeySecret": credential.access_key_secret,
            "CreateTime": credential.created_at,
            "UpdateTime": credential.updated_at,
        },
    })
}
