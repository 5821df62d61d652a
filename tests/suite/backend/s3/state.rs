//! Snapshot, journal and history as objects.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use queueform::state::document;
use queueform::state::store::StoreError;
use queueform::state::store::SystemClock;

use super::KEY;
use super::commit;
use super::configured;
use super::found;
use super::open;
use super::shown;
use super::store;
use crate::bucket::Service;

#[test]
fn what_is_written_is_found_by_the_next_session() {
    let service = Service::start();
    let store = store(&service);
    assert_eq!(found(&*store), (None, String::new()));
    assert!(service.keys().is_empty(), "looking leaves nothing behind");

    let mut session = open(&*store);
    session.append(b"one\n").unwrap();
    session.append(b"two\nthree\n").unwrap();
    assert_eq!(found(&*store), (None, "one\ntwo\nthree\n".to_owned()));
    commit(&mut *session, 1).unwrap();
    assert_eq!(found(&*store), (Some(1), "one\ntwo\nthree\n".to_owned()));
    drop(session);

    // A session that ends early leaves its journal to the next one.
    let mut session = open(&*store);
    assert_eq!(session.contents().unwrap().journal, b"one\ntwo\nthree\n");
    session.append(b"four\n").unwrap();
    assert_eq!(found(&*store), (Some(1), "one\ntwo\nthree\nfour\n".to_owned()));
    commit(&mut *session, 2).unwrap();
    // These lines are no records, so the history cannot keep them; the state is whole nevertheless.
    session.rotate().unwrap();
    assert_eq!(found(&*store), (Some(2), String::new()));
    drop(session);

    let names: Vec<_> = service.keys();
    assert_eq!(names, [KEY.to_owned(), format!("{KEY}.backup"), format!("{KEY}.lock")]);
    let backup = service.object(&format!("{KEY}.backup")).unwrap();
    assert_eq!(document::head(&backup).unwrap().0, 1);
    assert_eq!(store.backup().as_deref(), Some(&*format!("s3://states/{KEY}.backup")));
}

#[test]
fn the_state_is_a_document_that_other_tools_read() {
    let service = Service::start();
    let mut session = open(&*store(&service));
    commit(&mut *session, 7).unwrap();
    let parsed: serde_json::Value = serde_json::from_slice(&service.object(KEY).unwrap()).unwrap();
    assert_eq!((&parsed["version"], &parsed["serial"]), (&4.into(), &7.into()));
}

#[test]
fn a_state_of_terraform_is_taken_over_as_it_is() {
    let service = Service::start();
    service.write(KEY, br#"{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"11111111-1111-1111-1111-111111111111","outputs":{},"resources":[],"check_results":null}"#);
    let store = store(&service);
    assert_eq!(found(&*store).0, Some(3));
    let mut session = open(&*store);
    commit(&mut *session, 4).unwrap();
    drop(session);
    assert_eq!(found(&*store).0, Some(4));
}

#[test]
fn a_state_that_somebody_replaced_is_not_overwritten() {
    let service = Service::start();
    let store = store(&service);
    let mut session = open(&*store);
    commit(&mut *session, 1).unwrap();
    let other = document::write(&super::state(40)).unwrap();
    service.write(KEY, &other);
    let error = commit(&mut *session, 2).unwrap_err();
    let StoreError::Moved { expected, found, .. } = &error else { panic!("{error}") };
    assert_eq!((expected.as_ref().unwrap().0, found.as_ref().unwrap().0), (1, 40));
    assert_eq!(service.object(KEY).unwrap(), other);

    // The same content under a new version is another state too: nobody may write late.
    service.remove(KEY);
    assert!(matches!(commit(&mut *session, 3), Err(StoreError::Moved { found: None, .. })));
}

#[test]
fn equal_states_are_different_versions() {
    let service = Service::start();
    let mut session = open(&*store(&service));
    let mut seen = Vec::new();
    for _ in 0..3 {
        commit(&mut *session, 1).unwrap();
        seen.push(service.object(KEY).unwrap());
    }
    assert!(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2]);
    let documents: Vec<_> =
        seen.iter().map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned()).collect();
    assert!(documents[0] == documents[1] && documents[1] == documents[2]);
}

