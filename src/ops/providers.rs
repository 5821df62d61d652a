//! `providers`: which block needs which provider, and how each is configured. Nothing is sent to any of them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::addr::ModulePath;
use crate::addr::ProviderAddr;
use crate::config;
use crate::diag::Diagnostics;
use crate::plan;
use crate::plan::Answers;
use crate::plan::PlanInput;
use crate::plan::PlanOptions;
use crate::plan::Planning;
use crate::plan::Query;
use crate::provider::Described;
use crate::render::json::provider_name;
use crate::render::providers::ModuleUse;
use crate::render::providers::Overview;
use crate::render::providers::ProviderUse;
use crate::render::providers::Setup;

use super::project::Project;

/// Looks at the providers of a project.
///
/// # Errors
/// If the state cannot be read.
pub fn overview(project: &Project, time: &str) -> Result<Overview, Diagnostics> {
    let state = project.place.view()?.recovered.state;
    let setups = setups(project, &state, time)?;
    let config = &project.config;
    let mut used: BTreeSet<&ProviderAddr> = config.root.providers.keys().collect();
    let mut modules = Vec::new();
    walk(config, &ModulePath::root(), &mut used, &mut modules);
    let of_state: BTreeSet<String> =
        state.objects().map(|(_, instance, _)| instance.provider.name.to_string()).collect();
    let names: BTreeSet<&str> = used.iter().map(|addr| &*addr.name).collect();
    let only_state = of_state.into_iter().filter(|name| !names.contains(name.as_str())).collect();
    let provider = |addr: &&ProviderAddr| {
        let schema = project.registry.provider(&addr.name);
        let block = config.root.providers.get(*addr);
        let place = block.and_then(|block| {
            let file = project.sources.get(block.header.source)?;
            Some((file.name().to_owned(), file.position(block.header.start).line))
        });
        ProviderUse {
            address: addr.to_string(),
            full_name: provider_name(&addr.name),
            built_in: project.registry.is_built_in(&addr.name),
            version: schema.as_ref().map_or(0, |schema| schema.version),
            digest: schema.map(|schema| schema.digest.to_string()).unwrap_or_default(),
            place,
            setup: setups.get(*addr).cloned().map(setup),
        }
    };
    Ok(Overview { modules, providers: used.iter().map(provider).collect(), only_state })
}

/// Goes through the modules, callers first.
fn walk<'c>(
    config: &'c config::Config,
    path: &ModulePath,
    used: &mut BTreeSet<&'c ProviderAddr>,
    found: &mut Vec<ModuleUse>,
) {
    let Some(module) = config.module(path) else { return };
    let mut needs: BTreeMap<&ProviderAddr, Vec<String>> = BTreeMap::new();
    for (id, resource) in &module.resources {
        needs.entry(&resource.provider.value).or_default().push(id.to_string());
    }
    used.extend(needs.keys().copied());
    let needs = needs.into_iter().map(|(addr, blocks)| (addr.to_string(), blocks)).collect();
    found.push(ModuleUse { path: path.to_string(), depth: path.0.len(), needs });
    for name in module.calls.keys() {
        walk(config, &path.child(name), used, found);
    }
}

/// Returns how providers are set up, as far as it can be told without asking anybody: the first questions of a plan.
fn setups(
    project: &Project,
    state: &crate::state::State,
    time: &str,
) -> Result<BTreeMap<ProviderAddr, Described>, Diagnostics> {
    let providers = project.providers()?;
    let input = PlanInput {
        config: &project.config,
        variables: &project.variables,
        graph: &project.graph,
        state,
        registry: &project.registry,
        files: project.files(),
        time,
        workspace: project.place.workspace(),
        watched: false,
    };
    let Planning::Needs(queries) = plan::plan(input, &PlanOptions::normal(), &Answers::new()) else {
        return Ok(BTreeMap::new());
    };
    let described = queries.into_iter().filter_map(|query| match query {
        Query::Configure { provider, arguments } => {
            providers.describe(&provider, &arguments).map(|described| (provider, described))
        }
        _ => None,
    });
    Ok(described.collect())
}

fn setup(found: Described) -> Setup {
    let problems = found.problems.iter().map(|problem| (problem.summary.clone(), problem.hints.clone()));
    let arguments =
        found.arguments.into_iter().map(|argument| (argument.name, argument.value, argument.origin));
    Setup {
        credentials: found.credentials,
        emulated: found.emulated,
        endpoints: found.endpoints,
        arguments: arguments.collect(),
        problems: problems.collect(),
    }
}
