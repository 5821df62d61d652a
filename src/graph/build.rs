//! Builds the graph of a configuration.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use petgraph::algo::toposort;
use petgraph::graph::DiGraph;
use petgraph::graph::NodeIndex;

use crate::addr::ModulePath;
use crate::config::Condition;
use crate::config::Config;
use crate::config::Module;
use crate::config::ModuleCall;
use crate::config::Repetition;
use crate::config::Resource;
use crate::diag::Checked;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Reference;
use crate::syntax::parse::references;

use super::DependencyGraph;
use super::Item;
use super::Node;
use super::cycle;
use super::node_of;
use super::ordered_behind;

/// Builds the dependency graph of a configuration. A cycle is an error that shows the whole path.
pub fn build(config: &Config) -> Checked<DependencyGraph> {
    let (graph, nodes) = assemble(config);
    match toposort(&graph, None) {
        Ok(mut order) => {
            order.reverse();
            Checked::ok(DependencyGraph { graph, index: nodes, order })
        }
        Err(_cycle) => Checked::failed(cycle::report(&graph)),
    }
}

/// Declarations and which of them need which, also if they go round in circles.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    /// The declarations.
    pub nodes: Vec<Node>,
    /// Which declaration needs which: positions.
    pub edges: Vec<(usize, usize)>,
    /// Declarations that need each other: positions, each group in order.
    pub cycles: Vec<Vec<usize>>,
}

/// Returns what is declared and what needs what. Cycles are no error here.
#[must_use]
pub fn relations(config: &Config) -> Relations {
    let (graph, nodes) = assemble(config);
    // In the order of names, whatever the order of declarations.
    let places: BTreeMap<NodeIndex<u32>, usize> =
        nodes.values().enumerate().map(|(place, index)| (*index, place)).collect();
    let place = |index: NodeIndex<u32>| places.get(&index).copied().unwrap_or_default();
    let mut edges: Vec<(usize, usize)> = graph
        .edge_indices()
        .filter_map(|edge| graph.edge_endpoints(edge))
        .map(|(from, to)| (place(from), place(to)))
        .collect();
    edges.sort_unstable();
    let cycles = cycle::groups(&graph);
    let cycles = cycles.into_iter().map(|group| group.into_iter().map(place).collect()).collect();
    Relations { nodes: nodes.into_keys().collect(), edges, cycles }
}

/// Returns every reference to a resource, with the resource as declared.
#[must_use]
pub fn mentions(config: &Config) -> Vec<(Node, Reference)> {
    let mut edges = Edges { module: ModulePath::root(), found: Vec::new(), mentions: Some(Vec::new()) };
    for module in config.all_modules() {
        edges.module = module.path.clone();
        edges.module(config, module);
    }
    let found = edges.mentions.unwrap_or_default();
    found.into_iter().filter(|(node, _)| matches!(node.item, Item::Resource(_))).collect()
}

/// Gathers declarations and edges.
fn assemble(config: &Config) -> (DiGraph<Node, Span, u32>, BTreeMap<Node, NodeIndex<u32>>) {
    let mut nodes = BTreeMap::new();
    let mut graph = DiGraph::<Node, Span, u32>::default();
    let mut edges = Edges { module: ModulePath::root(), found: Vec::new(), mentions: None };
    for module in config.all_modules() {
        edges.module = module.path.clone();
        for item in items(module) {
            let node = Node { module: module.path.clone(), item };
            let index = graph.add_node(node.clone());
            nodes.insert(node, index);
        }
        edges.module(config, module);
    }
    let mut seen = BTreeSet::new();
    for (from, to, span) in edges.found {
        let (Some(from), Some(to)) = (nodes.get(&from), nodes.get(&to)) else { continue };
        if seen.insert((*from, *to)) {
            graph.add_edge(*from, *to, span);
        }
    }
    (graph, nodes)
}

/// Everything that a module declares.
fn items(module: &Module) -> Vec<Item> {
    let mut items: Vec<Item> = module.variables.keys().cloned().map(Item::Variable).collect();
    items.extend(module.locals.keys().cloned().map(Item::Local));
    items.extend(module.providers.keys().cloned().map(Item::Provider));
    for name in module.calls.keys() {
        items.extend([Item::Call, Item::Outputs, Item::Within].map(|item| item(Arc::clone(name))));
    }
    items.extend(module.resources.keys().cloned().map(Item::Resource));
    items.extend(module.outputs.keys().cloned().map(Item::Output));
    items
}

/// The edges found so far: from, to, and the reference that makes the edge.
struct Edges {
    /// The module whose expressions are looked at.
    module: ModulePath,
    found: Vec<(Node, Node, Span)>,
    /// What expressions refer to, if somebody asks for that.
    mentions: Option<Vec<(Node, Reference)>>,
}

impl Edges {
    fn node(&self, item: Item) -> Node {
        Node { module: self.module.clone(), item }
    }

    fn add(&mut self, from: &Node, to: Node, span: Span) {
        if to != *from {
            self.found.push((from.clone(), to, span));
        }
    }

