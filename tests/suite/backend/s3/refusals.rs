//! What cannot work is said clearly, without secrets.

use queueform::state::store::Request;

use super::configured;
use super::found;
use super::open;
use super::request;
use super::shown;
use super::store;
use crate::bucket;
use crate::bucket::Fault;
use crate::bucket::FaultKind;
use crate::bucket::Service;

fn reading(service: &Service, more: &[(&str, &str)]) -> String {
    let more: Vec<_> = more.iter().copied().chain([("timeout", "700ms")]).collect();
    let backend = configured(&service.endpoint(), &more).unwrap();
    let clock = std::sync::Arc::new(queueform::state::store::SystemClock::default());
    let text = shown(backend.store("default", clock).unwrap().read().unwrap_err());
    assert!(!text.contains(bucket::SECRET_KEY) && !text.contains("canary"), "{text}");
    text
}

#[test]
fn refusals_of_the_service_come_with_what_to_do() {
    let service = Service::start();
    for (more, parts) in [
        (&[("bucket", "other")], ["NoSuchBucket", "create the bucket `other`"]),
        (&[("access_key", "AKIDOTHER")], ["InvalidAccessKeyId", "check the access key"]),
        (&[("secret_key", "canary-another")], ["SignatureDoesNotMatch", "check the secret key"]),
        (&[("region", "eu-west-1")], ["AuthorizationHeaderMalformed", "set `region`"]),
    ] {
        let text = reading(&service, more);
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    for (status, code, part) in [
        (403, "AccessDenied", "s3:GetObject"),
        (400, "ExpiredToken", "get new temporary credentials"),
        (301, "PermanentRedirect", "set `region`"),
        (403, "RequestTimeTooSkewed", "set the clock"),
        (501, "NotImplemented", "does not know conditional writes"),
        (503, "SlowDown", "again later"),
    ] {
        service.fail(Fault { method: "", key: "", times: usize::MAX, kind: FaultKind::Refuse(status, code) });
        let text = reading(&service, &[]);
        assert!(text.contains(code) && text.contains(part), "{text}");
        service.heal();
    }
}

#[test]
fn a_service_that_cannot_be_reached_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let backend = configured(&format!("http://127.0.0.1:{port}"), &[("timeout", "700ms")]).unwrap();
    let clock = std::sync::Arc::new(queueform::state::store::SystemClock::default());
    let text = shown(backend.store("default", clock).unwrap().read().unwrap_err());
    assert!(text.contains("check `endpoint`"), "{text}");
}

#[test]
fn a_service_that_does_not_keep_conditions_is_refused() {
    for kind in [FaultKind::NoConditions, FaultKind::Refuse(501, "NotImplemented")] {
        let service = Service::start();
        let store = store(&service);
        service.fail(Fault { method: "PUT", key: "", times: usize::MAX, kind });
        let text = shown(store.open(&request("apply")).unwrap_err());
        assert!(text.contains("If-None-Match") && text.contains("--lock=false"), "{text}");
        assert_eq!(service.keys(), Vec::<String>::new());
    }
    let service = Service::start();
    let store = store(&service);
    service.fail(Fault { method: "PUT", key: "", times: usize::MAX, kind: FaultKind::NoConditions });
    let mut session = store.open(&Request { lock: false, ..request("apply") }).unwrap();
    session.append(b"one\n").unwrap();
    super::commit(&mut *session, 1).unwrap();
    session.rotate().unwrap();
    drop(session);
    assert_eq!(found(&*store), (Some(1), String::new()));
}

#[test]
fn a_damaged_lock_is_named_and_nothing_is_written() {
    let service = Service::start();
    let store = store(&service);
    drop(open(&*store));
    let lock = format!("{}.lock", super::KEY);
    for (content, part) in [
        ("not json", "no lock of a state"),
        (r#"{"format": 99}"#, "newer version"),
        (r#"{"format": 1}"#, "damaged"),
    ] {
        service.write(&lock, content.as_bytes());
        let before = service.keys();
        let text = shown(store.open(&request("apply")).unwrap_err());
        assert!(text.contains(part) && text.contains(&lock), "{text}");
        assert!(shown(store.read().unwrap_err()).contains(part));
        assert_eq!(service.keys(), before, "{content}");
    }
}

#[test]
fn wrong_arguments_are_found_before_anything_is_asked() {
    let endpoint = "http://127.0.0.1:9";
    for (more, part) in [
        (&[("key", "/a")], "begins or ends"),
        (&[("key", "a//b")], "cannot be a name"),
        (&[("key", "a b#c")], "characters"),
        (&[("bucket", "a/b")], "the name of a bucket alone"),
        (&[("endpoint", "http://obs.example.com")], "not encrypted"),
        (&[("endpoint", "ftp://obs.example.com")], "https"),
        (&[("endpoint", "https://user:pw@obs.example.com")], "without users"),
        (&[("endpoint", "")], "`region` or `endpoint`"),
        (&[("lease", "1s")], "between 2 s and 1 h"),
        (&[("timeout", "1h")], "between 100 ms"),
        (&[("ca_file", "/nonexistent.pem")], "cannot be read"),
        (&[("secret_key", "")], "without `secret_key`"),
        (&[("access_key", "")], "without `access_key`"),
    ] {
        let found = configured(endpoint, more).unwrap_err();
        assert!(format!("{found:?}").contains(part), "{more:?}: {found:?}");
    }
    let found = configured(endpoint, &[("access_key", ""), ("secret_key", "")]).unwrap_err();
    assert!(format!("{found:?}").contains("AWS_ACCESS_KEY_ID"));
    configured("http://obs.example.com", &[("insecure_http", "true")]).unwrap();
    configured("https://obs.ru-moscow-1.hc.sbercloud.ru", &[("region", "ru-moscow-1")]).unwrap();
    let shown = format!("{:?}", configured(endpoint, &[]).unwrap());
    assert!(!shown.contains(bucket::SECRET_KEY), "{shown}");
}
