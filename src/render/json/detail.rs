//! What a change is about beyond format 1.2: risk, causes, guards, calls and every attribute that differs.
//!
//! Stands under the key `queueform` of a resource change, in plans and in the stream alike.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::Step as PathStep;
use crate::addr::ValuePath;
use crate::plan::Action;
use crate::plan::Cause;
use crate::plan::Change;
use crate::plan::GuardFinding;
use crate::plan::Plan;
use crate::plan::Risk;
use crate::plan::StepKind;
use crate::plan::Verdict;
use crate::render::diff;
use crate::render::diff::Difference;
use crate::render::diff::Nature;
use crate::render::diff::Sign;
use crate::source::SourceMap;
use crate::value::Value;

use super::shape::shown;

/// Returns what we know of a change beyond format 1.2.
#[must_use]
pub fn details(change: &Change, plan: &Plan, sources: &SourceMap) -> Json {
    let mut found = Map::new();
    found.insert("risk".to_owned(), risk_name(change.risk).into());
    let causes: Vec<Json> = change.causes.iter().map(cause).collect();
    found.insert("causes".to_owned(), causes.into());
    if change.more_causes > 0 {
        found.insert("more_causes".to_owned(), change.more_causes.into());
    }
    found.insert("notes".to_owned(), change.notes.clone().into());
    let unverified: Vec<String> = change.unverified.iter().map(ToString::to_string).collect();
    found.insert("unverified".to_owned(), unverified.into());
    let not_read_back: Vec<String> = change.not_read_back.iter().map(ToString::to_string).collect();
    found.insert("not_read_back".to_owned(), not_read_back.into());
    if !change.sends.is_empty() {
        let sends: Vec<&str> = change.sends.iter().map(|name| &**name).collect();
        found.insert("sends".to_owned(), sends.into());
    }
    if !change.ignored.is_empty() {
        let ignored: Vec<Json> = change.ignored.iter().map(|(name, value)| ignored(name, value)).collect();
        found.insert("ignored".to_owned(), ignored.into());
    }
    let guards: Vec<Json> = change.guards.iter().map(guard).collect();
    found.insert("guards".to_owned(), guards.into());
    found.insert("attributes".to_owned(), attributes(change));
    let steps: Vec<u32> = change.steps.iter().map(|id| id.0).collect();
    found.insert("steps".to_owned(), steps.into());
    let calls: Vec<&str> = change
        .steps
        .iter()
        .filter_map(|id| plan.steps.get(usize::try_from(id.0).ok()?).filter(|step| step.id == *id))
        .filter_map(|step| match &step.kind {
            StepKind::Call { call, .. } if !call.is_empty() => Some(call.as_str()),
            _ => None,
        })
        .collect();
    found.insert("calls".to_owned(), calls.into());
    if let Some(span) = change.place
        && let Some(file) = sources.get(span.source)
    {
        let line = file.position(span.start).line;
        found.insert("place".to_owned(), json!({ "filename": file.name(), "line": line }));
    }
    found.into()
}

/// What `ignore_changes` leaves as it is, with what is configured.
fn ignored(name: &str, configured: &Value) -> Json {
    let mut out = Map::new();
    out.insert("name".to_owned(), name.into());
    out.insert("configured".to_owned(), shown(configured));
    if configured.marks_deep().is_sensitive() {
        out.insert("sensitive".to_owned(), Json::Bool(true));
    }
    out.into()
}

fn cause(cause: &Cause) -> Json {
    json!({
        "text": cause.text,
        "attribute": cause.path.as_ref().map(ToString::to_string),
        "address": cause.from.as_ref().map(ToString::to_string),
    })
}

fn guard(finding: &GuardFinding) -> Json {
    json!({
        "name": finding.guard,
        "verdict": verdict_name(finding.verdict),
        "count": finding.count,
        "message": finding.message,
        "allowed": finding.allowed.as_ref().map(|(limit, _)| *limit),
        "allowed_by": finding.allowed.as_ref().map(|(_, by)| by.clone()),
        "consent": finding.consent,
    })
}

/// Returns every attribute, or part of one, that differs.
fn attributes(change: &Change) -> Json {
    let (before, after) = match change.action {
        Action::NoOp | Action::Forget => return Json::Array(Vec::new()),
        Action::Create | Action::Read | Action::Invoke => (None, change.after.as_ref()),
        Action::Delete => (change.before.as_ref(), None),
        Action::Update | Action::Replace(_) => (change.before.as_ref(), change.after.as_ref()),
    };
    diff::attributes(before, after).iter().map(|found| attribute(found, &change.replace_paths)).collect()
}

/// Returns one difference.
#[must_use]
pub fn attribute(found: &Difference, replace: &[ValuePath]) -> Json {
    let mut out = Map::new();
    out.insert("path".to_owned(), path_json(&found.path));
    let name = match found.attribute() {
        Some(name) if found.label.is_empty() => name.to_string(),
        Some(name) if found.label.starts_with('[') => format!("{name}{}", found.label),
        Some(name) => format!("{name}.{}", found.label),
        None => found.label.clone(),
    };
    out.insert("name".to_owned(), name.into());
    let action = match found.sign {
        Sign::Add => "create",
        Sign::Remove => "delete",
        Sign::Change => "update",
    };
    out.insert("action".to_owned(), action.into());
    let side = |value: &Option<Value>| value.as_ref().map_or(Json::Null, shown);
    out.insert("before".to_owned(), side(&found.before));
    out.insert("after".to_owned(), side(&found.after));
    for (name, holds) in [
        ("sensitive", found.is_sensitive()),
        ("unknown", found.is_unknown()),
        (
            "forces_replacement",
            replace.iter().any(|path| path.starts_with(&found.path) || found.path.starts_with(path)),
        ),
    ] {
        if holds {
            out.insert(name.to_owned(), Json::Bool(true));
        }
    }
    let nature = match found.nature {
        Nature::Plain | Nature::Lines => None,
        Nature::Json => Some("part of a JSON text"),
        Nature::Layout => Some("only the layout of a JSON text"),
        Nature::Order => Some("only the order"),
        Nature::Secrecy => Some("only whether it is sensitive"),
    };
    if let Some(nature) = nature {
        out.insert("note".to_owned(), nature.into());
    }
    out.into()
}

/// Returns a path as format 1.2 writes it: names and positions.
#[must_use]
pub(super) fn path_json(path: &ValuePath) -> Json {
    path.0
        .iter()
        .map(|step| match step {
            PathStep::Attr(name) | PathStep::Key(name) => Json::String(name.to_string()),
            PathStep::Index(index) => (*index).into(),
        })
        .collect()
}

fn risk_name(risk: Risk) -> &'static str {
    match risk {
        Risk::Safe => "safe",
        Risk::Creates => "creates",
        Risk::Replaces => "replaces",
        Risk::Interrupts => "interrupts",
        Risk::LosesData => "loses_data",
        Risk::Denied => "denied",
    }
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clear => "clear",
        Verdict::Allowed => "allowed",
        Verdict::Denied => "denied",
        Verdict::Unobserved => "unobserved",
        Verdict::Interrupts => "interrupts",
        Verdict::Waits => "waits",
        Verdict::Held => "held",
    }
}
