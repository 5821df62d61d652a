//! Graphs for Mermaid, which pages and reviews draw by themselves.

use std::fmt;
use std::fmt::Write;

use super::Drawing;
use super::Drawn;

/// Writes a graph as a flowchart of Mermaid. Modules are boxes around what lies in them, cycles are red.
///
/// # Errors
/// If the writer fails.
pub fn mermaid(out: &mut dyn Write, drawing: &Drawing) -> fmt::Result {
    writeln!(out, "flowchart RL")?;
    for (number, (module, nodes)) in drawing.modules().into_iter().enumerate() {
        if module.is_empty() {
            nodes.iter().try_for_each(|(position, node)| draw(out, *position, node, "  "))?;
            continue;
        }
        writeln!(out, "  subgraph m{number}[\"{}\"]", escaped(module))?;
        nodes.iter().try_for_each(|(position, node)| draw(out, *position, node, "    "))?;
        writeln!(out, "  end")?;
    }
    let mut red = Vec::new();
    for (number, edge) in drawing.edges.iter().enumerate() {
        writeln!(out, "  n{} --> n{}", edge.0, edge.1)?;
        if drawing.is_cyclic(*edge) {
            red.push(number.to_string());
        }
    }
    if !red.is_empty() {
        writeln!(out, "  linkStyle {} stroke:red,stroke-width:2px", red.join(","))?;
    }
    for (action, colour) in
        [("create", "green"), ("update", "orange"), ("replace", "red"), ("delete", "red"), ("read", "blue")]
    {
        let with = |(position, node): (usize, &Drawn)| {
            (node.action.as_deref() == Some(action)).then(|| format!("n{position}"))
        };
        let nodes: Vec<String> = drawing.nodes.iter().enumerate().filter_map(with).collect();
        if !nodes.is_empty() {
            writeln!(out, "  classDef {action} stroke:{colour}")?;
            writeln!(out, "  class {} {action}", nodes.join(","))?;
        }
    }
    Ok(())
}

fn draw(out: &mut dyn Write, position: usize, node: &Drawn, indent: &str) -> fmt::Result {
    let lines: Vec<String> = node.lines().into_iter().map(escaped).collect();
    let label = lines.join("<br/>");
    match node.kind {
        "provider" => writeln!(out, "{indent}n{position}{{{{\"{label}\"}}}}"),
        "variable" | "local" | "output" => writeln!(out, "{indent}n{position}>\"{label}\"]"),
        "data" => writeln!(out, "{indent}n{position}(\"{label}\")"),
        _ => writeln!(out, "{indent}n{position}[\"{label}\"]"),
    }
}

/// Quotes and signs of its own are written as entities.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('#', "&#35;")
}
