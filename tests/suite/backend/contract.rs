//! What every store must do, whatever keeps it: one test for all engines.
//!
//! `store` makes a store of the same state each time, as another process or another machine would. A store is used
//! only through its traits, so an engine needs nothing but its function.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use age::secrecy::ExposeSecret as _;
use queueform::backend::Backend;
use queueform::encryption::EncryptedStore;
use queueform::encryption::Key;
use queueform::encryption::Keyring;
use queueform::encryption::Rule;
use queueform::state::Lineage;
use queueform::state::State;
use queueform::state::document;
use queueform::state::journal;
use queueform::state::journal::Record;
use queueform::state::journal::RunHeader;
use queueform::state::store::Clock;
use queueform::state::store::Contents;
use queueform::state::store::Holder;
use queueform::state::store::Layout;
use queueform::state::store::Lease;
use queueform::state::store::Ledger;
use queueform::state::store::Request;
use queueform::state::store::Session;
use queueform::state::store::Snapshot;
use queueform::state::store::Store;
use queueform::state::store::StoreError;
use queueform::state::store::SystemClock;
use queueform::state::store::view;
use queueform::value::Secret;

/// Makes a store of the state, as somebody else would.
pub(crate) type Make<'m> = &'m (dyn Fn(Arc<dyn Clock>) -> Box<dyn Store> + Sync);

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::default())
}

fn holder(id: &str) -> Holder {
    Holder {
        id: id.into(),
        who: "me".into(),
        host: "here".into(),
        pid: 7,
        command: "apply".into(),
        since: "2026-08-01T00:00:00Z".into(),
        ..Holder::default()
    }
}

fn request(id: &str) -> Request {
    Request { holder: holder(id), lock: true, wait: Duration::ZERO }
}

fn header(id: &str, lineage: &Lineage) -> Record {
    Record::Run(RunHeader {
        id: id.into(),
        lineage: lineage.clone(),
        who: "me".into(),
        host: "here".into(),
        pid: 7,
        command: "apply".into(),
        plan: Some("plan".into()),
        version: "0.1.0".into(),
        at: "2026-08-01T00:00:00Z".into(),
        ..RunHeader::default()
    })
}

/// Lines of a journal with these numbers; the first begins a run.
fn lines(numbers: std::ops::Range<u64>) -> Vec<u8> {
    let first = numbers.start;
    let record = |number| {
        if number == first {
            header("run-of-the-journal", &Lineage("lineage".into()))
        } else {
            Record::Complete { plan: format!("plan {number}, ümläut, 队列").into() }
        }
    };
    numbers.map(|number| journal::encode(number, &record(number)).unwrap()).collect::<String>().into_bytes()
}

/// A document of about so many bytes.
fn document(serial: u64, bytes: usize) -> Vec<u8> {
    let mut state = State { serial, lineage: Lineage("lineage".into()), ..State::default() };
    state.written_by = "x".repeat(bytes).into();
    document::write(&state).unwrap()
}

fn commit(session: &mut dyn Session, serial: u64, document: &[u8]) -> Result<(), StoreError> {
    let lineage = Lineage("lineage".into());
    session.commit(Snapshot { serial, lineage: &lineage, document, is_different: true })
}

fn text(contents: &Contents) -> (Option<String>, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (contents.snapshot.as_deref().map(text), text(&contents.journal))
}

/// Everything that a store promises.
pub(crate) fn store_contract(make: Make<'_>) {
    whole_contract(make, make);
}

/// `beneath` is what keeps the bytes, where a torn line comes from.
fn whole_contract(make: Make<'_>, beneath: Make<'_>) {
    nothing_is_there_at_first(make);
    what_is_written_is_read(make);
    one_writes_at_a_time(make);
    waiting_ends_with_the_lock_or_an_interruption(make);
    a_torn_tail_is_cut_off(make, beneath);
    somebody_elses_snapshot_is_never_overwritten(make);
    much_is_kept_as_well(make);
    a_ledger_goes_on_where_another_ended(make);
}

