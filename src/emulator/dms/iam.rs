//! The part of IAM that clients of DMS call: tokens, the project's id, the account's id.

use serde_json::Value;
use serde_json::json;

use super::auth;
use super::world::World;
use crate::emulator::clock;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;

pub(crate) fn answer(world: &World, call: &Call, rest: &[&str]) -> Reply {
    match (call.method.as_str(), rest) {
        ("POST", ["auth", "tokens"]) => token(world, call),
        ("GET", ["projects"] | ["auth", "projects"]) => match auth::check(world, call) {
            Ok(()) => projects(world, call),
            Err(refusal) => error(401, &refusal.message),
        },
        ("GET", ["auth", "domains"]) => match auth::check(world, call) {
            Ok(()) => domains(world),
            Err(refusal) => error(401, &refusal.message),
        },
        (_, ["auth", "tokens" | "projects" | "domains"] | ["projects"]) => error(405, "Method not allowed"),
        _ => error(404, "The requested resource could not be found."),
    }
}

/// IAM's own envelope.
fn error(status: u16, message: &str) -> Reply {
    let title = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        405 => "Method Not Allowed",
        _ => "Not Found",
    };
    Reply::json(status, &json!({ "error": { "code": status, "message": message, "title": title } }))
}

fn token(world: &World, call: &Call) -> Reply {
    let known = &world.credentials;
    let Ok(body) = serde_json::from_slice::<Value>(&call.body) else {
        return error(400, "The request body is invalid");
    };
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let methods = body.pointer("/auth/identity/methods").and_then(Value::as_array);
    if !methods.is_some_and(|methods| methods.iter().any(|method| method == "password")) {
        return error(400, "The authentication method must be password");
    }
    let user = "/auth/identity/password/user";
    if text(&format!("{user}/name")) != Some(&known.user)
        || text(&format!("{user}/password")) != Some(&known.password)
        || text(&format!("{user}/domain/name")) != Some(&known.domain)
    {
        return error(401, "The username or password is wrong.");
    }
    let scope = "/auth/scope/project";
    let by_name = text(&format!("{scope}/name"));
    let by_id = text(&format!("{scope}/id"));
    if by_name.is_some_and(|name| name != known.project_name)
        || by_id.is_some_and(|id| id != known.project_id)
    {
        return error(401, "The project does not exist or is not accessible.");
    }
    let now = clock::wall_ms();
    let (token, expires) = auth::issue_token(known, now);
    let body = json!({ "token": {
        "expires_at": iso(expires),
        "issued_at": iso(now),
        "methods": ["password"],
        "catalog": [],
        "roles": [{ "id": "0", "name": "te_admin" }],
        "project": {
            "id": known.project_id,
            "name": known.project_name,
            "domain": { "id": known.domain_id, "name": known.domain },
        },
        "user": {
            "id": "demo-user-id",
            "name": known.user,
            "domain": { "id": known.domain_id, "name": known.domain },
        },
    }});
    Reply::json(201, &body).with_header("x-subject-token", &token)
}

/// `2024-04-12T08:00:00.000000Z`.
pub(crate) fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
        .unwrap_or_default()
}

fn projects(world: &World, call: &Call) -> Reply {
    let known = &world.credentials;
    let wanted = call.query("name");
    let matches = wanted.is_none_or(|name| name == known.project_name);
    let projects: Vec<Value> = if matches {
        vec![json!({
            "id": known.project_id,
            "name": known.project_name,
            "domain_id": known.domain_id,
            "parent_id": known.domain_id,
            "is_domain": false,
            "enabled": true,
            "description": "",
            "links": { "self": format!("/v3/projects/{}", known.project_id) },
        })]
    } else {
        Vec::new()
    };
    Reply::ok(&json!({
        "projects": projects,
        "links": { "self": "/v3/projects", "previous": null, "next": null },
    }))
}

fn domains(world: &World) -> Reply {
    let known = &world.credentials;
    Reply::ok(&json!({
        "domains": [{
            "id": known.domain_id,
            "name": known.domain,
            "enabled": true,
            "description": "",
            "links": { "self": format!("/v3/domains/{}", known.domain_id) },
        }],
        "links": { "self": "/v3/auth/domains", "previous": null, "next": null },
    }))
}
