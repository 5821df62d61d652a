//! The fingerprint of a plan: over what is decided and which steps are taken, not over what was observed or when.

use sha2::Digest as _;
use sha2::Sha256;

use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::StepKind;
use crate::value::Value;
use crate::value::to_json;

/// Returns the fingerprint of a plan, 64 hexadecimal digits.
#[must_use]
pub fn fingerprint(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    for line in decisions(plan) {
        hash.update(line.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns what a plan decides, one line each: comparing the lines of two plans tells how they differ.
#[must_use]
pub fn decisions(plan: &Plan) -> Vec<String> {
    let mut lines = vec![format!("mode {:?} status {:?}", plan.mode, plan.status)];
    for (provider, target) in &plan.targets {
        let parts: Vec<String> = target.pin.iter().map(|(name, value)| format!("{name}={value}")).collect();
        lines.push(format!("target {provider}: {} emulated={}", parts.join(" "), target.emulated));
    }
    for change in plan.changes.iter().filter(|change| change.action != Action::NoOp) {
        lines.push(decided(change));
    }
    for (name, output) in plan.outputs.iter().filter(|(_, output)| output.action != Action::NoOp) {
        lines.push(format!("output {name}: {:?} {}", output.action, text(output.after.as_ref())));
    }
    for step in &plan.steps {
        let addr = step.addr.as_ref().map(ToString::to_string).unwrap_or_default();
        let after: Vec<String> = step.after.iter().map(|id| id.0.to_string()).collect();
        let what = match &step.kind {
            StepKind::Call { operation, index, name, call, guards } => {
                format!("{operation:?} {index} {name} {call} {guards:?}")
            }
            other => format!("{other:?}"),
        };
        let deposed = step.deposed.as_deref().unwrap_or_default();
        lines.push(format!("step {} {addr} {deposed} {what} after {}", step.id.0, after.join(",")));
    }
    lines
}

fn decided(change: &Change) -> String {
    let mut line = format!("{} {:?}", change.addr, change.action);
    if let Some(deposed) = &change.deposed {
        line.push_str(&format!(" deposed {deposed}"));
    }
    let fields = change.after.as_ref().and_then(Value::fields);
    for (name, after) in fields.into_iter().flat_map(|fields| fields.iter()) {
        let before = change.before.as_ref().and_then(|before| before.get(name));
        let same = before.is_some_and(|before| before.same_as(after));
        if !same || matches!(change.action, Action::Create | Action::Replace(_)) {
            line.push_str(&format!(" {name}={}", text(Some(after))));
        }
    }
    line
}

/// A value as text, without secrets.
fn text(value: Option<&Value>) -> String {
    let Some(value) = value else { return String::new() };
    if value.marks().is_sensitive() {
        return "(sensitive)".to_owned();
    }
    if !value.is_wholly_known() || value.marks_deep().is_sensitive() {
        let parts: Vec<String> = match value.fields() {
            Some(fields) => {
                fields.iter().map(|(name, part)| format!("{name}:{}", text(Some(part)))).collect()
            }
            None => match value.elements() {
                Some(parts) => parts.iter().map(|part| text(Some(part))).collect(),
                None => return "(unknown)".to_owned(),
            },
        };
        return format!("{{{}}}", parts.join(" "));
    }
    to_json(value).map_or_else(|_| "(unknown)".to_owned(), |json| json.to_string())
}
