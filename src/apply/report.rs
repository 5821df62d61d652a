//! What became of a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::diag::Diagnostics;
use crate::plan::Action;
use crate::state::Output;
use crate::syntax::ast::Name;
use crate::value::Value;

/// How the work on one object ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// As planned.
    Done,
    /// With an error; what it left behind is in the state.
    Failed,
    /// A guard observed more than is allowed, so it was left alone.
    Denied,
    /// It was not started.
    Skipped {
        /// What it waited for; none if the run was stopped.
        blocker: Option<InstanceAddr>,
    },
    /// The service is still working on it; the next run waits for it.
    Pending,
    /// It is not known whether the last call took effect; the next run finds out.
    InDoubt,
}

/// One object and how the work on it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEnd {
    /// The object.
    pub addr: InstanceAddr,
    /// The key of a deposed object.
    pub deposed: Option<Arc<str>>,
    /// What was planned.
    pub action: Action,
    /// It was there before and is managed now.
    pub imported: bool,
    /// It was to be changed and turned out to be as configured.
    pub unchanged: bool,
    /// What a part of the change waits for that was put off to a later run.
    pub waits_for: Option<String>,
    /// How it ended.
    pub end: End,
    /// Why it is not done, if something went wrong with it.
    pub failure: Option<Failure>,
    /// Its id, as far as it is known.
    pub id: Option<String>,
}

/// What went wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In one line; the vendor's code and message are in it.
    pub text: String,
    /// The vendor's own code.
    pub code: Option<String>,
    /// The id of the request that failed.
    pub request_id: Option<String>,
    /// What to do now.
    pub hint: Option<String>,
}

impl Failure {
    /// Returns what findings say of an object: the first error, or the first of all.
    pub(super) fn of(found: &Diagnostics) -> Option<Self> {
        let first = found.iter().find(|item| item.is_error()).or_else(|| found.iter().next())?;
        let reply = first.reply.as_deref();
        Some(Self {
            text: first.summary.clone(),
            code: reply.and_then(|reply| reply.code.clone()),
            request_id: reply.and_then(|reply| reply.request_id.clone()),
            hint: first.hints.first().cloned(),
        })
    }
}

/// The numbers of a summary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects imported.
    pub imported: u64,
    /// Objects created.
    pub created: u64,
    /// Objects changed in place.
    pub changed: u64,
    /// Objects deleted.
    pub destroyed: u64,
    /// Actions run.
    pub invoked: u64,
    /// Objects forgotten.
    pub forgotten: u64,
    /// Objects that failed.
    pub failed: u64,
    /// Objects that a guard stopped.
    pub denied: u64,
    /// Objects that were not started.
    pub skipped: u64,
    /// Objects that the service is still working on.
    pub pending: u64,
    /// Objects in doubt.
    pub in_doubt: u64,
    /// Objects of which a part was put off, beside what else became of them.
    pub waiting: u64,
}

/// What became of a plan.
#[derive(Debug, Default)]
pub struct Applied {
    /// Every object that was to change, in the order of the plan.
    pub ends: Vec<ObjectEnd>,
    /// The outputs as they are now.
    pub outputs: BTreeMap<Name, Value>,
    /// The results of the actions that were run, secrets too.
    pub results: BTreeMap<InstanceAddr, Value>,
    /// The data sources that were read.
    pub read: BTreeMap<InstanceAddr, Value>,
    /// All outputs as the state has them now, evaluated in this run or not.
    pub stored: BTreeMap<Arc<str>, Output>,
    /// Objects whose changes are held until they are named: nothing was done about them.
    pub held: Vec<InstanceAddr>,
    /// Warnings and errors.
    pub diagnostics: Diagnostics,
    /// A stop signal ended the run early.
    pub stopped: bool,
    /// All of the plan is done.
    pub complete: bool,
    /// The serial of the state that was written; none if it could not be.
    pub serial: Option<u64>,
}

impl Applied {
    /// Returns the numbers for the summary. A replacement counts as a creation and a deletion.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for object in &self.ends {
            if object.imported && object.end == End::Done {
                counts.imported += 1;
            }
            counts.waiting += u64::from(object.waits_for.is_some() && object.end == End::Done);
            match (&object.end, object.action) {
                (End::Done, Action::Create) => counts.created += 1,
                (End::Done, Action::Update) => counts.changed += u64::from(!object.unchanged),
                (End::Done, Action::Delete) => counts.destroyed += 1,
                (End::Done, Action::Replace(_)) => {
                    counts.created += 1;
                    counts.destroyed += 1;
                }
                (End::Done, Action::Invoke) => counts.invoked += 1,
                (End::Done, Action::Forget) => counts.forgotten += 1,
                (End::Done, Action::NoOp | Action::Read) => {}
                (End::Failed, _) => counts.failed += 1,
                (End::Denied, _) => counts.denied += 1,
                (End::Skipped { .. }, _) => counts.skipped += 1,
                (End::Pending, _) => counts.pending += 1,
                (End::InDoubt, _) => counts.in_doubt += 1,
            }
        }
        counts
    }
}
