//! What journals of the past say: one run after the other, with its calls and what became of objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::state::Action;
use crate::state::Instance;
use crate::state::Object;
use crate::state::ObjectRef;

use super::CallFailure;
use super::OutcomeResult;
use super::Record;
use super::RunHeader;

/// A run as its records tell it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PastRun {
    /// Who ran what.
    pub header: RunHeader,
    /// Its records behind the header, in order.
    pub records: Vec<(u64, Record)>,
    /// How it ended by its own account, and when; none if it died, or goes on.
    pub end: Option<(Arc<str>, Arc<str>)>,
}

/// A call that changed something, or was to.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCall {
    /// The object.
    pub target: ObjectRef,
    /// What it was part of.
    pub action: Action,
    /// The schema's step.
    pub step: Arc<str>,
    /// The call as it was made, if it was answered.
    pub call: Option<Arc<str>>,
    /// The service's id of it.
    pub request_id: Option<Arc<str>>,
    /// When it was about to be made.
    pub at: Arc<str>,
    /// When its effect was known.
    pub until: Option<Arc<str>>,
    /// How it ended.
    pub end: CallEnd,
}

/// How a call ended, as far as the run knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEnd {
    /// It took effect.
    Done,
    /// It failed.
    Failed(Option<CallFailure>),
    /// The run did not learn what became of it.
    Open,
}

/// What a run made of one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The object.
    pub target: ObjectRef,
    /// What it was before the run; none if it was not there.
    pub before: Option<Object>,
    /// What it was after the run; none if it was gone.
    pub after: Option<Object>,
    /// The provider configuration and the schema that it follows.
    pub like: Instance,
    /// Calls were made for it, or it was made without any; otherwise it was only written down.
    pub is_change: bool,
    /// The run did not learn what became of a call.
    pub is_open: bool,
    /// A call failed.
    pub failure: Option<CallFailure>,
}

/// Splits records, in the order in which they were written, into runs. Records in front of the first header are of a run
/// whose beginning is not kept any more.
#[must_use]
pub fn runs(records: Vec<(u64, Record)>) -> Vec<PastRun> {
    let mut found: Vec<PastRun> = Vec::new();
    for (sequence, record) in records {
        match record {
            Record::Run(header) => {
                // A journal that was folded in the middle of a run goes on under the same id.
                if found.last().is_none_or(|run| run.header.id != header.id) {
                    found.push(PastRun { header, ..PastRun::default() });
                }
            }
            Record::End { result, at, .. } => {
                if let Some(run) = found.last_mut() {
                    run.end = Some((result, at));
                }
            }
            other => {
                if found.is_empty() {
                    found.push(PastRun::default());
                }
                if let Some(run) = found.last_mut() {
                    run.records.push((sequence, other));
                }
            }
        }
    }
    found
}

impl PastRun {
    /// Returns the calls that the run made, in order. What it learned of calls of earlier runs is not among them.
    #[must_use]
    pub fn calls(&self) -> Vec<PastCall> {
        let mut calls: Vec<PastCall> = Vec::new();
        let mut by_intent: BTreeMap<u64, usize> = BTreeMap::new();
        for (sequence, record) in &self.records {
            match record {
                Record::Intent(intent) => {
                    by_intent.insert(*sequence, calls.len());
                    calls.push(PastCall {
                        target: intent.target.clone(),
                        action: intent.action,
                        step: Arc::clone(&intent.call),
                        call: None,
                        request_id: None,
                        at: Arc::clone(&intent.at),
                        until: None,
                        end: CallEnd::Open,
                    });
                }
                Record::Answer(answer) => {
                    if let Some(call) = by_intent.get(&answer.intent).and_then(|at| calls.get_mut(*at)) {
                        call.call = answer.call.clone().or_else(|| call.call.clone());
                        call.request_id = answer.request_id.clone().or_else(|| call.request_id.clone());
                        // The next call of the object stands for what it waited for.
                        call.end = CallEnd::Done;
                        call.until = Some(Arc::clone(&answer.at));
                    }
                }
                Record::Outcome(outcome) => {
                    if let Some(call) = by_intent.get(&outcome.intent).and_then(|at| calls.get_mut(*at)) {
                        let failure = outcome.failure.as_deref().cloned();
                        let id = failure.as_ref().and_then(|failure| failure.request_id.clone());
                        call.request_id = call.request_id.clone().or(id);
                        call.until = Some(Arc::clone(&outcome.at));
                        let is_failed = failure.is_some() || outcome.result == OutcomeResult::Unchanged;
                        call.end = if is_failed { CallEnd::Failed(failure) } else { CallEnd::Done };
                    }
                }
                _ => {}
            }
        }
        calls
    }

