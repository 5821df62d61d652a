//! Blocks for imports that have none.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::config::Module;
use crate::schema::ResourceSchema;
use crate::syntax::fmt::format_valid;
use crate::value::Value;

use super::block::Block;
use super::block::Member;
use super::names::Names;
use super::names::plural;
use super::names::short;
use super::references::References;

/// An object that an `import` block without a resource block names, as it was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it is to be managed.
    pub addr: InstanceAddr,
    /// Its type.
    pub schema: Arc<ResourceSchema>,
    /// The provider configuration that manages it.
    pub provider: ProviderAddr,
    /// Its id.
    pub id: Arc<str>,
    /// The object.
    pub value: Value,
}

/// Generated configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The text, in the canonical layout.
    pub text: String,
    /// The blocks that were written, each with its text and that of what belongs to it.
    pub blocks: BTreeMap<ResourceAddr, Arc<str>>,
    /// How many objects they stand for.
    pub objects: usize,
    /// What somebody should look at.
    pub notes: Vec<String>,
}

/// Writes the blocks of objects that are imported: one block for each resource, with a table of its instances if they
/// have keys. `given` are the arguments of provider configurations, `references` the objects that have addresses already.
#[must_use]
pub fn generate(
    module: &Module,
    found: &[Found],
    given: &BTreeMap<ProviderAddr, Value>,
    mut references: References,
) -> Generated {
    let mut names = Names::of(module);
    let mut by_resource: BTreeMap<&ResourceAddr, Vec<&Found>> = BTreeMap::new();
    for one in found {
        references.add(&one.schema, &one.addr, &one.id);
        by_resource.entry(&one.addr.resource).or_default().push(one);
    }
    let nothing = Value::null();
    let mut text = String::from(
        "# Written by `plan --generate-config-out`. Look through it: from now on it is yours.\n",
    );
    let mut notes = Vec::new();
    let mut blocks = BTreeMap::new();
    // What others are part of comes before its parts.
    let mut in_order: Vec<(&ResourceAddr, Vec<&Found>)> = by_resource.into_iter().collect();
    let parents: BTreeMap<&str, Option<&str>> = found
        .iter()
        .map(|one| (&*one.schema.type_name, one.schema.parent.as_ref().map(|parent| &*parent.type_name)))
        .collect();
    in_order.sort_by_key(|(addr, _)| depth(&parents, &addr.kind));
    for (addr, group) in in_order {
        let Some(first) = group.first() else { continue };
        let members = group.iter().map(|one| {
            let key = match &one.addr.key {
                Some(InstanceKey::Str(key)) => Some(Arc::clone(key)),
                Some(InstanceKey::Int(_)) | None => None,
            };
            Member { key, id: Arc::clone(&one.id), value: &one.value }
        });
        let kind = plural(short(&addr.kind));
        let table = first.addr.key.as_ref().map(|_| {
            let is_kind = short(&addr.kind).ends_with(&*addr.name);
            names.local(&if is_kind { kind } else { format!("{}_{kind}", addr.name) })
        });
        let block = Block {
            schema: &first.schema,
            name: addr.name.to_string(),
            table,
            provider: &first.provider,
            given: given.get(&first.provider).unwrap_or(&nothing),
            members: members.collect(),
            is_protected: false,
        };
        let written = block.write(&references, &mut names);
        let mut own = String::new();
        for part in [written.variables.trim_end(), &in_locals(&written.table), written.resource.trim_end()] {
            if !part.is_empty() {
                own.push_str(if own.is_empty() { "" } else { "\n" });
                own.push_str(part);
                own.push('\n');
            }
        }
        text.push('\n');
        text.push_str(&own);
        notes.extend(written.notes);
        blocks.insert(addr.clone(), format_valid(&own).into());
    }
    Generated { text: format_valid(&text), blocks, objects: found.len(), notes }
}

/// How many types are around a type, among those at hand.
pub(super) fn depth(parents: &BTreeMap<&str, Option<&str>>, kind: &str) -> usize {
    let mut depth = 0;
    let mut kind = kind;
    while let Some(Some(parent)) = parents.get(kind).filter(|_| depth < parents.len()) {
        depth += 1;
        kind = parent;
    }
    depth
}

/// Puts tables into a `locals` block.
pub(super) fn in_locals(tables: &str) -> String {
    if tables.is_empty() { String::new() } else { format!("locals {{\n{tables}}}") }
}
