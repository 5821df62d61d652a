//! Results of conditions, grouped by declaration.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::plan::CheckResult;
use crate::plan::grouped;
use crate::state;
use crate::state::CheckStatus;

/// Results of the instances of one declaration: the instance, its status and what does not hold.
type Instances = BTreeMap<String, (CheckStatus, Vec<String>)>;

/// Returns the results of a plan.
pub(super) fn of_plan(results: &[CheckResult]) -> Json {
    of_state(&grouped(results))
}

/// Returns the results that a state holds.
pub(super) fn of_state(results: &[state::CheckResult]) -> Json {
    results
        .iter()
        .map(|result| {
            let instances = result.objects.iter().map(|object| {
                let messages = object.failure_messages.iter().map(ToString::to_string).collect();
                (object.object_addr.to_string(), (object.status, messages))
            });
            declaration(&result.config_addr, &instances.collect())
        })
        .collect()
}

fn word(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
        CheckStatus::Unknown => "unknown",
    }
}

fn declaration(name: &str, instances: &Instances) -> Json {
    let mut address = Map::new();
    address.insert("to_display".to_owned(), name.into());
    match name.split_once('.') {
        Some(("output", output)) => {
            address.insert("kind".to_owned(), "output_value".into());
            address.insert("name".to_owned(), output.into());
        }
        Some(("var", variable)) => {
            address.insert("kind".to_owned(), "var".into());
            address.insert("name".to_owned(), variable.into());
        }
        Some(("check", check)) => {
            address.insert("kind".to_owned(), "check".into());
            address.insert("name".to_owned(), check.into());
        }
        _ => {
            address.insert("kind".to_owned(), "resource".into());
            if let Ok(addr) = name.parse::<InstanceAddr>() {
                address.insert("mode".to_owned(), addr.resource.mode.as_str().into());
                address.insert("type".to_owned(), addr.resource.kind.to_string().into());
                address.insert("name".to_owned(), addr.resource.name.to_string().into());
            }
        }
    }
    let status = instances.values().fold(CheckStatus::Pass, |worst, (status, _)| worst.worse(*status));
    let mut out = Map::new();
    out.insert("address".to_owned(), address.into());
    out.insert("status".to_owned(), word(status).into());
    let list: Vec<Json> = instances.iter().map(|(name, result)| instance(name, result)).collect();
    if !list.is_empty() {
        out.insert("instances".to_owned(), list.into());
    }
    out.into()
}

fn instance(name: &str, (status, messages): &(CheckStatus, Vec<String>)) -> Json {
    let mut address = Map::new();
    address.insert("to_display".to_owned(), name.into());
    match name.parse::<InstanceAddr>().ok().and_then(|addr| addr.key) {
        Some(InstanceKey::Int(index)) => {
            address.insert("instance_key".to_owned(), index.into());
        }
        Some(InstanceKey::Str(key)) => {
            address.insert("instance_key".to_owned(), key.to_string().into());
        }
        None => {}
    }
    let mut out = Map::new();
    out.insert("address".to_owned(), address.into());
    out.insert("status".to_owned(), word(*status).into());
    if !messages.is_empty() {
        let problems: Vec<Json> = messages.iter().map(|message| json!({ "message": message })).collect();
        out.insert("problems".to_owned(), problems.into());
    }
    out.into()
}
