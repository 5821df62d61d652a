//! Tokens, project ids, signatures and clocks that differ.

use super::server::Received;
use super::server::Reply;
use super::server::answer;
use super::server::answer_with;
use super::*;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

const TOKENS: &str = "/v3/auth/tokens";

fn token_auth(server: &Server) -> Auth {
    Auth {
        signer: Signer::Token { header: "X-Auth-Token".to_owned() },
        credentials: Credentials::Password {
            domain: "d-1".to_owned(),
            user: "u-1".to_owned(),
            password: Secret::new("hunter2!"),
            project: "ru-moscow-1".to_owned(),
        },
        iam: Some(server.endpoint()),
    }
}

fn key_auth(server: &Server) -> Auth {
    Auth {
        signer: Signer::SdkHmacSha256,
        credentials: Credentials::AccessKey {
            access_key: "AK".to_owned(),
            secret_key: Secret::new("SECRET"),
            security_token: None,
        },
        iam: Some(server.endpoint()),
    }
}

/// Hands out tokens `t-1`, `t-2`, … that expire at `expires`, and asks `api` about all other calls.
async fn iam(expires: &'static str, api: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Server {
    let issued = AtomicUsize::new(0);
    Server::start(move |_, request: &Received| {
        if request.target == TOKENS {
            let number = issued.fetch_add(1, Ordering::Relaxed) + 1;
            return Reply::Answer {
                status: 201,
                headers: vec![("X-Subject-Token", format!("t-{number}"))],
                body: format!(r#"{{"token": {{"expires_at": "{expires}"}}}}"#),
            };
        }
        api(request.header("x-auth-token").unwrap_or_default())
    })
    .await
}

fn tokens_issued(server: &Server) -> usize {
    server.received().iter().filter(|request| request.target == TOKENS).count()
}

/// The virtual clock begins 2023-11-14T22:13:20Z.
const NEXT_DAY: &str = "2023-11-15T22:13:20.000000Z";

#[test]
fn one_token_serves_many_calls_at_once() {
    run(async {
        let server = iam(NEXT_DAY, |_| answer(200, "{}")).await;
        let client = client(&clock(), |options| options.auth = token_auth(&server));
        let (never, request) = (Stop::never(), get(&server));
        let (a, b, c) = tokio::join!(
            client.send(&request, &never),
            client.send(&request, &never),
            client.send(&request, &never)
        );
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(tokens_issued(&server), 1);
        let received = server.received();
        let asked: serde_json::Value = serde_json::from_str(&received[0].body).unwrap();
        assert_eq!(
            asked,
            serde_json::json!({ "auth": {
                "identity": { "methods": ["password"], "password": { "user": {
                    "name": "u-1", "password": "hunter2!", "domain": { "name": "d-1" } } } },
                "scope": { "project": { "name": "ru-moscow-1" } } } })
        );
        assert_eq!(received[0].header("x-auth-token"), None);
        assert!(received[1..].iter().all(|request| request.header("x-auth-token") == Some("t-1")));
    });
}

#[test]
fn tokens_are_renewed_before_they_expire() {
    run(async {
        let server = iam(NEXT_DAY, |_| answer(200, "{}")).await;
        let clock = clock();
        let client = client(&clock, |options| options.auth = token_auth(&server));
        let (never, request) = (Stop::never(), get(&server));
        client.send(&request, &never).await.unwrap();
        clock.advance(Duration::from_hours(23));
        client.send(&request, &never).await.unwrap();
        assert_eq!(tokens_issued(&server), 1);
        clock.advance(Duration::from_mins(56));
        client.send(&request, &never).await.unwrap();
        assert_eq!(tokens_issued(&server), 2);
    });
}

#[test]
fn a_refused_token_is_replaced_once_even_for_a_create() {
    run(async {
        let server = iam(NEXT_DAY, |token| match token {
            "t-1" => answer(401, r#"{"error_code": "DMS.10240102", "error_msg": "Expired token."}"#),
            _ => answer(201, "{}"),
        })
        .await;
        let client = client(&clock(), |options| options.auth = token_auth(&server));
        let response = client.send(&post(&server), &Stop::never()).await.unwrap();
        assert_eq!((response.attempts, tokens_issued(&server)), (2, 2));
    });
}

#[test]
fn a_token_refused_twice_is_an_error() {
    run(async {
        let server = iam(NEXT_DAY, |_| answer(401, r#"{"error_code": "DMS.10240101"}"#)).await;
        let clock = clock();
        let client = client(&clock, |options| options.auth = token_auth(&server));
        let error = client.send(&get(&server), &Stop::never()).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Unauthenticated);
        assert_eq!((tokens_issued(&server), clock.slept().len()), (2, 0));
    });
}

#[test]
fn a_wrong_password_is_reported_as_such() {
    run(async {
        let server = Server::start(|_, _| {
            answer(401, r#"{"error": {"code": 401, "message": "The password hunter2! is wrong"}}"#)
        })
        .await;
        let client = client(&clock(), |options| options.auth = token_auth(&server));
        let error = client.send(&get(&server), &Stop::never()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot get an IAM token for user `u-1`: the API answered 401 `401`: \
             The password (sensitive) is wrong"
        );
    });
}

#[test]
fn project_ids_are_looked_up_once() {
    run(async {
        let server = Server::start(|_, _| {
            answer(200, r#"{"projects": [{"id": "p-1", "name": "eu"}, {"id": "p-2", "name": "eu-2"}]}"#)
        })
        .await;
        let client = client(&clock(), |options| options.auth = key_auth(&server));
        for _ in 0..2 {
            assert_eq!(client.project_id("eu", &Stop::never()).await.unwrap(), "p-1");
        }
        assert_eq!(server.count(), 1);
        let received = server.received();
        assert_eq!(received[0].target, "/v3/projects?name=eu");
        let signature = received[0].header("authorization").unwrap();
        assert!(
            signature
                .starts_with("SDK-HMAC-SHA256 Access=AK, SignedHeaders=accept;content-type;host;x-sdk-date,"),
            "{signature}"
        );
        assert_eq!(received[0].header("x-sdk-date"), Some("20231114T221320Z"));
    });
}

#[test]
fn no_project_or_several_are_errors() {
    run(async {
        for (body, message) in [
            (r#"{"projects": []}"#, "no project has this name"),
            (r#"{"projects": [{"id": "1"}, {"id": "2"}]}"#, "2 projects have this name"),
        ] {
            let server = Server::start(move |_, _| answer(200, body)).await;
            let client = client(&clock(), |options| options.auth = key_auth(&server));
            let error = client.project_id("eu", &Stop::never()).await.unwrap_err();
            assert_eq!(error.to_string(), format!("cannot look up the id of project `eu`: {message}"));
            assert!(error.hint().unwrap().contains("`project_id`"));
        }
    });
}

#[test]
fn a_wrong_clock_is_learnt_from_the_refusal() {
    run(async {
        // An hour ahead of the virtual clock.
        let theirs = "Tue, 14 Nov 2023 23:13:20 GMT";
        let server = Server::start(move |_, request: &Received| {
            let status = if request.header("x-sdk-date").unwrap() < "20231114T2300" { 401 } else { 200 };
            answer_with(status, "Date", theirs, "{}")
        })
        .await;
        let client = client(&clock(), |options| options.auth = key_auth(&server));
        let response = client.send(&post(&server), &Stop::never()).await.unwrap();
        assert_eq!(response.attempts, 2);
        client.send(&post(&server), &Stop::never()).await.unwrap();
        assert_eq!(server.count(), 3, "learnt for good");
        assert_eq!(server.received()[2].header("x-sdk-date"), Some("20231114T231320Z"));
    });
}

#[test]
fn a_refusal_with_the_right_clock_is_final() {
    run(async {
        let server = Server::start(|_, _| {
            answer_with(403, "date", "Tue, 14 Nov 2023 22:13:21 GMT", r#"{"error_code": "APIGW.0301"}"#)
        })
        .await;
        let client = client(&clock(), |options| options.auth = key_auth(&server));
        let error = client.send(&get(&server), &Stop::never()).await.unwrap_err();
        assert_eq!((error.class(), server.count()), (ErrorClass::Forbidden, 1));
    });
}

#[test]
fn credentials_must_fit_the_signer() {
    let options = ClientOptions {
        auth: Auth {
            signer: Signer::SdkHmacSha256,
            credentials: Credentials::Token(Secret::new("t")),
            iam: None,
        },
        ..ClientOptions::default()
    };
    assert_eq!(Client::new(options).unwrap_err().sent(), Sent::Not);
}
