//! Users of an instance with ACL, and who may do what with a topic or a group.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::errors::no_group;
use super::errors::no_topic;
use super::errors::no_user;
use super::fields::Fields;
use super::fields::is_name;
use super::jobs;
use super::model::Broker;
use super::model::User;
use super::page::Page;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

const MASK: &str = "**************";

pub(crate) fn create(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let broker = world.broker(iid)?;
    require_acl(broker)?;
    let access_key = fields.text_or_empty("access_key")?;
    if !is_access_key(&access_key) {
        return Err(Refusal::bad(
            "DMS.00400015",
            "Invalid username. A username must be 7 to 64 characters long and consist of only \
             letters, digits, hyphens (-) and underscores (_).",
        ));
    }
    let fresh = User {
        access_key: access_key.clone(),
        secret_key: String::new(),
        white_remote_address: String::new(),
        admin: false,
        default_topic_perm: "DENY".to_owned(),
        default_group_perm: "DENY".to_owned(),
        topic_perms: BTreeMap::new(),
        group_perms: BTreeMap::new(),
    };
    let user = read_into(broker, &fields, fresh)?;
    if user.secret_key.is_empty() {
        return Err(bad_secret());
    }
    if broker.users.contains_key(&access_key) {
        return Err(bad_parameter("The user already exists."));
    }
    let view = view(&user, world.settings.mask_secrets);
    world.created = Some(format!("user/{iid}/{access_key}"));
    world.put_user(iid, user);
    Ok(Reply::ok(&view))
}

fn require_acl(broker: &Broker) -> Result<(), Refusal> {
    if broker.instance.enable_acl {
        Ok(())
    } else {
        Err(bad_parameter("ACL is not enabled for the instance."))
    }
}

