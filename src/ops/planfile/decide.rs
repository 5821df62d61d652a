//! What a plan decides, apart from what was observed and when.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::plan::ReplaceOrder;
use crate::plan::Step;
use crate::plan::StepKind;
use crate::value::Value;
use crate::value::to_json;

/// What stands in place of a value that is known only after apply.
pub(super) const UNKNOWN: &str = "(known after apply)";

/// What stands in place of a secret.
const SENSITIVE: &str = "(sensitive value)";

/// What is decided about one subject: an object, an output, a provider configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Decision {
    /// What is done, in one word.
    pub(super) action: String,
    /// What is set, by name; secrets and unknown values by their words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) values: BTreeMap<String, String>,
    /// The steps, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) steps: Vec<String>,
}

/// Decisions by subject.
pub(super) type Decisions = BTreeMap<String, Decision>;

/// Returns the fingerprint of a plan, 64 hexadecimal digits: over its decisions, its steps and their order, not
/// over what was observed, nor the time.
#[must_use]
pub fn plan_hash(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    for (subject, decision) in decisions(plan) {
        add(&subject);
        add(&decision.action);
        for (name, value) in &decision.values {
            add(name);
            add(value);
        }
        for step in &decision.steps {
            add(step);
        }
    }
    for step in &plan.steps {
        let after: Vec<String> = step.after.iter().map(|id| id.0.to_string()).collect();
        add(&format!("{} {} after {}", step.id.0, subject_of_step(step), after.join(" ")));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The part of a fingerprint that is shown to people: `9c41e07b`.
#[must_use]
pub fn short_hash(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}

/// Returns what a plan decides, by subject. Objects that stay as they are have no entry.
pub(super) fn decisions(plan: &Plan) -> Decisions {
    let mut found = Decisions::new();
    let mode = match plan.mode {
        PlanMode::Normal => "normal",
        PlanMode::Destroy => "destroy",
        PlanMode::RefreshOnly => "refresh only",
    };
    found.insert("plan".to_owned(), Decision { action: mode.to_owned(), ..Decision::default() });
    for (addr, target) in &plan.targets {
        let decision = Decision {
            action: if target.emulated { "emulated" } else { "real" }.to_owned(),
            values: target.pin.iter().cloned().collect(),
            steps: Vec::new(),
        };
        found.insert(format!("provider {addr}"), decision);
    }
    for change in plan.changes.iter().filter(|change| change.is_effective()) {
        let decision = Decision {
            action: action_name(change.action).to_owned(),
            values: planned_values(change),
            steps: Vec::new(),
        };
        found.insert(subject_of_change(change), decision);
    }
    for (name, output) in plan.outputs.iter().filter(|(_, output)| output.action != Action::NoOp) {
        let mut values = BTreeMap::new();
        if let Some(after) = &output.after {
            let shown = if output.sensitive { SENSITIVE.to_owned() } else { text(after) };
            values.insert("value".to_owned(), shown);
        }
        let action = action_name(output.action).to_owned();
        found.insert(format!("output {name}"), Decision { action, values, steps: Vec::new() });
    }
    for deferred in &plan.deferred {
        let decision = Decision { action: "next round".to_owned(), ..Decision::default() };
        found.insert(format!("left {}", deferred.subject), decision);
    }
    if plan.mode == PlanMode::RefreshOnly {
        for drift in &plan.drift {
            let decision = found.entry(drift.addr.to_string()).or_default();
            match &drift.after {
                None => "forget".clone_into(&mut decision.action),
                Some(after) => {
                    "refresh".clone_into(&mut decision.action);
                    decision.values = changed(Some(&drift.before), after, false);
                }
            }
        }
    }
    for step in &plan.steps {
        // A step of an object that stays as it is, or of nothing at all, only orders others.
        let Some(decision) = found.get_mut(&subject_of_step(step)) else { continue };
        decision.steps.push(step_text(step));
    }
    found
}

/// Names what a change is about.
pub(super) fn subject_of_change(change: &Change) -> String {
    subject(&change.addr.to_string(), change.deposed.as_deref())
}

fn subject(addr: &str, deposed: Option<&str>) -> String {
    match deposed {
        Some(key) => format!("{addr} (deposed object {key})"),
        None => addr.to_owned(),
    }
}

fn subject_of_step(step: &Step) -> String {
    match (&step.addr, &step.kind) {
        (_, StepKind::Output(name)) => format!("output {name}"),
        (Some(addr), _) => subject(&addr.to_string(), step.deposed.as_deref()),
        (None, _) => String::new(),
    }
}

fn step_text(step: &Step) -> String {
    match &step.kind {
        StepKind::Evaluate => "evaluate".to_owned(),
        StepKind::Call { operation, index, name, call, guards, waits } => {
            let operation = format!("{operation:?}").to_lowercase();
            let mut text = format!("{operation} {index} `{name}`: {call}");
            for (guard, most) in guards {
                text.push_str(&format!(", unless `{guard}` finds more than {most}"));
            }
            for guard in waits {
                text.push_str(&format!(", once `{guard}` finds nothing"));
            }
            text
        }
        StepKind::ReadBack => "read back".to_owned(),
        StepKind::ReadData => "read".to_owned(),
        StepKind::Depose => "depose".to_owned(),
        StepKind::Join => "join".to_owned(),
        StepKind::Record(record) => format!("record {record:?}").to_lowercase(),
        StepKind::Output(_) => "output".to_owned(),
    }
}

/// Returns an action in one word.
pub(super) fn action_name(action: Action) -> &'static str {
    match action {
        Action::NoOp => "no-op",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::Replace(ReplaceOrder::DeleteFirst) => "replace",
        Action::Replace(ReplaceOrder::CreateFirst) => "replace, creating first",
        Action::Delete => "delete",
        Action::Forget => "forget",
        Action::Invoke => "invoke",
    }
}

fn planned_values(change: &Change) -> BTreeMap<String, String> {
    let all = matches!(change.action, Action::Create | Action::Replace(_) | Action::Read | Action::Invoke);
    let mut values = match &change.after {
        Some(after) if !matches!(change.action, Action::Delete | Action::Forget) => {
            changed(change.before.as_ref(), after, all)
        }
        _ => BTreeMap::new(),
    };
    if let Some(id) = &change.importing {
        values.insert("(imported)".to_owned(), id.clone());
    }
    if let Some(previous) = &change.previous_addr {
        values.insert("(moved from)".to_owned(), previous.to_string());
    }
    values
}

/// Returns the attributes that differ, or all of them. What an update leaves alone is an observation.
fn changed(before: Option<&Value>, after: &Value, all: bool) -> BTreeMap<String, String> {
    let Some(fields) = after.fields() else { return BTreeMap::from([("value".to_owned(), text(after))]) };
    fields
        .iter()
        .filter(|(name, value)| {
            all || !before.and_then(|before| before.get(name)).is_some_and(|old| old.same_as(value))
        })
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}

/// A value as text, without secrets.
pub(super) fn text(value: &Value) -> String {
    if value.marks().is_sensitive() {
        return SENSITIVE.to_owned();
    }
    if !value.is_known() {
        return UNKNOWN.to_owned();
    }
    if !value.is_wholly_known() || value.marks_deep().is_sensitive() {
        if let Some(fields) = value.fields() {
            let parts: Vec<String> =
                fields.iter().map(|(name, part)| format!("{name} = {}", text(part))).collect();
            return format!("{{ {} }}", parts.join(", "));
        }
        if let Some(parts) = value.elements() {
            let parts: Vec<String> = parts.iter().map(text).collect();
            return format!("[{}]", parts.join(", "));
        }
    }
    to_json(value).map_or_else(|_| UNKNOWN.to_owned(), |json| json.to_string())
}
