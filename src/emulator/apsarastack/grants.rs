//! Authorizations of topics: for other accounts and for RAM users.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::envelope::Outcome;
use super::envelope::Refusal;
use super::model::ACCOUNT;
use super::model::Grant;
use super::model::Grantee;
use super::params::Params;
use super::topics;
use super::world::World;

/// A topic that the caller owns, with its instance, and the grantee.
fn meant(world: &World, params: &Params) -> Result<(String, String, String), Refusal> {
    params.required("instanceId")?;
    let (iid, topic) = topics::meant(world, params)?;
    let user = params.required("empowerUser")?;
    if user.is_empty() || user.len() > 19 || !user.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::field("empowerUser", "is not the id of a user"));
    }
    let is_own = world.space(&iid)?.topics.get(&topic).is_some_and(|topic| topic.owner == ACCOUNT);
    if !is_own {
        return Err(Refusal::new(
            "EMPOWER_OWNER_CHECK_ERROR",
            "The current user is not the owner of the authorized topic.",
        ));
    }
    Ok((iid, topic, user.to_owned()))
}

fn create(world: &mut World, params: &Params, kind: Grantee) -> Outcome {
    let relation = params.choice("relation", &[2, 4, 6])?;
    let (iid, topic, user) = meant(world, params)?;
    if world.space(&iid)?.grants.contains_key(&(topic.clone(), user.clone())) {
        return Err(Refusal::new("EMPOWER_EXIST_ERROR", "The specified authorization already exists."));
    }
    world.created = Some(format!("grant/{iid}/{topic}/{user}"));
    let created_at = world.now_ms();
    world.put_grant(&iid, Grant { topic, user, kind, relation, created_at });
    Ok(Value::Null.into())
}

pub(super) fn create_for_account(world: &mut World, params: &Params) -> Outcome {
    create(world, params, Grantee::Account)
}

pub(super) fn create_for_user(world: &mut World, params: &Params) -> Outcome {
    create(world, params, Grantee::RamUser)
}

pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let (iid, topic, user) = meant(world, params)?;
    if world.remove_grant(&iid, &topic, &user) {
        Ok(Value::Null.into())
    } else {
        Err(Refusal::field("empowerUser", "has no authorization of the topic"))
    }
}

/// The authorization of one grantee, or nothing.
pub(super) fn list(world: &mut World, params: &Params) -> Outcome {
    let (iid, topic, user) = meant(world, params)?;
    let rows: Vec<Value> = world
        .space(&iid)?
        .grants
        .get(&(topic, user))
        .map(|grant| {
            let mut row = Map::new();
            // Ids are larger than what most readers of JSON can tell apart as numbers, and sent as such.
            row.insert("empowerUser".to_owned(), grant.user.parse::<u64>().map_or(Value::Null, Value::from));
            row.insert("topic".to_owned(), grant.topic.clone().into());
            if world.settings.undocumented_fields {
                row.insert("relation".to_owned(), grant.relation.into());
                row.insert("relationName".to_owned(), name(grant.relation).into());
                row.insert("instanceId".to_owned(), json!(iid));
                row.insert("owner".to_owned(), ACCOUNT.into());
                row.insert("createTime".to_owned(), grant.created_at.into());
            }
            Value::Object(row)
        })
        .into_iter()
        .collect();
    Ok(Value::Array(rows).into())
}

fn name(relation: i64) -> &'static str {
    match relation {
        2 => "publish",
        4 => "subscribe",
        _ => "publish and subscribe",
    }
}
