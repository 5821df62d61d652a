//! Drafts to a plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Pattern;
use crate::addr::ValuePath;
use crate::config::Config;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::did_you_mean;
use crate::schema::Attribute;

use super::super::Action;
use super::super::Change;
use super::super::Effort;
use super::super::Plan;
use super::super::PlanStatus;
use super::super::Planning;
use super::super::Risk;
use super::Planner;
use super::draft::Draft;
use super::steps;

impl Planner<'_> {
    /// Puts the plan together.
    pub(super) fn finish(mut self) -> Planning {
        self.tell_left_out();
        if !self.diagnostics.has_errors() {
            self.refuse_protected();
        }
        self.plan_removed_outputs();
        let deferred = self.deferred();
        self.tell_forgotten();
        let failed = self.diagnostics.has_errors() && !self.denied;
        let laid = if failed { steps::Laid::default() } else { steps::lay(&self) };
        self.diagnostics.extend(laid.failures);
        let failed = self.diagnostics.has_errors() && !self.denied;
        let status = if failed {
            PlanStatus::Errored
        } else if self.denied {
            PlanStatus::Denied
        } else if (self.within.is_some() && self.options.undo.is_none()) || !deferred.is_empty() {
            PlanStatus::Incomplete
        } else {
            PlanStatus::Complete
        };
        let observations =
            self.answers.iter().filter(|(key, _)| matches!(key, super::QueryKey::Guard(..))).count();
        let mut laid_steps = laid.by_object;
        let moves = self.moves;
        // The current object tells of the move; a deposed one only if it is all there is.
        let current: BTreeSet<InstanceAddr> = if moves.done.is_empty() {
            BTreeSet::new()
        } else {
            let keys = self.drafts.keys().filter(|key| key.deposed.is_none());
            keys.map(|key| key.addr.clone()).collect()
        };
        let changes = self
            .drafts
            .into_iter()
            .map(|(key, draft)| {
                let steps = laid_steps.remove(&key).unwrap_or_default();
                let risk = risk_of(&draft);
                let not_read_back = not_read_back(&draft);
                let mut notes = draft.notes;
                notes.extend(schema_notes(&draft.schema, draft.action));
                let previous_addr = moves
                    .done
                    .get(&key.addr)
                    .filter(|_| key.deposed.is_none() || !current.contains(&key.addr));
                Change {
                    previous_addr: previous_addr.cloned(),
                    addr: key.addr,
                    deposed: key.deposed,
                    provider: draft.provider,
                    action: draft.action,
                    reason: draft.reason,
                    before: draft.before,
                    after: if draft.action == Action::Delete { None } else { draft.after },
                    replace_paths: draft.replace_paths,
                    causes: draft.causes,
                    more_causes: draft.more_causes,
                    unverified: draft.unverified,
                    ignored: draft.ignored,
                    not_read_back,
                    sends: draft.sends.into_iter().collect(),
                    guards: draft.guards,
                    wanted: draft.wanted.filter(|_| draft.action == Action::NoOp),
                    held: draft.held,
                    risk,
                    notes,
                    triggers: draft.triggers,
                    importing: draft.importing,
                    generated_config: None,
                    steps,
                    place: draft.place,
                    dependencies: draft.dependencies,
                }
            })
            .collect();
        self.diagnostics.sort();
        Planning::Done(Box::new(Plan {
            status,
            mode: self.options.mode,
            targets: self.targets,
            changes,
            drift: self.drift,
            deferred,
            outputs: self.outputs,
            steps: laid.steps,
            checks: self.checks,
            diagnostics: self.diagnostics,
            effort: Effort { refreshed: self.refreshed, reads: 0, observations: observations as u64 },
            wait_drain: self.options.wait_drain,
        }))
    }
}

impl Planner<'_> {
    /// Says which objects are left to themselves.
    fn tell_forgotten(&mut self) {
        let forgotten = self
            .drafts
            .iter()
            .filter(|(_, draft)| draft.action == Action::Forget && draft.schema.invocation.is_none());
        let names: Vec<String> = forgotten.map(|(key, _)| format!("`{}`", key.addr)).collect();
        if !names.is_empty() {
            self.diagnostics.push(
                Diagnostic::warning(Code::Forgets, "some objects will no longer be managed")
                    .detail(format!("They are not deleted: {}", names.join(", ")))
                    .hint("to manage them again, import them"),
            );
        }
    }
}

