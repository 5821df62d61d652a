//! Accounts of clients.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::invalid;
use super::errors::no_account;
use super::fields::Fields;
use super::instances::require_running;
use super::model::Account;
use super::page::Page;
use super::route::Target;
use super::settings::Echo;
use super::world::World;

/// `POST /instances/{id}/accounts`
pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    world.broker(iid)?;
    require_running(world, iid)?;
    let fields = Fields::of(target.call)?;
    let username = fields.required("username")?;
    let account = Account {
        password: fields.required("password")?,
        status: "ENABLE".to_owned(),
        remark: fields.text("remark")?.unwrap_or_default(),
        kind: "CUSTOM".to_owned(),
        username: username.clone(),
    };
    if world.broker(iid)?.accounts.contains_key(&username) {
        return Err(Refusal::new(400, "InstanceAccount.Existed", "The account already exists."));
    }
    world.put_account(iid, account);
    world.created = Some(format!("instances/{iid}/accounts/{username}"));
    Ok(json!(true))
}

/// `GET /instances/{id}/account?username=`; without a name the account that every instance has.
pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let broker = world.broker(target.id())?;
    let name = target.call.query("username").filter(|name| !name.is_empty());
    let name = name.unwrap_or(&broker.instance.default_username);
    let account = broker.accounts.get(name).ok_or_else(no_account)?;
    let mut view = json!({
        "username": account.username,
        "accountStatus": account.status,
        "remark": account.remark,
    });
    if let Some(map) = view.as_object_mut() {
        match world.settings.password_echo {
            Echo::Plain => drop(map.insert("password".to_owned(), json!(account.password))),
            Echo::Masked => drop(map.insert("password".to_owned(), json!("******"))),
            Echo::Absent => {}
        }
    }
    Ok(view)
}

/// `GET /instances/{id}/accounts`
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call, 1, 100)?;
    let broker = world.broker(target.id())?;
    let asked = |name: &str| target.call.query(name).filter(|text| !text.is_empty());
    let found: Vec<Value> = broker
        .accounts
        .values()
        .filter(|account| asked("accountStatus").is_none_or(|status| account.status == status))
        .filter(|account| asked("accountType").is_none_or(|kind| account.kind == kind))
        .filter(|account| asked("username").is_none_or(|name| account.username.contains(name)))
        .map(|account| {
            json!({
                "instanceId": target.id(),
                "regionId": broker.instance.region,
                "username": account.username,
                "accountStatus": account.status,
                "accountType": account.kind,
                "remark": account.remark,
            })
        })
        .collect();
    Ok(page.cut(found))
}

/// `PATCH /instances/{id}/accounts/{username}`: everything is in the query.
pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.id();
    let mut account = world.broker(iid)?.accounts.get(target.name()).ok_or_else(no_account)?.clone();
    require_running(world, iid)?;
    if let Some(password) = target.call.query("password").filter(|text| !text.is_empty()) {
        password.clone_into(&mut account.password);
    }
    if let Some(status) = target.call.query("accountStatus").filter(|text| !text.is_empty()) {
        if !["ENABLE", "DISABLE"].contains(&status) {
            return Err(invalid("accountStatus", "it must be ENABLE or DISABLE"));
        }
        status.clone_into(&mut account.status);
    }
    if let Some(remark) = target.call.query("remark") {
        remark.clone_into(&mut account.remark);
    }
    world.put_account(iid, account);
    Ok(json!(true))
}

/// `DELETE /instances/{id}/accounts/{username}`
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    let (iid, name) = (target.id(), target.name());
    let account = world.broker(iid)?.accounts.get(name).ok_or_else(no_account)?;
    if account.kind == "DEFAULT" {
        return Err(invalid("username", "the account of the instance cannot be deleted"));
    }
    require_running(world, iid)?;
    world.remove_account(iid, name);
    Ok(json!(true))
}
