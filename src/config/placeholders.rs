//! Blocks that `import` blocks name and that are still to be generated from what exists.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::ProviderAddr;
use crate::source::Spanned;

use super::Import;
use super::Lifecycle;
use super::Module;
use super::Repetition;
use super::Resource;
use super::ResourceId;

/// Puts an empty block in the place of every resource that an `import` block names and nothing declares, so that what
/// refers to it can be read.
pub(super) fn add(root: &mut Module) {
    let imports = root.imports.iter().filter(|import| import.to.module.is_root());
    let missing: Vec<Resource> = imports.map(placeholder).collect();
    for resource in missing {
        root.resources.entry(resource.id.clone()).or_insert(resource);
    }
}

fn placeholder(import: &Import) -> Resource {
    let to = &import.to;
    let id = ResourceId { mode: to.mode, kind: Arc::clone(&to.kind), name: Arc::clone(&to.name) };
    let implied = id.kind.split('_').next().unwrap_or(&id.kind);
    Resource {
        provider: Spanned::new(ProviderAddr::default_of(implied), import.to_span),
        id,
        kind_span: import.to_span,
        name_span: import.to_span,
        // Which instances there are is said by the imports alone.
        repetition: match &import.key {
            None => Repetition::One,
            Some(key) => Repetition::ForEach(import.for_each.clone().unwrap_or_else(|| key.clone())),
        },
        provider_key: None,
        arguments: BTreeMap::new(),
        depends_on: Vec::new(),
        lifecycle: Lifecycle::default(),
        timeouts: BTreeMap::new(),
        header: import.header,
        span: import.header,
        partial: true,
        is_placeholder: true,
    }
}
