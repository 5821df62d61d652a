//! Plans as JSON, format 1.2 of `show -json`.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::ProviderAddr;
use crate::addr::ValuePath;
use crate::config::VariableValues;
use crate::plan::Action;
use crate::plan::ActionReason;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::PlanStatus;
use crate::plan::ReplaceOrder;
use crate::plan::StepKind;
use crate::source::SourceMap;
use crate::value::Value;

use super::detail::details;
use super::detail::path_json;
use super::shape::sensitive;
use super::shape::shown;
use super::shape::unknown;

/// Returns a plan as JSON. `time` is the instant of the plan, `prior` the state it started from as
/// [`super::state_json`] gives it.
#[must_use]
pub fn plan_json(
    plan: &Plan,
    variables: &VariableValues,
    sources: &SourceMap,
    time: &str,
    prior: &Json,
) -> Json {
    let version = env!("CARGO_PKG_VERSION");
    let variables: Map<String, Json> = variables
        .values
        .iter()
        .map(|(name, value)| (name.to_string(), json!({ "value": shown(&value.value) })))
        .collect();
    let planned: Vec<Json> = plan
        .changes
        .iter()
        .filter(|change| {
            change.deposed.is_none() && change.after.is_some() && change.action != Action::Forget
        })
        .map(planned_resource)
        .collect();
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .filter_map(|(name, output)| {
            let after = output.after.as_ref()?;
            let mut entry = Map::new();
            entry.insert("sensitive".to_owned(), Json::Bool(output.sensitive));
            if after.is_wholly_known() && !after.is_null() {
                entry.insert("value".to_owned(), shown(after));
            }
            Some((name.to_string(), Json::Object(entry)))
        })
        .collect();
    let output_changes: Map<String, Json> = plan
        .outputs
        .iter()
        .map(|(name, output)| {
            (name.to_string(), change_json(output.action, output.before.as_ref(), output.after.as_ref(), &[]))
        })
        .collect();
    let applyable = matches!(plan.status, PlanStatus::Complete | PlanStatus::Incomplete)
        && (plan.changes.iter().any(|change| change.action != Action::NoOp)
            || plan.outputs.values().any(|output| output.action != Action::NoOp)
            || !plan.drift.is_empty());
    json!({
        "format_version": "1.2",
        "terraform_version": version,
        "queueform_version": version,
        "variables": variables,
        "planned_values": { "outputs": outputs, "root_module": { "resources": planned } },
        "resource_drift": plan.drift.iter().map(|drift| {
            let action = if drift.after.is_some() { Action::Update } else { Action::Delete };
            let mut entry = resource_head(&drift.addr, None);
            entry.insert("change".to_owned(), change_json(action, Some(&drift.before), drift.after.as_ref(), &[]));
            Json::Object(entry)
        }).collect::<Vec<_>>(),
        "resource_changes": plan.changes.iter().map(|change| resource_change(change, plan, sources)).collect::<Vec<_>>(),
        "output_changes": output_changes,
        "prior_state": prior,
        "checks": plan.checks.iter().map(|check| json!({
            "address": { "to_display": check.addr },
            "status": match check.passed { Some(true) => "pass", Some(false) => "fail", None => "unknown" },
            "problems": check.message.iter().map(|message| json!({ "message": message })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "timestamp": time,
        "applyable": applyable,
        "complete": plan.status == PlanStatus::Complete,
        "errored": plan.status == PlanStatus::Errored,
        "queueform": {
            "status": status(plan.status),
            "targets": plan.targets.iter().map(|(addr, target)| (addr.to_string(), json!({
                "emulated": target.emulated,
                "pin": target.pin.iter().cloned().map(|(name, value)| (name, Json::String(value))).collect::<Map<_, _>>(),
                "credentials": target.credentials,
            }))).collect::<Map<_, _>>(),
            "steps": plan.steps.iter().map(step_json).collect::<Vec<_>>(),
        },
    })
}

/// Names the status of a plan.
pub fn status(status: PlanStatus) -> &'static str {
    match status {
        PlanStatus::Complete => "complete",
        PlanStatus::Incomplete => "incomplete",
        PlanStatus::Denied => "denied",
        PlanStatus::Errored => "errored",
    }
}

/// What identifies an object in machine output.
pub(super) fn resource_head(addr: &InstanceAddr, provider: Option<&ProviderAddr>) -> Map<String, Json> {
    let mut head = Map::new();
    head.insert("address".to_owned(), addr.to_string().into());
    if !addr.resource.module.is_root() {
        head.insert("module_address".to_owned(), addr.resource.module.to_string().into());
    }
    head.insert("mode".to_owned(), addr.resource.mode.as_str().into());
    head.insert("type".to_owned(), addr.resource.kind.to_string().into());
    head.insert("name".to_owned(), addr.resource.name.to_string().into());
    match &addr.key {
        Some(InstanceKey::Int(index)) => {
            head.insert("index".to_owned(), (*index).into());
        }
        Some(InstanceKey::Str(key)) => {
            head.insert("index".to_owned(), key.to_string().into());
        }
        None => {}
    }
    if let Some(provider) = provider {
        head.insert("provider_name".to_owned(), format!("queueform.io/builtin/{}", provider.name).into());
    }
    head
}

fn planned_resource(change: &Change) -> Json {
    let mut entry = resource_head(&change.addr, Some(&change.provider));
    let after = change.after.clone().unwrap_or_else(Value::null);
    entry.insert("values".to_owned(), shown(&after));
    entry.insert("sensitive_values".to_owned(), sensitive(&after));
    Json::Object(entry)
}

fn resource_change(change: &Change, plan: &Plan, sources: &SourceMap) -> Json {
    let mut entry = resource_head(&change.addr, Some(&change.provider));
    if let Some(deposed) = &change.deposed {
        entry.insert("deposed".to_owned(), deposed.to_string().into());
    }
    if let Some(previous) = &change.previous_addr {
        entry.insert("previous_address".to_owned(), previous.to_string().into());
    }
    entry.insert("change".to_owned(), representation(change));
    if let Some(reason) = change.reason {
        entry.insert("action_reason".to_owned(), reason_name(reason).into());
    }
    entry.insert("queueform".to_owned(), details(change, plan, sources));
    Json::Object(entry)
}

/// Returns the `change` object of a change: what is done, and both sides with their shapes.
#[must_use]
pub fn representation(change: &Change) -> Json {
    let mut inner =
        change_json(change.action, change.before.as_ref(), change.after.as_ref(), &change.replace_paths);
    if let (Some(id), Some(inner)) = (&change.importing, inner.as_object_mut()) {
        inner.insert("importing".to_owned(), json!({ "id": id }));
    }
    inner
}

/// Returns the `change` object of two sides.
#[must_use]
pub fn change_json(
    action: Action,
    before: Option<&Value>,
    after: Option<&Value>,
    replace: &[ValuePath],
) -> Json {
    let none = Value::null();
    let (old, new) = (before.unwrap_or(&none), after.unwrap_or(&none));
    let mut change = json!({
        "actions": actions(action),
        "before": shown(old),
        "after": shown(new),
        "after_unknown": unknown(new),
        "before_sensitive": sensitive(old),
        "after_sensitive": sensitive(new),
    });
    if !replace.is_empty()
        && let Some(change) = change.as_object_mut()
    {
        let paths: Vec<Json> = replace.iter().map(path_json).collect();
        change.insert("replace_paths".to_owned(), paths.into());
    }
    change
}

/// The action as a list of verbs.
fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Read => &["read"],
        Action::Update => &["update"],
        Action::Replace(ReplaceOrder::DeleteFirst) => &["delete", "create"],
        Action::Replace(ReplaceOrder::CreateFirst) => &["create", "delete"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    }
}

/// Names a reason as format 1.2 does.
pub fn reason_name(reason: ActionReason) -> &'static str {
    match reason {
        ActionReason::ReplaceBecauseTainted => "replace_because_tainted",
        ActionReason::ReplaceBecauseCannotUpdate => "replace_because_cannot_update",
        ActionReason::ReplaceByRequest => "replace_by_request",
        ActionReason::ReplaceByTriggers => "replace_by_triggers",
        ActionReason::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
        ActionReason::DeleteBecauseWrongRepetition => "delete_because_wrong_repetition",
        ActionReason::DeleteBecauseCountIndex => "delete_because_count_index",
        ActionReason::DeleteBecauseEachKey => "delete_because_each_key",
        ActionReason::DeleteBecauseNoModule => "delete_because_no_module",
        ActionReason::ReadBecauseConfigUnknown => "read_because_config_unknown",
        ActionReason::ReadBecauseDependencyPending => "read_because_dependency_pending",
    }
}

fn step_json(step: &crate::plan::Step) -> Json {
    let mut entry = Map::new();
    entry.insert("id".to_owned(), step.id.0.into());
    if let Some(addr) = &step.addr {
        entry.insert("address".to_owned(), addr.to_string().into());
    }
    let kind = match &step.kind {
        StepKind::Evaluate => "evaluate",
        StepKind::Call { name, call, guards, .. } => {
            entry.insert("name".to_owned(), name.clone().into());
            entry.insert("call".to_owned(), call.clone().into());
            if !guards.is_empty() {
                let names: Vec<&str> = guards.iter().map(|(name, _)| name.as_str()).collect();
                entry.insert("guards".to_owned(), names.into());
            }
            "call"
        }
        StepKind::ReadBack => "read_back",
        StepKind::ReadData => "read_data",
        StepKind::Depose => "depose",
        StepKind::Join => "join",
        StepKind::Record(_) => "record",
        StepKind::Output(name) => {
            entry.insert("output".to_owned(), name.to_string().into());
            "output"
        }
    };
    entry.insert("kind".to_owned(), kind.into());
    entry.insert("after".to_owned(), step.after.iter().map(|id| id.0).collect::<Vec<_>>().into());
    Json::Object(entry)
}
