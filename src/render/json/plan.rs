//! Plans as JSON, format 1.2 of `show -json`.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ProviderAddr;
use crate::addr::ValuePath;
use crate::config::Config;
use crate::config::VariableValues;
use crate::plan::Action;
use crate::plan::ActionReason;
use crate::plan::Change;
use crate::plan::Drift;
use crate::plan::OutputChange;
use crate::plan::Plan;
use crate::plan::PlanMode;
use crate::plan::PlanStatus;
use crate::plan::ReplaceOrder;
use crate::plan::StepKind;
use crate::render::diff;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::source::SourceMap;
use crate::state::State;
use crate::value::Value;
use crate::value::type_to_json;

use super::TERRAFORM;
use super::checks;
use super::configuration::configuration;
use super::configuration::provider_name;
use super::configuration::relevant_attributes;
use super::detail::attribute;
use super::detail::details;
use super::detail::path_json;
use super::prior;
use super::shape::sensitive;
use super::shape::shown;
use super::shape::unknown;
use super::tree::root_module;

/// A plan and what its JSON needs besides.
#[derive(Debug, Clone, Copy)]
pub struct PlanDocument<'p> {
    /// The plan.
    pub plan: &'p Plan,
    /// The configuration it is of.
    pub config: &'p Config,
    /// The values of its variables.
    pub variables: &'p VariableValues,
    /// All schemas.
    pub registry: &'p Registry,
    /// The texts that places refer to.
    pub sources: &'p SourceMap,
    /// The instant of the plan.
    pub time: &'p str,
    /// The state it started from.
    pub prior: &'p State,
}

/// Returns a plan as JSON.
#[must_use]
pub fn plan_json(document: PlanDocument<'_>) -> Json {
    let PlanDocument { plan, config, registry, sources, time, prior, .. } = document;
    let version = env!("CARGO_PKG_VERSION");
    let providers: BTreeMap<&InstanceAddr, &ProviderAddr> =
        plan.changes.iter().map(|change| (&change.addr, &change.provider)).collect();
    // What a refresh-only plan takes over stands in `resource_drift`.
    let listed =
        plan.changes.iter().filter(|change| plan.mode != PlanMode::RefreshOnly || change.is_effective());
    // Runs of actions are listed by themselves; ephemeral resources are no part of plans.
    let listed = listed.filter(|change| !matches!(change.addr.resource.mode, Mode::Action | Mode::Ephemeral));
    // What was read while planning is no change.
    let listed =
        listed.filter(|change| change.addr.resource.mode != Mode::Data || change.action == Action::Read);
    let mut document = json!({
        "format_version": "1.2",
        "terraform_version": TERRAFORM,
        "queueform_version": version,
        "variables": variables(document.variables, config),
        "planned_values": planned_values(plan, registry),
        "resource_drift": plan.drift.iter().map(|found| drift(found, &providers)).collect::<Vec<_>>(),
        "resource_changes": listed.map(|change| resource_change(change, plan, sources)).collect::<Vec<_>>(),
        "output_changes": plan.outputs.iter().map(|(name, output)| (name.to_string(), output_change(output))).collect::<Map<_, _>>(),
        "configuration": configuration(config, registry),
        "relevant_attributes": relevant_attributes(plan, config),
        "checks": checks::of_plan(&plan.checks),
        "timestamp": time,
        "applyable": is_applyable(plan),
        "complete": plan.status == PlanStatus::Complete,
        "errored": matches!(plan.status, PlanStatus::Errored | PlanStatus::Denied),
        "queueform": {
            "status": status(plan.status),
            "mode": match plan.mode {
                PlanMode::Normal => "normal",
                PlanMode::Destroy => "destroy",
                PlanMode::RefreshOnly => "refresh-only",
            },
            "targets": plan.targets.iter().map(|(addr, target)| (addr.to_string(), json!({
                "emulated": target.emulated,
                "pin": target.pin.iter().cloned().map(|(name, value)| (name, Json::String(value))).collect::<Map<_, _>>(),
                "credentials": target.credentials,
            }))).collect::<Map<_, _>>(),
            "steps": plan.steps.iter().map(step_json).collect::<Vec<_>>(),
            "effort": {
                "refreshed": plan.effort.refreshed,
                "reads": plan.effort.reads,
                "observations": plan.effort.observations,
            },
        },
    });
    // As with Terraform, what holds nothing before has no prior state.
    if let (Json::Object(fields), Some(prior)) = (&mut document, prior::of_plan(prior, plan, registry)) {
        fields.insert("prior_state".to_owned(), prior);
    }
    // As with Terraform, plans that run nothing do not have the key.
    let invocations = super::invocations::of_plan(plan);
    if let (Json::Object(fields), Some([_, ..])) = (&mut document, invocations.as_array().map(Vec::as_slice))
    {
        fields.insert("action_invocations".to_owned(), invocations);
    }
    if let (Json::Object(fields), Some(deferred)) = (&mut document, super::rounds::of_plan(plan)) {
        fields.insert("deferred_changes".to_owned(), deferred);
        if let Some(Json::Object(ours)) = fields.get_mut("queueform") {
            ours.insert("deferred_outputs".to_owned(), json!(super::rounds::outputs(plan)));
        }
    }
    document
}

