//! No secret in any text: messages, URLs, debug output, logs.

use super::server::Reply;
use super::*;
use crate::diag::Diagnostic;
use serde_json::json;
use std::fmt::Write as _;
use tracing::field::Field;
use tracing::field::Visit;
use tracing::span;

const CANARY: &str = "c4n4ry";

/// Everything logged, as one text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Fields<'l>(&'l mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("queueform")
    }
    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut Fields(&mut self.0.lock().unwrap()));
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Fields(&mut self.0.lock().unwrap()));
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut log = self.0.lock().unwrap();
        log.push('\n');
        event.record(&mut Fields(&mut log));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Secrets in every place a secret can be; each holds the canary.
fn request(server: &Server) -> Request {
    let mut request = post(server)
        .query("_signature", "c4n4ry-query")
        .query("limit", "50")
        .header("X-Security-Token", "c4n4ry-header")
        .json(json!({
            "name": "orders",
            "secret_key": "c4n4ry\"quoted",
            "nested": [{ "newPassword": "c4n4ry-nested" }],
            "note": "c4n4ry-marked",
        }));
    request.secrets.push(Secret::new("c4n4ry-marked"));
    request
}

fn auth() -> Auth {
    Auth {
        signer: Signer::SdkHmacSha256,
        credentials: Credentials::AccessKey {
            access_key: "AK".to_owned(),
            secret_key: Secret::new("c4n4ry-sk"),
            security_token: Some(Secret::new("c4n4ry-sts")),
        },
        iam: None,
    }
}

fn everything(status: u16, body: &'static str) -> (String, Vec<server::Received>) {
    let log = Log::default();
    let text = log.clone();
    let received = tracing::subscriber::with_default(log, || {
        run(async {
            let server = Server::start(move |_, _| Reply::Answer {
                status,
                headers: vec![("X-Subject-Token", "c4n4ry-answer".to_owned())],
                body: body.to_owned(),
            })
            .await;
            let client = client(&clock(), |options| options.auth = auth());
            let request = request(&server);
            let result = client.send(&request, &Stop::never()).await;
            let mut all = text.0.lock().unwrap();
            write!(all, "\n{client:?}\n{request:?}\n{result:?}").unwrap();
            if let Err(error) = &result {
                write!(all, "\n{error}\n{:?}", Diagnostic::from(error)).unwrap();
            }
            server.received()
        })
    });
    (text.0.lock().unwrap().clone(), received)
}

#[test]
fn no_secret_is_printed_but_all_are_sent() {
    for (status, body) in [
        (200, r#"{"id": "t-1", "token": "c4n4ry-new", "deep": [{"access_password": "c4n4ry-deep"}]}"#),
        (
            400,
            r#"{"error_code": "X.c4n4ry-marked", "error_msg": "no: c4n4ry-nested, c4n4ry-sk, c4n4ry\"quoted"}"#,
        ),
        (400, r#"{"error_msg": "bad c4n4ry-query and c4n4ry-header and c4n4ry-sts"}"#),
        (400, "plain c4n4ry-marked"),
        (200, "<html>c4n4ry-nested"),
        (200, r#"{"secret": "c4n4ry-nested"#),
        (302, ""),
    ] {
        let (text, received) = everything(status, body);
        assert!(!text.contains(CANARY), "{text}");
        assert!(text.contains("(sensitive)"), "{text}");
        assert!(text.contains("orders") && text.contains("limit=50"), "the rest is shown: {text}");
        assert!(received[0].target.ends_with("?_signature=c4n4ry-query&limit=50"));
        assert!(received[0].body.contains(r#""newPassword":"c4n4ry-nested""#));
        assert_eq!(received[0].header("x-security-token"), Some("c4n4ry-sts"), "the credentials' own wins");
        let signed = received[0].header("authorization").unwrap();
        assert!(
            signed.contains("SignedHeaders=accept;content-type;host;x-sdk-date;x-security-token,"),
            "{signed}"
        );
    }
}

#[test]
fn key_names_are_compared_loosely() {
    let redaction = Redaction::new(["invite_code"]);
    for key in [
        "password",
        "newPassword",
        "SECRET_KEY",
        "X-Auth-Token",
        "Authorization",
        "inviteCode",
        "source.password",
        "Set-Cookie",
    ] {
        assert!(redaction.is_sensitive(key), "{key}");
    }
    for key in ["name", "access_key", "password_free", "tokens_used", "queue_num"] {
        assert!(!redaction.is_sensitive(key), "{key}");
    }
}

#[test]
fn objects_under_sensitive_keys_are_hidden_as_a_whole() {
    let shown =
        Redaction::default().json(&json!({ "a": 1, "password": { "user": { "name": "x" } }, "token": null }));
    assert_eq!(shown, json!({ "a": 1, "password": "(sensitive)", "token": null }));
}

#[test]
fn secrets_never_print() {
    let secret = Secret::new(CANARY);
    assert_eq!(format!("{secret:?}"), "(sensitive)");
    assert_eq!(secret.reveal(), CANARY);
    let url = url::Url::parse("https://user:c4n4ry@h/p?token=c4n4ry&a=b%20c#x").unwrap();
    assert_eq!(
        SafeUrl::new(&url, &Redaction::default()).to_string(),
        "https://h/p?token=(sensitive)&a=b%20c"
    );
}
