//! One writer at a time; whoever gives no sign of life is succeeded, and cannot write any more.

use std::time::Duration;
use std::time::Instant;

use queueform::backend::LockState;
use queueform::state::store::Lease;
use queueform::state::store::StoreError;

use super::KEY;
use super::LEASE;
use super::commit;
use super::found;
use super::impatient;
use super::open;
use super::request;
use super::shown;
use super::store;
use crate::bucket::Fault;
use crate::bucket::FaultKind;
use crate::bucket::Service;
use crate::support::Proxy;

#[test]
fn a_second_writer_is_refused_while_the_first_one_lives() {
    let service = Service::start();
    let store = store(&service);
    let first = open(&*store);
    let holder = store.holder().unwrap().unwrap();
    assert_eq!((&*holder.command, holder.pid), ("apply", std::process::id()));
    let error = store.open(&request("apply")).unwrap_err();
    let StoreError::Locked { holder: Some(by), waited: false, outlives: Some(LEASE) } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(**by, holder);
    assert!(shown(error).contains("at most 2 s after its process was killed"));
    // Longer than the lease: it is renewed.
    let error =
        store.open(&queueform::state::store::Request { wait: LEASE * 2, ..request("apply") }).unwrap_err();
    assert!(matches!(error, StoreError::Locked { waited: true, .. }), "{error}");
    drop(first);
    assert_eq!(store.holder().unwrap(), None);
    drop(open(&*store));
}

#[test]
fn writers_take_turns() {
    let service = Service::start();
    let stores: Vec<_> = (0..4).map(|_| store(&service)).collect();
    std::thread::scope(|scope| {
        for store in &stores {
            scope.spawn(move || {
                for _ in 0..3 {
                    let request = queueform::state::store::Request {
                        wait: Duration::from_secs(120),
                        ..request("apply")
                    };
                    let mut session = store.open(&request).unwrap();
                    let contents = session.contents().unwrap();
                    let serial = contents
                        .snapshot
                        .map_or(0, |bytes| queueform::state::document::head(&bytes).unwrap().0);
                    commit(&mut *session, serial + 1).unwrap();
                }
            });
        }
    });
    assert_eq!(found(&*stores[0]).0, Some(12), "no commit was lost");
}

#[test]
fn the_lease_is_renewed_as_long_as_the_session_lasts() {
    let service = Service::start();
    let store = store(&service);
    let mut session = open(&*store);
    let fence = session.fence();
    let start = Instant::now();
    while start.elapsed() < LEASE * 2 {
        let Lease::For(left) = fence.check().unwrap() else { panic!("a lease ends") };
        assert!(left <= LEASE);
        std::thread::sleep(Duration::from_millis(50));
    }
    session.append(b"still here\n").unwrap();
    drop(session);
    assert!(matches!(fence.check(), Err(StoreError::LostLock { .. })), "nothing may begin after the session");
}

#[test]
fn a_writer_that_was_cut_off_is_succeeded_and_writes_nothing_more() {
    let service = Service::start();
    let proxy = Proxy::to(service.port());
    let mut first = open(&*impatient(&format!("http://127.0.0.1:{}", proxy.port())));
    let fence = first.fence();
    first.append(b"one\n").unwrap();
    proxy.close();
    let cut = Instant::now();

    let store = store(&service);
    let mut second = store.open(&request("apply")).unwrap();
    println!("succeeded after {:.1} s", cut.elapsed().as_secs_f64());
    assert_eq!(second.contents().unwrap().journal, b"one\n");
    // The fence refused before anybody else could write.
    assert!(fence.check().is_err());
    second.append(b"two\n").unwrap();

    proxy.go_on();
    assert!(first.append(b"late\n").is_err());
    assert!(matches!(commit(&mut *first, 1), Err(StoreError::LostLock { .. })));
    assert!(first.rotate().is_err());
    assert!(fence.check().is_err());
    drop(first);

    assert_eq!(found(&*store), (None, "one\ntwo\n".to_owned()));
    commit(&mut *second, 1).unwrap();
    second.rotate().unwrap();
    drop(second);
    assert_eq!(found(&*store), (Some(1), String::new()));
}

