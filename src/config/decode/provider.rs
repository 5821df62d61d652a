//! `provider` blocks.

use std::sync::Arc;

use crate::addr::ProviderAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::Spanned;
use crate::syntax::ast::Block;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::traversal;

use super::super::Module;
use super::super::ProviderConfig;
use super::block;
use super::literal;

/// Adds one `provider` block.
pub(super) fn decode(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    let Some([name]) = block::labels(block, &["name"], diagnostics) else { return };
    block::no_blocks(block, diagnostics);
    module.partial |= block.body.partial;
    let mut alias = None;
    let mut schemas = None;
    let mut for_each = None;
    let mut arguments = std::collections::BTreeMap::new();
    for attribute in &block.body.attributes {
        match &*attribute.name.value {
            "alias" => {
                if let Some(text) = literal::string(&attribute.expr, "`alias`", diagnostics) {
                    if block::is_identifier(&text.value) {
                        alias = Some(Arc::from(text.value));
                    } else {
                        diagnostics.push(
                            Diagnostic::error(
                                Code::InvalidName,
                                format!("`{}` is not a valid alias", text.value),
                            )
                            .at(text.span, "")
                            .hint("use letters, digits, underscores and dashes, starting with a letter"),
                        );
                    }
                }
            }
            "schemas" => schemas = literal::string(&attribute.expr, "`schemas`", diagnostics),
            "version" => {
                literal::string(&attribute.expr, "`version`", diagnostics);
                diagnostics.push(
                    Diagnostic::warning(
                        Code::TerraformHabit,
                        "`version` of a `provider` block means nothing here",
                    )
                    .at(attribute.name.span, "")
                    .hint("remove it: providers are built in and have no version of their own"),
                );
            }
            "for_each" => for_each = Some(attribute),
            reserved @ ("count" | "depends_on" | "source") => diagnostics.push(
                Diagnostic::error(
                    Code::InvalidMetaArgument,
                    format!("`{reserved}` cannot be used in a `provider` block"),
                )
                .at(attribute.name.span, "")
                .hint("remove it; write one block with an `alias` for each configuration"),
            ),
            _ => {
                arguments.insert(Arc::clone(&attribute.name.value), attribute.clone());
            }
        }
    }
    if let Some(attribute) = for_each.filter(|_| alias.is_none()) {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMetaArgument,
                "a `provider` block with `for_each` needs an `alias`",
            )
            .at(attribute.name.span, "")
            .hint(
                "add `alias = \"NAME\"`, and write `provider = NAME_OF_PROVIDER.NAME[each.key]` in resources",
            ),
        );
        for_each = None;
    }
    let for_each = for_each.map(|attribute| attribute.expr.clone());
    let addr = ProviderAddr { name: Arc::clone(&name.value), alias };
    if let Some(first) = module.providers.get(&addr) {
        let mut found = block::duplicate("provider", &addr.to_string(), block.header, first.header);
        found.hints = vec!["give one of them an `alias`, or merge them".to_owned()];
        diagnostics.push(found);
        return;
    }
    let header = block.header;
    if for_each.is_some() {
        module.provider_sets.insert(addr.clone(), header);
    }
    let config = ProviderConfig { addr: addr.clone(), arguments, for_each, each: None, schemas, header };
    module.providers.insert(addr, config);
}

/// Reads the `provider` meta-argument of a resource, whose key may be computed: `dms.west[each.key]`.
pub(super) fn keyed(
    expr: &Expr,
    diagnostics: &mut Diagnostics,
) -> Option<(Spanned<ProviderAddr>, Option<Expr>)> {
    match &expr.kind {
        ExprKind::Index(index) if !matches!(index.key.kind, ExprKind::Literal(_)) => {
            let addr = reference(&index.of, diagnostics)?;
            Some((Spanned::new(addr.value, expr.span), Some(index.key.clone())))
        }
        _ => reference(expr, diagnostics).map(|addr| (addr, None)),
    }
}

/// Reads the name of a provider configuration: `dms`, `dms.west` or `dms.west["a"]`.
pub(super) fn reference(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Spanned<ProviderAddr>> {
    let unquoted = literal::unquoted(expr, diagnostics);
    let reference = traversal(unquoted.as_ref().unwrap_or(expr));
    let addr = reference.and_then(|reference| match reference.steps.as_slice() {
        [] => Some(ProviderAddr { name: reference.root.value, alias: None }),
        [Spanned { value: RefStep::Attr(alias), .. }] => {
            Some(ProviderAddr { name: reference.root.value, alias: Some(Arc::clone(alias)) })
        }
        [Spanned { value: RefStep::Attr(alias), .. }, Spanned { value: RefStep::Key(key), .. }] => {
            let set = ProviderAddr { name: reference.root.value, alias: Some(Arc::clone(alias)) };
            Some(set.keyed(key))
        }
        _ => None,
    });
    if addr.is_none() {
        diagnostics.push(
            Diagnostic::error(Code::InvalidMetaArgument, "`provider` must name a provider configuration")
                .at(expr.span, "")
                .hint("write `provider = dms` or `provider = dms.ALIAS`, without quotes"),
        );
    }
    addr.map(|addr| Spanned::new(addr, expr.span))
}
