//! Answers that are lost, requests that are refused for a moment: nothing happens twice, nothing is lost.

use queueform::state::store::StoreError;

use super::KEY;
use super::LEASE;
use super::commit;
use super::found;
use super::impatient;
use super::open;
use super::request;
use crate::bucket::Fault;
use crate::bucket::FaultKind;
use crate::bucket::Service;

fn kinds() -> Vec<FaultKind> {
    vec![
        FaultKind::LoseAnswer,
        FaultKind::Ignore,
        FaultKind::Refuse(503, "SlowDown"),
        FaultKind::Refuse(500, "InternalError"),
        FaultKind::RefuseAfter(500, "InternalError"),
        FaultKind::RefuseAfter(503, "ServiceUnavailable"),
        FaultKind::Refuse(409, "ConditionalRequestConflict"),
        FaultKind::Refuse(429, "TooManyRequests"),
    ]
}

/// Every kind of request of a session, hit by every kind of fault.
#[test]
fn every_request_survives_every_passing_fault() {
    let service = Service::start();
    let store = impatient(&service.endpoint());
    let mut serial = 0;
    let mut tried = 0;
    for kind in kinds() {
        for (method, key) in [
            ("PUT", ".probe-"),
            ("DELETE", ".probe-"),
            ("GET", ".lock"),
            ("PUT", ".lock"),
            ("PUT", ".tflock"),
            ("GET", "queues.json"),
            ("PUT", ".journal/"),
            ("PUT", ".backup"),
            ("PUT", "queues.json"),
            ("DELETE", ".journal/"),
            ("DELETE", ".tflock"),
            ("GET", ""),
        ] {
            service.fail(Fault { method, key, times: 1, kind: kind.clone() });
            let mut session = open(&*store);
            session.append(format!("a{serial}\n").as_bytes()).unwrap();
            session.append(format!("b{serial}\n").as_bytes()).unwrap();
            assert_eq!(found(&*store).1, format!("a{serial}\nb{serial}\n"), "{kind:?} {method} {key}");
            serial += 1;
            commit(&mut *session, serial).unwrap();
            session.rotate().unwrap();
            drop(session);
            service.heal();
            assert_eq!(found(&*store), (Some(serial), String::new()), "{kind:?} {method} {key}");
            tried += 1;
        }
    }
    assert_eq!(service.keys().iter().filter(|key| key.contains(".journal/")).count(), 0);
    println!("{tried} faults, {} requests", service.seen().len());
}

#[test]
fn a_journal_that_may_have_taken_lines_takes_no_more() {
    let service = Service::start();
    let store = impatient(&service.endpoint());
    let mut session = open(&*store);
    session.append(b"one\n").unwrap();
    service.fail(Fault { method: "PUT", key: ".journal/", times: usize::MAX, kind: FaultKind::LoseAnswer });
    assert!(session.append(b"two\n").is_err());
    service.heal();
    assert!(!session.is_open());
    assert!(matches!(session.append(b"three\n"), Err(StoreError::Closed { .. })));
    // The snapshot saves what has happened; the number in doubt is not used again.
    commit(&mut *session, 1).unwrap();
    session.rotate().unwrap();
    assert_eq!(found(&*store), (Some(1), String::new()));
    drop(session);
    let mut session = open(&*store);
    session.append(b"four\n").unwrap();
    assert_eq!(found(&*store), (Some(1), "four\n".to_owned()));
}

#[test]
fn lines_that_were_refused_leave_the_journal_open() {
    let service = Service::start();
    let store = impatient(&service.endpoint());
    let mut session = open(&*store);
    service.fail(Fault {
        method: "PUT",
        key: ".journal/",
        times: 1,
        kind: FaultKind::Refuse(403, "AccessDenied"),
    });
    assert!(session.append(b"one\n").is_err());
    assert!(session.is_open());
    session.append(b"two\n").unwrap();
    assert_eq!(found(&*store).1, "two\n");
}

#[test]
fn a_commit_in_doubt_is_found_by_the_next_one() {
    for kind in [FaultKind::LoseAnswer, FaultKind::Ignore] {
        let service = Service::start();
        let store = impatient(&service.endpoint());
        let mut session = open(&*store);
        commit(&mut *session, 1).unwrap();
        // The lock is renewed meanwhile.
        service.fail_exactly("PUT", KEY, kind);
        assert!(commit(&mut *session, 2).is_err());
        service.heal();
        commit(&mut *session, 3).unwrap();
        drop(session);
        assert_eq!(found(&*store).0, Some(3));
        // The next session keeps late writes out, as this one could not know of all of its own.
        drop(store.open(&request("apply")).unwrap());
        assert_eq!(found(&*store).0, Some(3));
    }
}

#[test]
fn the_fence_refuses_before_the_lease_ends_when_it_cannot_be_renewed() {
    let service = Service::start();
    let store = impatient(&service.endpoint());
    let session = open(&*store);
    let fence = session.fence();
    service.fail(Fault { method: "PUT", key: ".lock", times: usize::MAX, kind: FaultKind::Ignore });
    let start = std::time::Instant::now();
    while fence.check().is_ok() {
        assert!(start.elapsed() < LEASE * 4, "the fence never refuses");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(store.holder().unwrap().is_some(), "nobody else has the lock yet");
    // It comes back if nobody took the lock.
    service.heal();
    while fence.check().is_err() {
        assert!(start.elapsed() < LEASE * 20, "the lease is never renewed");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
