use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::addr::ProviderAddr;
use crate::state::Action;
use crate::state::Answer;
use crate::state::Attributes;
use crate::state::DeposedKey;
use crate::state::Identity;
use crate::state::Instance;
use crate::state::Intent;
use crate::state::Lineage;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::Output;
use crate::state::State;
use crate::state::Status;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

fn ty() -> Type {
    Type::object([("id", Type::String), ("name", Type::String), ("password", Type::String)])
}

pub(crate) fn object(id: Option<&str>, name: &str) -> Object {
    let id = id.map_or_else(|| Value::unknown(Type::String), Value::string);
    let value = Value::object([("id", id), ("name", Value::string(name)), ("password", Value::null())]);
    Object::new(Attributes::encode(&value, &ty(), None).unwrap())
}

pub(crate) fn target(name: &str) -> ObjectRef {
    ObjectRef::current(format!("dms_rocketmq_topic.{name}").parse().unwrap())
}

pub(crate) fn run() -> Record {
    Record::Run(RunHeader {
        id: "run-1".into(),
        lineage: Lineage("lineage".into()),
        who: "me".into(),
        host: "here".into(),
        pid: 7,
        command: "apply".into(),
        plan: Some("plan-1".into()),
        version: "0.1.0".into(),
        at: "2026-08-01T00:00:00Z".into(),
        ..RunHeader::default()
    })
}

pub(crate) fn intent(name: &str, action: Action, step: u32, done: &[&str]) -> Record {
    Record::Intent(Box::new(Intent {
        sequence: 0,
        run: "run-1".into(),
        plan: "plan-1".into(),
        step,
        call: "call".into(),
        done: done.iter().map(|step| Arc::from(*step)).collect(),
        action,
        target: target(name),
        provider: ProviderAddr::default_of("dms"),
        schema_version: 1,
        schema_digest: "digest".into(),
        planned: (action != Action::Delete).then(|| Box::new(object(None, name))),
        natural_key: Some(format!("i/{name}").into()),
        token: Some("token".into()),
        seen: Vec::new(),
        due: Vec::new(),
        serves: None,
        before: Box::default(),
        prior: None,
        at: "2026-08-01T00:00:01Z".into(),
    }))
}

pub(crate) fn answer(intent: u64, name: &str) -> Record {
    Record::Answer(Box::new(Answer {
        intent,
        target: target(name),
        id: Some(format!("id-{name}").into()),
        job: None,
        attributes: Some(object(Some(&format!("id-{name}")), name).attributes),
        call: None,
        request_id: None,
        at: "2026-08-01T00:00:02Z".into(),
    }))
}

pub(crate) fn outcome(intent: u64, name: &str, result: OutcomeResult) -> Record {
    let at = "2026-08-01T00:00:03Z".into();
    Record::Outcome(Box::new(Outcome {
        intent,
        target: target(name),
        result,
        step_done: true,
        due: Vec::new(),
        failure: None,
        at,
    }))
}

pub(crate) fn made(name: &str) -> OutcomeResult {
    OutcomeResult::Object(Box::new(object(Some(&format!("id-{name}")), name)))
}

fn put(name: &str, object: Object) -> Record {
    let like = Instance::new(ProviderAddr::default_of("dms"), 1, "digest");
    Record::Put(Box::new(Put::new(target(name), &like, object)))
}

fn numbered(records: Vec<Record>) -> Vec<(u64, Record)> {
    (1..).zip(records).collect()
}

fn text(records: &[(u64, Record)]) -> Vec<u8> {
    records.iter().flat_map(|(sequence, record)| encode(*sequence, record).unwrap().into_bytes()).collect()
}

fn fold(state: State, records: Vec<(u64, Record)>) -> Fold {
    let mut fold = Fold::new(state);
    for (sequence, record) in records {
        fold.apply(sequence, record).unwrap();
    }
    fold
}

