//! Who may call DMS, and how the others are refused.

use queueform::emulator::DEMO_DOMAIN;
use queueform::emulator::DEMO_PASSWORD;
use queueform::emulator::DEMO_PROJECT_ID;
use queueform::emulator::DEMO_PROJECT_NAME;
use queueform::emulator::DEMO_SECURITY_TOKEN;
use queueform::emulator::DEMO_TEMPORARY_ACCESS_KEY;
use queueform::emulator::DEMO_TEMPORARY_SECRET_KEY;
use queueform::emulator::DEMO_USER;
use serde_json::Value;
use serde_json::json;

use super::client::Answer;
use super::client::Service;
use super::client::Signer;
use super::client::raw;

fn list_as(service: &mut Service, signer: Signer) -> Answer {
    service.signer = signer;
    service.get("/v2/{pid}/instances")
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn signatures_are_verified() {
    let mut service = Service::start();
    assert_eq!(list_as(&mut service, Signer::default()).status, 200);
    let wrong = Signer { secret_key: "wrong".to_owned(), ..Signer::default() };
    assert_eq!(list_as(&mut service, wrong).refusal(), refused(401, "APIGW.0301"));
    let unknown = Signer { access_key: "nobody".to_owned(), ..Signer::default() };
    assert_eq!(list_as(&mut service, unknown).refusal(), refused(401, "APIGW.0301"));
}

#[test]
fn the_clock_may_be_a_quarter_of_an_hour_off() {
    let mut service = Service::start();
    for (minutes, status) in [(-14, 200), (14, 200), (-16, 401), (16, 401)] {
        let signer = Signer { skew: jiff::SignedDuration::from_mins(minutes), ..Signer::default() };
        assert_eq!(list_as(&mut service, signer).status, status, "{minutes} minutes");
    }
}

#[test]
fn temporary_keys_need_their_security_token() {
    let mut service = Service::start();
    let temporary = |token: &str| Signer {
        access_key: DEMO_TEMPORARY_ACCESS_KEY.to_owned(),
        secret_key: DEMO_TEMPORARY_SECRET_KEY.to_owned(),
        headers: vec![("x-security-token".to_owned(), token.to_owned())],
        ..Signer::default()
    };
    assert_eq!(list_as(&mut service, temporary(DEMO_SECURITY_TOKEN)).status, 200);
    assert_eq!(list_as(&mut service, temporary("other")).refusal(), refused(401, "APIGW.0301"));
    let without = Signer { headers: Vec::new(), ..temporary("") };
    assert_eq!(list_as(&mut service, without).refusal(), refused(401, "APIGW.0301"));
}

#[test]
fn the_signature_covers_body_query_and_path() {
    let service = Service::start();
    // Encoded names and queries are signed in their encoded form.
    let path = "/v2/{pid}/instances/99999999-9999-4999-a999-999999999999/topics/%25DLQ%25g%7C1";
    assert_eq!(service.get(path).refusal(), refused(404, "DMS.00404022"));
    let path = "/v2/{pid}/instances?exact_match_name=true&name=a%20b";
    assert_eq!(service.get(path).status, 200);
    let answer = service.post("/v2/{pid}/instances", &json!({ "name": "é" }));
    assert_eq!(answer.refusal(), refused(400, "DMS.00400010"));
}

fn token_request(password: &str) -> Value {
    json!({ "auth": {
        "identity": {
            "methods": ["password"],
            "password": { "user": {
                "name": DEMO_USER, "password": password, "domain": { "name": DEMO_DOMAIN },
            }},
        },
        "scope": { "project": { "name": DEMO_PROJECT_NAME } },
    }})
}

fn ask(service: &Service, method: &str, target: &str, token: Option<&str>, body: &Value) -> Answer {
    let headers: Vec<(String, String)> =
        token.map(|token| ("x-auth-token".to_owned(), token.to_owned())).into_iter().collect();
    raw(service.url(), method, target, &headers, &body.to_string().into_bytes()).unwrap()
}

#[test]
fn tokens_come_from_iam() {
    let service = Service::start();
    let answer = ask(&service, "POST", "/v3/auth/tokens", None, &token_request(DEMO_PASSWORD));
    assert_eq!(answer.status, 201);
    assert!(answer.json()["token"]["expires_at"].is_string());
    let token = answer.header("x-subject-token").unwrap().to_owned();
    let list = format!("/v2/{DEMO_PROJECT_ID}/instances");
    let none = Value::Null;
    assert_eq!(ask(&service, "GET", &list, Some(&token), &none).status, 200);
    assert_eq!(ask(&service, "GET", &list, Some("made-up"), &none).refusal(), refused(401, "DMS.10240101"));
    assert_eq!(ask(&service, "GET", &list, None, &none).refusal(), refused(401, "DMS.10240103"));
    let other = format!("/v2/{}/instances", "f".repeat(32));
    assert_eq!(ask(&service, "GET", &other, Some(&token), &none).refusal(), refused(401, "DMS.10240104"));
    let malformed = "/v2/short/instances";
    assert_eq!(ask(&service, "GET", malformed, Some(&token), &none).refusal(), refused(400, "DMS.00400002"));

    let projects = ask(&service, "GET", "/v3/projects?name=ru-moscow-1", Some(&token), &none).json();
    assert_eq!(projects["projects"][0]["id"], DEMO_PROJECT_ID);
    let none_such = ask(&service, "GET", "/v3/projects?name=elsewhere", Some(&token), &none).json();
    assert_eq!(none_such["projects"], json!([]));
    let domains = ask(&service, "GET", "/v3/auth/domains", Some(&token), &none).json();
    assert_eq!(domains["domains"][0]["name"], DEMO_DOMAIN);

    let wrong = ask(&service, "POST", "/v3/auth/tokens", None, &token_request("wrong"));
    assert_eq!((wrong.status, wrong.json()["error"]["code"].as_u64()), (401, Some(401)));
}
