//! The stream of `apply --json`: one object a line, named as Terraform names them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::apply::Applied;
use crate::apply::Event;
use crate::apply::Subject;
use crate::diag::Diagnostic;
use crate::diag::Severity;
use crate::plan::Action;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::render::Look;
use crate::render::diag::Sources;
use crate::render::diag::diagnostic_json;
use crate::render::json::shown;
use crate::state::Output;
use crate::value::type_to_json;

use super::line;

/// Makes the lines of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// The version of the program.
    pub version: &'static str,
}

impl Stream {
    /// Returns the first line.
    #[must_use]
    pub fn start(self, time: &str) -> Json {
        let message = format!("Queueform {}", self.version);
        entry(time, "info", "version", &message, [("queueform", json!(self.version)), ("ui", json!("1.2"))])
    }

    /// Returns a line for every change of a plan, and one that counts them.
    #[must_use]
    pub fn plan(self, plan: &Plan, time: &str) -> Vec<Json> {
        let mut lines = Vec::new();
        let (mut add, mut change, mut remove) = (0_u64, 0_u64, 0_u64);
        for found in plan.changes.iter().filter(|found| found.action != Action::NoOp) {
            match found.action {
                Action::Create => add += 1,
                Action::Update => change += 1,
                Action::Delete => remove += 1,
                Action::Replace(_) => {
                    add += 1;
                    remove += 1;
                }
                Action::NoOp | Action::Read | Action::Forget => {}
            }
            let action = action_name(found.action);
            let mut body = Map::new();
            body.insert("resource".to_owned(), resource(&found.addr));
            body.insert("action".to_owned(), action.into());
            let message = format!("{}: Plan to {action}", found.addr);
            lines.push(entry(time, "info", "planned_change", &message, [("change", body.into())]));
        }
        let message = format!("Plan: {add} to add, {change} to change, {remove} to destroy.");
        lines.push(summary(time, &message, (add, change, remove), "plan"));
        lines
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
        let message = format!(
            "{what} {how} Resources: {} added, {} changed, {} destroyed.",
            counts.created, counts.changed, counts.destroyed
        );
        let operation = if mode == PlanMode::Destroy { "destroy" } else { "apply" };
        summary(time, &message, (counts.created, counts.changed, counts.destroyed), operation)
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

fn summary(time: &str, message: &str, (add, change, remove): (u64, u64, u64), operation: &str) -> Json {
    let changes =
        json!({ "add": add, "change": change, "remove": remove, "import": 0, "operation": operation });
    entry(time, "info", "change_summary", message, [("changes", changes)])
}

fn entry<const N: usize>(
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
    }
}