/// The same through encryption: whoever opens the state has keys of their own, and the engine never sees a word of it.
pub(crate) fn encrypted_contract(make: Make<'_>) {
    let identity = age::x25519::Identity::generate();
    let recipient: Arc<str> = identity.to_public().to_string().into();
    let identity = Secret::new(identity.to_string().expose_secret());
    let encrypted = |clock: Arc<dyn Clock>| -> Box<dyn Store> {
        let key = Key::age("everybody's", &[Arc::clone(&recipient)], Some(&identity)).unwrap();
        let rule = Rule { key: Some(Arc::new(key)), fallbacks: Vec::new(), enforced: true };
        Box::new(EncryptedStore::new(make(clock), Arc::new(Keyring::new(rule))))
    };
    whole_contract(&encrypted, make);
    let session = encrypted(clock()).open(&request("last")).unwrap();
    let plain = encrypted(clock()).read().unwrap().snapshot.unwrap();
    assert!(String::from_utf8_lossy(&plain).contains("two 49"));
    let kept = make(clock()).read().unwrap().snapshot.unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains("two 49"), "the engine keeps it in clear");
    drop(session);
}

fn nothing_is_there_at_first(make: Make<'_>) {
    let store = make(clock());
    assert_eq!(store.read().unwrap(), Contents::default());
    assert_eq!(store.holder().unwrap(), None);
    assert_eq!(store.history().unwrap(), []);
    assert_eq!(store.backup(), None);
    let (state, journal) = store.names();
    assert_ne!(state, journal, "errors must tell the two apart");
    let mut session = store.open(&request("first")).unwrap();
    assert_eq!(session.contents().unwrap(), Contents::default());
    session.cut(0).unwrap();
    assert_eq!(session.rotate().unwrap().map(|error| error.to_string()), None);
    assert_eq!(store.history().unwrap(), [], "a run without records leaves none");
}

fn what_is_written_is_read(make: Make<'_>) {
    let (store, other) = (make(clock()), make(clock()));
    let mut session = store.open(&request("second")).unwrap();
    session.contents().unwrap();
    session.append(&lines(1..2)).unwrap();
    session.append(&lines(2..4)).unwrap();
    let journal = [lines(1..2), lines(2..4)].concat();
    assert_eq!(text(&other.read().unwrap()), (None, String::from_utf8(journal.clone()).unwrap()));
    let first = document(1, 10);
    commit(&mut *session, 1, &first).unwrap();
    assert_eq!(other.read().unwrap(), Contents { snapshot: Some(first.clone()), journal });
    assert_eq!(other.backup(), None, "there was nothing before");
    assert_eq!(session.rotate().unwrap().map(|error| error.to_string()), None);
    assert_eq!(other.read().unwrap(), Contents { snapshot: Some(first.clone()), journal: Vec::new() });
    let history = other.history().unwrap();
    assert_eq!(history.len(), 1);
    let kept = journal::parse(&other.history_entry(&history[0]).unwrap()).unwrap();
    assert_eq!(kept.records.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3]);
    // A journal goes on after it was moved away, and the run has more than one snapshot.
    session.append(&lines(4..6)).unwrap();
    commit(&mut *session, 2, &document(2, 10)).unwrap();
    session.rotate().unwrap();
    drop(session);
    assert_eq!(other.history().unwrap().len(), 2);
    let mut session = store.open(&request("third")).unwrap();
    let second = session.contents().unwrap();
    assert_eq!(second, Contents { snapshot: Some(document(2, 10)), journal: Vec::new() });
    commit(&mut *session, 3, &document(3, 10)).unwrap();
    assert!(other.backup().is_some(), "the state before this run is kept");
}