fn variables(values: &VariableValues, config: &Config) -> Json {
    let entries = values.values.iter().map(|(name, value)| {
        let mut entry = Map::new();
        let declared = config.root.variables.get(name);
        let hidden = declared.is_some_and(|variable| variable.sensitive || variable.ephemeral);
        entry.insert("value".to_owned(), if hidden { Json::Null } else { shown(&value.value) });
        if hidden {
            entry.insert("sensitive".to_owned(), Json::Bool(true));
        }
        (name.to_string(), Json::Object(entry))
    });
    Json::Object(entries.collect())
}

fn planned_values(plan: &Plan, registry: &Registry) -> Json {
    let resources: Vec<(ModuleInstance, Json)> = plan
        .changes
        .iter()
        .filter(|change| change.deposed.is_none() && change.action != Action::Forget)
        .filter(|change| match change.addr.resource.mode {
            Mode::Managed => true,
            Mode::Ephemeral => false,
            Mode::Data | Mode::Action => change.action == Action::Read,
        })
        .filter_map(|change| {
            let resource = planned_resource(change, change.after.as_ref()?, registry);
            Some((change.addr.resource.module.clone(), resource))
        })
        .collect();
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .filter_map(|(name, output)| {
            let after = output.after.as_ref()?;
            let mut entry = Map::new();
            entry.insert("sensitive".to_owned(), Json::Bool(output.sensitive));
            if after.is_wholly_known() {
                entry.insert("type".to_owned(), type_to_json(&after.ty()));
                entry.insert("value".to_owned(), shown(after));
            }
            Some((name.to_string(), Json::Object(entry)))
        })
        .collect();
    let mut values = Map::new();
    if !outputs.is_empty() {
        values.insert("outputs".to_owned(), outputs.into());
    }
    values.insert("root_module".to_owned(), root_module(resources));
    values.into()
}

fn output_change(output: &OutputChange) -> Json {
    let mut change = change_json(output.action, output.before.as_ref(), output.after.as_ref(), &[]);
    if let Some(change) = change.as_object_mut() {
        // An output is sensitive as a whole or not at all, and unknown to its last part. What was a secret
        // stays hidden, also if it is none any more.
        for (name, side) in [("before_sensitive", &output.before), ("after_sensitive", &output.after)] {
            let hidden = output.sensitive || side.as_ref().is_some_and(|value| value.marks().is_sensitive());
            change.insert(name.to_owned(), hidden.into());
        }
        match &output.after {
            Some(after) if !after.is_known() => {
                change.remove("after");
            }
            Some(after) if !after.is_wholly_known() => {}
            _ => {
                change.insert("after_unknown".to_owned(), Json::Bool(false));
            }
        }
    }
    change
}

