//! State in a directory: files, backups, history, foreign hands.

use std::path::Path;

use super::request;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::state::Action;
use crate::state::Lineage;
use crate::state::State;
use crate::state::document;
use crate::state::journal;
use crate::state::journal::Record;
use crate::state::journal::tests::intent;
use crate::state::journal::tests::made;
use crate::state::journal::tests::outcome;
use crate::state::journal::tests::run;
use crate::state::store::Layout;
use crate::state::store::Ledger;
use crate::state::store::LocalStore;
use crate::state::store::Store as _;
use crate::state::store::StoreError;
use crate::state::store::view;

fn store(directory: &Path) -> LocalStore {
    LocalStore::new(Layout::new(directory, Layout::DEFAULT, false).unwrap())
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

fn header(lineage: &Lineage) -> Record {
    let Record::Run(mut header) = run() else { panic!("no header") };
    header.lineage = lineage.clone();
    Record::Run(header)
}

/// A whole run that creates one topic.
fn create(store: &LocalStore, name: &str) -> u64 {
    let (ledger, _) = Ledger::open(store, &request(true)).unwrap();
    let lineage = ledger.state(|state| state.lineage.clone());
    ledger.append(vec![header(&lineage)]).wait().unwrap();
    let ticket = ledger.append(vec![intent(name, Action::Create, 0, &[])]);
    ticket.wait().unwrap();
    ledger.append(vec![outcome(ticket.first(), name, made(name))]).wait().unwrap();
    let committed = ledger.commit().unwrap();
    assert!(committed.trouble.is_none());
    committed.serial
}

#[test]
fn a_run_leaves_snapshot_and_history() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    assert_eq!(create(&store, "a"), 1);
    assert_eq!(
        names(directory.path()),
        [
            ".queueform.state.lock",
            "queueform.state.history",
            "queueform.state.journal",
            "queueform.state.json",
        ]
    );
    assert_eq!(std::fs::read(store.layout().journal()).unwrap(), b"");
    let first = std::fs::read(store.layout().state()).unwrap();
    assert_eq!(create(&store, "b"), 2);
    assert_eq!(std::fs::read(store.layout().backup()).unwrap(), first);
    let history = store.history().unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(journal::parse(&store.history_entry(&history[0]).unwrap()).unwrap().records.len(), 3);
    let state = document::read(&std::fs::read(store.layout().state()).unwrap()).unwrap();
    assert_eq!((state.serial, state.resources.len(), state.folded), (2, 2, 6));
}

#[test]
fn a_run_without_effect_writes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let lineage = ledger.state(|state| state.lineage.clone());
    ledger.append(vec![header(&lineage)]).wait().unwrap();
    assert!(!ledger.commit().unwrap().is_written);
    drop(ledger);
    assert!(!store.layout().state().exists());
    create(&store, "a");
    let before = std::fs::read(store.layout().state()).unwrap();
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let lineage = ledger.state(|state| state.lineage.clone());
    for _ in 0..3 {
        ledger.append(vec![header(&lineage)]).wait().unwrap();
        assert!(!ledger.commit().unwrap().is_written);
    }
    drop(ledger);
    assert_eq!(std::fs::read(store.layout().state()).unwrap(), before);
    assert_eq!(create(&store, "b"), 2);
    assert_eq!(view(&store).unwrap().recovered.state.resources.len(), 2);
}

#[test]
fn old_history_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path()).with_retention(2);
    for name in ["a", "b", "c", "d"] {
        create(&store, name);
    }
    let kept = store.history().unwrap();
    assert_eq!(kept.len(), 2);
    let last = journal::parse(&store.history_entry(&kept[1]).unwrap()).unwrap();
    assert!(last.records.iter().any(|(_, record)| {
        record.target().is_some_and(|target| target.addr.to_string() == "dms_rocketmq_topic.d")
    }));
}

#[test]
fn a_state_replaced_underneath_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    create(&store, "a");
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let lineage = ledger.state(|state| state.lineage.clone());
    ledger.append(vec![header(&lineage), intent("b", Action::Create, 0, &[])]).wait().unwrap();
    let foreign = State { serial: 9, lineage: Lineage("foreign".into()), ..State::default() };
    let foreign = document::write(&foreign).unwrap();
    std::fs::write(store.layout().state(), &foreign).unwrap();
    let error = ledger.commit().unwrap_err();
    let StoreError::Moved { expected: Some((1, _)), found: Some((9, _)), .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(Diagnostic::from(error).code, Code::StateMoved);
    assert_eq!(std::fs::read(store.layout().state()).unwrap(), foreign);
    drop(ledger);
    // The journal of the other state is not folded into it either.
    let error = Diagnostic::from(Ledger::open(&store, &request(true)).unwrap_err());
    assert_eq!(error.code, Code::StateMoved);
    assert!(error.hints[1].contains("queueform.state.journal"));
}

#[test]
fn a_file_that_was_only_touched_is_not_moved() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    create(&store, "a");
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let lineage = ledger.state(|state| state.lineage.clone());
    ledger.append(vec![header(&lineage), intent("b", Action::Create, 0, &[])]).wait().unwrap();
    let bytes = std::fs::read(store.layout().state()).unwrap();
    std::fs::remove_file(store.layout().state()).unwrap();
    std::fs::write(store.layout().state(), bytes).unwrap();
    assert_eq!(ledger.commit().unwrap().serial, 2);
}

