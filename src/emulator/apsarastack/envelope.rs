//! Answers as the service gives them: success and failure alike with HTTP status 200, in one envelope.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::settings::DataEncoding;
use super::settings::KeyCase;
use super::settings::Settings;
use crate::emulator::exchange::Reply;

/// A refused call.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    /// HTTP status, where it is not 200.
    pub(crate) status: u16,
}

impl Refusal {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), status: 200 }
    }

    /// A parameter is missing or wrong.
    pub(crate) fn field(name: &str, what: &str) -> Self {
        Self::new("BIZ_FIELD_CHECK_INVALID", format!("Parameters failed the verification: {name} {what}."))
    }

    pub(crate) fn no_topic() -> Self {
        Self::new("BIZ_TOPIC_NOT_FOUND", "The topic does not exist.")
    }

    pub(crate) fn no_group() -> Self {
        Self::new("BIZ_SUBSCRIPTION_NOT_FOUND", "The group ID of the subscription does not exist.")
    }
}

/// What a successful call returns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Success {
    pub(crate) data: Value,
    /// Page, entries on it, entries in all.
    pub(crate) page: Option<(u64, u64, u64)>,
    /// A key beside `data`.
    pub(crate) beside: Option<(&'static str, Value)>,
}

impl From<Value> for Success {
    fn from(data: Value) -> Self {
        Self { data, page: None, beside: None }
    }
}

/// What an operation returns.
pub(crate) type Outcome = Result<Success, Refusal>;

/// The answer to a call.
pub(crate) fn reply(settings: &Settings, request_id: &str, outcome: Outcome) -> Reply {
    match outcome {
        Ok(success) => {
            let (current, size, total) = success.page.unwrap_or((0, 0, 0));
            let mut body = envelope(200, "SUCCESS", "operation success", request_id);
            let data = match settings.data_encoding {
                DataEncoding::Object => spelled(success.data, settings.key_case),
                DataEncoding::String if success.data.is_null() => Value::Null,
                DataEncoding::String => Value::String(spelled(success.data, settings.key_case).to_string()),
            };
            body.insert("data".to_owned(), data);
            body.insert("currentPage".to_owned(), current.into());
            body.insert("pageSize".to_owned(), size.into());
            body.insert("total".to_owned(), total.into());
            if let Some((key, value)) = success.beside {
                body.insert(key.to_owned(), value);
            }
            Reply::ok(&cased(body, settings.key_case))
        }
        Err(refusal) => {
            let body = failure(&refusal, request_id);
            Reply::json(refusal.status, &cased(body, settings.key_case))
        }
    }
}

/// A failure outside of any call's handling.
pub(crate) fn failed(refusal: &Refusal) -> Reply {
    Reply::json(refusal.status, &Value::Object(failure(refusal, "")))
}

fn failure(refusal: &Refusal, request_id: &str) -> Map<String, Value> {
    let code = match refusal.code.as_str() {
        code if refusal.status != 200 && !code.is_empty() => refusal.status,
        code if code.starts_with("AUTH_") => 403,
        code if code.contains("NOT_FOUND") => 404,
        code if code.starts_with("ONS_") => 500,
        _ => 400,
    };
    let mut body = envelope(code, &refusal.code, &refusal.message, request_id);
    body.insert("success".to_owned(), false.into());
    body.insert("dynamicCode".to_owned(), refusal.code.clone().into());
    body.insert("dynamicMessage".to_owned(), refusal.message.clone().into());
    body
}

fn envelope(code: u16, status: &str, message: &str, request_id: &str) -> Map<String, Value> {
    let body = json!({
        "code": code,
        "currentPage": 0,
        "data": null,
        "dynamicCode": "",
        "dynamicMessage": "",
        "helpUrl": null,
        "message": message,
        "pageSize": 0,
        "requestId": request_id,
        "status": status,
        "success": true,
        "total": 0,
    });
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

/// The envelope's own keys; what is inside `data` has been spelled already.
fn cased(body: Map<String, Value>, case: KeyCase) -> Value {
    Value::Object(
        body.into_iter()
            .map(|(key, value)| {
                let value = if key == "data" { value } else { spelled(value, case) };
                (respelled(&key, case), value)
            })
            .collect(),
    )
}

fn spelled(value: Value, case: KeyCase) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter().map(|(key, value)| (respelled(&key, case), spelled(value, case))).collect(),
        ),
        Value::Array(list) => Value::Array(list.into_iter().map(|value| spelled(value, case)).collect()),
        other => other,
    }
}

fn respelled(key: &str, case: KeyCase) -> String {
    match case {
        KeyCase::Documented => key.to_owned(),
        KeyCase::Lower => key.to_ascii_lowercase(),
        KeyCase::Pascal => {
            let mut letters = key.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    }
}

/// The error code of an answer that says it failed, however its keys are spelled.
pub(crate) fn error_code(reply: &Reply) -> Option<String> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let find = |name: &str| {
        body.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    if find("success")?.as_bool()? {
        return None;
    }
    Some(find("status")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_looks_like_the_sample() {
        let reply = reply(&Settings::default(), "", Ok(json!({}).into()));
        let sample = r#"{"code":200,"currentPage":0,"data":{},"dynamicCode":"","dynamicMessage":"","helpUrl":null,"message":"operation success","pageSize":0,"requestId":"","status":"SUCCESS","success":true,"total":0}"#;
        assert_eq!(String::from_utf8_lossy(&reply.body), sample);
        assert_eq!(error_code(&reply), None);
    }

    #[test]
    fn failure_is_said_in_the_body() {
        for key_case in [KeyCase::Documented, KeyCase::Lower, KeyCase::Pascal] {
            let settings = Settings { key_case, ..Settings::default() };
            let reply = reply(&settings, "", Err(Refusal::no_topic()));
            assert_eq!(reply.status, 200);
            assert_eq!(error_code(&reply).as_deref(), Some("BIZ_TOPIC_NOT_FOUND"));
        }
    }

    #[test]
    fn data_may_be_a_text() {
        let settings =
            Settings { data_encoding: DataEncoding::String, key_case: KeyCase::Lower, ..Settings::default() };
        let reply = reply(&settings, "", Ok(json!({ "instanceId": "a" }).into()));
        let body: Value = serde_json::from_slice(&reply.body).expect("JSON");
        assert_eq!(body["data"], r#"{"instanceid":"a"}"#);
    }
}
