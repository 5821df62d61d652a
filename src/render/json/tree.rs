//! Objects by the modules they lie in.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::ModuleInstance;

/// Returns the root module: its objects, and the modules in it with theirs.
pub(super) fn root_module(resources: Vec<(ModuleInstance, Json)>) -> Json {
    let mut by_module: BTreeMap<ModuleInstance, Vec<Json>> = BTreeMap::new();
    for (module, resource) in resources {
        // Every module around is there, also if it holds nothing else.
        for depth in 0..module.0.len() {
            let around = ModuleInstance(module.0.iter().take(depth).cloned().collect());
            by_module.entry(around).or_default();
        }
        by_module.entry(module).or_default().push(resource);
    }
    module(&ModuleInstance::root(), &mut by_module).into()
}

fn module(at: &ModuleInstance, all: &mut BTreeMap<ModuleInstance, Vec<Json>>) -> Map<String, Json> {
    let mut out = Map::new();
    if !at.is_root() {
        out.insert("address".to_owned(), at.to_string().into());
    }
    let resources = all.remove(at).unwrap_or_default();
    if !resources.is_empty() {
        out.insert("resources".to_owned(), resources.into());
    }
    let depth = at.0.len() + 1;
    let children: Vec<ModuleInstance> =
        all.keys().filter(|child| child.0.len() == depth && child.0.starts_with(&at.0)).cloned().collect();
    if !children.is_empty() {
        let children: Vec<Json> = children.iter().map(|child| module(child, all).into()).collect();
        out.insert("child_modules".to_owned(), children.into());
    }
    out
}

/// Puts data sources that were read for a plan before the objects of the state.
pub(super) fn add_first(document: &mut Json, data: Vec<(ModuleInstance, Json)>) {
    let Some(document) = document.as_object_mut() else { return };
    let values = document.entry("values").or_insert_with(|| json!({ "root_module": {} }));
    let Some(root) = values.get_mut("root_module") else { return };
    for (module, resource) in data.into_iter().rev() {
        let Some(place) = place(root, &module) else { continue };
        let resources = place.entry("resources").or_insert_with(|| json!([]));
        if let Some(resources) = resources.as_array_mut() {
            resources.insert(0, resource);
        }
    }
}

/// Finds a module in the tree, or makes it.
fn place<'j>(root: &'j mut Json, module: &ModuleInstance) -> Option<&'j mut Map<String, Json>> {
    let mut at = root.as_object_mut()?;
    for depth in 1..=module.0.len() {
        let address = ModuleInstance(module.0.iter().take(depth).cloned().collect()).to_string();
        let children = at.entry("child_modules").or_insert_with(|| json!([])).as_array_mut()?;
        let found =
            children.iter().position(|child| child.get("address").and_then(Json::as_str) == Some(&*address));
        let index = found.unwrap_or_else(|| {
            children.push(json!({ "address": address }));
            children.len() - 1
        });
        at = children.get_mut(index)?.as_object_mut()?;
    }
    Some(at)
}
