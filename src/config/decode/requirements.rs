//! `required_providers`: accepted for the configurations that Terraform reads, too. All providers are built in.

use std::sync::Arc;

use crate::addr::ProviderAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::Spanned;
use crate::syntax::ast::Block;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Ident;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::traversal;

use super::super::RequiredProviders;
use super::super::Settings;
use super::block;
use super::literal;

/// What is said of one provider.
const KEYS: [&str; 3] = ["source", "version", "configuration_aliases"];

/// Adds one `required_providers` block.
pub(super) fn decode(block: &Block, settings: &mut Settings, diagnostics: &mut Diagnostics) {
    block::labels(block, &[], diagnostics);
    block::no_blocks(block, diagnostics);
    if let Some(first) = &settings.required_providers {
        diagnostics.push(block::duplicate("a block", "required_providers", block.header, first.header));
        return;
    }
    let mut required = RequiredProviders { aliases: Vec::new(), header: block.header };
    for attribute in &block.body.attributes {
        match &attribute.expr.kind {
            ExprKind::Object(items) => {
                for item in items {
                    let Some(key) = key(&item.key) else { continue };
                    entry(&attribute.name, &key, &item.value, &mut required, diagnostics);
                }
            }
            // The short form is the version alone.
            _ => version(&attribute.expr, diagnostics),
        }
    }
    settings.required_providers = Some(required);
}

fn key(expr: &Expr) -> Option<Ident> {
    let ExprKind::Literal(value) = &expr.kind else { return None };
    Some(Ident::new(Arc::clone(value.as_str()?), expr.span))
}

fn entry(
    provider: &Ident,
    key: &Ident,
    value: &Expr,
    required: &mut RequiredProviders,
    diagnostics: &mut Diagnostics,
) {
    match &*key.value {
        "source" => source(value, diagnostics),
        "version" => version(value, diagnostics),
        "configuration_aliases" => {
            let ExprKind::Tuple(items) = &value.kind else {
                diagnostics.push(
                    Diagnostic::error(
                        Code::UnsuitableValue,
                        "`configuration_aliases` must be a list of provider configurations",
                    )
                    .at(value.span, "")
                    .hint(format!("write `[{}.name]`", provider.value)),
                );
                return;
            };
            required.aliases.extend(items.iter().filter_map(|item| alias(provider, item, diagnostics)));
        }
        other => diagnostics.push(
            Diagnostic::error(
                Code::UnknownArgument,
                format!("a required provider has no argument `{other}`"),
            )
            .at(key.span, "unknown argument")
            .hint(
                did_you_mean(other, KEYS)
                    .unwrap_or_else(|| "to configure a provider write a `provider` block".to_owned()),
            ),
        ),
    }
}

/// A source names a registry, a namespace and a name, or the last of them. It decides nothing.
fn source(expr: &Expr, diagnostics: &mut Diagnostics) {
    let Some(text) = literal::string(expr, "`source`", diagnostics) else { return };
    let parts: Vec<&str> = text.value.split('/').collect();
    if parts.len() > 3 || parts.iter().any(|part| part.is_empty() || part.contains(char::is_whitespace)) {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                format!("`{}` is not the source of a provider", text.value),
            )
            .at(text.span, "")
            .hint("sources look like `HOST/NAMESPACE/NAME`; all providers are built in, so the entry can go"),
        );
    }
}

/// A version is read and decides nothing.
fn version(expr: &Expr, diagnostics: &mut Diagnostics) {
    literal::string(expr, "the version of a provider", diagnostics);
}

fn alias(provider: &Ident, expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Spanned<ProviderAddr>> {
    let reference = traversal(expr);
    let found = reference.and_then(|reference| match reference.steps.as_slice() {
        [Spanned { value: RefStep::Attr(alias), .. }] if reference.root.value == provider.value => {
            Some(ProviderAddr { name: Arc::clone(&provider.value), alias: Some(Arc::clone(alias)) })
        }
        _ => None,
    });
    if found.is_none() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMetaArgument,
                format!("`configuration_aliases` of `{0}` holds only names like `{0}.west`", provider.value),
            )
            .at(expr.span, ""),
        );
    }
    found.map(|addr| Spanned::new(addr, expr.span))
}
