//! Builds the graph of a module.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use petgraph::algo::toposort;
use petgraph::graph::DiGraph;

use crate::config::Condition;
use crate::config::Module;
use crate::config::Repetition;
use crate::config::Resource;
use crate::diag::Checked;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Reference;
use crate::syntax::parse::references;

use super::DependencyGraph;
use super::Node;
use super::cycle;
use super::node_of;

/// Builds the dependency graph of a module. A cycle is an error that shows the whole path.
pub fn build(module: &Module) -> Checked<DependencyGraph> {
    let mut nodes = BTreeMap::new();
    let mut graph = DiGraph::<Node, Span, u32>::default();
    let mut add = |node: Node| {
        let index = graph.add_node(node.clone());
        nodes.insert(node, index);
    };
    module.variables.keys().cloned().map(Node::Variable).for_each(&mut add);
    module.locals.keys().cloned().map(Node::Local).for_each(&mut add);
    module.providers.keys().cloned().map(Node::Provider).for_each(&mut add);
    module.resources.keys().cloned().map(Node::Resource).for_each(&mut add);
    module.outputs.keys().cloned().map(Node::Output).for_each(&mut add);
    let mut seen = BTreeSet::new();
    for (from, to, span) in collect_edges(module).0 {
        let (Some(from), Some(to)) = (nodes.get(&from), nodes.get(&to)) else { continue };
        if seen.insert((*from, *to)) {
            graph.add_edge(*from, *to, span);
        }
    }
    match toposort(&graph, None) {
        Ok(mut order) => {
            order.reverse();
            Checked::ok(DependencyGraph { graph, index: nodes, order })
        }
        Err(_cycle) => Checked::failed(cycle::report(&graph)),
    }
}

/// The edges found so far: from, to, and the reference that makes the edge.
struct Edges(Vec<(Node, Node, Span)>);

impl Edges {
    /// Adds an edge for every reference in an expression. An object does not depend on itself here:
    /// conditions may refer to their own object, everything else is refused by the configuration's rules.
    fn expr(&mut self, from: &Node, expr: &Expr) {
        references(expr, &mut |reference| self.reference(from, &reference));
    }

    fn reference(&mut self, from: &Node, reference: &Reference) {
        if let Some(to) = node_of(reference)
            && to != *from
        {
            self.0.push((from.clone(), to, reference.span));
        }
    }

    fn condition(&mut self, from: &Node, condition: &Condition) {
        self.expr(from, &condition.condition);
        self.expr(from, &condition.message);
    }

    fn resource(&mut self, from: &Node, resource: &Resource) {
        match &resource.repetition {
            Repetition::One => {}
            Repetition::Count(expr) | Repetition::ForEach(expr) => self.expr(from, expr),
        }
        for attribute in resource.arguments.values() {
            self.expr(from, &attribute.expr);
        }
        for trigger in &resource.lifecycle.replace_triggered_by {
            self.expr(from, &trigger.expr);
        }
        for trigger in &resource.lifecycle.action_triggers {
            for action in trigger.actions.iter().filter_map(|action| node_of(&action.reference)) {
                self.0.push((action, from.clone(), trigger.span));
            }
            if let Some(condition) = &trigger.condition {
                self.expr(from, condition);
            }
        }
        for condition in resource.lifecycle.preconditions.iter().chain(&resource.lifecycle.postconditions) {
            self.condition(from, condition);
        }
        for reference in &resource.depends_on {
            self.reference(from, reference);
        }
        self.0.push((from.clone(), Node::Provider(resource.provider.value.clone()), resource.header));
    }
}

fn collect_edges(module: &Module) -> Edges {
    let mut edges = Edges(Vec::new());
    for (name, variable) in &module.variables {
        for condition in &variable.validations {
            edges.condition(&Node::Variable(Arc::clone(name)), condition);
        }
    }
    for (name, local) in &module.locals {
        edges.expr(&Node::Local(Arc::clone(name)), &local.expr);
    }
    for (addr, provider) in &module.providers {
        for attribute in provider.arguments.values() {
            edges.expr(&Node::Provider(addr.clone()), &attribute.expr);
        }
    }
    for (name, output) in &module.outputs {
        let from = Node::Output(Arc::clone(name));
        edges.expr(&from, &output.value);
        for condition in &output.preconditions {
            edges.condition(&from, condition);
        }
        for reference in &output.depends_on {
            edges.reference(&from, reference);
        }
    }
    for (id, resource) in &module.resources {
        edges.resource(&Node::Resource(id.clone()), resource);
    }
    for import in &module.imports {
        // What an import is told by must be known before the object is planned.
        let from = Node::Resource(import.to.clone());
        for expr in [Some(import.identity.expr()), import.key.as_ref(), import.for_each.as_ref()]
            .into_iter()
            .flatten()
        {
            edges.expr(&from, expr);
        }
    }
    edges
}
