//! What is looked up in the JSON of a plan.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::addr::InstanceAddr;
use crate::addr::Pattern;

/// Longest value within a sentence.
const LONGEST: usize = 60;

/// The JSON of a plan.
pub(super) struct Document<'p> {
    plan: &'p Json,
    by_address: BTreeMap<&'p str, &'p Json>,
    drift: BTreeMap<&'p str, &'p Json>,
}

impl<'p> Document<'p> {
    pub(super) fn new(plan: &'p Json) -> Self {
        let current = list(plan, "resource_changes").filter(|change| change.get("deposed").is_none());
        Self {
            plan,
            by_address: current.map(|change| (address(change), change)).collect(),
            drift: list(plan, "resource_drift").map(|change| (address(change), change)).collect(),
        }
    }

    pub(super) fn changes(&self) -> impl Iterator<Item = &'p Json> {
        list(self.plan, "resource_changes")
    }

    pub(super) fn change(&self, address: &str) -> Option<&'p Json> {
        self.by_address.get(address).copied()
    }

    /// How an object that was found differs from the state.
    pub(super) fn drift(&self, address: &str) -> Option<&'p Json> {
        self.drift.get(address).copied()
    }

    /// The difference of one attribute between state and what was found.
    pub(super) fn drift_of(&self, address: &str, attribute: &str) -> Option<&'p Json> {
        attributes(self.drift(address)?).find(|found| root_name(found) == attribute)
    }

    /// What is left to the next round.
    pub(super) fn deferred(&self) -> impl Iterator<Item = &'p Json> {
        list(self.plan, "deferred_changes")
    }

    pub(super) fn is_complete(&self) -> bool {
        self.plan.get("complete").and_then(Json::as_bool).unwrap_or(true)
    }

    pub(super) fn mode(&self) -> &'p str {
        self.plan.pointer("/queueform/mode").and_then(Json::as_str).unwrap_or_default()
    }

    /// The block of an object in the configuration.
    pub(super) fn block(&self, address: &str) -> Option<&'p Json> {
        let addr: InstanceAddr = address.parse().ok()?;
        let mut module = self.plan.pointer("/configuration/root_module")?;
        for (name, _) in &addr.resource.module.0 {
            module = module.get("module_calls")?.get(&**name)?.get("module")?;
        }
        list(module, "resources").find(|block| {
            let is = |name: &str, wanted: &str| block.get(name).and_then(Json::as_str) == Some(wanted);
            is("mode", addr.resource.mode.as_str())
                && is("type", &addr.resource.kind)
                && is("name", &addr.resource.name)
        })
    }

    /// The addresses of all blocks and objects, for suggestions.
    pub(super) fn addresses(&self) -> Vec<String> {
        let mut found: Vec<String> = self.by_address.keys().map(|address| (*address).to_owned()).collect();
        if let Some(root) = self.plan.pointer("/configuration/root_module") {
            blocks(root, "", &mut found);
        }
        found
    }

    /// Objects of the state and declared blocks that a pattern stands for.
    pub(super) fn known(&self, pattern: &Pattern) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(root) = self.plan.pointer("/prior_state/values/root_module") {
            objects(root, &mut found);
        }
        found.retain(|address| address.parse().is_ok_and(|addr| pattern.contains(&addr)));
        if found.is_empty() {
            let mut declared = Vec::new();
            if let Some(root) = self.plan.pointer("/configuration/root_module") {
                blocks(root, "", &mut declared);
            }
            let is_meant = |addr: &InstanceAddr| pattern.is_about(&addr.resource);
            declared.retain(|address| address.parse().is_ok_and(|addr| is_meant(&addr)));
            found = declared;
        }
        found
    }
}

fn blocks(module: &Json, above: &str, found: &mut Vec<String>) {
    for block in list(module, "resources") {
        if let Some(address) = block.get("address").and_then(Json::as_str) {
            found.push(format!("{above}{address}"));
        }
    }
    for (name, call) in module.get("module_calls").and_then(Json::as_object).into_iter().flatten() {
        if let Some(inner) = call.get("module") {
            blocks(inner, &format!("{above}module.{name}."), found);
        }
    }
}

fn objects(module: &Json, found: &mut Vec<String>) {
    found.extend(list(module, "resources").map(|object| address(object).to_owned()));
    for child in list(module, "child_modules") {
        objects(child, found);
    }
}

/// The entries of a list; none if there is no such list.
pub(super) fn list<'j>(of: &'j Json, name: &str) -> impl Iterator<Item = &'j Json> + use<'j> {
    of.get(name).and_then(Json::as_array).into_iter().flatten()
}

pub(super) fn address(of: &Json) -> &str {
    of.get("address").and_then(Json::as_str).unwrap_or_default()
}

