//! The stream of `plan --json`, `apply --json` and `destroy --json`: one object a line, named as Terraform
//! names them, with what we know beyond that under the key `queueform`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::apply::Applied;
use crate::apply::Event;
use crate::apply::Subject;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::Severity;
use crate::plan::Action;
use crate::plan::ActionReason;
use crate::plan::Change;
use crate::plan::Drift;
use crate::plan::GuardFinding;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::plan::Query;
use crate::plan::StepKind;
use crate::plan::Verdict;
use crate::render::Look;
use crate::render::diag::Sources;
use crate::render::diag::diagnostic_json;
use crate::render::diff;
use crate::render::json::TERRAFORM;
use crate::render::json::attribute;
use crate::render::json::change_json;
use crate::render::json::details;
use crate::render::json::output_representation;
use crate::render::json::reason_name;
use crate::render::json::representation;
use crate::render::json::shown;
use crate::render::json::status;
use crate::source::SourceMap;
use crate::state::Output;
use crate::value::Value;
use crate::value::type_to_json;

use super::line;

/// Makes the lines of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// The version of the program.
    pub version: &'static str,
}

/// A plan and what its lines need besides.
#[derive(Debug, Clone, Copy)]
pub struct PlanLines<'p> {
    /// The plan.
    pub plan: &'p Plan,
    /// The texts that places refer to.
    pub sources: &'p SourceMap,
    /// The fingerprint of the plan.
    pub hash: &'p str,
}

/// Which end of a question is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It is asked.
    Asked,
    /// It was answered.
    Answered,
}

impl Stream {
    /// Returns the first line.
    #[must_use]
    pub fn start(self, time: &str) -> Json {
        let message = format!("Queueform {}", self.version);
        let more =
            [("queueform", json!(self.version)), ("terraform", json!(TERRAFORM)), ("ui", json!("1.2"))];
        entry(time, "info", "version", &message, more)
    }

    /// Returns a line that is only a message.
    #[must_use]
    pub fn message(self, text: &str, kind: &str, time: &str) -> Json {
        entry(time, "info", kind, text, [])
    }

    /// Returns the line of a module that is installed.
    #[must_use]
    pub fn installed(self, path: &str, source: &str, directory: &str, told: &str, time: &str) -> Json {
        let module = json!({ "address": path, "source": source, "dir": directory });
        entry(time, "info", "init_output", &format!("{path}: {source} {told}"), [("module", module)])
    }

    /// Returns the line of a question of planning: objects and data sources that are read, ephemeral resources that
    /// are opened.
    #[must_use]
    pub fn looking(self, query: &Query, moment: Moment, time: &str) -> Option<Json> {
        let (addr, prior, action) = match query {
            Query::Refresh { key, prior, .. } if key.deposed.is_none() => (&key.addr, Some(prior), None),
            Query::Data { addr, .. } => (addr, None, Some("read")),
            Query::Ephemeral { addr, .. } => (addr, None, Some("open")),
            Query::Import { addr, known, .. } => (addr, Some(known), None),
            Query::Refresh { .. }
            | Query::Configure { .. }
            | Query::Guard { .. }
            | Query::Check { .. }
            | Query::Room { .. } => return None,
        };
        let mut hook = Map::new();
        hook.insert("resource".to_owned(), resource(addr));
        let id = prior.and_then(|prior| prior.get("id")).and_then(Value::as_str).filter(|id| !id.is_empty());
        let mut named = String::new();
        if let Some(id) = id {
            hook.insert("id_key".to_owned(), "id".into());
            hook.insert("id_value".to_owned(), id.to_string().into());
            named = format!(" [id={id}]");
        }
        let (kind, text) = match (action, moment) {
            (None, Moment::Asked) => ("refresh_start", format!("Refreshing state...{named}")),
            (None, Moment::Answered) => ("refresh_complete", format!("Refresh complete{named}")),
            (Some("open"), Moment::Asked) => ("ephemeral_op_start", "Opening...".to_owned()),
            (Some("open"), Moment::Answered) => ("ephemeral_op_complete", "Opening complete".to_owned()),
            (Some(_), Moment::Asked) => ("apply_start", "Reading...".to_owned()),
            (Some(_), Moment::Answered) => ("apply_complete", "Read complete".to_owned()),
        };
        if let Some(action) = action {
            hook.insert("action".to_owned(), action.into());
        }
        Some(entry(time, "info", kind, &format!("{addr}: {text}"), [("hook", hook.into())]))
    }

