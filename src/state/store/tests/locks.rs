//! Locks.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use super::request;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::state::store::Clock;
use crate::state::store::Layout;
use crate::state::store::Ledger;
use crate::state::store::LocalStore;
use crate::state::store::Lock;
use crate::state::store::Store as _;
use crate::state::store::StoreError;
use crate::state::store::view;

/// A clock on which waiting takes no time, and somebody may act meanwhile.
struct Fake {
    elapsed: Mutex<Duration>,
    meanwhile: Box<dyn Fn(Duration) -> bool + Send + Sync>,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("fake clock")
    }
}

impl Fake {
    fn new(meanwhile: impl Fn(Duration) -> bool + Send + Sync + 'static) -> Self {
        Self { elapsed: Mutex::default(), meanwhile: Box::new(meanwhile) }
    }
}

impl Clock for Fake {
    fn now(&self) -> Arc<str> {
        "2026-08-01T00:00:00Z".into()
    }

    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().unwrap()
    }

    fn pause(&self, time: Duration) -> bool {
        let mut elapsed = self.elapsed.lock().unwrap();
        *elapsed += time;
        (self.meanwhile)(*elapsed)
    }
}

fn directory() -> (tempfile::TempDir, LocalStore) {
    let directory = tempfile::tempdir().unwrap();
    let layout = Layout::new(directory.path(), Layout::DEFAULT, false).unwrap();
    let store = LocalStore::new(layout).with_clock(Arc::new(Fake::new(|_| true)));
    (directory, store)
}

#[test]
fn a_second_writer_is_told_who_holds_the_lock() {
    let (_directory, store) = directory();
    assert_eq!(store.holder().unwrap(), None);
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    assert_eq!(store.holder().unwrap(), Some(request(true).holder));
    let error = Ledger::open(&store, &request(true)).unwrap_err();
    let shown = Diagnostic::from(error);
    assert_eq!(shown.code, Code::StateLocked);
    assert_eq!(shown.detail, "Held by `apply` of me@here (process 7, run run-1) since 2026-08-01T00:00:00Z.");
    assert!(shown.hints[0].contains("--lock-timeout=5m"));
    drop(ledger);
    assert_eq!(store.holder().unwrap(), None);
    Ledger::open(&store, &request(true)).unwrap();
}

#[test]
fn without_the_lock_two_writers_are_let_in() {
    let (_directory, store) = directory();
    let first = Ledger::open(&store, &request(true)).unwrap();
    let second = Ledger::open(&store, &request(false)).unwrap();
    drop((first, second));
}

#[test]
fn readers_need_no_lock() {
    let (_directory, store) = directory();
    let (_ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let seen = view(&store).unwrap();
    assert!(seen.recovered.state.is_empty());
    assert_eq!(seen.writer, Some(request(true).holder));
}

#[test]
fn waiting_ends_when_the_lock_is_free() {
    let (_directory, store) = directory();
    let held = Mutex::new(Some(Ledger::open(&store, &request(true)).unwrap()));
    let clock = Fake::new(move |elapsed| {
        if elapsed > Duration::from_secs(20) {
            drop(held.lock().unwrap().take());
        }
        true
    });
    let clock = Arc::new(clock);
    let waiting = store.with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let mut request = request(true);
    request.wait = Duration::from_mins(1);
    drop(Ledger::open(&waiting, &request).unwrap());
    assert!((20..23).contains(&clock.elapsed().as_secs()));
}

#[test]
fn waiting_ends_with_the_timeout_or_an_interruption() {
    let (_directory, store) = directory();
    let _held = Ledger::open(&store, &request(true)).unwrap();
    let mut patient = request(true);
    patient.wait = Duration::from_secs(30);
    let clock = Arc::new(Fake::new(|_| true));
    let error =
        Ledger::open(&store.clone().with_clock(Arc::clone(&clock) as Arc<dyn Clock>), &patient).unwrap_err();
    assert!(matches!(error, StoreError::Locked { waited: true, .. }));
    assert!((30..32).contains(&clock.elapsed().as_secs()));
    let interrupted = store.with_clock(Arc::new(Fake::new(|elapsed| elapsed < Duration::from_secs(5))));
    assert!(matches!(Ledger::open(&interrupted, &patient), Err(StoreError::Interrupted)));
}

#[test]
fn a_name_left_by_a_dead_process_holds_nothing() {
    let (_directory, store) = directory();
    let holder = serde_json::to_string(&request(true).holder).unwrap();
    std::fs::write(store.layout().lock(), holder).unwrap();
    assert_eq!(store.holder().unwrap(), None);
    drop(Ledger::open(&store, &request(true)).unwrap());
}

#[test]
fn a_lock_whose_file_was_removed_is_lost() {
    let (_directory, store) = directory();
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    ledger.fence().unwrap();
    std::fs::remove_file(store.layout().lock()).unwrap();
    assert!(matches!(ledger.fence(), Err(StoreError::LostLock { .. })));
    let other =
        Lock::acquire(&store.layout().lock(), &request(true).holder, Duration::ZERO, &Fake::new(|_| true));
    assert!(other.is_ok());
    assert!(matches!(ledger.fence(), Err(StoreError::LostLock { .. })));
}
