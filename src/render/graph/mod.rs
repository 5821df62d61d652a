//! Graphs, drawn: for Graphviz, for Mermaid and as JSON.

mod dot;
mod json;
mod mermaid;
#[cfg(test)]
mod tests;

pub use dot::dot;
pub use json::json;
pub use mermaid::mermaid;

/// A graph that is ready to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Drawing {
    /// What it is about: `resources`, `config`, `plan` or `steps`.
    pub kind: &'static str,
    /// What it consists of.
    pub nodes: Vec<Drawn>,
    /// What needs what: positions of nodes.
    pub edges: Vec<(usize, usize)>,
    /// Nodes that need each other: positions, in order.
    pub cycles: Vec<Vec<usize>>,
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Its name; there is no other of it.
    pub id: String,
    /// What it is: `resource`, `data`, `variable`, `provider` and so on.
    pub kind: &'static str,
    /// The module that it stands in; empty for the root module.
    pub module: String,
    /// Its name in the module.
    pub label: String,
    /// What a plan does with it.
    pub action: Option<String>,
    /// How much harm that may do.
    pub risk: Option<String>,
    /// The call that a step makes.
    pub call: Option<String>,
}

impl Drawing {
    /// Returns whether an edge is a part of a cycle.
    fn is_cyclic(&self, (from, to): (usize, usize)) -> bool {
        self.cycles.iter().any(|cycle| cycle.contains(&from) && cycle.contains(&to))
    }

    /// Returns the modules, each with the positions of its own nodes, in order. The root module has no name.
    fn modules(&self) -> std::collections::BTreeMap<&str, Vec<(usize, &Drawn)>> {
        let mut found: std::collections::BTreeMap<&str, Vec<(usize, &Drawn)>> =
            std::collections::BTreeMap::new();
        for (position, node) in self.nodes.iter().enumerate() {
            found.entry(node.module.as_str()).or_default().push((position, node));
        }
        found
    }
}

impl Drawn {
    /// Returns the lines that are drawn in its box.
    fn lines(&self) -> Vec<&str> {
        let mut lines = vec![self.label.as_str()];
        lines.extend(self.action.as_deref());
        lines.extend(self.call.as_deref());
        lines
    }
}
