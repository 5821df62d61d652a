//! Nodes and the finished graph.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use petgraph::Direction;
use petgraph::graph::DiGraph;
use petgraph::graph::NodeIndex;

use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::config::ResourceId;
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;

/// A declaration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// An input variable (with its validations).
    Variable(Name),
    /// A local value.
    Local(Name),
    /// A provider configuration.
    Provider(ProviderAddr),
    /// A resource or data source with all its instances.
    Resource(ResourceId),
    /// An output.
    Output(Name),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "var.{name}"),
            Self::Local(name) => write!(f, "local.{name}"),
            Self::Provider(addr) => write!(f, "provider {addr}"),
            Self::Resource(id) => write!(f, "{id}"),
            Self::Output(name) => write!(f, "output.{name}"),
        }
    }
}

/// Returns the declaration that a reference names, if it is of a kind that has a node.
#[must_use]
pub fn node_of(reference: &Reference) -> Option<Node> {
    let name = |index: usize| match reference.steps.get(index).map(|step| &step.value) {
        Some(RefStep::Attr(name) | RefStep::Key(name)) => Some(Arc::clone(name)),
        _ => None,
    };
    match &*reference.root.value {
        "var" => name(0).map(Node::Variable),
        "local" => name(0).map(Node::Local),
        "data" => Some(Node::Resource(ResourceId { mode: Mode::Data, kind: name(0)?, name: name(1)? })),
        "action" => Some(Node::Resource(ResourceId { mode: Mode::Action, kind: name(0)?, name: name(1)? })),
        "each" | "count" | "self" | "path" | "queueform" | "terraform" | "module" => None,
        kind => Some(Node::Resource(ResourceId { mode: Mode::Managed, kind: kind.into(), name: name(0)? })),
    }
}

/// How many resources are remembered of which one needs another, beside the direct ones: without a limit, a chain
/// of resources would cost the square of its length.
const REMEMBERED: usize = 64;

/// The graph of a module: edges lead from a declaration to what it needs.
#[derive(Debug, Clone, Default)]
pub struct DependencyGraph {
    pub(super) graph: DiGraph<Node, Span, u32>,
    pub(super) index: BTreeMap<Node, NodeIndex<u32>>,
    pub(super) order: Vec<NodeIndex<u32>>,
}

impl DependencyGraph {
    /// Returns all declarations, each behind everything it needs.
    pub fn order(&self) -> impl Iterator<Item = &Node> {
        self.order.iter().filter_map(|index| self.graph.node_weight(*index))
    }

    /// Returns what a declaration needs directly, sorted.
    #[must_use]
    pub fn dependencies(&self, node: &Node) -> Vec<&Node> {
        self.neighbours(node, Direction::Outgoing)
    }

    /// Returns what needs a declaration directly, sorted.
    #[must_use]
    pub fn dependents(&self, node: &Node) -> Vec<&Node> {
        self.neighbours(node, Direction::Incoming)
    }

    /// Returns the resources that a declaration needs, directly or through variables, locals and outputs.
    #[must_use]
    pub fn resources_behind(&self, node: &Node) -> Vec<&ResourceId> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open = self.dependencies(node);
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            if let Node::Resource(id) = next {
                found.push(id);
            } else {
                open.extend(self.dependencies(next));
            }
        }
        found.sort();
        found
    }

    /// Returns everything that the given declarations need, directly or not, themselves included.
    #[must_use]
    pub fn closure<'n>(&'n self, from: impl IntoIterator<Item = &'n Node>) -> BTreeSet<&'n Node> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Node> = from.into_iter().collect();
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(self.dependencies(next));
            }
        }
        seen
    }

    /// Returns the managed resources that a resource needs: what the state remembers of it, so that deletions keep
    /// their order when blocks are gone. All direct ones are among them, and the nearest of those behind them.
    #[must_use]
    pub fn managed_behind(&self, id: &ResourceId) -> Vec<ResourceAddr> {
        let mut seen: BTreeSet<&ResourceId> = BTreeSet::new();
        let mut found: BTreeSet<&ResourceId> = BTreeSet::new();
        let mut level = self.resources_behind(&Node::Resource(id.clone()));
        while !level.is_empty() && found.len() < REMEMBERED {
            level.retain(|other| *other != id && seen.insert(other));
            found.extend(level.iter().filter(|other| other.mode == Mode::Managed));
            let next =
                level.iter().flat_map(|other| self.resources_behind(&Node::Resource((*other).clone())));
            level = next.collect();
        }
        let addr = |id: &ResourceId| ResourceAddr {
            module: ModuleInstance::root(),
            mode: id.mode,
            kind: Arc::clone(&id.kind),
            name: Arc::clone(&id.name),
        };
        found.into_iter().map(addr).collect()
    }

    fn neighbours(&self, node: &Node, direction: Direction) -> Vec<&Node> {
        let Some(index) = self.index.get(node) else { return Vec::new() };
        let mut found: Vec<&Node> = self
            .graph
            .neighbors_directed(*index, direction)
            .filter_map(|index| self.graph.node_weight(index))
            .collect();
        found.sort();
        found.dedup();
        found
    }
}
