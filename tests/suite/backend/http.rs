//! The backend `http` against a service that is as strict as GitLab.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use queueform::backend;
use queueform::backend::Backend;
use queueform::backend::Given;
use queueform::backend::LockState;
use queueform::diag::Diagnostics;
use queueform::state::store::Holder;
use queueform::state::store::Lease;
use queueform::state::store::Request;
use queueform::state::store::Store;
use queueform::state::store::StoreError;
use queueform::state::store::SystemClock;
use queueform::value::Value;
use serde_json::json;

use crate::support::Place;
use crate::support::Proxy;
use crate::support::Service;
use crate::support::Trouble;

use super::contract;
use super::machines;

fn open(arguments: &[(&str, &str)]) -> Result<Arc<dyn Backend>, Diagnostics> {
    let given = arguments.iter().map(|(name, value)| Given {
        name: (*name).into(),
        name_span: None,
        value: Value::string(*value),
        value_span: None,
    });
    let environment: BTreeMap<&str, &str> = [("QF_HTTP_PASSWORD", Service::PASSWORD)].into();
    let settings = backend::settle(("http", None), given.collect(), Path::new("."), &|name| {
        environment.get(name).map(|value| (*value).to_owned())
    })?;
    backend::open(&settings)
}

fn engine(service: &Service, name: &str, lease: &str) -> Arc<dyn Backend> {
    let (state, lock) = (service.address(name), format!("{}/lock", service.address(name)));
    let arguments =
        [("address", state.as_str()), ("lock_address", &lock), ("username", Service::USER), ("lease", lease)];
    open(&arguments).unwrap()
}

fn store(service: &Service, name: &str, lease: &str) -> Box<dyn Store> {
    engine(service, name, lease).store("default", Arc::new(SystemClock::default())).unwrap()
}

fn request(id: &str) -> Request {
    let holder = Holder { id: id.into(), who: "me".into(), host: "here".into(), ..Holder::default() };
    Request { holder, lock: true, wait: Duration::ZERO }
}

#[test]
fn the_contract_holds() {
    let service = Service::start();
    // The contract has a writer without a lock.
    service.be_lenient();
    contract::store_contract(&|clock| engine(&service, "contract", "4m").store("default", clock).unwrap());
    contract::encrypted_contract(&|clock| engine(&service, "sealed", "4m").store("default", clock).unwrap());
}

#[test]
fn what_another_tool_wrote_is_read() {
    let service = Service::start();
    let theirs = json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "theirs",
        "outputs": {}, "resources": [], "check_results": null
    });
    service.put("theirs", &theirs.to_string());
    let store = store(&service, "theirs", "2m");
    let found = store.read().unwrap();
    assert_eq!(found.snapshot.unwrap(), theirs.to_string().into_bytes());
    drop(store.open(&request("one")).unwrap());
    let left = service.document("theirs").unwrap();
    assert_eq!((left["lineage"].as_str(), left["version"].as_u64()), (Some("theirs"), Some(4)));
    assert!(left["serial"].as_u64().unwrap() > 7, "services take no version twice");
    let again = store.read().unwrap();
    let again: serde_json::Value = serde_json::from_slice(&again.snapshot.unwrap()).unwrap();
    assert_eq!(again, theirs, "the state's own serial is the same");
}

#[test]
fn a_lock_of_another_tool_is_respected() {
    let service = Service::start();
    let lock = json!({ "ID": "7", "Operation": "OperationTypeApply", "Who": "ann@build", "Created": "2020-01-01T00:00:00Z" });
    service.set_lock("locked", Some(lock.clone()));
    let store = store(&service, "locked", "2s");
    let Err(StoreError::Locked { holder: Some(holder), outlives: Some(Duration::MAX), .. }) =
        store.open(&request("one"))
    else {
        panic!("a lock that does not say how long it lasts was taken over")
    };
    assert_eq!((&*holder.who, &*holder.host), ("ann", "build"));
    assert_eq!(service.lock_of("locked"), Some(lock));
}

/// A lock of ours without a sign of life since `heard`, in seconds since 1970.
fn abandoned(id: &str, heard: i64) -> serde_json::Value {
    let holder = Holder { id: id.into(), who: "gone".into(), host: "there".into(), ..Holder::default() };
    let info = json!({ "queueform": holder, "lease_ms": 2000, "heard": heard });
    json!({ "ID": id, "Operation": "apply", "Info": info.to_string(), "Who": "gone@there" })
}

#[test]
fn an_abandoned_lock_is_taken_over_by_the_services_clock() {
    let service = Service::start();
    let now = jiff::Timestamp::now().as_second();
    service.set_lock("left", Some(abandoned("old", now)));
    let store = store(&service, "left", "2s");
    let Err(StoreError::Locked { outlives: Some(time), .. }) = store.open(&request("one")) else {
        panic!("a lock with a fresh sign of life was taken over")
    };
    assert_eq!(time, Duration::from_secs(3));
    service.set_lock("left", Some(abandoned("old", now - 60)));
    let session = store.open(&request("two")).unwrap();
    assert_eq!(service.lock_of("left").unwrap()["ID"], "two");
    drop(session);
    assert_eq!(service.lock_of("left"), None);
    // Waiting long enough is as good: here the lock never says when it was taken.
    service.set_lock("left", Some(abandoned("old", now + 1000)));
    let patient = Request { wait: Duration::from_secs(30), ..request("three") };
    drop(store.open(&patient).unwrap());
}