    /// Returns what the run made of objects, in their order.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        let mut effects: BTreeMap<ObjectRef, Effect> = BTreeMap::new();
        let mut open: BTreeMap<u64, ObjectRef> = BTreeMap::new();
        let mut set_aside: Vec<ObjectRef> = Vec::new();
        for (sequence, record) in &self.records {
            match record {
                Record::Intent(intent) => {
                    let like = Instance::new(
                        intent.provider.clone(),
                        intent.schema_version,
                        Arc::clone(&intent.schema_digest),
                    );
                    let effect = effect(&mut effects, &intent.target, &like, intent.prior.as_deref());
                    effect.is_change = true;
                    effect.is_open = true;
                    open.insert(*sequence, intent.target.clone());
                }
                Record::Outcome(outcome) => {
                    let target = open.get(&outcome.intent).unwrap_or(&outcome.target);
                    if let Some(effect) = effects.get_mut(target) {
                        effect.is_open = false;
                        effect.failure = outcome.failure.as_deref().cloned().or(effect.failure.take());
                        match &outcome.result {
                            OutcomeResult::Object(object) => effect.after = Some((**object).clone()),
                            OutcomeResult::Gone => effect.after = None,
                            OutcomeResult::Unchanged => {}
                        }
                    }
                }
                Record::Put(put) => {
                    let like = Instance::new(
                        put.provider.clone(),
                        put.schema_version,
                        Arc::clone(&put.schema_digest),
                    );
                    let effect = effect(&mut effects, &put.target, &like, put.prior.as_deref());
                    effect.after = Some(put.object.clone());
                }
                Record::Forget(target) => {
                    if let Some(effect) = effects.get_mut(target) {
                        effect.after = None;
                    }
                }
                Record::Deposed { addr, key } => {
                    set_aside.push(ObjectRef::deposed(addr.clone(), key.clone()));
                }
                Record::Restored { addr, key } => {
                    set_aside.retain(|known| *known != ObjectRef::deposed(addr.clone(), key.clone()));
                }
                _ => {}
            }
        }
        // A replacement that was made first: the object before it is the one that was set aside.
        for deposed in set_aside {
            let was = effects.get(&deposed).filter(|effect| effect.after.is_none());
            let was = was.and_then(|effect| effect.before.clone());
            if was.is_some() {
                effects.remove(&deposed);
            }
            if let Some(effect) = effects.get_mut(&ObjectRef::current(deposed.addr)) {
                effect.is_open |= was.is_none();
                effect.before = was;
            }
        }
        effects.into_values().collect()
    }
}

