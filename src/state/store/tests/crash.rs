//! Crashes, losses of power and full disks at every single operation of a disk.

use std::path::Path;
use std::sync::Arc;

use super::memory::Failure;
use super::memory::Memory;
use super::request;
use crate::state::Action;
use crate::state::Lineage;
use crate::state::State;
use crate::state::Status;
use crate::state::journal::Fold;
use crate::state::journal::OutcomeResult;
use crate::state::journal::Record;
use crate::state::journal::tests::answer;
use crate::state::journal::tests::intent;
use crate::state::journal::tests::made;
use crate::state::journal::tests::outcome;
use crate::state::journal::tests::run;
use crate::state::journal::tests::target;
use crate::state::store::Layout;
use crate::state::store::Ledger;
use crate::state::store::LocalStore;
use crate::state::store::Store as _;
use crate::state::store::StoreError;
use crate::state::store::view;

fn store(disk: &Memory) -> LocalStore {
    let layout = Layout::new(Path::new("/work"), Layout::DEFAULT, false).unwrap();
    LocalStore::new(layout).with_disk(Arc::new(disk.clone()))
}

/// What a run does: records, and commits between them.
enum Act {
    Append(Record),
    Commit,
}

/// Two runs: the first creates `a` and `b` and leaves `c` open, the second ends `c` and deletes `a`.
fn script() -> Vec<Act> {
    use Act::Append;
    use Act::Commit;
    vec![
        Append(run()),
        Append(intent("a", Action::Create, 0, &[])),
        Append(answer(2, "a")),
        Append(outcome(2, "a", made("a"))),
        Append(intent("b", Action::Create, 1, &[])),
        Append(outcome(5, "b", made("b"))),
        Append(intent("c", Action::Create, 2, &[])),
        Commit,
        Append(answer(7, "c")),
        Append(outcome(7, "c", made("c"))),
        Append(intent("a", Action::Delete, 3, &[])),
        Append(outcome(10, "a", OutcomeResult::Gone)),
        Commit,
        Append(intent("b", Action::Update, 4, &[])),
        Append(outcome(12, "b", made("b"))),
        Commit,
    ]
}

/// The states after each record of the script.
fn expected() -> Vec<State> {
    let mut fold = Fold::new(State { lineage: Lineage("lineage".into()), ..State::default() });
    let mut states = vec![fold.state().clone()];
    let records = script().into_iter().filter_map(|act| match act {
        Act::Append(record) => Some(record),
        Act::Commit => None,
    });
    for (sequence, record) in (1..).zip(records) {
        fold.apply(sequence, record).unwrap();
        states.push(fold.state().clone());
    }
    states
}

/// Starts every state with one lineage, so that the journal's header fits.
fn prepare(disk: &Memory) {
    let (ledger, _) = Ledger::open(&store(disk), &request(false)).unwrap();
    let mut state = State { lineage: Lineage("lineage".into()), ..State::default() };
    let identity = crate::state::Identity::default();
    state.pins.insert(crate::addr::ProviderAddr::default_of("dms"), identity);
    ledger.replace(state).unwrap();
}

/// Plays the script until something fails; returns how many records were acknowledged.
fn play(disk: &Memory) -> usize {
    play_folding(disk, None)
}

/// Plays the script, with a journal that is folded meanwhile from some size on.
fn play_folding(disk: &Memory, from: Option<u64>) -> usize {
    let Ok((ledger, _)) = Ledger::open(&store(disk), &request(false)) else { return 0 };
    if let Some(bytes) = from {
        ledger.fold_journal_from(bytes);
    }
    let mut acknowledged = 0;
    for act in script() {
        let result = match act {
            Act::Append(record) => ledger.append(vec![record]).wait().map(|()| acknowledged += 1),
            Act::Commit => ledger.commit().map(|_| ()),
        };
        if result.is_err() {
            break;
        }
        // Whoever reads meanwhile always finds something whole, unless the disk is gone already.
        assert!(from.is_some() || view(&store(disk)).is_ok());
    }
    acknowledged
}

#[test]
fn nothing_acknowledged_is_lost_in_a_crash_or_a_loss_of_power() {
    let total = {
        let disk = Memory::default();
        prepare(&disk);
        disk.fail_at(u64::MAX, Failure::Crash);
        assert_eq!(play(&disk), 13);
        disk.operations()
    };
    assert!(total > 40);
    let expected = expected();
    for at in 1..=total {
        for lost_power in [false, true] {
            let disk = Memory::default();
            prepare(&disk);
            disk.fail_at(at, Failure::Crash);
            let acknowledged = play(&disk);
            disk.restart(lost_power);
            let seen = view(&store(&disk)).unwrap_or_else(|error| panic!("crash at {at}: {error}"));
            let found = &seen.recovered.state;
            // Everything acknowledged is there, and nothing but the one record that was on its way.
            let fits = (acknowledged..=acknowledged + 1)
                .filter_map(|count| expected.get(count))
                .any(|state| state.same_content(found));
            assert!(fits, "crash at {at}, power lost: {lost_power}, acknowledged {acknowledged}: {found:#?}");
            // The next run takes it up and can write.
            let (ledger, recovered) = Ledger::open(&store(&disk), &request(false)).unwrap();
            assert!(recovered.state.same_content(found));
            ledger.append(vec![intent("z", Action::Create, 9, &[])]).wait().unwrap();
            ledger.commit().unwrap();
            drop(ledger);
            let after = view(&store(&disk)).unwrap().recovered;
            assert!(matches!(after.state.object(&target("z")).unwrap().status, Status::InDoubt(_)));
        }
    }
}

