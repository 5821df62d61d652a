//! The report of `drift` as one document, `format_version` 1.0.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::plan::Action;
use crate::plan::Change;
use crate::plan::DriftReport;
use crate::plan::DriftStatus;
use crate::plan::Ignored;
use crate::plan::Unmanaged;
use crate::render::diag::Sources;
use crate::render::diag::diagnostic_json;
use crate::source::SourceMap;
use crate::state::State;

use super::plan::drift;
use super::plan::output_representation;
use super::plan::resource_change;

/// The version of the document.
const FORMAT: &str = "1.0";

/// A report and what its JSON needs besides.
#[derive(Debug, Clone, Copy)]
pub struct DriftDocument<'d> {
    /// The report.
    pub report: &'d DriftReport,
    /// The state it compares with.
    pub state: &'d State,
    /// The texts that places refer to.
    pub sources: &'d SourceMap,
    /// The instant of the report.
    pub time: &'d str,
    /// The workspace.
    pub workspace: &'d str,
}

/// Returns a report as JSON.
#[must_use]
pub fn drift_json<'d>(document: DriftDocument<'d>, quoted: &dyn Sources) -> Json {
    let DriftDocument { report, state, sources, time, workspace } = document;
    let of = |change: &'d Change| (&change.addr, &change.provider);
    let providers: BTreeMap<&InstanceAddr, &ProviderAddr> = report.found.changes.iter().map(of).collect();
    let gone = report.drift.iter().filter(|drift| drift.after.is_none()).count();
    let outputs: Map<String, Json> = report
        .pending
        .outputs
        .iter()
        .filter(|(_, output)| output.action != Action::NoOp)
        .map(|(name, output)| (name.to_string(), output_representation(output)))
        .collect();
    let targets: Map<String, Json> = report
        .found
        .targets
        .iter()
        .map(|(addr, target)| {
            let pin: Map<String, Json> =
                target.pin.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
            let shown = json!({
                "emulated": target.emulated,
                "pin": pin,
                "credentials": target.credentials,
            });
            (addr.to_string(), shown)
        })
        .collect();
    let mut out = json!({
        "format_version": FORMAT,
        "queueform_version": env!("CARGO_PKG_VERSION"),
        "timestamp": time,
        "workspace": workspace,
        "state": { "lineage": &*state.lineage.0, "serial": state.serial },
        "targets": targets,
        "status": status(report),
        "summary": {
            "compared": report.compared(),
            "gone": gone,
            "changed": report.drift.len() - gone,
            "pending": report.pending.changes.len(),
            "pending_outputs": outputs.len(),
            "ignored": report.ignored.len(),
            "unmanaged": report.unmanaged.as_ref().map(Vec::len),
        },
        "resource_drift": report.drift.iter().map(|found| drift(found, &providers)).collect::<Vec<_>>(),
        "pending_changes": report
            .pending
            .changes
            .iter()
            .map(|change| resource_change(change, &report.pending, sources))
            .collect::<Vec<_>>(),
        "pending_outputs": outputs,
        "ignored": report.ignored.iter().map(ignored).collect::<Vec<_>>(),
        "diagnostics": report
            .found
            .diagnostics
            .iter()
            .map(|found| diagnostic_json(found, quoted))
            .collect::<Vec<_>>(),
    });
    if let (Json::Object(fields), Some(all)) = (&mut out, &report.unmanaged) {
        fields.insert("unmanaged".to_owned(), all.iter().map(unmanaged).collect());
    }
    out
}

/// Returns the document of a report that could not be made.
#[must_use]
pub fn drift_failed_json(
    found: &crate::diag::Diagnostics,
    quoted: &dyn Sources,
    time: &str,
    workspace: &str,
) -> Json {
    json!({
        "format_version": FORMAT,
        "queueform_version": env!("CARGO_PKG_VERSION"),
        "timestamp": time,
        "workspace": workspace,
        "status": "error",
        "diagnostics": found.iter().map(|found| diagnostic_json(found, quoted)).collect::<Vec<_>>(),
    })
}

fn status(report: &DriftReport) -> &'static str {
    if report.has_failed() {
        return "error";
    }
    match report.status() {
        DriftStatus::None => "none",
        DriftStatus::Drift => "drift",
        DriftStatus::Pending => "pending",
        DriftStatus::Both => "both",
    }
}

fn ignored(one: &Ignored) -> Json {
    json!({
        "address": one.addr.to_string(),
        "path": (!one.path.0.is_empty()).then(|| one.path.to_string()),
        "pattern": &*one.pattern,
    })
}

fn unmanaged(one: &Unmanaged) -> Json {
    json!({
        "provider": one.provider.to_string(),
        "type": &*one.kind,
        "id": one.id,
        "name": one.name,
    })
}