/// One of everything.
fn sample() -> Vec<Record> {
    let key = DeposedKey::parse("0123abcd").unwrap();
    vec![
        run(),
        intent("a", Action::Create, 0, &[]),
        answer(2, "a"),
        outcome(2, "a", made("a")),
        intent("b", Action::Create, 1, &[]),
        outcome(5, "b", made("b")),
        Record::Deposed { addr: target("a").addr, key: key.clone() },
        intent("a", Action::Create, 2, &[]),
        outcome(8, "a", OutcomeResult::Unchanged),
        Record::Restored { addr: target("a").addr, key },
        Record::Moved { from: target("b").addr, to: target("c").addr },
        put("d", object(Some("id-d"), "d").with_status(Status::Tainted)),
        Record::Forget(target("d")),
        Record::Output {
            name: "out".into(),
            output: Some(Output::from_value(&Value::int(1), false, None).unwrap()),
        },
        Record::Pin { provider: ProviderAddr::default_of("dms"), identity: Identity::default() },
        Record::Step { plan: "plan-1".into(), step: 9 },
        Record::Checks(Vec::new()),
        intent("c", Action::Delete, 3, &[]),
        outcome(18, "c", OutcomeResult::Gone),
        Record::Complete { plan: "plan-1".into() },
        Record::End { run: "run-1".into(), result: "done".into(), at: "2026-08-01T00:00:09Z".into() },
    ]
}

#[test]
fn records_round_trip() {
    let records = numbered(sample());
    let lines = parse(&text(&records)).unwrap();
    assert_eq!(lines.torn, 0);
    assert_eq!(lines.records, records);
}

#[test]
fn a_run_folds_into_the_state() {
    let state = fold(State::default(), numbered(sample())).into_state();
    assert_eq!(state.lineage, Lineage("lineage".into()));
    assert_eq!(state.resources.keys().map(ToString::to_string).collect::<Vec<_>>(), ["dms_rocketmq_topic.a"]);
    let a = state.object(&target("a")).unwrap();
    assert_eq!((&a.status, a.attributes.text("id").as_deref()), (&Status::Ready, Some("id-a")));
    assert!(state.plans["plan-1"].complete);
    assert_eq!(state.folded, 21);
}

#[test]
fn a_tail_torn_at_any_byte_loses_only_its_record() {
    let records = numbered(sample());
    let text = text(&records);
    let ends: Vec<usize> =
        text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    for length in 0..=text.len() {
        let lines = parse(&text[..length]).unwrap();
        let whole = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(lines.records, records[..whole], "at {length}");
        assert_eq!(lines.valid + lines.torn, length as u64);
        fold(State::default(), lines.records);
    }
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let records = numbered(sample().into_iter().take(5).collect());
    let text = text(&records);
    for at in 0..text.len() {
        for mask in [0x01, 0x20, 0x80, 0xff] {
            let mut changed = text.clone();
            changed[at] ^= mask;
            let damage = parse(&changed).expect_err(&format!("byte {at} changed unnoticed"));
            assert!(damage.before < records.len());
        }
    }
}

/// A disk that loses power leaves what it has not written empty.
#[test]
fn a_tail_with_holes_loses_only_its_record() {
    let records = numbered(sample());
    let text = text(&records);
    let last = text.len() - 1 - text.iter().rev().skip(1).position(|byte| *byte == b'\n').unwrap();
    for (from, to) in
        [(last, text.len()), (last, text.len() - 9), (last + 7, text.len()), (last + 7, last + 9)]
    {
        let mut hollow = text.clone();
        hollow[from..to].fill(0);
        let lines = parse(&hollow).unwrap();
        assert_eq!(lines.records, records[..records.len() - 1], "{from}..{to}");
    }
}

