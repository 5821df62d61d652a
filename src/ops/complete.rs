//! Names for the completion of command lines: read quickly, and without a word about what is wrong.

use std::collections::BTreeSet;
use std::path::Path;

use crate::addr::Mode;
use crate::config;
use crate::config::LoadOptions;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::source::SourceMap;

use super::output;
use super::place::Place;
use super::place::PlaceOptions;
use super::schema;
use super::workspace::WorkspaceOptions;

/// Most names that are given.
const MOST: usize = 2000;

/// Returns the addresses of the state that begin with a text: instances, resources with several, and modules.
#[must_use]
pub fn of_state(options: PlaceOptions, prefix: &str) -> Vec<String> {
    let Ok(place) = Place::find(options) else { return Vec::new() };
    let Ok(view) = place.view() else { return Vec::new() };
    let mut found = BTreeSet::new();
    for (target, _, _) in view.recovered.state.objects() {
        let addr = &target.addr;
        if addr.resource.mode != Mode::Managed {
            continue;
        }
        let module = addr.resource.module.to_string();
        let all = [module, addr.resource.to_string(), addr.to_string()];
        found.extend(all.into_iter().filter(|name| !name.is_empty() && name.starts_with(prefix)));
    }
    few(found)
}

/// Returns the addresses of the configuration that begin with a text: resources and modules, or actions.
#[must_use]
pub fn of_configuration(options: &LoadOptions, prefix: &str, actions: bool) -> Vec<String> {
    let mut registry = Registry::embedded();
    let Some(loaded) = config::load(options, &mut registry, &mut SourceMap::new()).output else {
        return Vec::new();
    };
    let resources = loaded.config.all_resources().map(|(addr, _)| addr);
    let wanted = |mode: Mode| if actions { mode == Mode::Action } else { mode == Mode::Managed };
    let resources = resources.filter(|addr| wanted(addr.mode)).map(|addr| addr.to_string());
    let modules = loaded.config.all_modules().filter(|module| !actions && !module.path.is_root());
    let modules = modules.map(|module| module.path.to_string());
    few(resources.chain(modules).filter(|name| name.starts_with(prefix)).collect())
}

/// Returns the names of the outputs in the state.
#[must_use]
pub fn outputs(options: PlaceOptions) -> Vec<String> {
    let found = Place::find(options).ok().and_then(|place| output::outputs(&place).ok());
    found.map(|outputs| outputs.all().keys().map(ToString::to_string).collect()).unwrap_or_default()
}

/// Returns the names of the workspaces.
#[must_use]
pub fn workspaces(options: &WorkspaceOptions) -> Vec<String> {
    options.list().unwrap_or_default()
}

/// Returns the names of resource types, data sources and actions.
#[must_use]
pub fn types(directory: &Path) -> Vec<String> {
    let registry = schema::known(directory);
    let kinds = [ResourceKind::Managed, ResourceKind::Data, ResourceKind::Action];
    let names = kinds.into_iter().flat_map(|kind| registry.type_names(kind)).map(ToString::to_string);
    few(names.collect())
}

fn few(found: BTreeSet<String>) -> Vec<String> {
    found.into_iter().take(MOST).collect()
}