#[test]
fn writes_that_arrive_after_a_succession_count_for_nobody() {
    // Lines and snapshots; with a state there and without one.
    for (is_commit, serial) in [(false, 0), (true, 0), (false, 10), (true, 10)] {
        let service = Service::start();
        let proxy = Proxy::to(service.port());
        let store = store(&service);
        let mut first = open(&*impatient(&format!("http://127.0.0.1:{}", proxy.port())));
        first.append(b"1\n").unwrap();
        if serial > 0 {
            commit(&mut *first, serial).unwrap();
        }
        if is_commit {
            service.fail_exactly("PUT", KEY, FaultKind::Late);
        } else {
            service.fail(Fault { method: "PUT", key: ".journal/", times: 1, kind: FaultKind::Late });
        }
        std::thread::scope(|scope| {
            let writer = scope
                .spawn(|| if is_commit { commit(&mut *first, serial + 7) } else { first.append(b"late\n") });
            while !service.is_waiting() {
                std::thread::sleep(Duration::from_millis(5));
            }
            proxy.close();
            assert!(writer.join().unwrap().is_err());
        });
        service.heal();
        let mut second = store.open(&request("apply")).unwrap();
        assert_eq!(second.contents().unwrap().journal, b"1\n");
        // The connection is gone, the request is not: it arrives now.
        service.let_go();
        second.append(b"2\n").unwrap();
        let before = (serial > 0).then_some(serial);
        assert_eq!(found(&*store), (before, "1\n2\n".to_owned()));
        commit(&mut *second, serial + 1).unwrap();
        second.rotate().unwrap();
        assert_eq!(found(&*store), (Some(serial + 1), String::new()));
        proxy.go_on();
        assert!(commit(&mut *first, serial + 8).is_err());
        drop(first);
        drop(second);
        assert_eq!(found(&*store), (Some(serial + 1), String::new()));
    }
}

#[test]
fn a_lock_long_past_its_lease_is_taken_at_once() {
    let service = Service::start();
    let proxy = Proxy::to(service.port());
    let first = open(&*impatient(&format!("http://127.0.0.1:{}", proxy.port())));
    proxy.close();
    drop(first);
    let store = store(&service);
    assert!(store.holder().unwrap().is_some());
    // The service's time tells; ours does not matter.
    service.skew(3600);
    assert_eq!(store.holder().unwrap(), None);
    let start = Instant::now();
    drop(open(&*store));
    assert!(
        service
            .seen()
            .iter()
            .filter(|seen| seen.key == format!("{KEY}.lock") && seen.method == "GET")
            .count()
            < 8,
        "it watched for {:?}",
        start.elapsed()
    );
}

#[test]
fn a_run_of_terraform_keeps_us_out_and_is_kept_out() {
    let service = Service::start();
    let store = store(&service);
    let lock = format!("{KEY}.tflock");
    service.write(&lock, br#"{"ID":"0f1e2d3c","Operation":"OperationTypeApply","Info":"","Who":"ann@build-7","Version":"1.11.4","Created":"2026-01-02T03:04:05Z","Path":"states/teams/queues.json"}"#);
    let text = shown(store.open(&request("apply")).unwrap_err());
    for part in ["`apply` of ann@build-7", "0f1e2d3c", "queueform force-unlock 0f1e2d3c"] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(&*store.holder().unwrap().unwrap().id, "0f1e2d3c", "our lock is given back");
    service.remove(&lock);
    assert_eq!(store.holder().unwrap(), None);

    let session = open(&*store);
    let info: serde_json::Value = serde_json::from_slice(&service.object(&lock).unwrap()).unwrap();
    for name in ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"] {
        assert!(info[name].is_string(), "{info}");
    }
    drop(session);
    assert_eq!(service.object(&lock), None);

    // One that a killed run of ours left is no obstacle.
    service.write(&lock, info.to_string().as_bytes());
    drop(open(&*store));
    assert_eq!(service.object(&lock), None);
}

