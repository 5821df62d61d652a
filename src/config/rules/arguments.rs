//! Arguments of resources must be known, settable, and complete; their plain values must fit.

use crate::config::Resource;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::suggestion;
use crate::schema::Mode;
use crate::schema::Registry;
use crate::schema::ResourceSchema;

use super::super::Config;
use super::super::Module;
use super::super::decode::META;
use super::super::decode::META_BLOCKS;
use super::literals;
use super::providers::kind_of;

/// Checks the arguments of every resource and data source against its schema.
pub(super) fn check(_config: &Config, module: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    for (id, resource) in &module.resources {
        if let Some(schema) = registry.resource(kind_of(id.mode), &id.kind) {
            check_resource(resource, &schema, diagnostics);
        }
    }
}

fn check_resource(resource: &Resource, schema: &ResourceSchema, diagnostics: &mut Diagnostics) {
    // Arguments that are there under a wrong name: it would help nobody to miss them, too.
    let mut misspelled: Vec<&str> = Vec::new();
    for (name, argument) in &resource.arguments {
        match schema.attribute(name) {
            None => {
                let settable = schema.attributes.iter().filter(|attribute| attribute.mode.is_settable());
                let names: Vec<&str> = settable.map(|attribute| &*attribute.name).collect();
                let near = suggestion(name, names.iter().copied().chain(META));
                misspelled.extend(near);
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if META_BLOCKS.contains(&&**name) => {
                        format!("`{name}` is a block: write `{name} {{ … }}` without `=`")
                    }
                    None if names.is_empty() => "it has no arguments".to_owned(),
                    None => format!("its arguments are `{}`", names.join("`, `")),
                };
                diagnostics.push(
                    Diagnostic::error(
                        Code::UnknownAttribute,
                        format!("`{}` has no attribute `{name}`", schema.type_name),
                    )
                    .at(argument.name.span, "unknown attribute")
                    .hint(hint),
                );
            }
            Some(attribute) if attribute.mode == Mode::Computed => diagnostics.push(
                Diagnostic::error(
                    Code::ComputedAttribute,
                    format!("`{name}` of `{}` is decided by the provider", schema.type_name),
                )
                .at(argument.name.span, "cannot be set")
                .hint("remove the argument; its value can be read with a reference"),
            ),
            Some(attribute) => literals::surplus(
                &argument.expr,
                &attribute.ty,
                &mut |found| diagnostics.push(found),
                // The hint names the attributes there are.
                &|inner| {
                    Diagnostic::error(
                        Code::UnknownAttribute,
                        format!("`{name}` of `{}` has no attribute `{inner}`", schema.type_name),
                    )
                },
            ),
        }
    }
    if resource.partial {
        return;
    }
    for attribute in &schema.attributes {
        if attribute.mode == Mode::Required
            && !resource.arguments.contains_key(&attribute.name)
            && !misspelled.contains(&&*attribute.name)
        {
            diagnostics.push(
                Diagnostic::error(
                    Code::MissingArgument,
                    format!("`{}` needs the argument `{}`", schema.type_name, attribute.name),
                )
                .at(resource.header, format!("`{}` is not set", attribute.name))
                .hint(format!("add `{} = …`: {}", attribute.name, attribute.description)),
            );
        }
    }
}
