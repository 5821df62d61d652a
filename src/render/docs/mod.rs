//! Reference pages written from schemas and from the vocabulary, so that they cannot differ from what the
//! program does.
//!
//! Owns the form of the pages in Markdown. Must not know files: pages come as names and texts.

mod action;
mod calls;
mod changes;
mod coverage;
mod language;
mod provider;
mod resource;
mod text;

pub use coverage::Operation;
pub use coverage::Reached;
pub use coverage::System;
pub use coverage::coverage;
pub use coverage::reached;
pub use language::language;
pub use provider::provider;
pub use resource::resource;

use std::fmt;
use std::fmt::Write;

use crate::schema::Registry;
use crate::schema::ResourceKind;

/// A page: its path below the directory of reference pages, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The path, with `/`.
    pub path: String,
    /// The text.
    pub text: String,
}

/// Returns all pages about providers and types: `README.md`, `PROVIDER.md`, `TYPE.md`, `data/TYPE.md` and
/// `action/TYPE.md`.
///
/// # Errors
/// Never: writing to a string does not fail.
pub fn pages(registry: &Registry) -> Result<Vec<Page>, fmt::Error> {
    let mut pages = Vec::new();
    let mut index = String::new();
    writeln!(index, "# Providers, resources, data sources and actions\n")?;
    writeln!(index, "Written from `schemas/`; do not edit.\n")?;
    for name in registry.provider_names() {
        let Some(schema) = registry.provider(name) else { continue };
        let mut text = String::new();
        provider(&mut text, &schema, registry)?;
        pages.push(Page { path: format!("{name}.md"), text });
        writeln!(index, "## [`{name}`]({name}.md)\n\n{}\n", schema.description)?;
        for kind in ResourceKind::ALL {
            list(&mut index, registry, name, *kind, &mut pages)?;
        }
    }
    let text = index.trim_end().to_owned() + "\n";
    pages.insert(0, Page { path: "README.md".to_owned(), text });
    Ok(pages)
}

/// Adds the types of a kind to the index, and a page for each.
fn list(
    index: &mut String,
    registry: &Registry,
    provider: &str,
    kind: ResourceKind,
    pages: &mut Vec<Page>,
) -> fmt::Result {
    let types = registry
        .type_names(kind)
        .filter(|name| registry.provider_of(name).is_some_and(|found| &**found == provider));
    let mut any = false;
    for name in types {
        let Some(schema) = registry.resource(kind, name) else { continue };
        if !any {
            let head = match kind {
                ResourceKind::Managed => "| resource | |",
                ResourceKind::Data => "| data source | |",
                ResourceKind::Action => "| action | |",
                ResourceKind::Ephemeral => "| ephemeral resource | |",
            };
            writeln!(index, "{head}\n|---|---|")?;
            any = true;
        }
        let path = format!("{}{name}.md", kind.directory());
        writeln!(index, "| [`{name}`]({path}) | {} |", text::cell(&schema.description))?;
        let mut page = String::new();
        resource(&mut page, &schema, registry)?;
        pages.push(Page { path, text: page });
    }
    if any { writeln!(index) } else { Ok(()) }
}
