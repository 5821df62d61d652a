//! Workspaces as Terraform lays them out.

use std::sync::Arc;

use queueform::state::store::SystemClock;

use super::KEY;
use super::backend_at;
use super::commit;
use super::configured;
use super::found;
use super::open;
use crate::bucket::Service;

#[test]
fn workspaces_are_made_listed_and_removed() {
    let service = Service::start();
    let backend = backend_at(&service.endpoint());
    assert_eq!(backend.workspaces().unwrap(), ["default"]);
    backend.create("prod").unwrap();
    backend.create("dev").unwrap();
    backend.create("dev").unwrap();
    assert_eq!(backend.workspaces().unwrap(), ["default", "dev", "prod"]);
    assert!(service.object(&format!("env:/prod/{KEY}")).is_some());

    let clock = || Arc::new(SystemClock::default());
    let store = backend.store("prod", clock()).unwrap();
    let mut session = open(&*store);
    session.append(b"one\n").unwrap();
    commit(&mut *session, 5).unwrap();
    assert_eq!(found(&*backend.store("default", clock()).unwrap()), (None, String::new()));
    backend.delete("prod").unwrap();
    drop(session);
    assert_eq!(backend.workspaces().unwrap(), ["default", "dev"]);
    assert!(!service.keys().iter().any(|key| key.contains("prod")), "{:?}", service.keys());

    // A workspace of the same name begins anew.
    backend.create("prod").unwrap();
    let store = backend.store("prod", clock()).unwrap();
    drop(open(&*store));
    assert_eq!(found(&*store), (None, String::new()));
    for name in ["..", "a/b", ""] {
        assert!(backend.store(name, clock()).is_err());
        assert!(backend.create(name).is_err());
    }
}

#[test]
fn many_objects_and_other_prefixes_are_no_obstacle() {
    let service = Service::start();
    for number in 0..250 {
        service.write(&format!("states-of/w{number:03}/{KEY}"), b"{}");
        service.write(&format!("states-of/w{number:03}/other.json"), b"{}");
    }
    let backend = configured(&service.endpoint(), &[("workspace_key_prefix", "states-of")]).unwrap();
    assert_eq!(backend.workspaces().unwrap().len(), 251);
}