#[test]
fn a_writer_that_lost_its_lock_writes_nothing_more() {
    let service = Service::start();
    let store = store(&service, "lost", "2m");
    let mut session = store.open(&request("slow")).unwrap();
    session.contents().unwrap();
    let fence = session.fence();
    assert!(matches!(fence.check().unwrap(), Lease::For(left) if left > Duration::from_secs(90)));
    service.set_lock("lost", Some(abandoned("other", 0)));
    let before = service.document("lost");
    assert!(matches!(session.append(b"{}\n"), Err(StoreError::LostLock { .. })));
    assert!(matches!(fence.check(), Err(StoreError::LostLock { .. })));
    drop((session, fence));
    assert_eq!(service.document("lost"), before);
    assert_eq!(service.lock_of("lost").unwrap()["ID"], "other", "the lock of somebody else was freed");
}

#[test]
fn answers_that_are_lost_change_nothing() {
    let service = Service::start();
    let store = store(&service, "cut", "2m");
    for trouble in [Trouble::Before, Trouble::After] {
        for method in ["LOCK", "GET", "POST"] {
            service.trouble(method, trouble);
            let mut session = store.open(&request("one")).unwrap();
            session.contents().unwrap();
            let lines = format!("{{\"{method}\":\"{trouble:?}\"}}\n");
            service.trouble("POST", trouble);
            session.append(lines.as_bytes()).unwrap();
            assert_eq!(store.read().unwrap().journal, lines.as_bytes());
            session.cut(0).unwrap();
            service.trouble("UNLOCK", trouble);
            drop(session);
            assert_eq!(service.lock_of("cut"), None, "{method} {trouble:?}");
        }
    }
}

#[test]
fn wrong_settings_are_named() {
    let codes = |arguments: &[(&str, &str)]| match open(arguments) {
        Ok(_) => String::new(),
        Err(found) => found.iter().map(|item| item.summary.clone()).collect::<Vec<_>>().join("; "),
    };
    for (arguments, words) in [
        (&[][..], "needs `address`"),
        (&[("address", "example.com/state")], "is not an address"),
        (&[("address", "ftp://example.com/state")], "is not an address of the web"),
        (&[("address", "https://me:secret@example.com/state")], "must not hold credentials"),
        (&[("address", "http://example.com/state")], "would send the state in clear"),
        (
            &[("address", "https://a.example/{workspace}"), ("lock_address", "https://a.example/lock")],
            "must stand in all addresses",
        ),
        (&[("address", "https://a.example/x"), ("lease", "1s")], "two seconds or longer"),
        (&[("address", "https://a.example/x"), ("lock_method", "PUT /")], "is not a method"),
        (&[("address", "https://a.example/x"), ("client_certificate_pem", "x")], "belong together"),
    ] {
        let found = codes(arguments);
        assert!(found.contains(words), "{arguments:?}: {found}");
        assert!(!found.contains("secret@"), "{found}");
    }
}

#[test]
fn a_wrong_password_is_told() {
    let service = Service::start();
    let state = service.address("private");
    let engine = open(&[("address", &state), ("username", "nobody")]).unwrap();
    let store = engine.store("default", Arc::new(SystemClock::default())).unwrap();
    let error = store.read().unwrap_err().to_string();
    assert!(error.contains("401") && !error.contains(Service::PASSWORD), "{error}");
}

fn block(service: &Service, name: &str, lease: &str) -> String {
    let address = service.address(name);
    format!(
        "  backend \"http\" {{\n    address = \"{address}\"\n    lock_address = \"{address}/lock\"\n    username = \"{user}\"\n    lease = \"{lease}\"\n  }}",
        user = Service::USER,
    )
}

