//! Graphs for Graphviz.

use std::fmt;
use std::fmt::Write;

use super::Drawing;
use super::Drawn;

/// Writes a graph in the language of Graphviz. Modules are boxes around what lies in them, cycles are red.
///
/// # Errors
/// If the writer fails.
pub fn dot(out: &mut dyn Write, drawing: &Drawing) -> fmt::Result {
    writeln!(out, "digraph G {{")?;
    writeln!(out, "  rankdir = \"RL\";")?;
    writeln!(out, "  node [shape = rect, fontname = \"sans-serif\"];")?;
    for (module, nodes) in drawing.modules() {
        if module.is_empty() {
            nodes.iter().try_for_each(|(_, node)| draw(out, node, "  "))?;
            continue;
        }
        writeln!(out, "  subgraph {} {{", quoted(&format!("cluster_{module}")))?;
        writeln!(out, "    label = {}", quoted(module))?;
        writeln!(out, "    fontname = \"sans-serif\"")?;
        nodes.iter().try_for_each(|(_, node)| draw(out, node, "    "))?;
        writeln!(out, "  }}")?;
    }
    for edge in &drawing.edges {
        let (Some(from), Some(to)) = (drawing.nodes.get(edge.0), drawing.nodes.get(edge.1)) else { continue };
        let colour = if drawing.is_cyclic(*edge) { " [color = \"red\", penwidth = \"2.0\"]" } else { "" };
        writeln!(out, "  {} -> {}{colour};", quoted(&from.id), quoted(&to.id))?;
    }
    writeln!(out, "}}")
}

fn draw(out: &mut dyn Write, node: &Drawn, indent: &str) -> fmt::Result {
    let label = quoted(&node.lines().join("\n"));
    write!(out, "{indent}{} [label = {label}", quoted(&node.id))?;
    match node.kind {
        "provider" => write!(out, ", shape = diamond")?,
        "variable" | "local" | "output" => write!(out, ", shape = note")?,
        "data" => write!(out, ", style = rounded")?,
        _ => {}
    }
    if let Some(colour) = node.action.as_deref().and_then(colour) {
        write!(out, ", color = \"{colour}\"")?;
    }
    writeln!(out, "];")
}

/// The colour of an action, as plans have it on a terminal.
fn colour(action: &str) -> Option<&'static str> {
    match action {
        "create" => Some("green"),
        "update" => Some("orange"),
        "delete" | "replace" => Some("red"),
        "read" => Some("blue"),
        _ => None,
    }
}

/// A text between quotes.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}