fn risk_of(draft: &Draft) -> Risk {
    let by_action = match draft.action {
        Action::NoOp | Action::Forget => Risk::Safe,
        Action::Update => {
            let interrupts = draft.changed.iter().any(|path| match path.0.first() {
                Some(crate::addr::Step::Attr(name)) => {
                    draft.schema.attribute(name).is_some_and(|attribute| attribute.impact.is_some())
                }
                _ => false,
            });
            if interrupts { Risk::Interrupts } else { Risk::Safe }
        }
        Action::Invoke if draft.schema.only_reads() => Risk::Safe,
        Action::Replace(_) | Action::Delete | Action::Invoke if draft.schema.impact.is_some() => {
            Risk::Interrupts
        }
        Action::Replace(_) | Action::Delete => Risk::Replaces,
        Action::Create | Action::Read | Action::Invoke => Risk::Creates,
    };
    by_action.max(draft.risk)
}

fn schema_notes(schema: &crate::schema::ResourceSchema, action: Action) -> Vec<String> {
    let text = |text: &Option<Arc<str>>| text.as_ref().map(ToString::to_string);
    match action {
        Action::Create => text(&schema.notice).into_iter().collect(),
        Action::Replace(_) => text(&schema.loses)
            .map(|loses| format!("loses {loses}"))
            .into_iter()
            .chain(text(&schema.impact))
            .chain(text(&schema.notice))
            .collect(),
        Action::Delete => text(&schema.loses)
            .map(|loses| format!("loses {loses}"))
            .into_iter()
            .chain(text(&schema.impact))
            .collect(),
        Action::Invoke => text(&schema.loses)
            .map(|loses| format!("loses {loses}"))
            .into_iter()
            .chain(text(&schema.impact))
            .chain(text(&schema.notice))
            .collect(),
        Action::NoOp | Action::Read | Action::Update | Action::Forget => Vec::new(),
    }
}

/// A target that names nothing.
pub(super) fn unmatched_target(target: &impl std::fmt::Display, config: &Config) -> Diagnostic {
    unmatched(&format!("the target `{target}`"), &target.to_string(), config, [])
}

/// Something named on the command line that is nowhere; `there` are addresses that are.
pub(super) fn unmatched(
    what: &str,
    text: &str,
    config: &Config,
    there: impl IntoIterator<Item = String>,
) -> Diagnostic {
    let resources = config.all_resources().map(|(addr, _)| addr.to_string());
    let modules =
        config.all_modules().filter(|module| !module.path.is_root()).map(|module| module.path.to_string());
    let names: Vec<String> = resources.chain(modules).chain(there).collect();
    Diagnostic::error(Code::InvalidTarget, format!("{what} is neither in the configuration nor in the state"))
        .hint(
            did_you_mean(text, names.iter().map(String::as_str))
                .unwrap_or_else(|| "`queueform state list` shows the addresses there are".to_owned()),
        )
}

/// Says that the plan is only a part.
pub(super) fn targeting(targets: &[Pattern]) -> Diagnostic {
    let names = targets.iter().map(|target| format!("`{target}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::warning(
        Code::TargetingInEffect,
        format!("only a part is planned: {names} and what they need"),
    )
    .hint("plan without `--target` afterwards, to be sure that everything is as configured")
}

/// The attributes that the change sets and that no read will ever show. Secrets are never compared by value, so they
/// need no mention.
fn not_read_back(draft: &Draft) -> Vec<ValuePath> {
    if !matches!(draft.action, Action::Create | Action::Update | Action::Replace(_)) {
        return Vec::new();
    }
    let is_set = |attribute: &&Attribute| {
        let after = draft.after.as_ref().and_then(|after| after.get(&attribute.name));
        let path = ValuePath::attr(Arc::clone(&attribute.name));
        let counts =
            draft.action != Action::Update || draft.changed.iter().any(|changed| changed.starts_with(&path));
        attribute.readback.is_never()
            && !draft.schema.is_kept_here(&attribute.name)
            && !attribute.write_only
            && !attribute.sensitive
            && counts
            && !draft.unverified.contains(&path)
            && after.is_some_and(|value| value.is_wholly_known() && !value.is_null())
    };
    let found = draft.schema.attributes.iter().filter(is_set);
    found.map(|attribute| ValuePath::attr(Arc::clone(&attribute.name))).collect()
}