    /// Adds an edge for every reference in an expression. An object does not depend on itself here:
    /// conditions may refer to their own object, everything else is refused by the configuration's rules.
    fn expr(&mut self, from: &Node, expr: &Expr) {
        references(expr, &mut |reference| {
            if let Some(to) = node_of(&self.module, &reference) {
                let span = reference.span;
                if let Some(mentions) = &mut self.mentions {
                    mentions.push((to.clone(), reference));
                }
                self.add(from, to, span);
            }
        });
    }

    /// Adds an edge for an entry of `depends_on`.
    fn order(&mut self, from: &Node, reference: &Reference) {
        if let Some(to) = ordered_behind(&self.module, reference) {
            self.add(from, to, reference.span);
        }
    }

    fn condition(&mut self, from: &Node, condition: &Condition) {
        self.expr(from, &condition.condition);
        self.expr(from, &condition.message);
    }

    fn repetition(&mut self, from: &Node, repetition: &Repetition) {
        match repetition {
            Repetition::One => {}
            Repetition::Count(expr) | Repetition::ForEach(expr) | Repetition::Enabled(expr) => {
                self.expr(from, expr)
            }
        }
    }

    fn resource(&mut self, config: &Config, from: &Node, resource: &Resource) {
        self.repetition(from, &resource.repetition);
        for attribute in resource.arguments.values() {
            self.expr(from, &attribute.expr);
        }
        for trigger in &resource.lifecycle.replace_triggered_by {
            self.expr(from, &trigger.expr);
        }
        for trigger in &resource.lifecycle.action_triggers {
            for action in &trigger.actions {
                if let Some(action) = node_of(&self.module, &action.reference) {
                    self.add(&action, from.clone(), trigger.span);
                }
            }
            if let Some(condition) = &trigger.condition {
                self.expr(from, condition);
            }
        }
        for condition in resource.lifecycle.preconditions.iter().chain(&resource.lifecycle.postconditions) {
            self.condition(from, condition);
        }
        for reference in &resource.depends_on {
            self.order(from, reference);
        }
        let provider = &resource.provider.value;
        if let Some(key) = &resource.provider_key {
            self.expr(from, key);
            for one in config.root.providers.keys().filter(|one| provider.has_keyed(one)) {
                self.add(from, Node::root(Item::Provider(one.clone())), resource.header);
            }
        } else {
            self.add(from, Node::root(Item::Provider(provider.clone())), resource.header);
        }
    }

    /// A called module: how often, with which values, and what of it others may need.
    fn call(&mut self, config: &Config, call: &ModuleCall) {
        let name = &call.name.value;
        let node = self.node(Item::Call(Arc::clone(name)));
        let outputs = self.node(Item::Outputs(Arc::clone(name)));
        let within = self.node(Item::Within(Arc::clone(name)));
        self.repetition(&node, &call.repetition);
        for reference in &call.depends_on {
            self.order(&node, reference);
        }
        self.add(&outputs, node.clone(), call.header);
        self.add(&within, outputs.clone(), call.header);
        let path = self.module.child(name);
        let Some(child) = config.module(&path) else { return };
        for (variable, argument) in &call.arguments {
            let variable = Node { module: path.clone(), item: Item::Variable(Arc::clone(variable)) };
            self.expr(&variable, &argument.expr);
        }
        for item in items(child) {
            let inner = Node { module: path.clone(), item };
            match inner.item {
                Item::Output(_) => self.add(&outputs, inner.clone(), call.header),
                Item::Resource(_) | Item::Within(_) => self.add(&within, inner.clone(), call.header),
                _ => {}
            }
            self.add(&inner, node.clone(), call.header);
        }
    }

    fn module(&mut self, config: &Config, module: &Module) {
        for (name, variable) in &module.variables {
            for condition in &variable.validations {
                self.condition(&self.node(Item::Variable(Arc::clone(name))), condition);
            }
        }
        for (name, local) in &module.locals {
            self.expr(&self.node(Item::Local(Arc::clone(name))), &local.expr);
        }
        for (addr, provider) in &module.providers {
            for attribute in provider.arguments.values() {
                self.expr(&self.node(Item::Provider(addr.clone())), &attribute.expr);
            }
        }
        for (name, output) in &module.outputs {
            let from = self.node(Item::Output(Arc::clone(name)));
            self.expr(&from, &output.value);
            for condition in &output.preconditions {
                self.condition(&from, condition);
            }
            for reference in &output.depends_on {
                self.order(&from, reference);
            }
        }
        for (id, resource) in &module.resources {
            self.resource(config, &self.node(Item::Resource(id.clone())), resource);
        }
        for call in module.calls.values() {
            self.call(config, call);
        }
        for import in &module.imports {
            // What an import is told by must be known before the object is planned.
            let from = Node::resource(&import.to);
            for expr in [Some(import.identity.expr()), import.key.as_ref(), import.for_each.as_ref()]
                .into_iter()
                .flatten()
            {
                self.expr(&from, expr);
            }
        }
    }
}