/// A record of a newer version was acknowledged: it is not forgotten because this version cannot read it.
#[test]
fn a_record_of_a_newer_version_is_not_cut_off() {
    let mut bytes = text(&numbered(sample().into_iter().take(2).collect()));
    let record = r#"{"surprise":{}}"#;
    let line = encode(3, &run()).unwrap();
    assert!(parse(&[bytes.clone(), line.into_bytes()].concat()).is_ok());
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&3_u64.to_be_bytes());
    hasher.update(record.as_bytes());
    bytes
        .extend(format!("{{\"crc\":\"{:08x}\",\"seq\":3,\"record\":{record}}}\n", hasher.finalize()).bytes());
    let damage = parse(&bytes).unwrap_err();
    assert_eq!((damage.line, damage.before, damage.after), (3, 2, 0));
    assert!(damage.message.contains("unknown to this version"), "{}", damage.message);
}

#[test]
fn a_missing_line_is_damage() {
    let mut records = numbered(sample());
    records.remove(4);
    let damage = parse(&text(&records)).unwrap_err();
    assert_eq!((damage.line, damage.before), (5, 4));
    assert!(damage.message.contains("record 5 is missing"), "{}", damage.message);
}

#[test]
fn every_interruption_has_its_status() {
    let statuses = |records: Vec<Record>| fold(State::default(), numbered(records)).recovered();
    let doubt = statuses(vec![run(), intent("a", Action::Create, 0, &[])]);
    assert_eq!(doubt.in_doubt, [target("a")]);
    let object = doubt.state.object(&target("a")).unwrap();
    assert!(object.status.is_being_created());
    assert_eq!(object.status.intent().map(|intent| intent.sequence), Some(2));
    assert!(object.attributes.unknown().is_empty());

    let pending = statuses(vec![run(), intent("a", Action::Create, 0, &[]), answer(2, "a")]);
    assert_eq!(pending.pending, [target("a")]);
    assert_eq!(pending.state.object(&target("a")).unwrap().attributes.text("id").as_deref(), Some("id-a"));

    let half = object_incomplete();
    let incomplete =
        statuses(vec![run(), intent("a", Action::Create, 0, &[]), outcome(2, "a", half.clone())]);
    assert_eq!(incomplete.incomplete, [target("a")]);

    // The second call of the creation is refused: the object is as incomplete as before.
    let again = statuses(vec![
        run(),
        intent("a", Action::Create, 0, &[]),
        outcome(2, "a", half),
        intent("a", Action::Create, 0, &["create"]),
        outcome(4, "a", OutcomeResult::Unchanged),
    ]);
    assert_eq!(again.incomplete, [target("a")]);
    assert_eq!(again.runs.len(), 1);
}

fn object_incomplete() -> OutcomeResult {
    let status = Status::Incomplete { done: vec!["create".into()], failed: "queues".into() };
    OutcomeResult::Object(Box::new(object(Some("id-a"), "a").with_status(status)))
}

#[test]
fn a_call_without_effect_leaves_the_object_as_it_was() {
    let tainted = object(Some("id-a"), "a").with_status(Status::Tainted);
    let folded = fold(
        State::default(),
        numbered(vec![
            run(),
            put("a", tainted.clone()),
            intent("a", Action::Delete, 0, &[]),
            intent("a", Action::Delete, 0, &[]),
            outcome(4, "a", OutcomeResult::Unchanged),
        ]),
    );
    assert_eq!(folded.state().object(&target("a")), Some(&tainted));
    let created = vec![run(), intent("a", Action::Create, 0, &[]), outcome(2, "a", OutcomeResult::Unchanged)];
    assert!(fold(State::default(), numbered(created)).state().resources.is_empty());
}

#[test]
fn an_update_in_doubt_keeps_the_prior_attributes() {
    let folded = fold(
        State::default(),
        numbered(vec![run(), put("a", object(Some("old"), "a")), intent("a", Action::Update, 0, &[])]),
    );
    let object = folded.state().object(&target("a")).unwrap();
    assert_eq!(object.attributes.text("id").as_deref(), Some("old"));
    assert!(matches!(object.status, Status::InDoubt(_)) && !object.status.is_being_created());
}

