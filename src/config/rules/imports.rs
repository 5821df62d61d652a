//! `import` blocks must name resources that are declared and whose type has ids.

use crate::config::Import;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::syntax::parse::references;

use super::super::Module;
use super::references::resource_of;

/// Checks the addresses of imports, and that nothing is imported by what it will be itself.
pub(super) fn check(module: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    for import in &module.imports {
        check_one(module, registry, import, diagnostics);
    }
}

fn check_one(module: &Module, registry: &Registry, import: &Import, diagnostics: &mut Diagnostics) {
    let to = &import.to;
    let Some(resource) = module.resources.get(to) else {
        if !module.partial {
            let names: Vec<String> = module.resources.keys().map(ToString::to_string).collect();
            let hint = did_you_mean(&to.to_string(), names.iter().map(String::as_str))
                .unwrap_or_else(|| format!("declare it: `resource \"{}\" \"{}\" {{ … }}`", to.kind, to.name));
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidImport,
                    format!("there is no block for `{to}`, which is to be imported"),
                )
                .at(import.to_span, "not declared")
                .hint(hint),
            );
        }
        return;
    };
    if let Some(schema) = registry.resource(ResourceKind::Managed, &to.kind)
        && schema.identity.is_empty()
    {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidImport,
                format!("`{}` cannot be imported: it has no ids", to.kind),
            )
            .at(import.to_span, ""),
        );
    }
    if let Some(provider) = &import.provider
        && provider.value != resource.provider.value
    {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidImport,
                format!(
                    "`{to}` is managed by provider `{}`, not by `{}`",
                    resource.provider.value, provider.value
                ),
            )
            .at(provider.span, "")
            .at(resource.header, "the resource")
            .hint("remove `provider` here: the resource says which configuration manages it"),
        );
    }
    for expr in
        [Some(import.identity.expr()), import.key.as_ref(), import.for_each.as_ref()].into_iter().flatten()
    {
        references(expr, &mut |reference| {
            if resource_of(&reference).is_some_and(|found| found == *to) {
                diagnostics.push(
                    Diagnostic::error(
                        Code::SelfReference,
                        format!("the import of `{to}` refers to `{to}` itself"),
                    )
                    .at(reference.span, "known only after it is imported")
                    .hint("write the id itself, or use a variable"),
                );
            }
        });
    }
}