#[test]
fn a_damaged_tail_is_cut_off_for_everybody() {
    let service = Service::start();
    let store = store(&service);
    let mut session = open(&*store);
    for line in ["one\n", "two\nthree\n", "four\n"] {
        session.append(line.as_bytes()).unwrap();
    }
    drop(session);
    let mut session = open(&*store);
    session.contents().unwrap();
    session.cut(8).unwrap();
    assert_eq!(found(&*store).1, "one\ntwo\n");
    session.append(b"five\n").unwrap();
    drop(session);
    let mut session = open(&*store);
    assert_eq!(session.contents().unwrap().journal, b"one\ntwo\nfive\n");
    session.cut(4).unwrap();
    drop(session);
    assert_eq!(found(&*store).1, "one\n");
}

#[test]
fn a_missing_segment_is_named() {
    let service = Service::start();
    let store = store(&service);
    let mut session = open(&*store);
    for line in ["one\n", "two\n", "three\n"] {
        session.append(line.as_bytes()).unwrap();
    }
    drop(session);
    let gone = service.keys().into_iter().find(|key| key.ends_with("-000000000001")).unwrap();
    service.remove(&gone);
    for error in [store.read().unwrap_err(), store.open(&super::request("apply")).unwrap_err()] {
        let text = shown(error);
        assert!(text.contains(&gone) && text.contains("is missing"), "{text}");
    }
    // The way out that the hint shows.
    service.remove(&format!("{KEY}.lock"));
    let mut session = store.open(&super::request("apply")).unwrap();
    assert_eq!(session.contents().unwrap().journal, b"one\nthree\n");
}

#[test]
fn readers_are_never_in_the_way_and_never_see_half() {
    const RUNS: u64 = 12;
    const READERS: usize = 20;
    let service = Service::start();
    let store = store(&service);
    let is_over = AtomicBool::new(false);
    let views = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                let mut last = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let (serial, journal) = found(&*store);
                    // Snapshot N holds all lines up to N; the journal holds lines that follow each other and leave none out.
                    let snapshot = serial.unwrap_or(0);
                    let lines: Vec<u64> = journal.lines().map(|line| line.parse().unwrap()).collect();
                    assert!(lines.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{lines:?}");
                    assert!(
                        lines.first().is_none_or(|first| *first <= snapshot * 4 + 1),
                        "{snapshot}: {lines:?}"
                    );
                    let now = lines.last().copied().unwrap_or(0).max(snapshot * 4);
                    assert!(now >= last, "{now} after {last}");
                    last = now;
                    views.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let ended = EndOf(&is_over);
        for run in 0..RUNS {
            let mut session = open(&*store);
            for line in 1..=4 {
                session.append(format!("{}\n", run * 4 + line).as_bytes()).unwrap();
            }
            commit(&mut *session, run + 1).unwrap();
            session.rotate().unwrap();
        }
        drop(ended);
    });
    assert_eq!(found(&*store), (Some(RUNS), String::new()));
    println!("{} views while {RUNS} runs wrote", views.load(Ordering::Relaxed));
}

struct EndOf<'f>(&'f AtomicBool);

impl Drop for EndOf<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_server_side_key_is_sent_and_the_state_is_found_again() {
    let service = Service::start();
    let with = [("sse_customer_key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")];
    let backend = configured(&service.endpoint(), &with).unwrap();
    let store = backend.store("default", Arc::new(SystemClock::default())).unwrap();
    let mut session = open(&*store);
    commit(&mut *session, 1).unwrap();
    drop(session);
    assert_eq!(found(&*store).0, Some(1));
}