    /// Returns a line for all drift and every change of a plan, one that counts them, and one for the outputs.
    /// Attributes, risk, causes, guards and calls stand under `queueform`, as in the plan's JSON.
    #[must_use]
    pub fn plan(self, shown: PlanLines<'_>, time: &str) -> Vec<Json> {
        let plan = shown.plan;
        let mut lines: Vec<Json> = plan.drift.iter().map(|drift| drifted(drift, time)).collect();
        lines.extend(
            plan.changes
                .iter()
                .filter(|change| change.is_effective())
                .map(|change| planned(change, shown, time)),
        );
        lines.extend(plan.deferred.iter().map(|entry| {
            let told = json!({
                "address": entry.subject.to_string(),
                "reason": entry.reason.name(),
                "why": entry.why,
                "kept": entry.kept.iter().map(ToString::to_string).collect::<Vec<_>>(),
            });
            let message = format!("{}: left to the next round: {}", entry.subject, entry.why);
            entry_of(time, &message, told)
        }));
        lines.push(plan_summary(shown, time));
        if !plan.outputs.is_empty() {
            let outputs: Map<String, Json> = plan
                .outputs
                .iter()
                .map(|(name, output)| {
                    let change = output_representation(output);
                    let told = json!({
                        "sensitive": output.sensitive,
                        "action": action_name(output.action),
                        "queueform": { "change": change },
                    });
                    (name.to_string(), told)
                })
                .collect();
            let message = format!("Outputs: {}", outputs.len());
            lines.push(entry(time, "info", "outputs", &message, [("outputs", outputs.into())]));
        }
        lines
    }

    /// Returns a line for everything that denies a plan.
    #[must_use]
    pub fn denials(self, plan: &Plan, sources: &dyn Sources, time: &str) -> Vec<Json> {
        denials(plan).iter().map(|found| self.diagnostic(found, sources, time)).collect()
    }

    /// Returns the line of a plan that was written to a file.
    #[must_use]
    pub fn saved(self, file: &str, hash: &str, applicable: bool, time: &str) -> Json {
        let told = json!({ "file": file, "hash": hash, "applicable": applicable });
        entry(time, "info", "plan_saved", &format!("Plan written to {file}"), [("queueform", told)])
    }

    /// Returns the line of an event.
    #[must_use]
    pub fn event(self, event: &Event, time: &str) -> Json {
        let message = line(event, Look::plain());
        let Some(subject) = event.subject() else {
            return entry(time, "warn", "log", &message, []);
        };
        let mut hook = hook(subject);
        if let Event::Progress { elapsed, .. }
        | Event::Completed { elapsed, .. }
        | Event::Errored { elapsed, .. } = event
        {
            hook.insert("elapsed_seconds".to_owned(), elapsed.as_secs().into());
        }
        let level = if matches!(event, Event::Errored { .. }) { "error" } else { "info" };
        entry(time, level, event.name(), &message, [("hook", hook.into())])
    }

    /// Returns the line of a finding.
    #[must_use]
    pub fn diagnostic(self, diagnostic: &Diagnostic, sources: &dyn Sources, time: &str) -> Json {
        let (level, word) = match diagnostic.severity {
            Severity::Error => ("error", "Error"),
            Severity::Warning => ("warn", "Warning"),
        };
        let message = format!("{word}: {}", diagnostic.summary);
        entry(time, level, "diagnostic", &message, [("diagnostic", diagnostic_json(diagnostic, sources))])
    }

    /// Returns the line that counts what was done.
    #[must_use]
    pub fn end(self, applied: &Applied, mode: PlanMode, time: &str) -> Json {
        let counts = applied.counts();
        let what = if mode == PlanMode::Destroy { "Destroy" } else { "Apply" };
        let how = if applied.complete { "complete!" } else { "incomplete." };
        let imported =
            if counts.imported > 0 { format!("{} imported, ", counts.imported) } else { String::new() };
        let message = format!(
            "{what} {how} Resources: {imported}{} added, {} changed, {} destroyed.",
            counts.created, counts.changed, counts.destroyed
        );
        let operation = if mode == PlanMode::Destroy { "destroy" } else { "apply" };
        let changes = json!({
            "add": counts.created,
            "change": counts.changed,
            "remove": counts.destroyed,
            "import": counts.imported,
            "forget": counts.forgotten,
            "operation": operation,
        });
        let told = json!({
            "complete": applied.complete,
            "interrupted": applied.stopped,
            "failed": counts.failed,
            "denied": counts.denied,
            "skipped": counts.skipped,
            "pending": counts.pending,
            "in_doubt": counts.in_doubt,
            "waiting": counts.waiting,
            "held": applied.held.len(),
        });
        entry(time, "info", "change_summary", &message, [("changes", changes), ("queueform", told)])
    }

