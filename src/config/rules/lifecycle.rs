//! `lifecycle`, `timeouts` and `removed` must name things that exist.

use std::sync::Arc;

use crate::addr::Mode;
use crate::addr::Step;
use crate::addr::Target;
use crate::config::IgnoreChanges;
use crate::config::ResourceId;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Registry;

use super::super::Module;
use super::providers::kind_of;

/// Checks attributes named in `ignore_changes` and addresses named in `removed`.
pub(super) fn check(module: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    for (id, resource) in &module.resources {
        let Some(schema) = registry.resource(kind_of(id.mode), &id.kind) else { continue };
        let IgnoreChanges::Paths(paths) = &resource.lifecycle.ignore_changes else { continue };
        for path in paths {
            let Some(Step::Attr(name)) = path.value.0.first() else { continue };
            if schema.attribute(name).is_none() {
                diagnostics.push(
                    Diagnostic::error(
                        Code::UnknownAttribute,
                        format!("`{}` has no attribute `{name}`", id.kind),
                    )
                    .at(path.span, "unknown attribute")
                    .maybe_hint(did_you_mean(
                        name,
                        schema.attributes.iter().map(|attribute| &*attribute.name),
                    )),
                );
            }
        }
    }
    for removed in &module.removed {
        // A whole resource must be gone from the configuration; single instances may go while others stay.
        let Target::Resource(addr) = &removed.from.value else { continue };
        let id =
            ResourceId { mode: Mode::Managed, kind: Arc::clone(&addr.kind), name: Arc::clone(&addr.name) };
        if let Some(resource) = module.resources.get(&id) {
            diagnostics.push(
                Diagnostic::error(Code::InvalidReference, format!("`{id}` is removed but still declared"))
                    .at(resource.header, "declared here")
                    .at(removed.from.span, "removed here")
                    .hint("remove the resource block, or the `removed` block")
                    .late(),
            );
        }
    }
}
