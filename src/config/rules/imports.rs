//! `import` blocks must name resources that are declared and whose type has ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::config::Import;
use crate::config::ImportIdentity;
use crate::config::Repetition;
use crate::config::Resource;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::parse::references;
use crate::value::Number;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::super::Config;
use super::super::Module;
use super::providers::unknown_type;
use super::references::resource_of;

/// Checks the addresses of imports, and that nothing is imported by what it will be itself.
pub(super) fn check(config: &Config, module: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    if !module.path.is_root() {
        // That they stand there at all is reported.
        return;
    }
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for import in &module.imports {
        check_one(config, module, registry, import, diagnostics);
        let Some(addr) = address(import) else { continue };
        if let Some(first) = seen.get(&addr) {
            diagnostics.push(
                Diagnostic::error(Code::InvalidImport, format!("`{addr}` is imported twice"))
                    .at(import.to_span, "imported again here")
                    .at(*first, "imported here")
                    .hint("an address stands for one object: remove one of the imports"),
            );
        } else {
            seen.insert(addr, import.to_span);
        }
    }
}

/// The address of an import that stands for one object, if it can be told.
fn address(import: &Import) -> Option<String> {
    match (&import.for_each, &import.key) {
        (None, None) => Some(import.to.to_string()),
        (None, Some(key)) => Some(format!("{}{}", import.to, static_key(key)?)),
        (Some(_), _) => None,
    }
}

/// Returns an expression without references as a value.
fn constant(expr: &Expr) -> Option<Value> {
    let mut is_constant = true;
    references(expr, &mut |_| is_constant = false);
    if is_constant { eval::constant(expr).ok() } else { None }
}

fn static_key(expr: &Expr) -> Option<InstanceKey> {
    let value = constant(expr)?;
    match value.as_str() {
        Some(text) => Some(InstanceKey::Str(Arc::clone(text))),
        None => value
            .as_number()
            .and_then(Number::to_i64)
            .and_then(|index| u64::try_from(index).ok())
            .map(InstanceKey::Int),
    }
}

/// Checks the key against `count` and `for_each`, as far as it can be told.
fn check_key(import: &Import, resource: &Resource, diagnostics: &mut Diagnostics) {
    if resource.is_placeholder {
        check_placeholder(import, resource, diagnostics);
        return;
    }
    let fits = match (&resource.repetition, &import.key) {
        (Repetition::One | Repetition::Enabled(_), key) => key.is_none(),
        (_, None) => false,
        (Repetition::Count(_), Some(key)) => !matches!(static_key(key), Some(InstanceKey::Str(_))),
        (Repetition::ForEach(_), Some(key)) => !matches!(static_key(key), Some(InstanceKey::Int(_))),
    };
    if fits {
        return;
    }
    let shown = address(import).unwrap_or_else(|| import.to.to_string());
    let hint = match &resource.repetition {
        Repetition::One | Repetition::Enabled(_) => format!("write `to = {}`", import.to),
        Repetition::Count(_) => format!("name an instance: `to = {}[0]`", import.to),
        Repetition::ForEach(_) => format!("name an instance: `to = {}[\"key\"]`", import.to),
    };
    diagnostics.push(
        Diagnostic::error(Code::InvalidImport, format!("the configuration does not stand for `{shown}`"))
            .at(import.to_span, "is to be imported")
            .at(resource.header, "its block")
            .hint(hint),
    );
}

/// Checks that a block can be generated that stands for the key.
fn check_placeholder(import: &Import, resource: &Resource, diagnostics: &mut Diagnostics) {
    let to = &import.to;
    if import.key.as_ref().and_then(static_key).is_some_and(|key| matches!(key, InstanceKey::Int(_))) {
        diagnostics.push(
            Diagnostic::error(Code::InvalidImport, format!("no block with `count` is generated for `{to}`"))
                .at(import.to_span, "is to be imported")
                .hint(format!(
                    "import it under a string, as in `to = {to}[\"name\"]`: the block gets `for_each`"
                )),
        );
    } else if resource.repetition.is_keyless() != import.key.is_none() {
        diagnostics.push(
            Diagnostic::error(Code::InvalidImport, format!("`{to}` is imported with and without a key"))
                .at(import.to_span, "is to be imported")
                .at(resource.header, "and so it is here")
                .hint("one block stands for one object, or for those of its `for_each`"),
        );
    }
}

/// Checks an id that is written down.
fn check_id(import: &Import, schema: &ResourceSchema, diagnostics: &mut Diagnostics) {
    let ImportIdentity::Id(expr) = &import.identity else { return };
    let Some(value) = constant(expr).filter(|value| !value.marks_deep().is_sensitive()) else { return };
    let invalid = |text: String| Diagnostic::error(Code::InvalidImport, text).at(expr.span, "");
    let form = format!("its form is `{}`", schema.id_form());
    let text = convert(&value, &Type::String);
    diagnostics.push(match text.as_ref().map(Value::as_str) {
        _ if value.is_null() => invalid("`id` of an import must not be null".to_owned()).hint(form),
        Err(error) => invalid(format!("`id` of an import is not a string: {error}")).hint(form),
        Ok(Some(id)) if id.is_empty() => invalid("`id` of an import must not be empty".to_owned()).hint(form),
        Ok(Some(id)) if schema.split_id(id).is_none() => {
            invalid(format!("`{id}` is not an id of `{}`", schema.type_name)).hint(form)
        }
        Ok(_) => return,
    });
}

fn check_one(
    config: &Config,
    module: &Module,
    registry: &Registry,
    import: &Import,
    diagnostics: &mut Diagnostics,
) {
    let to = &import.to;
    let Some(resource) = config.resource(to) else {
        if registry.resource(ResourceKind::Managed, &to.kind).is_none() {
            let found = unknown_type(Mode::Managed, &to.kind, registry).at(import.to_span, "unknown type");
            diagnostics.push(found);
            return;
        }
        if config.all_modules().all(|module| !module.partial) {
            let names: Vec<String> = config.all_resources().map(|(addr, _)| addr.to_string()).collect();
            let hint = did_you_mean(&to.to_string(), names.iter().map(String::as_str)).unwrap_or_else(|| {
                let declare = format!("declare it: `resource \"{}\" \"{}\" {{ … }}`", to.kind, to.name);
                format!(
                    "{declare}, or have it written: `queueform plan --generate-config-out=generated.qf.hcl`"
                )
            });
            let found = Diagnostic::error(
                Code::InvalidImport,
                format!("there is no block for `{to}`, which is to be imported"),
            )
            .at(import.to_span, "not declared")
            .hint(hint);
            diagnostics.push(if to.module.is_root() { found.late() } else { found });
        }
        return;
    };
    check_key(import, resource, diagnostics);
    match registry.resource(ResourceKind::Managed, &to.kind) {
        Some(schema) if schema.identity.is_empty() => diagnostics.push(
            Diagnostic::error(
                Code::InvalidImport,
                format!("`{}` cannot be imported: it has no ids", to.kind),
            )
            .at(import.to_span, ""),
        ),
        Some(schema) => check_id(import, &schema, diagnostics),
        None => {}
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
            if resource_of(&reference).is_some_and(|found| found.within(&module.path.unkeyed()) == *to) {
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
