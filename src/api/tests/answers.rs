//! What comes back, and what is said about what cannot be used.

use super::server::Reply;
use super::server::answer;
use super::server::answer_with;
use super::*;
use crate::diag::Code;
use crate::diag::Diagnostic;
use serde_json::json;

fn error_of(request: fn(&Server) -> Request, reply: fn() -> Reply) -> (ApiError, usize) {
    run(async {
        let server = Server::start(move |_, _| reply()).await;
        let client = client(&clock(), |options| options.largest_body = 1000);
        let error = client.send(&request(&server), &Stop::never()).await.unwrap_err();
        (error, server.count())
    })
}

#[test]
fn a_good_answer() {
    run(async {
        let server = Server::start(|_, _| {
            answer_with(200, "X-Request-Id", "r-1", r#"{"total": 2, "topics": [{"name": "a"}]}"#)
        })
        .await;
        let client = client(&clock(), |options| {
            options.headers = vec![("X-Project-Id".to_owned(), "p".to_owned())];
        });
        let mut request = get(&server).query("name", "a b/c").query("limit", "50");
        request.kind = "list topics".to_owned();
        let response = client.send(&request, &Stop::never()).await.unwrap();
        assert_eq!(response.status, 200);
        assert_eq!(response.request_id.as_deref(), Some("r-1"));
        assert_eq!(response.body, json!({ "total": 2, "topics": [{ "name": "a" }] }));
        assert_eq!(response.attempts, 1);
        let received = server.received();
        assert_eq!(received[0].method, "GET");
        assert_eq!(received[0].target, "/v2/topics/orders?name=a%20b%2Fc&limit=50");
        assert_eq!(received[0].header("content-type"), Some("application/json"));
        assert_eq!(received[0].header("x-project-id"), Some("p"));
        assert!(received[0].header("user-agent").unwrap().starts_with("queueform/"));
        let stats = client.stats();
        assert_eq!(stats.by_kind.get("list topics"), Some(&1));
        assert_eq!((stats.sent(), stats.retries, stats.failed), (1, 0, 0));
    });
}

#[test]
fn bodies_are_sent_as_given() {
    run(async {
        let server = Server::start(|_, _| answer(204, "")).await;
        let client = client(&clock(), |_| {});
        let response = client.send(&post(&server), &Stop::never()).await.unwrap();
        assert_eq!(response.body, json!(null));
        let mut form = post(&server);
        form.body = Body::Form(vec![("a b".to_owned(), "1&2".to_owned()), ("c".to_owned(), "é".to_owned())]);
        client.send(&form, &Stop::never()).await.unwrap();
        let received = server.received();
        assert_eq!(received[0].body, r#"{"name":"orders"}"#);
        assert_eq!(received[1].body, "a%20b=1%262&c=%C3%A9");
        assert_eq!(received[1].header("content-type"), Some("application/x-www-form-urlencoded"));
    });
}

#[test]
fn text_is_taken_where_text_is_expected() {
    run(async {
        let server = Server::start(|_, _| answer(200, "-----BEGIN")).await;
        let mut request = get(&server);
        request.expect = Expect::Text;
        let response = client(&clock(), |_| {}).send(&request, &Stop::never()).await.unwrap();
        assert_eq!(response.body, json!("-----BEGIN"));
    });
}

#[test]
fn an_error_answer_says_everything_once() {
    let (error, count) = error_of(post, || {
        answer_with(
            400,
            "x-request-id",
            "r-7",
            r#"{"error_code": "DMS.00400010", "error_msg": "Invalid instance name.\nUse letters."}"#,
        )
    });
    assert_eq!(count, 1);
    assert_eq!(
        error.to_string(),
        "cannot create the topic `orders`: the API answered 400 `DMS.00400010`: Invalid instance name."
    );
    assert_eq!(error.class(), ErrorClass::Invalid);
    assert_eq!((error.status(), error.request_id()), (Some(400), Some("r-7")));
    assert_eq!((error.sent(), error.may_have_changed()), (Sent::Answered, false));
    let diagnostic = Diagnostic::from(&error);
    assert_eq!(diagnostic.code, Code::ApiError);
    assert!(diagnostic.detail.starts_with("POST http://127.0.0.1:"), "{}", diagnostic.detail);
    assert!(
        diagnostic.detail.ends_with("/v2/topics, request id r-7; nothing was changed by this call"),
        "{}",
        diagnostic.detail
    );
}

#[test]
fn success_false_is_an_error() {
    run(async {
        let server = Server::start(|_, _| {
            answer(200, r#"{"success": false, "code": "Plan.NotFound", "message": "no", "requestId": "r"}"#)
        })
        .await;
        let client = client(&clock(), |options| {
            options.envelope.success = vec!["success".to_owned()];
            options.rules = Arc::from([rule(&[], &["*.NotFound"], ErrorClass::Gone)]);
        });
        let error = client.send(&get(&server), &Stop::never()).await.unwrap_err();
        assert_eq!(
            (error.class(), error.status(), error.request_id()),
            (ErrorClass::Gone, Some(200), Some("r"))
        );
    });
}

#[test]
fn rules_of_a_call_come_before_those_of_the_provider() {
    run(async {
        let server = Server::start(|_, _| answer(400, r#"{"error_code": "DMS.00500972"}"#)).await;
        let client = client(&clock(), |options| {
            options.rules = Arc::from([rule(&[400], &[], ErrorClass::Fatal)]);
        });
        let mut request = get(&server);
        request.rules = Arc::from([rule(&[400], &["DMS.00500972"], ErrorClass::Gone)]);
        let error = client.send(&request, &Stop::never()).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Gone);
        let error = client.send(&get(&server), &Stop::never()).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Fatal);
    });
}

#[test]
fn a_web_page_is_named_as_such() {
    let (error, count) = error_of(get, || answer(200, "<html><title>Sign in</title></html>"));
    assert_eq!(count, 1, "asking again does not help");
    assert_eq!(error.class(), ErrorClass::Unreadable);
    assert_eq!(
        error.to_string(),
        "cannot read the topic `orders`: the API answered 200 with a web page instead of JSON: \
         <html><title>Sign in</title></html>"
    );
    let (error, _) = error_of(get, || answer(403, "<html>blocked"));
    assert_eq!(error.class(), ErrorClass::Forbidden);
    assert_eq!(error.message(), Some("a web page instead of JSON: <html>blocked"));
}

#[test]
fn plain_text_errors_keep_their_first_line() {
    let (error, _) = error_of(get, || answer(400, "\n upstream says no\nsecond"));
    assert_eq!(error.message(), Some("upstream says no"));
    assert_eq!(error.class(), ErrorClass::Invalid);
}

#[test]
fn an_unreadable_good_answer_leaves_a_change_in_doubt() {
    let (error, count) = error_of(post, || answer(200, r#"{"id": "t"#));
    assert_eq!(count, 1, "a create is not sent again");
    assert_eq!(*error.failure(), Failure::Unreadable(Unreadable::TruncatedJson, r#"{"id": "t"#.to_owned()));
    assert!(error.may_have_changed());
    let (error, count) = error_of(post, || Reply::CutOff { status: 201, body: r#"{"id": "#.to_owned() });
    assert_eq!(count, 1);
    assert!(matches!(error.failure(), Failure::Unreadable(Unreadable::CutOff, _)));
    assert!(error.may_have_changed());
}

#[test]
fn torn_answers_are_read_again() {
    let (error, count) = error_of(get, || answer(404, r#"{"error_code": "#));
    assert_eq!((error.class(), count), (ErrorClass::Unreadable, 3), "not taken for a 404");
    assert!(!error.may_have_changed(), "reading changes nothing");
}

#[test]
fn oversized_bodies_are_not_read() {
    let (error, count) = error_of(get, || answer(200, &"x".repeat(2000)));
    assert_eq!(*error.failure(), Failure::Unreadable(Unreadable::TooLarge(1000), String::new()));
    assert_eq!(count, 1);
}

#[test]
fn redirects_are_not_followed() {
    let (error, count) = error_of(get, || answer_with(302, "location", "http://127.0.0.1:1/login", ""));
    assert_eq!((error.status(), count), (Some(302), 1));
    assert!(error.hint().unwrap().contains("redirects are not followed"));
}

#[test]
fn a_connection_that_is_never_completed_is_not_in_doubt() {
    run(async {
        // Accepted by the system, but nobody answers the TLS greeting.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Endpoint::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
        let client = client(&clock(), |options| {
            options.connect_timeout = Duration::from_millis(50);
            options.timeout = Duration::from_millis(10);
            options.retry.connection = 2;
        });
        let request = Request::new(Method::Post, &endpoint, "create");
        let error = client.send(&request, &Stop::never()).await.unwrap_err();
        assert_eq!((error.sent(), error.attempts(), error.may_have_changed()), (Sent::Not, 2, false));
        assert!(matches!(error.failure(), Failure::Connect(_)), "{error}");

        // And one that hangs up.
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                drop(stream);
            }
        });
        let error = client.send(&request, &Stop::never()).await.unwrap_err();
        assert_eq!(error.sent(), Sent::Not, "{error}");
    });
}

#[test]
fn a_broken_ca_bundle_is_reported_before_anything_is_sent() {
    run(async {
        let endpoint = Endpoint::parse("https://127.0.0.1:1").unwrap();
        let pem = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n".to_vec();
        let client = client(&clock(), |options| options.ca_pem = Some(pem));
        let request = Request::new(Method::Get, &endpoint, "read");
        let error = client.send(&request, &Stop::never()).await.unwrap_err();
        assert!(matches!(error.failure(), Failure::Refused(_)), "{error}");
    });
}
