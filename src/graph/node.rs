//! Nodes and the finished graph.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use petgraph::Direction;
use petgraph::graph::DiGraph;
use petgraph::graph::NodeIndex;

use crate::addr::Mode;
use crate::addr::ModulePath;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::config::ResourceId;
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;

/// A declaration: in which module, and what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// The module it stands in.
    pub module: ModulePath,
    /// What it is.
    pub item: Item,
}

/// What is declared in a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// An input variable (with its validations).
    Variable(Name),
    /// A local value.
    Local(Name),
    /// A provider configuration.
    Provider(ProviderAddr),
    /// A `module` block: how many instances it stands for.
    Call(Name),
    /// A resource or data source with all its instances.
    Resource(ResourceId),
    /// An output.
    Output(Name),
    /// All outputs of a called module.
    Outputs(Name),
    /// Everything in a called module.
    Within(Name),
}

impl Node {
    /// Returns a declaration of the root module.
    #[must_use]
    pub fn root(item: Item) -> Self {
        Self { module: ModulePath::root(), item }
    }

    /// Returns the declaration that an address belongs to.
    #[must_use]
    pub fn resource(addr: &ResourceAddr) -> Self {
        Self { module: addr.module.path(), item: Item::Resource(ResourceId::of(addr)) }
    }

    /// Returns the address of a resource as declared.
    #[must_use]
    pub fn resource_addr(&self) -> Option<ResourceAddr> {
        match &self.item {
            Item::Resource(id) => Some(id.within(&self.module.unkeyed())),
            _ => None,
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        match &self.item {
            Item::Variable(name) => write!(f, "var.{name}"),
            Item::Local(name) => write!(f, "local.{name}"),
            Item::Provider(addr) => write!(f, "provider {addr}"),
            Item::Call(name) | Item::Outputs(name) | Item::Within(name) => write!(f, "module.{name}"),
            Item::Resource(id) => write!(f, "{id}"),
            Item::Output(name) => write!(f, "output.{name}"),
        }
    }
}

/// Returns the declaration that a reference in a module takes a value from, if it is of a kind that has a node.
#[must_use]
pub fn node_of(module: &ModulePath, reference: &Reference) -> Option<Node> {
    find(module, reference, Item::Outputs)
}

/// Returns the declaration that `depends_on` names: a module is everything in it.
#[must_use]
pub fn ordered_behind(module: &ModulePath, reference: &Reference) -> Option<Node> {
    find(module, reference, Item::Within)
}

fn find(module: &ModulePath, reference: &Reference, whole: impl Fn(Name) -> Item) -> Option<Node> {
    let name = |index: usize| match reference.steps.get(index).map(|step| &step.value) {
        Some(RefStep::Attr(name) | RefStep::Key(name)) => Some(Arc::clone(name)),
        _ => None,
    };
    let item = match &*reference.root.value {
        "var" => Item::Variable(name(0)?),
        "local" => Item::Local(name(0)?),
        "data" => Item::Resource(ResourceId { mode: Mode::Data, kind: name(0)?, name: name(1)? }),
        "action" => Item::Resource(ResourceId { mode: Mode::Action, kind: name(0)?, name: name(1)? }),
        "ephemeral" => Item::Resource(ResourceId { mode: Mode::Ephemeral, kind: name(0)?, name: name(1)? }),
        "module" => {
            let call = name(0)?;
            let steps = reference.steps.get(1..).unwrap_or_default();
            let steps = match steps {
                [first, rest @ ..] if !matches!(first.value, RefStep::Attr(_)) => rest,
                all => all,
            };
            let Some(RefStep::Attr(output)) = steps.first().map(|step| &step.value) else {
                return Some(Node { module: module.clone(), item: whole(call) });
            };
            return Some(Node { module: module.child(&call), item: Item::Output(Arc::clone(output)) });
        }
        "each" | "count" | "self" | "path" | "queueform" | "terraform" => return None,
        kind => Item::Resource(ResourceId { mode: Mode::Managed, kind: kind.into(), name: name(0)? }),
    };
    Some(Node { module: module.clone(), item })
}

/// How many resources are remembered of which one needs another, beside the direct ones: without a limit, a chain
/// of resources would cost the square of its length.
const REMEMBERED: usize = 64;

/// The graph of a configuration: edges lead from a declaration to what it needs.
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

    /// Returns the resources that a declaration needs, directly or through variables, locals, outputs and modules.
    #[must_use]
    pub fn resources_behind(&self, node: &Node) -> Vec<ResourceAddr> {
        self.nodes_behind(node).into_iter().filter_map(Node::resource_addr).collect()
    }

    fn nodes_behind(&self, node: &Node) -> Vec<&Node> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open = self.dependencies(node);
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            if let Item::Resource(_) = next.item {
                found.push(next);
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
    pub fn managed_behind(&self, resource: &ResourceAddr) -> Vec<ResourceAddr> {
        let own = Node::resource(resource);
        let mut seen: BTreeSet<&Node> = BTreeSet::new();
        let mut found: BTreeSet<&Node> = BTreeSet::new();
        let mut level = self.nodes_behind(&own);
        while !level.is_empty() && found.len() < REMEMBERED {
            level.retain(|other| **other != own && seen.insert(other));
            let managed =
                |node: &&&Node| matches!(&node.item, Item::Resource(id) if id.mode == Mode::Managed);
            found.extend(level.iter().filter(managed));
            level = level.iter().flat_map(|other| self.nodes_behind(other)).collect();
        }
        let mut found: Vec<ResourceAddr> = found.into_iter().filter_map(Node::resource_addr).collect();
        found.sort();
        found
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
