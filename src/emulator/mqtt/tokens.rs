//! Temporary permissions for clients.

use serde_json::json;

use super::errors::Outcome;
use super::errors::bad_parameters;
use super::errors::invalid;
use super::model::Token;
use super::params::Params;
use super::world::World;

/// A token is good for 30 days at most, whatever was asked for.
const LONGEST_MS: i64 = 30 * 24 * 3600 * 1000;

/// `ApplyToken`.
pub(super) fn apply(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    world.member(iid)?;
    let actions = params.word("Actions", &["R", "W", "R,W"])?;
    let resources = params.need("Resources")?;
    let until = params.number("ExpireTime")?;
    let now = world.now_ms();
    if until.saturating_sub(now) < 60_000 {
        return Err(invalid("ExpireTime"));
    }
    if resources.split(',').count() > 100 {
        return Err(bad_parameters());
    }
    let token = Token {
        token: format!("LzMT+{}", world.new_hex()),
        actions: actions.to_owned(),
        resources: resources.to_owned(),
        expires_at: until.min(now.saturating_add(LONGEST_MS)),
        is_revoked: false,
    };
    let answer = json!({ "Token": token.token });
    world.put(iid, token);
    Ok(answer)
}

/// `QueryToken`: whether the token is good.
pub(super) fn query(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    world.member(iid)?;
    let now = world.now_ms();
    let token = world.get::<Token>(iid, params.need("Token")?);
    let is_good = token.is_some_and(|token| !token.is_revoked && token.expires_at > now);
    Ok(json!({ "TokenStatus": is_good }))
}

/// `RevokeToken`.
pub(super) fn revoke(world: &mut World, params: &Params) -> Outcome {
    let iid = params.need("InstanceId")?;
    world.member(iid)?;
    let token = world.get::<Token>(iid, params.need("Token")?).ok_or_else(bad_parameters)?;
    world.put(iid, Token { is_revoked: true, ..token });
    Ok(json!({}))
}