fn is_access_key(text: &str) -> bool {
    is_name(text, (7, 64), |c| c.is_ascii_alphabetic(), |c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn bad_secret() -> Refusal {
    Refusal::bad(
        "DMS.00400012",
        "The password does not meet the complexity requirements. An instance password must: be a \
         string of 8 to 32 characters; contain at least three of: lowercase letters, uppercase \
         letters, digits, special characters.",
    )
}

fn check_secret(access_key: &str, secret: &str) -> Result<(), Refusal> {
    let kinds: [fn(&char) -> bool; 4] =
        [char::is_ascii_lowercase, char::is_ascii_uppercase, char::is_ascii_digit, |c| {
            !c.is_ascii_alphanumeric()
        }];
    let classes = kinds.iter().filter(|kind| secret.chars().any(|c| kind(&c))).count();
    let reversed: String = access_key.chars().rev().collect();
    let fits = (8..=32).contains(&secret.chars().count())
        && classes >= 3
        && secret != access_key
        && secret != reversed;
    if fits { Ok(()) } else { Err(bad_secret()) }
}

/// Takes over every setting that the body has; an empty secret keeps the old one.
fn read_into(broker: &Broker, fields: &Fields, mut user: User) -> Result<User, Refusal> {
    if let Some(secret) = fields.text("secret_key")?
        && !secret.is_empty()
    {
        check_secret(&user.access_key, &secret)?;
        user.secret_key = secret;
    }
    if let Some(addresses) = fields.text("white_remote_address")? {
        check_addresses(&addresses)?;
        user.white_remote_address = addresses;
    }
    if let Some(admin) = fields.flag("admin")? {
        user.admin = admin;
    }
    if let Some(perm) = fields.text("default_topic_perm")? {
        user.default_topic_perm = checked_perm(perm)?;
    }
    if let Some(perm) = fields.text("default_group_perm")? {
        user.default_group_perm = checked_perm(perm)?;
    }
    if let Some(perms) = read_perms(fields, "topic_perms")? {
        user.topic_perms = perms;
    }
    if let Some(perms) = read_perms(fields, "group_perms")? {
        user.group_perms = perms;
    }
    // Users of 5.x basic are administrators, whatever they ask for.
    user.admin |= broker.instance.engine_version == "5.x";
    Ok(user)
}

fn check_addresses(text: &str) -> Result<(), Refusal> {
    let is_address = |part: &str| {
        let octets: Vec<&str> = part.trim().split('.').collect();
        octets.len() == 4 && octets.iter().all(|octet| *octet == "*" || octet.parse::<u8>().is_ok())
    };
    if text.is_empty() || text.split(',').all(is_address) {
        Ok(())
    } else {
        Err(bad_parameter("white_remote_address is invalid."))
    }
}

fn checked_perm(perm: String) -> Result<String, Refusal> {
    match perm.as_str() {
        "PUB" | "SUB" | "DENY" | "PUB|SUB" => Ok(perm),
        // The service keeps one spelling.
        "SUB|PUB" => Ok("PUB|SUB".to_owned()),
        _ => Err(bad_parameter("The permission is unknown.")),
    }
}

fn read_perms(fields: &Fields, key: &str) -> Result<Option<BTreeMap<String, String>>, Refusal> {
    let Some(entries) = fields.objects(key)? else { return Ok(None) };
    let mut perms = BTreeMap::new();
    for entry in entries {
        let (name, perm) = (entry.text_or_empty("name")?, entry.text_or_empty("perm")?);
        if name.is_empty() || perms.insert(name, checked_perm(perm)?).is_some() {
            return Err(bad_parameter(&format!("{key} is invalid.")));
        }
    }
    Ok(Some(perms))
}

fn view(user: &User, masked: bool) -> Value {
    let perms = |map: &BTreeMap<String, String>| -> Vec<Value> {
        map.iter().map(|(name, perm)| json!({ "name": name, "perm": perm })).collect()
    };
    json!({
        "access_key": user.access_key,
        "secret_key": if masked { MASK } else { &user.secret_key },
        "white_remote_address": user.white_remote_address,
        "admin": user.admin,
        "default_topic_perm": user.default_topic_perm,
        "default_group_perm": user.default_group_perm,
        "topic_perms": perms(&user.topic_perms),
        "group_perms": perms(&user.group_perms),
    })
}

/// The list masks secrets; only a single read shows them. Its permissions are not an array at the
/// top level, so pagers that look for the one array find the users.
pub(crate) fn list(world: &mut World, target: &Target<'_>) -> Outcome {
    let page = Page::read(target.call)?;
    let broker = world.broker(target.iid)?;
    let found: Vec<&User> = broker.users.values().collect();
    let total = found.len();
    let shown: Vec<Value> = page.cut(found).into_iter().map(|user| view(user, true)).collect();
    Ok(Reply::ok(&json!({ "users": shown, "total": total })))
}

pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let user = world.broker(target.iid)?.users.get(target.name).ok_or_else(no_user)?;
    Ok(Reply::ok(&view(user, world.settings.mask_secrets)))
}

pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    let iid = target.iid;
    world.broker(iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, iid)?;
    let broker = world.broker(iid)?;
    require_acl(broker)?;
    let user = broker.users.get(target.name).ok_or_else(no_user)?.clone();
    if fields.text("access_key")?.is_some_and(|key| key != target.name) {
        return Err(bad_parameter("The name of a user cannot be changed."));
    }
    let user = read_into(broker, &fields, user)?;
    let view = view(&user, world.settings.mask_secrets);
    world.put_user(iid, user);
    Ok(Reply::ok(&view))
}

/// Answers 200 with a body, unlike the other deletions.
pub(crate) fn delete(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    jobs::require_running(world, target.iid)?;
    if world.remove_user(target.iid, target.name) {
        Ok(Reply::ok(&json!({ "message": "success" })))
    } else {
        Err(no_user())
    }
}

pub(crate) fn topic_policies(world: &mut World, target: &Target<'_>) -> Outcome {
    let broker = world.broker(target.iid)?;
    if !broker.topics.contains_key(target.name) {
        return Err(no_topic());
    }
    policies(broker, target, |user| user.topic_perms.get(target.name).unwrap_or(&user.default_topic_perm))
}

pub(crate) fn group_policies(world: &mut World, target: &Target<'_>) -> Outcome {
    let broker = world.broker(target.iid)?;
    if !broker.groups.contains_key(target.name) {
        return Err(no_group());
    }
    policies(broker, target, |user| user.group_perms.get(target.name).unwrap_or(&user.default_group_perm))
}

fn policies(broker: &Broker, target: &Target<'_>, perm_of: impl Fn(&User) -> &String) -> Outcome {
    let page = Page::read(target.call)?;
    let found: Vec<Value> = broker
        .users
        .values()
        .filter_map(|user| {
            let perm = if user.admin { "PUB|SUB" } else { perm_of(user).as_str() };
            (perm != "DENY").then(|| {
                json!({
                    "access_key": user.access_key,
                    "secret_key": MASK,
                    "white_remote_address": user.white_remote_address,
                    "admin": user.admin,
                    "perm": perm,
                })
            })
        })
        .collect();
    let total = found.len();
    Ok(Reply::ok(&json!({ "policies": page.cut(found), "total": total, "name": target.name })))
}