#[test]
fn without_a_lock_nobody_is_waited_for() {
    let service = Service::start();
    let store = store(&service);
    let unlocked = queueform::state::store::Request { lock: false, ..request("apply") };
    let mut session = store.open(&unlocked).unwrap();
    session.contents().unwrap();
    assert_eq!(session.fence().check().unwrap(), Lease::Unlimited);
    session.append(b"one\n").unwrap();
    assert_eq!(found(&*store).1, "one\n");
    commit(&mut *session, 1).unwrap();
    session.rotate().unwrap();
    drop(session);
    assert_eq!(found(&*store), (Some(1), String::new()));

    // Beside one that holds the lock, too; the holder goes on.
    let mut holder = open(&*store);
    holder.append(b"two\n").unwrap();
    let mut session = store.open(&unlocked).unwrap();
    assert_eq!(session.contents().unwrap().journal, b"two\n");
    drop(session);
    holder.append(b"three\n").unwrap();
    assert_eq!(found(&*store).1, "two\nthree\n");
}

/// The lock file of Terraform lasts until somebody removes it.
#[test]
fn the_lock_of_another_program_is_taken_away() {
    let service = Service::start();
    let (backend, store) = (super::backend_at(&service.endpoint()), store(&service));
    assert_eq!(backend.lock_state("default").unwrap(), LockState::Free);
    let lock = format!("{KEY}.tflock");
    let theirs = br#"{"ID":"1941dd55-8a4f-4c1b-9a58-1a64d0a4b7c1","Operation":"OperationTypeApply","Info":"","Who":"ann@laptop","Version":"1.11.4","Created":"2026-08-01T00:00:00Z","Path":"states/teams"}"#;
    service.write(&lock, theirs);
    let LockState::Other(holder) = backend.lock_state("default").unwrap() else { panic!() };
    assert_eq!(store.holder().unwrap().as_ref(), Some(&*holder));
    let error = store.open(&request("apply")).unwrap_err();
    assert!(shown(error).contains("queueform force-unlock 1941dd55-8a4f-4c1b-9a58-1a64d0a4b7c1"));
    backend.break_lock("default", "another").unwrap();
    assert!(matches!(backend.lock_state("default").unwrap(), LockState::Other(_)));
    backend.break_lock("default", &holder.id).unwrap();
    assert_eq!(backend.lock_state("default").unwrap(), LockState::Free);
    drop(open(&*store));
}

/// What a run of ours writes counts for nobody once its lock is taken away, and the next one need not wait for its lease.
#[test]
fn a_lock_that_is_taken_away_does_not_come_back() {
    let service = Service::start();
    let (backend, store) = (super::backend_at(&service.endpoint()), store(&service));
    let mut session = open(&*store);
    session.append(b"before\n").unwrap();
    let LockState::Ours(holder) = backend.lock_state("default").unwrap() else { panic!() };
    backend.break_lock("default", "another").unwrap();
    session.append(b"still\n").unwrap();
    backend.break_lock("default", &holder.id).unwrap();
    assert_eq!(backend.lock_state("default").unwrap(), LockState::Free);
    let mut next = open(&*store);
    assert_eq!(next.contents().unwrap().journal, b"before\nstill\n");
    // Until its next sign of life it may not know; what it writes counts for nobody.
    session.append(b"late\n").ok();
    assert!(matches!(commit(&mut *session, 1), Err(StoreError::LostLock { .. })));
    assert!(session.append(b"later\n").is_err());
    assert_eq!(found(&*store), (None, "before\nstill\n".to_owned()));
    commit(&mut *next, 1).unwrap();
}
