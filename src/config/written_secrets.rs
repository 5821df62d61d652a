//! Texts of the configuration that are secrets are not quoted by findings.
//!
//! Owns which literals those are: in sensitive arguments of providers and objects, and in the `encryption` block.

use crate::schema::Attribute as SchemaAttribute;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::source::SourceMap;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::value::Value;

use super::Config;

/// Hides the literals that stand where secrets belong.
pub(super) fn hide(config: &Config, registry: &Registry, sources: &mut SourceMap) {
    let mut found = Vec::new();
    for module in config.all_modules() {
        for provider in module.providers.values() {
            let Some(schema) = registry.provider(&provider.addr.name) else { continue };
            for (name, argument) in &provider.arguments {
                if schema.argument(name).is_some_and(|known| known.sensitive) {
                    literals(&argument.expr, &mut found);
                }
            }
        }
        for (id, resource) in &module.resources {
            let Some(schema) = registry.resource(ResourceKind::of(id.mode), &id.kind) else { continue };
            for (name, argument) in &resource.arguments {
                if schema.attribute(name).is_some_and(is_secret) {
                    literals(&argument.expr, &mut found);
                }
            }
        }
        for provider in module.settings.encryption.iter().flat_map(|encryption| &encryption.providers) {
            let secret = |name: &str| matches!(name, "passphrase" | "identities");
            for argument in provider.arguments.iter().filter(|argument| secret(&argument.name.value)) {
                literals(&argument.expr, &mut found);
            }
        }
    }
    for span in found {
        sources.hide(span);
    }
}

/// Whether an attribute is secret as a whole.
fn is_secret(attribute: &SchemaAttribute) -> bool {
    attribute.sensitive || attribute.write_only
}

/// Collects the texts in an expression. What refers to something else is no secret by itself.
fn literals(expr: &Expr, found: &mut Vec<Span>) {
    match &expr.kind {
        ExprKind::Literal(value) if is_text(value) => found.push(expr.span),
        ExprKind::Template(_) => found.push(expr.span),
        ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => literals(inner, found),
        ExprKind::Tuple(parts) => parts.iter().for_each(|part| literals(part, found)),
        ExprKind::Object(items) => items.iter().for_each(|item| literals(&item.value, found)),
        ExprKind::Call(call) => call.arguments.iter().for_each(|argument| literals(argument, found)),
        ExprKind::Conditional(choice) => {
            literals(&choice.yes, found);
            literals(&choice.no, found);
        }
        _ => {}
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}
