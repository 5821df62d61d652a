//! Finds and describes cycles.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::Span;

use super::Node;

/// The longest path that is shown as a whole.
const SHOWN: usize = 12;

/// Returns one error for every group of declarations that depend on each other, each with a shortest path.
pub(super) fn report(graph: &DiGraph<Node, Span, u32>) -> Diagnostics {
    groups(graph).iter().map(|group| describe(graph, group)).collect()
}

/// Returns the groups of declarations that depend on each other, in order.
pub(super) fn groups(graph: &DiGraph<Node, Span, u32>) -> Vec<Vec<NodeIndex<u32>>> {
    let mut groups: Vec<Vec<NodeIndex<u32>>> =
        kosaraju_scc(graph).into_iter().filter(|group| group.len() > 1).collect();
    for group in &mut groups {
        group.sort_by_key(|index| graph.node_weight(*index).cloned());
    }
    groups.sort_by_key(|group| group.first().and_then(|index| graph.node_weight(*index).cloned()));
    groups
}

fn describe(graph: &DiGraph<Node, Span, u32>, group: &[NodeIndex<u32>]) -> Diagnostic {
    let path = group.first().map(|start| shortest_loop(graph, *start)).unwrap_or_default();
    let name = |index: NodeIndex<u32>| graph.node_weight(index).map(ToString::to_string).unwrap_or_default();
    let mut shown: Vec<String> = path.iter().map(|(from, _)| name(*from)).collect();
    shown.extend(path.first().map(|(from, _)| name(*from)));
    let mut found =
        Diagnostic::error(Code::Cycle, format!("these depend on each other: {}", abridged(&shown)));
    for (position, (_, span)) in path.iter().enumerate().take(SHOWN) {
        let target = shown.get(position + 1).map_or("", String::as_str);
        found = found.at(*span, format!("needs {target}"));
    }
    found.hint(
        "break the circle: let one of them use a plain value, or move the shared part into a local value",
    )
}

/// Joins the names of a path; of a long one the middle is left out.
fn abridged(names: &[String]) -> String {
    if names.len() <= SHOWN {
        return names.join(" → ");
    }
    let (head, tail) = (names.get(..SHOWN / 2), names.get(names.len() - SHOWN / 2..));
    let (head, tail) = (head.unwrap_or_default(), tail.unwrap_or_default());
    format!("{} → … {} more … → {}", head.join(" → "), names.len() - SHOWN, tail.join(" → "))
}

/// Returns a shortest loop through a node as pairs of a node and the reference that leads on from it.
fn shortest_loop(graph: &DiGraph<Node, Span, u32>, start: NodeIndex<u32>) -> Vec<(NodeIndex<u32>, Span)> {
    let mut came_from: BTreeMap<NodeIndex<u32>, (NodeIndex<u32>, Span)> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for edge in graph.edges(at) {
            let next = edge.target();
            if next == start {
                let mut path = vec![(at, *edge.weight())];
                let mut back = at;
                while let Some((before, span)) = came_from.get(&back) {
                    path.push((*before, *span));
                    back = *before;
                }
                path.reverse();
                return path;
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = came_from.entry(next) {
                entry.insert((at, *edge.weight()));
                open.push_back(next);
            }
        }
    }
    Vec::new()
}
