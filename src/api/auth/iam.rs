//! The IAM service: tokens for users, ids of projects. Both are asked for once and kept.

use std::collections::BTreeMap;
use std::time::Duration;
use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use tokio::sync::Mutex;

use super::Credentials;
use crate::api::client::Client;
use crate::api::error::ApiError;
use crate::api::request::Method;
use crate::api::request::Request;
use crate::api::safe_url::Endpoint;
use crate::api::stop::Stop;
use crate::value::Secret;

/// Tokens live 24 hours; used if the answer does not name its end.
const LIFETIME: Duration = Duration::from_hours(24);
/// A token this close to its end is renewed, so that it does not expire on the way.
const MARGIN: Duration = Duration::from_mins(5);
const TOKEN_HEADER: &str = "x-subject-token";

/// What was learnt from IAM so far.
#[derive(Debug, Default)]
pub(in crate::api) struct Iam {
    /// Locked while asking, so that many callers make one request.
    token: Mutex<Option<Token>>,
    projects: Mutex<BTreeMap<String, String>>,
}

#[derive(Clone, Debug)]
struct Token {
    secret: Secret,
    expires: SystemTime,
}

impl Iam {
    /// Returns a token for a user, from IAM if there is none or it is about to expire.
    /// `refused` is a token the API has turned away: it is not returned again.
    pub(in crate::api) async fn token(
        &self,
        client: &Client,
        refused: Option<&Secret>,
        stop: &Stop,
    ) -> Result<Option<Secret>, ApiError> {
        let Credentials::Password { domain, user, password, project } = &client.auth().credentials else {
            return Ok(None);
        };
        let operation = format!("get an IAM token for user `{user}`");
        let endpoint = endpoint(client, &operation)?;
        let mut kept = stop.unless(self.token.lock()).await.map_err(|_| ApiError::stopped(&operation))?;
        if let Some(token) = kept.as_ref()
            && Some(&token.secret) != refused
            && client.clock().now() + MARGIN < token.expires
        {
            return Ok(Some(token.secret.clone()));
        }
        let mut request = Request::new(Method::Post, endpoint, &operation)
            .segments(["v3", "auth", "tokens"])
            .json(json!({ "auth": {
                "identity": { "methods": ["password"], "password": { "user": {
                    "name": user, "password": password.reveal(), "domain": { "name": domain },
                } } },
                "scope": { "project": { "name": project } },
            } }));
        // Another token does no harm.
        request.idempotent = true;
        request.reads = true;
        "get IAM token".clone_into(&mut request.kind);
        let response = client.send_unsigned(&request, stop).await?;
        let Some(secret) = response.header(TOKEN_HEADER).filter(|token| !token.is_empty()) else {
            let reason = format!("the answer has no `{TOKEN_HEADER}` header");
            return Err(
                ApiError::refused(&operation, reason).with_hint("check `auth_url`: is it an IAM service?")
            );
        };
        let expires = response
            .body
            .pointer("/token/expires_at")
            .and_then(Value::as_str)
            .and_then(|text| text.parse::<Timestamp>().ok())
            .map_or_else(|| client.clock().now() + LIFETIME, SystemTime::from);
        let secret = Secret::new(secret);
        *kept = Some(Token { secret: secret.clone(), expires });
        Ok(Some(secret))
    }

    /// Returns the id of a project by its name.
    pub(in crate::api) async fn project_id(
        &self,
        client: &Client,
        name: &str,
        stop: &Stop,
    ) -> Result<String, ApiError> {
        let operation = format!("look up the id of project `{name}`");
        let endpoint = endpoint(client, &operation)?;
        let mut kept = stop.unless(self.projects.lock()).await.map_err(|_| ApiError::stopped(&operation))?;
        if let Some(id) = kept.get(name) {
            return Ok(id.clone());
        }
        let mut request =
            Request::new(Method::Get, endpoint, &operation).segments(["v3", "projects"]).query("name", name);
        "look up project".clone_into(&mut request.kind);
        let response = client.send(&request, stop).await?;
        let found: Vec<&str> = response
            .body
            .get("projects")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .filter(|project| project.get("name").is_none_or(|found| found == name))
            .filter_map(|project| project.get("id").and_then(Value::as_str))
            .filter(|id| !id.is_empty())
            .collect();
        match found.as_slice() {
            [id] => {
                kept.insert(name.to_owned(), (*id).to_owned());
                Ok((*id).to_owned())
            }
            [] => Err(ApiError::refused(&operation, "no project has this name")
                .with_hint("set `project_id`, or check the region and the account")),
            several => {
                let reason = format!("{} projects have this name", several.len());
                Err(ApiError::refused(&operation, reason).with_hint("set `project_id`"))
            }
        }
    }
}

fn endpoint<'c>(client: &'c Client, operation: &str) -> Result<&'c Endpoint, ApiError> {
    client.auth().iam.as_ref().ok_or_else(|| {
        ApiError::refused(operation, "the address of the IAM service is not known")
            .with_hint("set `auth_url`")
    })
}