fn one_writes_at_a_time(make: Make<'_>) {
    let (store, other) = (make(clock()), make(clock()));
    let mut session = store.open(&request("holder")).unwrap();
    let fence = session.fence();
    session.contents().unwrap();
    match fence.check().unwrap() {
        Lease::Unlimited => {}
        Lease::For(left) => assert!(left > Duration::from_mins(1), "no call could start: {left:?}"),
    }
    assert_eq!(other.holder().unwrap(), Some(holder("holder")));
    match other.open(&request("other")) {
        Err(StoreError::Locked { holder: Some(found), waited: false, .. }) => {
            assert_eq!(*found, holder("holder"))
        }
        found => panic!("{found:?}"),
    }
    // Reading needs no lock.
    other.read().unwrap();
    drop((session, fence));
    assert_eq!(other.holder().unwrap(), None);
    drop(other.open(&request("other")).unwrap());
    assert_eq!(store.holder().unwrap(), None);
}

/// A clock whose waiting ends at once, as when the run is interrupted.
#[derive(Debug)]
struct Interrupted;

impl Clock for Interrupted {
    fn now(&self) -> Arc<str> {
        "2026-08-01T00:00:00Z".into()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn pause(&self, _time: Duration) -> bool {
        false
    }
}

/// A clock that tells when somebody waits.
#[derive(Debug)]
struct Watched {
    clock: SystemClock,
    waits: Arc<AtomicBool>,
}

impl Clock for Watched {
    fn now(&self) -> Arc<str> {
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn pause(&self, time: Duration) -> bool {
        self.waits.store(true, Ordering::Release);
        self.clock.pause(time)
    }
}

fn waiting_ends_with_the_lock_or_an_interruption(make: Make<'_>) {
    let session = make(clock()).open(&request("holder")).unwrap();
    let patient = Request { wait: Duration::from_mins(2), ..request("patient") };
    let interrupted = make(Arc::new(Interrupted)).open(&patient);
    assert!(matches!(interrupted, Err(StoreError::Interrupted)), "{interrupted:?}");
    let waits = Arc::new(AtomicBool::new(false));
    let watched = make(Arc::new(Watched { clock: SystemClock::default(), waits: Arc::clone(&waits) }));
    std::thread::scope(|scope| {
        let patient = scope.spawn(|| watched.open(&patient).map(drop));
        while !waits.load(Ordering::Acquire) && !patient.is_finished() {
            std::thread::yield_now();
        }
        drop(session);
        patient.join().unwrap().unwrap();
    });
}

fn a_torn_tail_is_cut_off(make: Make<'_>, beneath: Make<'_>) {
    let store = make(clock());
    let mut session = store.open(&request("torn")).unwrap();
    let before = session.contents().unwrap();
    assert!(before.journal.is_empty());
    session.append(&lines(10..13)).unwrap();
    drop(session);
    let mut torn = beneath(clock()).open(&request("torn")).unwrap();
    torn.contents().unwrap();
    torn.append(b"{\"crc\":\"00000000\",\"seq\":13,\"rec").unwrap();
    drop(torn);
    let mut session = store.open(&request("mended")).unwrap();
    let found = session.contents().unwrap();
    let valid = journal::parse(&found.journal).unwrap().valid;
    assert!(valid < found.journal.len() as u64);
    session.cut(valid).unwrap();
    session.append(&lines(13..14)).unwrap();
    let whole = journal::parse(&make(clock()).read().unwrap().journal).unwrap();
    assert_eq!((whole.records.len(), whole.torn), (4, 0));
    session.cut(0).unwrap();
    assert!(make(clock()).read().unwrap().journal.is_empty());
    drop(session);
    let mut session = store.open(&request("after")).unwrap();
    assert!(session.contents().unwrap().journal.is_empty());
}

fn somebody_elses_snapshot_is_never_overwritten(make: Make<'_>) {
    let (store, other) = (make(clock()), make(clock()));
    let mut session = store.open(&request("careful")).unwrap();
    session.contents().unwrap();
    // Somebody who does not care for locks.
    let mut careless = other.open(&Request { lock: false, ..request("careless") }).unwrap();
    careless.contents().unwrap();
    commit(&mut *careless, 20, &document(20, 10)).unwrap();
    drop(careless);
    let refused = commit(&mut *session, 21, &document(21, 10));
    assert!(matches!(refused, Err(StoreError::Moved { .. } | StoreError::LostLock { .. })), "{refused:?}");
    assert_eq!(other.read().unwrap().snapshot, Some(document(20, 10)));
}

fn much_is_kept_as_well(make: Make<'_>) {
    let store = make(clock());
    let mut session = store.open(&request("large")).unwrap();
    session.contents().unwrap();
    let large = document(22, 3 * 1024 * 1024);
    commit(&mut *session, 22, &large).unwrap();
    let mut expected = Vec::new();
    for first in (1..200).step_by(4) {
        let lines = lines(first..first + 4);
        session.append(&lines).unwrap();
        expected.extend(lines);
    }
    let found = make(clock()).read().unwrap();
    assert!(found.snapshot.as_deref() == Some(&*large), "the large snapshot is another one");
    assert!(found.journal == expected, "the long journal is another one");
    session.rotate().unwrap();
    commit(&mut *session, 23, &document(23, 1)).unwrap();
}

fn a_ledger_goes_on_where_another_ended(make: Make<'_>) {
    let store = make(clock());
    let lineage = {
        let (ledger, _) = Ledger::open(&*store, &request("one")).unwrap();
        let lineage = ledger.state(|state| state.lineage.clone());
        ledger.append(vec![header("one", &lineage)]).wait().unwrap();
        ledger.append(vec![Record::Complete { plan: "one".into() }]).wait().unwrap();
        lineage
    };
    // Ended without a commit: what it noted is in the journal.
    let seen = view(&*make(clock())).unwrap();
    assert!(seen.recovered.state.plans["one"].complete);
    assert_eq!(seen.writer, None);
    let (ledger, recovered) = Ledger::open(&*store, &request("two")).unwrap();
    assert!(recovered.state.plans["one"].complete);
    assert_eq!(ledger.state(|state| state.lineage.clone()), lineage);
    let tickets: Vec<_> =
        (0..50).map(|n| ledger.append(vec![Record::Complete { plan: format!("two {n}").into() }])).collect();
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    let committed = ledger.commit().unwrap();
    assert!(committed.is_written && committed.trouble.is_none());
    drop(ledger);
    let seen = view(&*make(clock())).unwrap();
    assert!(seen.recovered.state.plans.contains_key("two 49"));
    assert_eq!(seen.recovered.state.lineage, lineage);
}

/// What an engine of many workspaces promises beside its stores. There is nothing on it yet.
pub(crate) fn backend_contract(make: &dyn Fn() -> Arc<dyn Backend>) {
    let engine = make();
    assert_eq!(engine.workspaces().unwrap(), [Layout::DEFAULT]);
    assert_eq!(engine.place(), make().place());
    engine.create("staging").unwrap();
    engine.create("staging").unwrap();
    assert_eq!(make().workspaces().unwrap(), [Layout::DEFAULT, "staging"]);
    for (workspace, serial) in [(Layout::DEFAULT, 1), ("staging", 2)] {
        let store = engine.store(workspace, clock()).unwrap();
        let mut session = store.open(&request(workspace)).unwrap();
        assert_eq!(session.contents().unwrap(), Contents::default());
        session.append(&lines(1..3)).unwrap();
        commit(&mut *session, serial, &document(serial, 1)).unwrap();
    }
    for (workspace, serial) in [(Layout::DEFAULT, 1), ("staging", 2)] {
        let contents = make().store(workspace, clock()).unwrap().read().unwrap();
        assert_eq!(contents, Contents { snapshot: Some(document(serial, 1)), journal: lines(1..3) });
    }
    // Locks are each workspace's own.
    let staging = engine.store("staging", clock()).unwrap();
    let held = staging.open(&request("staging")).unwrap();
    drop(engine.store(Layout::DEFAULT, clock()).unwrap().open(&request("default")).unwrap());
    engine.delete("staging").unwrap();
    drop(held);
    assert_eq!(make().workspaces().unwrap(), [Layout::DEFAULT]);
    assert_eq!(staging.read().unwrap(), Contents::default());
    assert_eq!(staging.history().unwrap(), []);
    assert!(engine.store(Layout::DEFAULT, clock()).unwrap().read().unwrap().snapshot.is_some());
}