/// Returns the `change` object of an output.
#[must_use]
pub fn output_representation(output: &OutputChange) -> Json {
    output_change(output)
}

/// Returns one object that is not what the state says.
pub(super) fn drift(drift: &Drift, providers: &BTreeMap<&InstanceAddr, &ProviderAddr>) -> Json {
    let action = if drift.after.is_some() { Action::Update } else { Action::Delete };
    let mut entry = resource_head(&drift.addr, providers.get(&drift.addr).copied());
    entry.insert("change".to_owned(), change_json(action, Some(&drift.before), drift.after.as_ref(), &[]));
    let differences = diff::attributes(Some(&drift.before), drift.after.as_ref());
    let attributes: Vec<Json> = differences.iter().map(|found| attribute(found, &[])).collect();
    entry.insert("queueform".to_owned(), json!({ "attributes": attributes }));
    Json::Object(entry)
}

fn is_applyable(plan: &Plan) -> bool {
    matches!(plan.status, PlanStatus::Complete | PlanStatus::Incomplete)
        && (plan.changes.iter().any(Change::is_effective)
            || plan.outputs.values().any(|output| output.action != Action::NoOp)
            || (plan.mode == PlanMode::RefreshOnly && !plan.drift.is_empty()))
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
        head.insert("provider_name".to_owned(), provider_name(&provider.name).into());
    }
    head
}

/// Returns a resource as `planned_values` and states have it.
pub(super) fn planned_resource(change: &Change, value: &Value, registry: &Registry) -> Json {
    let mut entry = resource_head(&change.addr, Some(&change.provider));
    let kind = ResourceKind::of(change.addr.resource.mode);
    let schema = registry.resource(kind, &change.addr.resource.kind);
    entry.insert("schema_version".to_owned(), schema.map_or(0, |schema| schema.version).into());
    entry.insert("values".to_owned(), shown(value));
    entry.insert("sensitive_values".to_owned(), sensitive(value));
    Json::Object(entry)
}

pub(super) fn resource_change(change: &Change, plan: &Plan, sources: &SourceMap) -> Json {
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
    if let Some(inner) = inner.as_object_mut() {
        if let Some(id) = &change.importing {
            inner.insert("importing".to_owned(), json!({ "id": id }));
        }
        if let Some(text) = &change.generated_config {
            inner.insert("generated_config".to_owned(), json!(text));
        }
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
        // Nothing is said of what is known to its last part.
        "after_unknown": if new.is_wholly_known() { json!({}) } else { unknown(new) },
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
        Action::Invoke => &["invoke"],
    }
}

/// Names a reason as format 1.2 does.
pub fn reason_name(reason: ActionReason) -> &'static str {
    match reason {
        ActionReason::ReplaceBecauseTainted => "replace_because_tainted",
        ActionReason::DeleteBecauseEnabledFalse => "delete_because_enabled_false",
        ActionReason::ReplaceBecauseCannotUpdate => "replace_because_cannot_update",
        ActionReason::ReplaceByRequest => "replace_by_request",
        ActionReason::ReplaceByTriggers => "replace_by_triggers",
        ActionReason::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
        ActionReason::DeleteBecauseNoMoveTarget => "delete_because_no_move_target",
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
        StepKind::Call { name, call, guards, waits, .. } => {
            entry.insert("name".to_owned(), name.clone().into());
            entry.insert("call".to_owned(), call.clone().into());
            if !guards.is_empty() {
                let names: Vec<&str> = guards.iter().map(|(name, _)| name.as_str()).collect();
                entry.insert("guards".to_owned(), names.into());
            }
            if !waits.is_empty() {
                entry.insert("waits".to_owned(), waits.clone().into());
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
