//! Who may call, in both forms of signatures, and what becomes of calls that nobody knows.

use queueform::emulator::DEMO_SECURITY_TOKEN;
use queueform::emulator::DEMO_TEMPORARY_ACCESS_KEY;
use queueform::emulator::DEMO_TEMPORARY_SECRET_KEY;
use serde_json::json;

use super::Form;
use super::MAIN;
use super::Service;
use super::Signer;
use super::raw;

const CALL: &str = "ListInstances GET /instances?filter=a b*~/+中&pageSize=10";

#[test]
fn both_forms_of_signatures_are_checked() {
    let service = Service::seeded();
    for form in [Form::New, Form::Old] {
        let signer = Signer::of(form);
        let answer = service.try_as(&signer, CALL, None).unwrap();
        assert_eq!((answer.status, answer.json()["data"]["totalCount"].clone()), (200, json!(0)), "{form:?}");
        let wrong = Signer { secret_key: "wrong".to_owned(), ..signer.clone() };
        assert_eq!(service.turned_away(&wrong, CALL), (400, "SignatureDoesNotMatch".to_owned()), "{form:?}");
        let unknown = Signer { access_key: "nobody".to_owned(), ..signer.clone() };
        let refused = service.turned_away(&unknown, CALL);
        assert_eq!(refused, (404, "InvalidAccessKeyId.NotFound".to_owned()), "{form:?}");
        for minutes in [-16, 16] {
            let late = Signer { skew: jiff::SignedDuration::from_mins(minutes), ..signer.clone() };
            let refused = service.turned_away(&late, CALL);
            assert_eq!(refused, (400, "InvalidTimeStamp.Expired".to_owned()), "{form:?}");
        }
        let again = Signer { nonce: Some(format!("again-{form:?}")), ..signer.clone() };
        assert_eq!(service.try_as(&again, CALL, None).unwrap().status, 200);
        assert_eq!(service.turned_away(&again, CALL), (400, "SignatureNonceUsed".to_owned()), "{form:?}");
        let old = Signer { version: "2019-01-01".to_owned(), ..signer.clone() };
        assert_eq!(service.turned_away(&old, CALL), (400, "InvalidVersion".to_owned()), "{form:?}");
    }
    // Nothing of it reached the service.
    assert_eq!(service.store().brokers().len(), 2);
}

#[test]
fn a_wrong_key_changes_nothing_in_either_form() {
    let service = Service::seeded();
    for form in [Form::New, Form::Old] {
        let wrong = Signer { secret_key: "wrong".to_owned(), ..Signer::of(form) };
        for call in [
            format!("DeleteTopic DELETE /instances/{MAIN}/topics/orders"),
            format!("DeleteInstance DELETE /instances/{MAIN}"),
            format!("CreateTopic POST /instances/{MAIN}/topics/new"),
        ] {
            assert_eq!(service.turned_away(&wrong, &call), (400, "SignatureDoesNotMatch".to_owned()));
        }
    }
    let broker = service.store().broker(MAIN).unwrap();
    assert_eq!(broker.topics.into_keys().collect::<Vec<_>>(), ["orders", "refunds"]);
}

#[test]
fn temporary_keys_need_their_token() {
    let service = Service::seeded();
    for form in [Form::New, Form::Old] {
        let temporary = |token: Option<&str>| Signer {
            access_key: DEMO_TEMPORARY_ACCESS_KEY.to_owned(),
            secret_key: DEMO_TEMPORARY_SECRET_KEY.to_owned(),
            token: token.map(str::to_owned),
            ..Signer::of(form)
        };
        let good = temporary(Some(DEMO_SECURITY_TOKEN));
        assert_eq!(service.try_as(&good, CALL, None).unwrap().status, 200, "{form:?}");
        assert_eq!(service.turned_away(&temporary(None), CALL).1, "MissingSecurityToken");
        let other = service.turned_away(&temporary(Some("other")), CALL);
        assert_eq!(other.1, "InvalidSecurityToken.MismatchWithAccessKey");
        let lasting = Signer { token: Some(DEMO_SECURITY_TOKEN.to_owned()), ..Signer::of(form) };
        let lasting = service.turned_away(&lasting, CALL);
        assert_eq!(lasting.1, "InvalidSecurityToken.MismatchWithAccessKey");
    }
}

