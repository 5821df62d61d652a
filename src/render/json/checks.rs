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
    if let Some(declared) = declared(name) {
        address.insert("kind".to_owned(), declared.kind.into());
        address.insert("name".to_owned(), declared.name.into());
        insert_module(&mut address, declared.module);
    } else {
        address.insert("kind".to_owned(), "resource".into());
        if let Ok(addr) = name.parse::<InstanceAddr>() {
            address.insert("mode".to_owned(), addr.resource.mode.as_str().into());
            address.insert("type".to_owned(), addr.resource.kind.to_string().into());
            address.insert("name".to_owned(), addr.resource.name.to_string().into());
            insert_module(&mut address, &addr.resource.module.to_string());
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

/// What is no resource: a check, an output or a variable, and the module it is declared in.
struct Declared<'n> {
    module: &'n str,
    kind: &'static str,
    name: &'n str,
}

/// Takes an address apart that is none of a resource: `module.a["k"].output.size`.
fn declared(addr: &str) -> Option<Declared<'_>> {
    let (head, name) = addr.rsplit_once('.')?;
    // The name of an instance may end like anything.
    if name.contains(['"', ']']) {
        return None;
    }
    [("check", "check"), ("output", "output_value"), ("var", "var")].into_iter().find_map(|(word, kind)| {
        let module = head.strip_suffix(word)?;
        let module = if module.is_empty() { module } else { module.strip_suffix('.')? };
        Some(Declared { module, kind, name })
    })
}

fn insert_module(address: &mut Map<String, Json>, module: &str) {
    if !module.is_empty() {
        address.insert("module".to_owned(), module.into());
    }
}

fn instance(name: &str, (status, messages): &(CheckStatus, Vec<String>)) -> Json {
    let mut address = Map::new();
    address.insert("to_display".to_owned(), name.into());
    let object = if declared(name).is_none() { name.parse::<InstanceAddr>().ok() } else { None };
    match (&object, declared(name)) {
        (Some(object), _) => insert_module(&mut address, &object.resource.module.to_string()),
        (None, Some(declared)) => insert_module(&mut address, declared.module),
        (None, None) => {}
    }
    match object.and_then(|addr| addr.key) {
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