    /// Returns the line of the outputs. Secrets have no value.
    #[must_use]
    pub fn outputs(self, outputs: &BTreeMap<Arc<str>, Output>, time: &str) -> Json {
        let list: Map<String, Json> = outputs
            .iter()
            .map(|(name, output)| {
                let mut fields = Map::new();
                fields.insert("sensitive".to_owned(), output.sensitive.into());
                fields.insert("type".to_owned(), type_to_json(&output.ty));
                if let Ok(value) = output.value(name)
                    && !value.marks_deep().is_sensitive()
                {
                    fields.insert("value".to_owned(), shown(&value));
                }
                (name.to_string(), fields.into())
            })
            .collect();
        entry(time, "info", "outputs", &format!("Outputs: {}", list.len()), [("outputs", list.into())])
    }
}

fn planned(change: &Change, shown: PlanLines<'_>, time: &str) -> Json {
    let action = match (change.action, &change.importing, &change.previous_addr) {
        (Action::NoOp, Some(_), _) => "import",
        (Action::NoOp, None, Some(_)) => "move",
        (action, ..) => action_name(action),
    };
    let mut body = Map::new();
    body.insert("resource".to_owned(), resource(&change.addr));
    if let Some(previous) = &change.previous_addr {
        body.insert("previous_resource".to_owned(), resource(previous));
    }
    body.insert("action".to_owned(), action.into());
    if let Some(reason) = change.reason {
        body.insert("reason".to_owned(), stream_reason(reason).into());
    }
    if let Some(id) = &change.importing {
        body.insert("importing".to_owned(), json!({ "id": id }));
    }
    if let Some(text) = &change.generated_config {
        body.insert("generated_config".to_owned(), json!(text));
    }
    let mut told = details(change, shown.plan, shown.sources);
    if let Some(told) = told.as_object_mut() {
        told.insert("change".to_owned(), representation(change));
        if let Some(deposed) = &change.deposed {
            told.insert("deposed".to_owned(), deposed.to_string().into());
        }
    }
    let message = format!("{}: Plan to {action}", change.addr);
    entry(time, "info", "planned_change", &message, [("change", body.into()), ("queueform", told)])
}

/// Names a reason as Terraform's stream does; replacements have other names there than in plans.
fn stream_reason(reason: ActionReason) -> &'static str {
    match reason {
        ActionReason::ReplaceBecauseTainted => "tainted",
        ActionReason::ReplaceBecauseCannotUpdate => "cannot_update",
        ActionReason::ReplaceByRequest => "requested",
        ActionReason::ReplaceByTriggers => "replace_triggered_by",
        reason => reason_name(reason),
    }
}

fn drifted(drift: &Drift, time: &str) -> Json {
    let action = if drift.after.is_some() { Action::Update } else { Action::Delete };
    let name = action_name(action);
    let body = json!({ "resource": resource(&drift.addr), "action": name });
    let attributes: Vec<Json> = diff::attributes(Some(&drift.before), drift.after.as_ref())
        .iter()
        .map(|found| attribute(found, &[]))
        .collect();
    let told = json!({
        "change": change_json(action, Some(&drift.before), drift.after.as_ref(), &[]),
        "attributes": attributes,
    });
    let message = format!("{}: Drift detected ({name})", drift.addr);
    entry(time, "info", "resource_drift", &message, [("change", body), ("queueform", told)])
}

fn plan_summary(shown: PlanLines<'_>, time: &str) -> Json {
    let plan = shown.plan;
    let of = |wanted: &dyn Fn(&Change) -> bool| plan.changes.iter().filter(|change| wanted(change)).count();
    let replaced = of(&|change| matches!(change.action, Action::Replace(_)));
    let add = of(&|change| change.action == Action::Create) + replaced;
    let change = of(&|change| change.action == Action::Update);
    let remove = of(&|change| change.action == Action::Delete) + replaced;
    let import = of(&|change| change.importing.is_some());
    let forget = of(&|change| change.action == Action::Forget);
    let imported = if import > 0 { format!("{import} to import, ") } else { String::new() };
    let forgotten = if forget > 0 { format!(", {forget} to forget") } else { String::new() };
    let message =
        format!("Plan: {imported}{add} to add, {change} to change, {remove} to destroy{forgotten}.");
    let changes = json!({
        "add": add,
        "change": change,
        "remove": remove,
        "import": import,
        "forget": forget,
        "operation": "plan",
    });
    let calls = plan
        .steps
        .iter()
        .filter(|step| matches!(&step.kind, StepKind::Call { call, .. } if !call.is_empty()))
        .count();
    let held: Vec<Json> = plan.held().flat_map(held_lines).collect();
    let told = json!({
        "status": status(plan.status),
        "held": held,
        "hash": shown.hash,
        "replace": replaced,
        "denied": of(&|change| change.risk == crate::plan::Risk::Denied),
        "unchanged": of(&|change| !change.is_effective() && !change.is_held() && change.addr.resource.mode == Mode::Managed),
        "calls": calls,
        "refreshed": plan.effort.refreshed,
        "reads": plan.effort.reads,
        "observations": plan.effort.observations,
    });
    entry(time, "info", "change_summary", &message, [("changes", changes), ("queueform", told)])
}