#[test]
fn a_signature_covers_what_it_must() {
    let service = Service::seeded();
    for header in ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-content-sha256"] {
        let open = Signer { uncovered: Some(header), ..Signer::of(Form::New) };
        assert_eq!(service.turned_away(&open, CALL), (400, "IncompleteSignature".to_owned()), "{header}");
    }
    let call = format!("CreateTopic POST /instances/{MAIN}/topics/new");
    let open = Signer { uncovered: Some("content-type"), ..Signer::of(Form::New) };
    let body = json!({ "messageType": "NORMAL" });
    assert_eq!(service.try_as(&open, &call, Some(&body)).unwrap().json()["Code"], "IncompleteSignature");
    let unsigned = raw(service.url(), "GET", "/instances", &[], b"").unwrap();
    assert_eq!((unsigned.status, unsigned.json()["Code"].clone()), (400, json!("MissingAuthorization")));
    for written in ["acs nothing", "ACS3-HMAC-SHA256 Credential=a", "Bearer x"] {
        let headers = [("authorization".to_owned(), written.to_owned())];
        let answer = raw(service.url(), "GET", "/instances", &headers, b"").unwrap();
        let code = answer.json()["Code"].as_str().unwrap().to_owned();
        let wanted =
            if written.starts_with("Bearer") { "MissingAuthorization" } else { "IncompleteSignature" };
        assert_eq!((answer.status, code.as_str()), (400, wanted), "{written}");
    }
}

/// The newer form covers the body, the older one does not.
#[test]
fn a_body_that_was_changed_on_the_way_is_noticed_by_the_newer_form_alone() {
    let service = Service::seeded();
    let host = service.url().strip_prefix("http://").unwrap();
    for (form, name, status) in [(Form::New, "one", 400), (Form::Old, "two", 200)] {
        let path = format!("/instances/{MAIN}/topics/{name}");
        let signed = br#"{"messageType":"NORMAL"}"#;
        let headers = Signer::of(form).sign((host, "CreateTopic"), ("POST", &path), &[], signed);
        let sent = raw(service.url(), "POST", &path, &headers, br#"{"messageType":"FIFO"}"#).unwrap();
        assert_eq!(sent.status, status, "{form:?}: {}", sent.json());
    }
    let topics = service.store().broker(MAIN).unwrap().topics;
    assert_eq!((topics.contains_key("one"), topics["two"].message_type.as_str()), (false, "FIFO"));
}

#[test]
fn every_operation_answers_and_others_do_not() {
    let service = Service::seeded();
    let listed = include_str!("../../../fixtures/operations/apsaramq-rocketmq.csv").lines().skip(1);
    let mut count = 0;
    for row in listed {
        let [operation, method, path] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let path = path
            .replace("{instanceId}", "rmq-cn-nothing")
            .replace("{planId}", "1")
            .replace("{itemId}", "1")
            .replace("{checkpointId}", "1")
            .replace(['{', '}'], "");
        let body = (method != "GET" && method != "DELETE").then(|| json!({}));
        for form in [Form::New, Form::Old] {
            let call = format!("{operation} {method} {path}");
            let answer = service.try_as(&Signer::of(form), &call, body.as_ref()).unwrap();
            let found = answer.json();
            assert!(found["requestId"].is_string() && found["success"].is_boolean(), "{call}: {found}");
            assert_ne!(found["code"], "InvalidAction.NotFound", "{call}");
            assert_eq!(found["success"] == true, answer.status == 200, "{call}: {found}");
        }
        count += 1;
    }
    assert_eq!(count, 64);
    let codes = |call: &str| service.refusal(call, None);
    assert_eq!(codes("Nothing GET /nothing"), (404, "InvalidAction.NotFound".to_owned()));
    assert_eq!(codes("ListInstances PUT /instances"), (405, "UnsupportedHTTPMethod".to_owned()));
    // A call that says it is another one, and an id that is empty.
    assert_eq!(codes("ListTopics GET /instances"), (404, "InvalidAction.NotFound".to_owned()));
    assert_eq!(codes("GetInstance GET /instances/"), (404, "InvalidAction.NotFound".to_owned()));
}
