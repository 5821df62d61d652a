//! `module` blocks.

use std::collections::BTreeMap;
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

use super::super::Module;
use super::super::ModuleCall;
use super::block;
use super::provider;
use super::resource;
use super::variable;

/// Arguments that are not values of variables.
pub(in crate::config) const META: [&str; 6] =
    ["source", "version", "count", "for_each", "providers", "depends_on"];

/// Adds one `module` block.
pub(super) fn decode(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    let Some([name]) = block::labels(block, &["name"], diagnostics) else { return };
    let body = &block.body;
    for nested in &body.blocks {
        if &*nested.kind.value == "lifecycle" {
            block::only(&nested.body, "the `lifecycle` block of a module", &["enabled"], &[], diagnostics);
            continue;
        }
        diagnostics.push(
            Diagnostic::error(
                Code::UnknownBlock,
                format!("a `module` block has no block `{}`", nested.kind.value),
            )
            .at(nested.header, "")
            .hint(match &*nested.kind.value {
                "providers" => "write it as a value: `providers = { … }`".to_owned(),
                other => format!("values of the module's variables are arguments: `{other} = …`"),
            }),
        );
    }
    let source = block::required(body, "a `module` block", "source", block.header, diagnostics).cloned();
    if let Some(version) = body.attribute("version") {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMetaArgument,
                "modules come from directories and git, which have no versions",
            )
            .at(version.name.span, "")
            .hint("name the version in the source: `git::https://…?ref=v1.2.0`"),
        );
    }
    let arguments = body
        .attributes
        .iter()
        .filter(|attribute| !META.contains(&&*attribute.name.value))
        .map(|attribute| (Arc::clone(&attribute.name.value), attribute.clone()))
        .collect();
    let call = ModuleCall {
        name: name.clone(),
        source,
        repetition: resource::repetition(body, diagnostics),
        arguments,
        providers: body.attribute("providers").map(|attribute| providers(&attribute.expr, diagnostics)),
        depends_on: variable::depends_on(body, diagnostics),
        header: block.header,
        partial: body.partial,
    };
    if let Some(first) = module.calls.get(&name.value) {
        diagnostics.push(block::duplicate("module", &name.value, block.header, first.header));
        return;
    }
    module.calls.insert(Arc::clone(&name.value), call);
}

/// Reads `providers`: the names of configurations in the called module, and what they are here.
fn providers(expr: &Expr, diagnostics: &mut Diagnostics) -> BTreeMap<ProviderAddr, Spanned<ProviderAddr>> {
    let mut found = BTreeMap::new();
    let ExprKind::Object(items) = &expr.kind else {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMetaArgument,
                "`providers` must be an object of provider configurations",
            )
            .at(expr.span, "")
            .hint("write `providers = { dms = dms.west }`"),
        );
        return found;
    };
    for item in items {
        let name = match &item.key.kind {
            ExprKind::Literal(value) => value.as_str().map(|name| match name.split_once('.') {
                Some((name, alias)) => ProviderAddr { name: name.into(), alias: Some(alias.into()) },
                None => ProviderAddr::default_of(Arc::clone(name)),
            }),
            _ => provider::reference(&item.key, diagnostics).map(|addr| addr.value),
        };
        let value = provider::reference(&item.value, diagnostics);
        let (Some(name), Some(value)) = (name, value) else { continue };
        if name.name != value.value.name {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidMetaArgument,
                    format!(
                        "`{name}` of the module cannot be `{}`: they are different providers",
                        value.value
                    ),
                )
                .at(item.key.span, "")
                .hint(
                    did_you_mean(&name.name, [&*value.value.name]).unwrap_or_else(|| {
                        format!("write `{0} = …` with a configuration of `{0}`", name.name)
                    }),
                ),
            );
            continue;
        }
        if found.insert(name.clone(), value).is_some() {
            diagnostics.push(
                Diagnostic::error(Code::DuplicateArgument, format!("`{name}` is given twice"))
                    .at(item.key.span, "")
                    .hint("remove one of the two"),
            );
        }
    }
    found
}
