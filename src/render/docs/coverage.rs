//! The page about which operation of a vendor is reached by which schema.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write;

use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;

use super::text;

/// A remote system and the operations that its vendor documents.
#[derive(Debug, Clone)]
pub struct System {
    /// The provider, and its service if it has several: `dms`, `apsaramq-mqtt`.
    pub name: String,
    /// The operations in the order of the document.
    pub operations: Vec<Operation>,
}

/// An operation of a vendor's document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// What the vendor calls it.
    pub name: String,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
}

/// Where operations are called, by name: the type and its steps.
pub type Reached = BTreeMap<String, BTreeMap<(ResourceKind, String), Vec<String>>>;

/// Returns the calls of a system's schemas by operation. Calls that name none are under the empty text.
#[must_use]
pub fn reached(registry: &Registry, system: &str) -> Reached {
    let mut found = Reached::new();
    for kind in ResourceKind::ALL {
        let schemas = registry.type_names(*kind).filter_map(|name| registry.resource(*kind, name));
        for schema in schemas.filter(|schema| belongs(registry, schema, system)) {
            for (place, call) in schema.calls() {
                let name = call.operation.as_deref().unwrap_or_default().to_owned();
                let places = found.entry(name).or_default();
                places.entry((*kind, schema.type_name.to_string())).or_default().push(place);
            }
        }
    }
    found
}

/// Returns true if a schema talks to a system.
fn belongs(registry: &Registry, schema: &ResourceSchema, system: &str) -> bool {
    // The only service of a provider needs no name of its own.
    let several = registry.provider(&schema.provider).is_some_and(|provider| provider.services.len() > 1);
    match &schema.service {
        Some(service) if several => system == format!("{}-{service}", schema.provider),
        _ => system == &*schema.provider,
    }
}

/// Writes the page.
pub fn coverage(out: &mut dyn Write, registry: &Registry, systems: &[System]) -> fmt::Result {
    writeln!(out, "# Coverage\n")?;
    writeln!(
        out,
        "Every operation that the vendors document, and the schemas that call it. A test fails on an operation that \
         none calls, and on a call that names an operation which the documents do not have. How calls are \
         authenticated (tokens, the id of a project) is not listed: the client does that by itself.\n"
    )?;
    writeln!(out, "Written from `schemas/`; do not edit.\n")?;
    writeln!(out, "| system | operations | reached |\n|---|---|---|")?;
    for system in systems {
        let reached = reached(registry, &system.name);
        let all = system.operations.len();
        let some = system.operations.iter().filter(|operation| reached.contains_key(&operation.name)).count();
        writeln!(out, "| [`{0}`](#{0}) | {all} | {some} |", system.name)?;
    }
    for system in systems {
        let reached = reached(registry, &system.name);
        writeln!(out, "\n## `{}`\n\n| operation | call | reached by |\n|---|---|---|", system.name)?;
        for operation in &system.operations {
            let by = reached.get(&operation.name).map(places).unwrap_or_default();
            writeln!(
                out,
                "| {} | `{} {}` | {} |",
                operation.name,
                operation.method,
                operation.path,
                text::cell(&by)
            )?;
        }
    }
    Ok(())
}

/// Links to the types with the steps that make the call.
fn places(types: &BTreeMap<(ResourceKind, String), Vec<String>>) -> String {
    let links = types.iter().map(|((kind, name), steps)| {
        let mut steps = steps.clone();
        steps.dedup();
        format!("[`{name}`](resources/{}{name}.md) ({})", kind.directory(), steps.join(", "))
    });
    links.collect::<Vec<_>>().join("<br>")
}
