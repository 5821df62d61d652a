//! Graphs as JSON.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use super::Drawing;
use super::Drawn;

/// Returns a graph as JSON: nodes by name, edges between names, cycles as lists of names.
#[must_use]
pub fn json(drawing: &Drawing) -> Json {
    let name = |position: &usize| drawing.nodes.get(*position).map(|node| node.id.as_str());
    let edges: Vec<Json> = drawing
        .edges
        .iter()
        .filter_map(|(from, to)| Some(json!({ "from": name(from)?, "to": name(to)? })))
        .collect();
    let cycles: Vec<Json> =
        drawing.cycles.iter().map(|cycle| cycle.iter().filter_map(name).collect()).collect();
    json!({
        "format_version": "1.0",
        "type": drawing.kind,
        "nodes": drawing.nodes.iter().map(node).collect::<Vec<_>>(),
        "edges": edges,
        "cycles": cycles,
    })
}

fn node(node: &Drawn) -> Json {
    let mut out = Map::new();
    out.insert("id".to_owned(), node.id.as_str().into());
    out.insert("kind".to_owned(), node.kind.into());
    out.insert("name".to_owned(), node.label.as_str().into());
    if !node.module.is_empty() {
        out.insert("module".to_owned(), node.module.as_str().into());
    }
    for (name, told) in [("action", &node.action), ("risk", &node.risk), ("call", &node.call)] {
        if let Some(told) = told {
            out.insert(name.to_owned(), told.as_str().into());
        }
    }
    out.into()
}