fn effect<'e>(
    effects: &'e mut BTreeMap<ObjectRef, Effect>,
    target: &ObjectRef,
    like: &Instance,
    prior: Option<&Object>,
) -> &'e mut Effect {
    effects.entry(target.clone()).or_insert_with(|| Effect {
        target: target.clone(),
        before: prior.cloned(),
        after: prior.cloned(),
        like: like.clone(),
        is_change: false,
        is_open: false,
        failure: None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Put;
    use super::super::tests::answer;
    use super::super::tests::intent;
    use super::super::tests::made;
    use super::super::tests::object;
    use super::super::tests::outcome;
    use super::super::tests::run;
    use super::super::tests::target;
    use super::*;
    use crate::addr::ProviderAddr;
    use crate::state::DeposedKey;

    const KEY: &str = "0123abcd";

    fn numbered(records: Vec<Record>) -> Vec<(u64, Record)> {
        (1..).zip(records).collect()
    }

    fn past(records: Vec<Record>) -> PastRun {
        PastRun { records: numbered(records), ..PastRun::default() }
    }

    /// A header of another run.
    fn header(id: &str) -> Record {
        Record::Run(RunHeader { id: id.into(), ..RunHeader::default() })
    }

    fn ended(id: &str) -> Record {
        Record::End { run: id.into(), result: "done".into(), at: "then".into() }
    }

    /// The object that an intent begins with, as the ledger writes it down.
    fn prior(mut record: Record, object: Object) -> Record {
        if let Record::Intent(intent) = &mut record {
            intent.prior = Some(Box::new(object));
        }
        record
    }

    fn put(name: &str, object: Object, prior: Option<Object>) -> Record {
        let like = Instance::new(ProviderAddr::default_of("dms"), 1, "digest");
        Record::Put(Box::new(Put { prior: prior.map(Box::new), ..Put::new(target(name), &like, object) }))
    }

    /// What an intent or an outcome is about instead.
    fn deposed(mut record: Record, name: &str) -> Record {
        let target = ObjectRef::deposed(target(name).addr, DeposedKey::parse(KEY).unwrap());
        match &mut record {
            Record::Intent(intent) => intent.target = target,
            Record::Outcome(outcome) => outcome.target = target,
            _ => panic!("only calls have targets here"),
        }
        record
    }

    fn is_failed(mut record: Record, code: &str) -> Record {
        if let Record::Outcome(outcome) = &mut record {
            outcome.failure = Some(Box::new(CallFailure {
                message: "no".into(),
                code: Some(code.into()),
                request_id: Some("r-7".into()),
            }));
        }
        record
    }

    /// The object as it is in tests when it exists.
    fn existing(name: &str) -> Object {
        object(Some(&format!("id-{name}")), name)
    }

    #[test]
    fn records_belong_to_the_run_before_them() {
        let found = runs(numbered(vec![
            put("lost", existing("lost"), None),
            run(),
            intent("a", Action::Create, 0, &[]),
            header("run-2"),
            put("b", existing("b"), None),
            ended("run-2"),
            header("run-3"),
        ]));
        let told: Vec<_> =
            found.iter().map(|run| (&*run.header.id, run.records.len(), run.end.is_some())).collect();
        // The beginning of the first one is not kept any more.
        assert_eq!(told, [("", 1, false), ("run-1", 1, false), ("run-2", 1, true), ("run-3", 0, false)]);
        assert_eq!(found[1].records[0].0, 3, "sequence numbers stay");
        assert_eq!(found[2].end, Some(("done".into(), "then".into())));
        assert_eq!(runs(Vec::new()), []);
        assert_eq!(runs(numbered(vec![ended("run-1")])), [], "an end alone is no run");
    }

    #[test]
    fn a_run_whose_journal_was_folded_is_one_run() {
        let found = runs(numbered(vec![
            run(),
            intent("a", Action::Create, 0, &[]),
            run(),
            outcome(2, "a", made("a")),
            ended("run-1"),
        ]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].records.len(), 2);
        assert!(found[0].end.is_some());
        // The same id again, after another run, is another entry: nothing is put in front of what came between.
        let found = runs(numbered(vec![run(), header("run-2"), run()]));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn calls_end_as_their_outcomes_say() {
        let mut answered = answer(9, "e");
        if let Record::Answer(answer) = &mut answered {
            (answer.call, answer.request_id) = (Some("POST /topics".into()), Some("r-1".into()));
        }
        let calls = past(vec![
            intent("a", Action::Create, 0, &[]),
            outcome(1, "a", made("a")),
            intent("b", Action::Update, 1, &[]),
            is_failed(outcome(3, "b", OutcomeResult::Unchanged), "DMS.1"),
            intent("c", Action::Delete, 2, &[]),
            outcome(5, "c", OutcomeResult::Unchanged),
            intent("d", Action::Delete, 3, &[]),
            // Of a call of an earlier run.
            outcome(99, "z", OutcomeResult::Gone),
            intent("e", Action::Create, 4, &[]),
            answered,
        ])
        .calls();
        let failure = |call: &PastCall| match &call.end {
            CallEnd::Failed(failure) => failure.as_ref().and_then(|failure| failure.code.clone()),
            CallEnd::Done | CallEnd::Open => None,
        };
        assert_eq!(calls.len(), 5);
        assert_eq!(
            (&calls[0].end, calls[0].until.as_deref()),
            (&CallEnd::Done, Some("2026-08-01T00:00:03Z"))
        );
        assert_eq!(
            (failure(&calls[1]).as_deref(), calls[1].request_id.as_deref()),
            (Some("DMS.1"), Some("r-7"))
        );
        assert_eq!(calls[2].end, CallEnd::Failed(None), "without an effect, and without a reason");
        assert_eq!((&calls[3].end, &calls[3].until), (&CallEnd::Open, &None));
        // What was answered is done, as far as the run knows.
        assert_eq!(calls[4].end, CallEnd::Done);
        assert_eq!(
            (calls[4].call.as_deref(), calls[4].request_id.as_deref()),
            (Some("POST /topics"), Some("r-1"))
        );
        assert_eq!(
            (&*calls[4].step, calls[4].action, &*calls[4].at),
            ("call", Action::Create, "2026-08-01T00:00:01Z")
        );
    }

    #[test]
    fn effects_are_the_first_before_and_the_last_after() {
        let (old, new) = (existing("old"), existing("new"));
        let effects = past(vec![
            intent("a", Action::Create, 0, &[]),
            outcome(1, "a", made("a")),
            prior(intent("b", Action::Update, 1, &[]), old.clone()),
            outcome(3, "b", OutcomeResult::Object(Box::new(existing("half")))),
            // The second call of the same step knows of what the first one made.
            prior(intent("b", Action::Update, 1, &["call"]), existing("half")),
            outcome(5, "b", OutcomeResult::Object(Box::new(new.clone()))),
            prior(intent("c", Action::Delete, 2, &[]), old.clone()),
            outcome(7, "c", OutcomeResult::Gone),
        ])
        .effects();
        let of = |name: &str| effects.iter().find(|effect| effect.target == target(name)).unwrap();
        assert_eq!(effects.len(), 3);
        assert!(effects.iter().all(|effect| effect.is_change && !effect.is_open && effect.failure.is_none()));
        assert_eq!((&of("a").before, &of("a").after), (&None, &Some(existing("a"))));
        assert_eq!((&of("b").before, &of("b").after), (&Some(old.clone()), &Some(new)));
        assert_eq!((&of("c").before, &of("c").after), (&Some(old), &None));
        assert_eq!(of("c").like.provider, ProviderAddr::default_of("dms"));
    }

    #[test]
    fn what_failed_is_as_it_was_and_what_is_open_is_told() {
        let old = existing("old");
        let effects = past(vec![
            prior(intent("a", Action::Update, 0, &[]), old.clone()),
            is_failed(outcome(1, "a", OutcomeResult::Unchanged), "DMS.1"),
            prior(intent("b", Action::Update, 1, &[]), old.clone()),
            // A try that failed, and one that did not: the reason of the first stays known.
            prior(intent("c", Action::Update, 2, &[]), old.clone()),
            is_failed(outcome(4, "c", OutcomeResult::Unchanged), "DMS.2"),
            prior(intent("c", Action::Update, 2, &[]), old.clone()),
            outcome(6, "c", made("c")),
        ])
        .effects();
        let [a, b, c] = &effects[..] else { panic!("{effects:?}") };
        let code = |effect: &Effect| effect.failure.as_ref().and_then(|failure| failure.code.clone());
        assert_eq!((&a.before, &a.after, a.is_open), (&Some(old.clone()), &Some(old.clone()), false));
        assert_eq!(code(a).as_deref(), Some("DMS.1"));
        assert_eq!((&b.after, b.is_open, code(b)), (&Some(old), true, None));
        assert_eq!((&c.after, c.is_open), (&Some(existing("c")), false));
        assert_eq!(code(c).as_deref(), Some("DMS.2"));
    }

    #[test]
    fn what_was_only_written_down_is_no_change() {
        let (old, new) = (existing("old"), existing("new"));
        let effects = past(vec![
            put("a", new.clone(), None),
            put("b", new.clone(), Some(old.clone())),
            put("c", new.clone(), Some(old.clone())),
            Record::Forget(target("c")),
            // Nothing is known of what it was.
            Record::Forget(target("d")),
        ])
        .effects();
        let [a, b, c] = &effects[..] else { panic!("{effects:?}") };
        assert!(effects.iter().all(|effect| !effect.is_change));
        assert_eq!((&a.before, &a.after), (&None, &Some(new.clone())));
        assert_eq!((&b.before, &b.after), (&Some(old.clone()), &Some(new)));
        assert_eq!((&c.before, &c.after), (&Some(old), &None));
    }

    fn set_aside(name: &str) -> Record {
        Record::Deposed { addr: target(name).addr, key: DeposedKey::parse(KEY).unwrap() }
    }

    /// Made first and deleted then: to who looks back, it is one object that changed.
    #[test]
    fn a_replacement_is_one_effect() {
        let old = existing("old");
        let effects = past(vec![
            set_aside("a"),
            intent("a", Action::Create, 0, &[]),
            outcome(2, "a", made("a")),
            deposed(prior(intent("a", Action::Delete, 1, &[]), old.clone()), "a"),
            deposed(outcome(4, "a", OutcomeResult::Gone), "a"),
        ])
        .effects();
        let [effect] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!((&effect.before, &effect.after), (&Some(old), &Some(existing("a"))));
        assert!(!effect.is_open);
    }

    #[test]
    fn a_replacement_whose_old_object_is_left_is_open() {
        let effects =
            past(vec![set_aside("a"), intent("a", Action::Create, 0, &[]), outcome(2, "a", made("a"))])
                .effects();
        let [effect] = &effects[..] else { panic!("{effects:?}") };
        // What it was is not known to this run.
        assert_eq!((&effect.before, effect.is_open), (&None, true));
    }

    #[test]
    fn a_replacement_that_could_not_be_made_changed_nothing() {
        let effects = past(vec![
            set_aside("a"),
            intent("a", Action::Create, 0, &[]),
            is_failed(outcome(2, "a", OutcomeResult::Gone), "DMS.1"),
            Record::Restored { addr: target("a").addr, key: DeposedKey::parse(KEY).unwrap() },
        ])
        .effects();
        let [effect] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!((&effect.before, &effect.after, effect.is_open), (&None, &None, false));
    }
}