#[test]
fn damage_is_reported_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    create(&store, "a");
    create(&store, "b");
    let good = std::fs::read(store.layout().state()).unwrap();
    std::fs::write(store.layout().state(), &good[..good.len() / 2]).unwrap();
    let error = Diagnostic::from(view(&store).unwrap_err());
    assert_eq!(error.code, Code::StateCorrupt);
    assert!(error.summary.contains("line "), "{}", error.summary);
    assert!(error.hints[0].contains("queueform.state.backup.json"), "{:?}", error.hints);
    assert!(Ledger::open(&store, &request(true)).is_err());
    assert_eq!(std::fs::read(store.layout().state()).unwrap(), &good[..good.len() / 2]);

    std::fs::write(store.layout().state(), good).unwrap();
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let lineage = ledger.state(|state| state.lineage.clone());
    ledger.append(vec![header(&lineage), intent("c", Action::Create, 0, &[])]).wait().unwrap();
    drop(ledger);
    let mut journal = std::fs::read(store.layout().journal()).unwrap();
    journal[60] ^= 4;
    std::fs::write(store.layout().journal(), &journal).unwrap();
    let error = Diagnostic::from(Ledger::open(&store, &request(true)).unwrap_err());
    assert_eq!(error.code, Code::JournalCorrupt);
    assert!(error.detail.contains("0 records before it and 1 after it"), "{}", error.detail);
    assert_eq!(std::fs::read(store.layout().journal()).unwrap(), journal);
}

#[test]
fn a_missing_state_beside_its_journal_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    create(&store, "a");
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let lineage = ledger.state(|state| state.lineage.clone());
    ledger.append(vec![header(&lineage)]).wait().unwrap();
    drop(ledger);
    std::fs::remove_file(store.layout().state()).unwrap();
    assert_eq!(Diagnostic::from(view(&store).unwrap_err()).code, Code::StateMoved);
}

#[test]
fn a_torn_tail_is_cut_before_writing_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let lineage = ledger.state(|state| state.lineage.clone());
    ledger.append(vec![header(&lineage), intent("a", Action::Create, 0, &[])]).wait().unwrap();
    drop(ledger);
    let journal = std::fs::read(store.layout().journal()).unwrap();
    std::fs::write(store.layout().journal(), &journal[..journal.len() - 9]).unwrap();
    let (ledger, recovered) = Ledger::open(&store, &request(true)).unwrap();
    assert!(recovered.is_settled());
    assert_eq!(recovered.runs.len(), 1);
    assert_eq!(recovered.state.lineage, lineage);
    ledger.append(vec![intent("b", Action::Create, 0, &[])]).wait().unwrap();
    drop(ledger);
    assert_eq!(view(&store).unwrap().recovered.in_doubt.len(), 1);
}

#[test]
fn workspaces_and_emulated_state_live_apart() {
    let directory = Path::new("d");
    let path = |workspace, is_emulated| {
        Layout::new(directory, workspace, is_emulated).unwrap().state().display().to_string()
    };
    assert_eq!(path("default", false), "d/queueform.state.json");
    assert_eq!(path("west", false), "d/queueform.state.d/west/queueform.state.json");
    assert_eq!(path("default", true), "d/.queueform/emulator/queueform.state.json");
    assert_eq!(path("west", true), "d/.queueform/emulator/queueform.state.d/west/queueform.state.json");
    for name in ["", "..", "a/b", "-a", ".x", "a b"] {
        assert!(Layout::new(directory, name, false).is_err(), "{name}");
    }
    let temporary = tempfile::tempdir().unwrap();
    create(&LocalStore::new(Layout::new(temporary.path(), "west", false).unwrap()), "a");
    assert_eq!(Layout::workspaces(temporary.path(), None), ["default", "west"]);
    assert_eq!(Layout::workspaces(&Layout::emulated(temporary.path()), None), ["default"]);
}

#[test]
fn readers_always_see_what_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    create(&store, "a");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let (mut seen, mut rounds) = (0, 0);
                    while !done.load(std::sync::atomic::Ordering::SeqCst) {
                        let steps = view(&store).unwrap().recovered.state;
                        let steps = steps.plans.get("plan-2").map_or(0, |plan| plan.steps.len());
                        assert!(steps >= seen, "{steps} after {seen}");
                        (seen, rounds) = (steps, rounds + 1);
                    }
                    rounds
                })
            })
            .collect();
        let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
        for step in 0..120 {
            ledger.append(vec![Record::Step { plan: "plan-2".into(), step }]).wait().unwrap();
            if step % 5 == 0 {
                ledger.commit().unwrap();
            }
        }
        drop(ledger);
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    assert_eq!(view(&store).unwrap().recovered.state.plans["plan-2"].steps.len(), 120);
}

#[test]
fn records_appended_at_once_share_syncs_and_keep_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let lineage = ledger.state(|state| state.lineage.clone());
    ledger.append(vec![header(&lineage)]).wait().unwrap();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let ledger = &ledger;
            scope.spawn(move || {
                let steps = (0..50).map(|step| Record::Step { plan: "p".into(), step: worker * 50 + step });
                let tickets: Vec<_> = steps.map(|record| ledger.append(vec![record])).collect();
                for ticket in tickets {
                    ticket.wait().unwrap();
                }
            });
        }
    });
    assert_eq!(ledger.state(|state| state.plans["p"].steps.len()), 200);
    drop(ledger);
    assert_eq!(view(&store).unwrap().recovered.state.folded, 201);
}

#[test]
fn a_ticket_can_be_awaited() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let (ledger, _) = Ledger::open(&store, &request(true)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        ledger.append(vec![Record::Step { plan: "p".into(), step: 1 }]).await.unwrap();
        ledger.append(Vec::new()).await.unwrap();
    });
    assert_eq!(ledger.state(|state| state.folded), 1);
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_is_explained() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Ledger::open(&store(&file), &request(true)).unwrap_err();
    let shown = Diagnostic::from(error);
    assert_eq!(shown.code, Code::StateWrite);
    assert!(shown.summary.contains("cannot create"), "{}", shown.summary);
}
