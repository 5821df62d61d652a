//! `lifecycle`, `timeouts` and `removed` must name things that exist.

use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::addr::Step;
use crate::addr::Target;
use crate::config::IgnoreChanges;
use crate::config::ResourceId;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Registry;

use super::super::Config;
use super::super::Module;
use super::providers::kind_of;

/// Checks attributes named in `ignore_changes` and addresses named in `removed`.
pub(super) fn check(config: &Config, module: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    for (id, resource) in &module.resources {
        let Some(schema) = registry.resource(kind_of(id.mode), &id.kind) else { continue };
        if let Some(adopt) = resource.lifecycle.adopt.as_ref().filter(|adopt| adopt.value)
            && schema.has_server_id()
        {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidMetaArgument,
                    format!(
                        "an existing `{}` cannot be told by its arguments: its id is made by the service",
                        id.kind
                    ),
                )
                .at(adopt.span, "")
                .hint("name the object in an `import` block instead"),
            );
        }
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
        // A whole resource or module must be gone from the configuration; single instances may go while others stay.
        let (header, what) = match &removed.from.value {
            Target::Resource(addr) => {
                let path = within(module, &addr.module);
                let resource =
                    config.module(&path).and_then(|module| module.resources.get(&ResourceId::of(addr)));
                (resource.map(|resource| resource.header), "resource")
            }
            Target::Module(addr) if addr.0.last().is_some_and(|(_, key)| key.is_none()) => {
                (config.call(&within(module, addr)).map(|call| call.header), "module")
            }
            _ => continue,
        };
        if let Some(header) = header {
            let id = &removed.from.value;
            diagnostics.push(
                Diagnostic::error(Code::InvalidReference, format!("`{id}` is removed but still declared"))
                    .at(header, "declared here")
                    .at(removed.from.span, "removed here")
                    .hint(format!("remove the {what} block, or the `removed` block"))
                    .late(),
            );
        }
    }
}

/// The path of a module that is named relative to another.
fn within(module: &Module, addr: &ModuleInstance) -> ModulePath {
    ModulePath(module.path.0.iter().cloned().chain(addr.path().0).collect())
}
