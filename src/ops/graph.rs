//! `graph`: what needs what, in a configuration or in a saved plan.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

use crate::addr::Mode;
use crate::config;
use crate::config::Config;
use crate::config::LoadOptions;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::graph;
use crate::graph::Item;
use crate::graph::Node;
use crate::graph::Relations;
use crate::render::graph::Drawing;
use crate::render::graph::Drawn;
use crate::schema::Registry;
use crate::source::SourceMap;

use super::place::PlaceOptions;
use super::planfile::PlanFile;

/// What a graph is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphKind {
    /// Resources, and which of them need which, directly or through other declarations.
    Resources,
    /// Everything that is declared.
    Config,
    /// The changes of a plan, and which waits for which.
    Plan,
    /// The steps of a plan, and which waits for which.
    Steps,
}

/// A graph of a configuration, with what was found on the way to it.
#[derive(Debug)]
pub struct Found {
    /// The graph, unless the configuration cannot be read. With cycles in it, they are among the findings.
    pub drawing: Option<Drawing>,
    /// What was found.
    pub diagnostics: Diagnostics,
    /// The texts of the configuration.
    pub sources: SourceMap,
    /// The schemas it was checked against.
    pub registry: Registry,
}

/// Draws a configuration, without its state and without asking anybody.
#[must_use]
pub fn of_configuration(options: &LoadOptions, kind: GraphKind) -> Found {
    let mut registry = Registry::embedded();
    let mut sources = SourceMap::new();
    let mut diagnostics = Diagnostics::new();
    let loaded = config::load(options, &mut registry, &mut sources).collect_into(&mut diagnostics);
    let mut drawing = None;
    if let Some(loaded) = &loaded {
        // A cycle is drawn, and it is an error.
        drop(graph::build(&loaded.config).collect_into(&mut diagnostics));
        let relations = graph::relations(&loaded.config);
        drawing = Some(match kind {
            GraphKind::Resources => resources(&loaded.config, &relations),
            _ => declarations(&relations),
        });
    }
    Found { drawing, diagnostics: diagnostics.without_plan(), sources, registry }
}

/// Draws a saved plan: its changes, or its steps.
///
/// # Errors
/// If the file cannot be read.
pub fn of_plan(path: &Path, options: &PlaceOptions, kind: GraphKind) -> Result<Drawing, Diagnostics> {
    let file = PlanFile::read_with(path, options)?;
    let document = file.json();
    let broken = || {
        Diagnostic::error(Code::PlanFile, format!("`{}` does not tell its steps", path.display()))
            .hint("plan again with this version of the program")
    };
    let found = match kind {
        GraphKind::Steps => steps(document),
        _ => changes(document),
    };
    found.ok_or_else(|| broken().into())
}

/// Draws every declaration.
fn declarations(relations: &Relations) -> Drawing {
    Drawing {
        kind: "config",
        nodes: relations.nodes.iter().map(drawn).collect(),
        edges: relations.edges.clone(),
        cycles: relations.cycles.clone(),
    }
}

/// Draws resources alone: one needs another if a way leads there through what is no resource.
fn resources(config: &Config, relations: &Relations) -> Drawing {
    let mut needs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (from, to) in &relations.edges {
        needs.entry(*from).or_default().push(*to);
    }
    let is_resource = |position: usize| {
        relations.nodes.get(position).is_some_and(|node| matches!(node.item, Item::Resource(_)))
    };
    let kept: Vec<usize> = (0..relations.nodes.len()).filter(|position| is_resource(*position)).collect();
    let places: BTreeMap<usize, usize> = kept.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    let mut edges = Vec::new();
    for start in &kept {
        let mut seen = BTreeSet::new();
        let mut found = BTreeSet::new();
        let mut open = needs.get(start).cloned().unwrap_or_default();
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            match places.get(&next) {
                Some(place) => {
                    found.insert(*place);
                }
                None => open.extend(needs.get(&next).into_iter().flatten()),
            }
        }
        let own = places.get(start).copied().unwrap_or_default();
        edges.extend(found.into_iter().map(|to| (own, to)));
    }
    let in_places =
        |cycle: &Vec<usize>| cycle.iter().filter_map(|old| places.get(old).copied()).collect::<Vec<_>>();
    let cycles = relations.cycles.iter().map(in_places).filter(|cycle| !cycle.is_empty()).collect();
    let nodes = kept.iter().filter_map(|position| relations.nodes.get(*position));
    let mut drawing = Drawing { kind: "resources", nodes: nodes.map(drawn).collect(), edges, cycles };
    for node in &mut drawing.nodes {
        // How many there are is known only in a plan.
        if repeated(config, node) {
            node.label.push_str("[*]");
        }
    }
    drawing
}

fn repeated(config: &Config, drawn: &Drawn) -> bool {
    let found = config.all_modules().find(|module| module.path.to_string() == drawn.module);
    let resource = found.and_then(|module| {
        module.resources.iter().find(|(id, _)| id.to_string() == drawn.label).map(|(_, resource)| resource)
    });
    resource.is_some_and(|resource| !resource.repetition.is_keyless())
}