/// Whether a change is about an object that a pattern stands for.
pub(super) fn is_meant(pattern: &Pattern, change: &Json) -> bool {
    address(change).parse::<InstanceAddr>().is_ok_and(|addr| pattern.contains(&addr))
}

/// Every attribute, or part of one, that differs.
pub(super) fn attributes(change: &Json) -> impl Iterator<Item = &Json> {
    change.get("queueform").into_iter().flat_map(|ours| list(ours, "attributes"))
}

/// The attribute that a difference lies in.
pub(super) fn root_name(found: &Json) -> &str {
    found.pointer("/path/0").and_then(Json::as_str).unwrap_or_default()
}

/// What is done, in one word.
pub(super) fn action(change: &Json) -> &'static str {
    let actions: Vec<&str> = change
        .pointer("/change/actions")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    match actions.as_slice() {
        ["create"] => "create",
        ["read"] => "read",
        ["update"] => "update",
        ["delete", "create"] | ["create", "delete"] => "replace",
        ["delete"] => "delete",
        ["forget"] => "forget",
        _ => "no-op",
    }
}

/// Whether something is done, or the object gets another address or becomes managed.
pub(super) fn is_effective(change: &Json) -> bool {
    action(change) != "no-op"
        || change.get("previous_address").is_some()
        || change.pointer("/change/importing").is_some()
}

/// What is done as a sentence without its subject.
pub(super) fn told(change: &Json, action: &str) -> String {
    let is_first = change.pointer("/change/actions/0").and_then(Json::as_str) == Some("create");
    let text = match action {
        "create" => "is created",
        "read" => "is read during apply",
        "update" => "is changed in place",
        "replace" if is_first => "is replaced: made anew, then the old one is deleted",
        "replace" => "is replaced: deleted, then made anew",
        "delete" => "is deleted",
        "forget" => "is no longer managed, and left as it is",
        _ if change.pointer("/change/importing").is_some() => "becomes managed as it is",
        _ if change.get("previous_address").is_some() => "gets another address, and stays as it is",
        _ => "stays as it is",
    };
    match change.get("deposed").and_then(Json::as_str) {
        Some(key) => format!("(deposed object {key}) {text}"),
        None => text.to_owned(),
    }
}

/// Why it is this action and not a lesser one.
pub(super) fn rule(change: &Json) -> Option<String> {
    let text = match change.get("action_reason").and_then(Json::as_str)? {
        "replace_because_tainted" => {
            "it is tainted: an earlier run could not finish it, or `queueform taint` marked it"
        }
        "replace_because_cannot_update" => {
            let names: Vec<String> = attributes(change)
                .filter(|found| found.get("forces_replacement").is_some())
                .filter_map(|found| Some(format!("`{}`", found.get("name")?.as_str()?)))
                .collect();
            return Some(format!(
                "the service cannot change {} of an object that is there",
                names.join(", ")
            ));
        }
        "replace_by_request" => "`--replace` asks for it",
        "replace_by_triggers" => "`replace_triggered_by` asks for a replacement when others change",
        "delete_because_no_resource_config" => "the configuration has no block for it",
        "delete_because_no_move_target" => "it moved to where no block is",
        "delete_because_wrong_repetition" => {
            "its block changed between one object, `count` and `for_each`, and there is no `moved` block for it"
        }
        "delete_because_count_index" => "`count` is not higher than its index",
        "delete_because_each_key" => "`for_each` does not hold its key",
        "delete_because_enabled_false" => "`enabled` is false",
        "delete_because_no_module" => "the module that it is in is not called any more",
        "read_because_config_unknown" => "its arguments are known only during apply",
        "read_because_dependency_pending" => "something that it depends on changes first",
        other => return Some(other.replace('_', " ")),
    };
    Some(text.to_owned())
}

/// The block's place in the files: `main.qf.hcl:13`.
pub(super) fn place(change: &Json) -> Option<String> {
    let place = change.pointer("/queueform/place")?;
    Some(format!("{}:{}", place.get("filename")?.as_str()?, place.get("line")?.as_u64()?))
}

/// One side of a difference in a sentence.
pub(super) fn side(found: &Json, name: &str) -> String {
    let is = |mark: &str| found.get(mark).and_then(Json::as_bool) == Some(true);
    let value = found.get(name).unwrap_or(&Json::Null);
    if is("sensitive") {
        return "(sensitive value)".to_owned();
    }
    if name == "after" && value.is_null() && is("unknown") {
        return "(known after apply)".to_owned();
    }
    shown(value)
}

/// A value in a sentence.
pub(super) fn shown(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let mut cut: String = text.chars().take(LONGEST - 1).collect();
    cut.push('…');
    cut
}