#[test]
fn nothing_is_lost_while_a_large_journal_is_folded_during_the_run() {
    let total = {
        let disk = Memory::default();
        prepare(&disk);
        disk.fail_at(u64::MAX, Failure::Crash);
        assert_eq!(play_folding(&disk, Some(1)), 13);
        disk.operations()
    };
    let expected = expected();
    for at in 1..=total {
        for failure in [Failure::Crash, Failure::FullOnce] {
            let disk = Memory::default();
            prepare(&disk);
            disk.fail_at(at, failure);
            let acknowledged = play_folding(&disk, Some(1));
            disk.restart(failure == Failure::Crash);
            let seen = view(&store(&disk)).unwrap_or_else(|error| panic!("{failure:?} at {at}: {error}"));
            let fits = (acknowledged..=acknowledged + 1)
                .filter_map(|count| expected.get(count))
                .any(|state| state.same_content(&seen.recovered.state));
            assert!(fits, "{failure:?} at {at}, acknowledged {acknowledged}");
        }
    }
}

#[test]
fn a_large_journal_is_folded_during_the_run() {
    let disk = Memory::default();
    prepare(&disk);
    let (ledger, _) = Ledger::open(&store(&disk), &request(false)).unwrap();
    ledger.fold_journal_from(4 * 1024);
    ledger.append(vec![run(), intent("a", Action::Create, 0, &[])]).wait().unwrap();
    let mut largest = 0;
    for step in 1..200 {
        let name = format!("b{step}");
        let first = ledger.append(vec![intent(&name, Action::Create, step, &[])]);
        first.wait().unwrap();
        ledger.append(vec![outcome(first.first(), &name, made(&name))]).wait().unwrap();
        largest = largest.max(store(&disk).read().unwrap().journal.len());
    }
    // Twice the snapshot, as it grows to some 100 kB.
    let contents = store(&disk).read().unwrap();
    let snapshot = contents.snapshot.unwrap().len();
    assert!(snapshot > 20_000, "{snapshot}");
    assert!(largest < 3 * snapshot, "{largest} bytes of journal beside a snapshot of {snapshot}");
    // The intent from before is still open, and is answered now.
    ledger.append(vec![answer(2, "a"), outcome(2, "a", made("a"))]).wait().unwrap();
    ledger.commit().unwrap();
    drop(ledger);
    let seen = view(&store(&disk)).unwrap().recovered;
    assert!(seen.is_settled());
    assert_eq!(seen.state.resources.len(), 200);
}

#[test]
fn a_full_disk_loses_nothing_acknowledged() {
    let total = {
        let disk = Memory::default();
        prepare(&disk);
        disk.fail_at(u64::MAX, Failure::Full);
        play(&disk);
        disk.operations()
    };
    let expected = expected();
    for failure in [Failure::FullOnce, Failure::Full] {
        for at in 1..=total {
            let disk = Memory::default();
            prepare(&disk);
            disk.fail_at(at, failure);
            let acknowledged = play(&disk);
            disk.restart(false);
            let seen = view(&store(&disk)).unwrap_or_else(|error| panic!("full at {at}: {error}"));
            let fits = (acknowledged..=acknowledged + 1)
                .filter_map(|count| expected.get(count))
                .any(|state| state.same_content(&seen.recovered.state));
            assert!(fits, "{failure:?} at {at}, acknowledged {acknowledged}");
        }
    }
}

#[test]
fn what_happened_is_saved_by_a_snapshot_if_the_journal_was_full() {
    for at in 1..4 {
        let disk = Memory::default();
        prepare(&disk);
        let (ledger, _) = Ledger::open(&store(&disk), &request(false)).unwrap();
        ledger.append(vec![run(), intent("a", Action::Create, 0, &[])]).wait().unwrap();
        disk.fail_at(at, Failure::FullOnce);
        let answered = ledger.append(vec![answer(2, "a")]).wait();
        let ended = ledger.append(vec![outcome(2, "a", made("a"))]).wait();
        assert_eq!(answered.is_err(), at < 3);
        if at == 2 {
            assert!(matches!(ended, Err(StoreError::Closed { .. })));
        }
        disk.restart(false);
        ledger.commit().unwrap();
        drop(ledger);
        let seen = view(&store(&disk)).unwrap().recovered;
        assert!(seen.is_settled());
        assert_eq!(seen.state.object(&target("a")).unwrap().attributes.text("id").as_deref(), Some("id-a"));
    }
}

#[test]
fn an_intent_that_was_refused_leaves_no_trace() {
    let disk = Memory::default();
    prepare(&disk);
    let (ledger, _) = Ledger::open(&store(&disk), &request(false)).unwrap();
    ledger.append(vec![run()]).wait().unwrap();
    disk.fail_at(1, Failure::FullOnce);
    let error = ledger.append(vec![intent("a", Action::Create, 0, &[])]).wait().unwrap_err();
    assert!(
        matches!(&error, StoreError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull)
    );
    let shown = crate::diag::Diagnostic::from(error);
    assert_eq!(shown.code, crate::diag::Code::StateWrite);
    assert!(shown.hints[0].contains("free some space"));
    ledger.append(vec![intent("b", Action::Create, 0, &[])]).wait().unwrap();
    ledger.commit().unwrap();
    let names = ledger.state(|state| state.resources.keys().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(names, ["dms_rocketmq_topic.b"]);
}