fn drawn(node: &Node) -> Drawn {
    let (kind, label) = match &node.item {
        Item::Variable(name) => ("variable", format!("var.{name}")),
        Item::Local(name) => ("local", format!("local.{name}")),
        Item::Provider(addr) => ("provider", format!("provider.{addr}")),
        Item::Call(name) => ("module", format!("module.{name} (expand)")),
        Item::Outputs(name) => ("module", format!("module.{name} (outputs)")),
        Item::Within(name) => ("module", format!("module.{name} (close)")),
        Item::Output(name) => ("output", format!("output.{name}")),
        Item::Resource(id) => {
            let kind = match id.mode {
                Mode::Managed => "resource",
                Mode::Data => "data",
                Mode::Action => "action",
                Mode::Ephemeral => "ephemeral",
            };
            (kind, id.to_string())
        }
    };
    let module = node.module.to_string();
    let id = if module.is_empty() { label.clone() } else { format!("{module}.{label}") };
    Drawn { id, kind, module, label, ..Drawn::default() }
}

fn list<'j>(document: &'j Json, path: &str) -> Option<&'j Vec<Json>> {
    document.pointer(path).and_then(Json::as_array)
}

fn text(value: &Json, name: &str) -> String {
    value.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn position(value: &Json) -> Option<usize> {
    value.as_u64().and_then(|number| usize::try_from(number).ok())
}

/// What a step waits for, by their positions.
fn waits(steps: &[Json]) -> Vec<Vec<usize>> {
    let places: BTreeMap<usize, usize> = steps
        .iter()
        .enumerate()
        .filter_map(|(place, step)| Some((step.get("id").and_then(position)?, place)))
        .collect();
    let after = |step: &Json| -> Vec<usize> {
        let ids = step.get("after").and_then(Json::as_array).into_iter().flatten();
        ids.filter_map(|id| places.get(&position(id)?).copied()).collect()
    };
    steps.iter().map(after).collect()
}

fn steps(document: &Json) -> Option<Drawing> {
    let steps = list(document, "/queueform/steps")?;
    let nodes = steps
        .iter()
        .map(|step| {
            let (address, name) = (text(step, "address"), text(step, "name"));
            let kind = text(step, "kind");
            let what = match (address.is_empty(), name.is_empty()) {
                (false, false) => format!("{address}: {name}"),
                (false, true) => format!("{address}: {kind}"),
                (true, _) => match step.get("output").and_then(Json::as_str) {
                    Some(output) => format!("output.{output}"),
                    None => kind,
                },
            };
            let number = step.get("id").and_then(position).unwrap_or_default();
            let call = Some(text(step, "call")).filter(|call| !call.is_empty());
            let id = format!("{number} {what}");
            Drawn { id, kind: "step", label: what, call, ..Drawn::default() }
        })
        .collect();
    let waits = waits(steps);
    let edges = waits.iter().enumerate().flat_map(|(from, all)| all.iter().map(move |to| (from, *to)));
    Some(Drawing { kind: "steps", nodes, edges: edges.collect(), cycles: Vec::new() })
}

/// Changes with something to do. One waits for another if a step of it waits for one of the other, directly or
/// through steps that belong to no change.
fn changes(document: &Json) -> Option<Drawing> {
    let steps = list(document, "/queueform/steps")?;
    let all = list(document, "/resource_changes")?;
    let mut nodes = Vec::new();
    // Where the last step of each change stands.
    let mut last: Vec<usize> = Vec::new();
    // The change that a step belongs to.
    let mut owners: BTreeMap<usize, usize> = BTreeMap::new();
    let by_id: BTreeMap<usize, usize> = steps
        .iter()
        .enumerate()
        .filter_map(|(place, step)| Some((step.get("id").and_then(position)?, place)))
        .collect();
    for change in all {
        let action = action(change);
        if action == "no-op" {
            continue;
        }
        let own = change.pointer("/queueform/steps").and_then(Json::as_array).into_iter().flatten();
        let places: Vec<usize> = own.filter_map(|id| by_id.get(&position(id)?).copied()).collect();
        owners.extend(places.iter().map(|place| (*place, nodes.len())));
        last.push(places.into_iter().max().unwrap_or_default());
        let (address, module) = (text(change, "address"), text(change, "module_address"));
        let deposed = text(change, "deposed");
        let id = if deposed.is_empty() { address } else { format!("{address} (deposed {deposed})") };
        let label = id.strip_prefix(&format!("{module}.")).unwrap_or(&id).to_owned();
        let kind = if text(change, "mode") == "data" { "data" } else { "resource" };
        let risk = change.pointer("/queueform/risk").and_then(Json::as_str).map(str::to_owned);
        nodes.push(Drawn { id, kind, module, label, action: Some(action), risk, call: None });
    }
    let waits = waits(steps);
    let mut edges = BTreeSet::new();
    for (step, own) in &owners {
        let mut seen = BTreeSet::new();
        let mut open = waits.get(*step).cloned().unwrap_or_default();
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            match owners.get(&next) {
                Some(other) if other != own => {
                    edges.insert((*own, *other));
                }
                Some(_) => {}
                None => open.extend(waits.get(next).into_iter().flatten()),
            }
        }
    }
    // What is replaced is deleted before others are changed, and made behind them: that it waits for them is drawn.
    let later = |(from, to): (usize, usize)| last.get(from) > last.get(to);
    let both = |(from, to): (usize, usize)| edges.contains(&(to, from));
    let edges = edges.iter().copied().filter(|edge| !both(*edge) || later(*edge)).collect();
    Some(Drawing { kind: "plan", nodes, edges, cycles: Vec::new() })
}

/// The action of a change in one word.
fn action(change: &Json) -> String {
    let actions = change.pointer("/change/actions").and_then(Json::as_array);
    match actions.map(Vec::as_slice) {
        Some([_, _]) => "replace".to_owned(),
        Some([one]) => one.as_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}
