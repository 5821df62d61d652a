//! Identities of custom authentication: who may connect, and with which secret.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameters;
use super::errors::invalid;
use super::errors::over_capacity;
use super::groups::group_of;
use super::member::Stored as _;
use super::member::identity_key;
use super::model::Identity;
use super::page;
use super::params::Params;
use super::settings::SecretEcho;
use super::world::World;
use super::world::digits;

pub(super) const KINDS: &[&str] = &["USER", "CLIENT"];

/// The identity that the parameters name.
fn named(params: &Params) -> Result<(&str, &str, &str), Refusal> {
    let kind = params.word("IdentityType", KINDS)?;
    let username = params.need("Username")?;
    if username.chars().count() > 64 {
        return Err(invalid("Username"));
    }
    let client = match (kind, params.get("ClientId")) {
        ("CLIENT", None) => return Err(invalid("ClientId")),
        ("CLIENT", Some(client)) if group_of(client).is_none() => return Err(invalid("ClientId")),
        ("CLIENT", Some(client)) => client,
        _ => "",
    };
    Ok((kind, username, client))
}

fn read(params: &Params) -> Result<Identity, Refusal> {
    let (kind, username, client_id) = named(params)?;
    Ok(Identity {
        kind: kind.to_owned(),
        username: username.to_owned(),
        client_id: client_id.to_owned(),
        secret: params.need("Secret")?.to_owned(),
        sign_mode: params.word("SignMode", &["ORIGIN", "SIGNED"])?.to_owned(),
    })
}

/// `AddCustomAuthIdentity`.
pub(super) fn add(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let capacity = world.settings.custom_auth_capacity;
    let member = world.member(iid)?;
    let identity = read(params)?;
    if member.identities.contains_key(&identity.key()) {
        return Err(bad_parameters());
    }
    if u64::try_from(member.identities.len()).is_ok_and(|count| count >= capacity) {
        return Err(over_capacity());
    }
    world.created =
        Some(format!("identity/{iid}/{}/{}/{}", identity.kind, identity.username, identity.client_id));
    world.put(iid, identity);
    Ok(json!({}))
}

/// `UpdateCustomAuthIdentity`: takes the whole identity.
pub(super) fn update(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let member = world.member(iid)?;
    let identity = read(params)?;
    if !member.identities.contains_key(&identity.key()) {
        return Err(bad_parameters());
    }
    world.put(iid, identity);
    Ok(json!({}))
}

/// `DeleteCustomAuthIdentity`.
pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    world.member(iid)?;
    let (kind, username, client) = named(params)?;
    if world.remove::<Identity>(iid, &identity_key(kind, username, client)) {
        Ok(json!({}))
    } else {
        Err(bad_parameters())
    }
}

/// `QueryCustomAuthIdentity`.
pub(super) fn query(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    let size = params.size("Size")?;
    let echo = world.settings.secret_echo;
    let fits = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
    let found = world
        .member(iid)?
        .identities
        .iter()
        .filter(|(_, identity)| {
            fits("IdentityType", &identity.kind)
                && fits("Username", &identity.username)
                && fits("ClientId", &identity.client_id)
        })
        .map(|(key, identity)| (key.clone(), view(identity, echo)))
        .collect();
    let (results, next) = page::after(found, params, size)?;
    Ok(json!({ "Data": { "NextToken": next, "Results": results } }))
}

fn view(identity: &Identity, echo: SecretEcho) -> Value {
    let mut view = json!({
        "Username": identity.username,
        "IdentityType": identity.kind,
        "ClientId": identity.client_id,
        "SignMode": identity.sign_mode,
    });
    let secret = match echo {
        SecretEcho::Plain => Some(identity.secret.clone()),
        SecretEcho::Hashed => Some(digits(&identity.secret)),
        SecretEcho::Absent => None,
    };
    if let (Some(secret), Some(map)) = (secret, view.as_object_mut()) {
        map.insert("Secret".to_owned(), Value::String(secret));
    }
    view
}
