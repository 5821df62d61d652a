//! What was answered is on disk: stopping at any time and starting again loses nothing.

use std::path::Path;

use queueform::emulator::Options;
use queueform::emulator::dms::InstanceSeed;
use serde_json::json;

use super::client::Service;

fn start(dir: &Path) -> Service {
    Service::with(Options { data_dir: Some(dir.to_path_buf()), ..Options::default() })
}

#[test]
fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path());
    let iid = service.create("durable");
    assert_eq!(service.status(&iid), "CREATING");
    drop(service);

    // The job goes on where it was.
    let service = start(dir.path());
    let seen: Vec<String> = (0..2).map(|_| service.status(&iid)).collect();
    assert_eq!(seen.last().map(String::as_str), Some("RUNNING"));
    let url = format!("/v2/{{pid}}/instances/{iid}");
    assert_eq!(service.post(&format!("{url}/topics"), &json!({ "name": "orders" })).status, 200);
    assert_eq!(service.post(&format!("{url}/groups"), &json!({ "name": "billing" })).status, 200);
    let user = json!({ "access_key": "publisher", "secret_key": "Secret-0001" });
    assert_eq!(service.post(&format!("{url}/users"), &user).status, 200);
    let store = service.running.store().dms();
    assert!(store.set_lag(&iid, "billing", "orders", 12));
    assert!(store.produce(&iid, "orders", 3));
    assert!(store.add_dead_letters(&iid, "billing", 2));
    let tag = json!({ "action": "create", "tags": [{ "key": "team", "value": "pay" }] });
    assert_eq!(service.post(&format!("/v2/{{pid}}/rocketmq/{iid}/tags/action"), &tag).status, 204);
    let before = store.brokers();
    let now = store.now_ms();
    drop(service);

    let service = start(dir.path());
    let store = service.running.store().dms();
    assert_eq!(store.brokers(), before);
    assert!(store.now_ms() >= now);
    assert_eq!(service.delete(&format!("{url}/topics/orders")).status, 204);
    // Ids never repeat.
    assert_ne!(service.create("another"), iid);
    drop(service);

    let service = start(dir.path());
    let store = service.running.store().dms();
    assert_eq!((store.topics(&iid).len(), store.groups(&iid).len(), store.instances().len()), (0, 1, 2));
}

/// A copy of the directory taken right after an answer is what a killed process leaves behind.
#[test]
fn the_log_holds_every_answered_change() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path());
    let iid = service.running.store().dms().seed_instance(&InstanceSeed::new("parent"));
    for n in 0..20 {
        let topic = json!({ "name": format!("topic-{n:02}") });
        assert_eq!(service.post(&format!("/v2/{{pid}}/instances/{iid}/topics"), &topic).status, 200);
        if n % 5 == 0 {
            let copy = tempfile::tempdir().unwrap();
            std::fs::copy(dir.path().join("dms.log"), copy.path().join("dms.log")).unwrap();
            let revived = start(copy.path());
            assert_eq!(revived.running.store().dms().topics(&iid).len(), n + 1);
        }
    }
}

#[test]
fn a_torn_last_line_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path());
    let store = service.running.store().dms();
    let kept = store.seed_instance(&InstanceSeed::new("kept").topic("one", 1));
    store.seed_instance(&InstanceSeed::new("torn").topic("two", 1));
    drop(service);
    let path = dir.path().join("dms.log");
    let log = std::fs::read(&path).unwrap();
    std::fs::write(&path, &log[..log.len() - 3]).unwrap();
    let service = start(dir.path());
    let left = service.running.store().dms().instances();
    assert_eq!(left.iter().map(|instance| instance.id.as_str()).collect::<Vec<_>>(), [kept.as_str()]);
    assert_eq!(service.get("/v2/{pid}/instances").json()["instance_num"], 1);
}