fn with_machines(lease: &str, test: impl FnOnce(&Service, &machines::Shared<'_>)) {
    let service = Service::start();
    let block = block(&service, "shared", lease);
    let opened = || store(&service, "shared", lease);
    let shared = machines::Shared {
        block: &block,
        variables: vec![("QF_HTTP_PASSWORD", Service::PASSWORD.to_owned())],
        store: &opened,
    };
    test(&service, &shared);
}

#[test]
fn a_killed_run_is_taken_up_elsewhere() {
    // Four minutes of the service pass in less than two seconds.
    with_machines("4m", |service, shared| {
        service.hurry(200);
        machines::a_killed_run_is_taken_up_elsewhere(shared);
    });
}

#[test]
fn an_encrypted_state_is_taken_up_elsewhere() {
    with_machines("4m", |service, shared| {
        service.hurry(200);
        machines::an_encrypted_state_is_taken_up_elsewhere(shared);
    });
}

#[test]
fn runs_come_one_after_the_other() {
    with_machines("4m", |_, shared| machines::runs_come_one_after_the_other(shared));
}

#[test]
fn plans_do_not_wait() {
    with_machines("4m", |_, shared| machines::plans_do_not_wait(shared));
}

#[test]
fn a_paused_run_is_refused() {
    with_machines("4m", |service, shared| {
        machines::a_paused_run_is_refused(shared, &|| service.advance(Duration::from_mins(10)));
    });
}

#[test]
fn cuts_lose_nothing() {
    let service = Service::start();
    // What a run that was cut off leaves locked is free after seconds, as nobody else works meanwhile.
    service.hurry(20);
    let port = service.address("").split(['/', ':']).find_map(|part| part.parse::<u16>().ok()).unwrap();
    let proxy = Proxy::to(port);
    let block = block(&service, "cut", "4m").replace(&format!(":{port}/"), &format!(":{}/", proxy.port()));
    let opened = || store(&service, "cut", "4m");
    let shared = machines::Shared {
        block: &block,
        variables: vec![("QF_HTTP_PASSWORD", Service::PASSWORD.to_owned())],
        store: &opened,
    };
    machines::cuts_lose_nothing(&shared, &|count| match count % 3 {
        0 => proxy.cut(),
        1 => proxy.cut_after(1 + count * 37),
        _ => proxy.cut_after(3000 + count * 61),
    });
}

/// A lock of Terraform lasts until somebody takes it away.
#[test]
fn the_lock_of_another_program_is_taken_away() {
    let service = Service::start();
    let engine = engine(&service, "forced", "4m");
    let clock = || Arc::new(SystemClock::default());
    let store = engine.store("default", clock()).unwrap();
    assert_eq!(engine.lock_state("default").unwrap(), LockState::Free);
    assert_eq!(service.lock_of("forced"), None, "the look at the lock left one");
    let theirs = json!({
        "ID": "1941dd55-8a4f-4c1b-9a58-1a64d0a4b7c1", "Operation": "OperationTypeApply", "Info": "",
        "Who": "ann@laptop", "Version": "1.11.4", "Created": "2026-08-01T00:00:00Z", "Path": ""
    });
    service.set_lock("forced", Some(theirs));
    assert!(!engine.shows_others() && store.holder().unwrap().is_none());
    let LockState::Other(holder) = engine.lock_state("default").unwrap() else { panic!() };
    assert_eq!((&*holder.who, &*holder.host), ("ann", "laptop"));
    assert!(matches!(store.open(&request("one")), Err(StoreError::Locked { .. })));
    // The service says no to any other id.
    let error = engine.break_lock("default", "00000000").unwrap_err();
    assert!(error.to_string().contains("409"), "{error}");
    assert!(service.lock_of("forced").is_some());
    engine.break_lock("default", &holder.id).unwrap();
    assert_eq!(service.lock_of("forced"), None);
    drop(store.open(&request("one")).unwrap());
}

/// A run of ours whose lock is taken away writes nothing more, and is not taken for alive.
#[test]
fn a_lock_that_is_taken_away_does_not_come_back() {
    let service = Service::start();
    let engine = engine(&service, "taken", "4m");
    let store = engine.store("default", Arc::new(SystemClock::default())).unwrap();
    let mut session = store.open(&request("stubborn")).unwrap();
    session.append(b"before\n").unwrap();
    let LockState::Ours(holder) = engine.lock_state("default").unwrap() else { panic!() };
    assert_eq!(&*holder.id, "stubborn");
    engine.break_lock("default", "stubborn").unwrap();
    assert_eq!(store.holder().unwrap(), None);
    let error = session.append(b"late\n").unwrap_err();
    assert!(matches!(error, StoreError::LostLock { .. }), "{error:?}");
    drop(session);
    let mut next = store.open(&request("next")).unwrap();
    assert_eq!(next.contents().unwrap().journal, b"before\n");
}

#[test]
fn workspaces_are_documents() {
    let service = Service::start();
    let block = block(&service, "team-{workspace}", "2m");
    let place = Place::with(&[(
        "main.qf.hcl",
        &format!(
            "queueform {{\n{block}\n}}\n\nresource \"queueform_data\" \"a\" {{\n  input = queueform.workspace\n}}\n"
        ),
    )]);
    let run =
        |arguments: &[&str]| place.command(arguments).env("QF_HTTP_PASSWORD", Service::PASSWORD).output();
    drop(run(&["apply", "-auto-approve"]).success());
    drop(run(&["workspace", "new", "green"]).success());
    drop(run(&["apply", "-auto-approve"]).success());
    assert!(service.document("team-green").is_some() && service.document("team-default").is_some());
    drop(run(&["workspace", "select", "default"]).success());
    drop(run(&["workspace", "select", "green"]).success());
    drop(run(&["workspace", "select", "blue"]).ended(1));
    drop(run(&["workspace", "select", "default"]).success());
    drop(run(&["workspace", "delete", "-force", "green"]).success());
    assert!(service.document("team-green").is_none());
    let plan = run(&["plan"]).success();
    assert!(plan.contains("No changes"), "{plan}");
    assert!(!place.has("queueform.state.json"));
}