#[test]
fn foreign_journals_are_refused() {
    let mut other = Fold::new(State { lineage: Lineage("other".into()), ..State::default() });
    assert!(other.apply(1, run()).unwrap_err().is_foreign);
    let mut older = Fold::new(State { folded: 3, ..State::default() });
    assert!(older.apply(5, run()).unwrap_err().is_foreign);
    let mut contradicted = Fold::default();
    assert!(!contradicted.apply(1, outcome(9, "a", OutcomeResult::Gone)).unwrap_err().is_foreign);
}

#[test]
fn the_history_keeps_no_trace_of_secrets() {
    let value = Value::object([
        ("id", Value::string("id")),
        ("name", Value::string("a")),
        ("password", Value::string("secret").mark(Marks::SENSITIVE)),
    ]);
    let secret = Object::new(Attributes::encode(&value, &ty(), None).unwrap());
    let mut doubt = intent("a", Action::Update, 0, &[]);
    if let Record::Intent(intent) = &mut doubt {
        intent.planned = Some(Box::new(secret.clone()));
    }
    let output = Output::from_value(&Value::string("secret"), true, None).unwrap();
    for record in [
        put("a", secret.clone()),
        doubt,
        outcome(1, "a", OutcomeResult::Object(Box::new(secret.clone()))),
        Record::Output { name: "o".into(), output: Some(output) },
    ] {
        assert!(encode(1, &record).unwrap().contains("argon2id"));
        let kept = encode(1, &record.for_history()).unwrap();
        assert!(!kept.contains("argon2id") && !kept.contains("token\":\"token"), "{kept}");
    }
}

/// Steps that always fit together, whatever was drawn.
fn steps() -> impl Strategy<Value = Vec<(u8, usize)>> {
    prop::collection::vec((0_u8..7, 0_usize..3), 0..40)
}

fn play(steps: &[(u8, usize)]) -> Vec<(u64, Record)> {
    let names = ["a", "b", "c"];
    let mut records = vec![(1, run())];
    let mut fold = Fold::default();
    fold.apply(1, run()).unwrap();
    for (kind, which) in steps {
        let name = names[*which];
        let next = fold.state().folded + 1;
        let open = fold
            .state()
            .object(&target(name))
            .and_then(|object| object.status.intent().map(|intent| intent.sequence));
        let exists = fold.state().object(&target(name)).is_some();
        let record = match (kind, open) {
            (0, None) => intent(name, if exists { Action::Update } else { Action::Create }, 0, &[]),
            (1, Some(open)) => answer(open, name),
            (2, Some(open)) => outcome(open, name, made(name)),
            (3, Some(open)) => outcome(open, name, OutcomeResult::Unchanged),
            (4, Some(open)) => outcome(open, name, OutcomeResult::Gone),
            (5, None) if exists => intent(name, Action::Delete, 1, &[]),
            (6, None) => put(name, object(Some("read"), name)),
            _ => Record::Step { plan: "plan-1".into(), step: u32::from(*kind) },
        };
        fold.apply(next, record.clone()).unwrap();
        records.push((next, record));
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// A snapshot may be taken anywhere, even while calls are open, and the whole journal replayed on it.
    #[test]
    fn replaying_on_a_snapshot_is_harmless(steps in steps(), cut in 0_usize..40) {
        let records = play(&steps);
        let cut = cut.min(records.len());
        let all = fold(State::default(), records.clone()).into_state();
        let part = fold(State::default(), records[..cut].to_vec()).into_state();
        let snapshot = crate::state::document::write(&part).unwrap();
        let restored = crate::state::document::read(&snapshot).unwrap();
        let replayed = fold(restored, records.clone()).into_state();
        prop_assert!(replayed.same_content(&all));
        prop_assert_eq!(replayed.folded, all.folded);
        let twice = fold(replayed.clone(), records).into_state();
        prop_assert_eq!(twice, replayed);
    }
}