/// What a held change would do, and how it is confirmed.
fn held_lines(change: &Change) -> impl Iterator<Item = Json> {
    let addr = change.addr.to_string();
    let held = change.guards.iter().filter(|finding| finding.verdict == Verdict::Held);
    held.map(move |finding| {
        json!({ "addr": addr, "attributes": change.held, "message": finding.message, "confirm": finding.consent })
    })
}

/// Returns a finding for everything that denies a plan.
#[must_use]
pub fn denials(plan: &Plan) -> Diagnostics {
    let denied = |finding: &&GuardFinding| matches!(finding.verdict, Verdict::Denied | Verdict::Unobserved);
    let findings = plan
        .changes
        .iter()
        .flat_map(|change| change.guards.iter().filter(denied).map(move |finding| denial(change, finding)));
    findings.collect()
}

fn denial(change: &Change, finding: &GuardFinding) -> Diagnostic {
    let (code, summary) = if finding.verdict == Verdict::Unobserved {
        let summary = format!("what a change of `{}` would lose cannot be observed", change.addr);
        (Code::GuardUnobserved, summary)
    } else {
        (Code::GuardDenied, format!("a change of `{}` would lose data", change.addr))
    };
    let mut found =
        Diagnostic::error(code, summary).about(change.addr.clone()).detail(finding.message.clone());
    if let Some(span) = change.place {
        found = found.at(span, "");
    }
    match &finding.consent {
        Some(consent) => found.hint(format!("to accept the loss: {consent}")),
        None => found,
    }
}

/// The line of something that is left to the next round.
fn entry_of(time: &str, message: &str, told: Json) -> Json {
    entry(time, "info", "deferred_change", message, [("deferred", told)])
}

pub(in crate::render) fn entry<const N: usize>(
    time: &str,
    level: &str,
    kind: &str,
    message: &str,
    more: [(&str, Json); N],
) -> Json {
    let mut out = Map::new();
    out.insert("@level".to_owned(), level.into());
    out.insert("@message".to_owned(), message.into());
    out.insert("@module".to_owned(), "queueform.ui".into());
    out.insert("@timestamp".to_owned(), time.into());
    out.insert("type".to_owned(), kind.into());
    for (name, value) in more {
        out.insert(name.to_owned(), value);
    }
    out.into()
}

fn hook(subject: &Subject) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("resource".to_owned(), resource(&subject.addr));
    out.insert("action".to_owned(), subject.verb.as_str().into());
    if let Some(id) = subject.id.as_deref().filter(|id| !id.is_empty()) {
        out.insert("id_key".to_owned(), "id".into());
        out.insert("id_value".to_owned(), id.into());
    }
    out
}

fn resource(addr: &InstanceAddr) -> Json {
    let found = &addr.resource;
    let provider = found.kind.split('_').next().unwrap_or_default();
    let relative = InstanceAddr {
        resource: crate::addr::ResourceAddr {
            module: crate::addr::ModuleInstance::root(),
            mode: found.mode,
            kind: Arc::clone(&found.kind),
            name: Arc::clone(&found.name),
        },
        key: addr.key.clone(),
    };
    json!({
        "addr": addr.to_string(),
        "module": found.module.to_string(),
        "resource": relative.to_string(),
        "implied_provider": provider,
        "resource_type": found.kind,
        "resource_name": found.name,
        "resource_key": match &addr.key {
            None => Json::Null,
            Some(InstanceKey::Int(index)) => (*index).into(),
            Some(InstanceKey::Str(key)) => json!(key),
        },
    })
}

fn action_name(action: Action) -> &'static str {
    match action {
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::Replace(_) => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
        Action::Invoke => "invoke",
    }
}
