//! `import` blocks.

use crate::addr::ResourceAddr;
use crate::addr::Target;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::syntax::ast::Block;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;

use super::super::Import;
use super::super::ImportIdentity;
use super::super::Module;
use super::address;
use super::block;
use super::provider;

const WHAT: &str = "an `import` block";

/// Adds one `import` block.
pub(super) fn decode(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    if block::labels(block, &[], diagnostics).is_none() {
        return;
    }
    let body = &block.body;
    module.partial |= body.partial;
    block::only(body, WHAT, &["to", "id", "identity", "for_each", "provider"], &[], diagnostics);
    let to = block::required(body, WHAT, "to", block.header, diagnostics);
    let identity = match (body.attribute("id"), body.attribute("identity")) {
        (Some(id), None) => Some(ImportIdentity::Id(id.expr.clone())),
        (None, Some(parts)) => Some(ImportIdentity::Parts(parts.expr.clone())),
        (Some(id), Some(parts)) => {
            diagnostics.push(
                Diagnostic::error(Code::InvalidImport, "`id` and `identity` exclude each other")
                    .at(parts.name.span, "")
                    .at(id.name.span, "`id` is set here")
                    .hint("keep one of them; `identity` names the parts, `id` joins them"),
            );
            None
        }
        (None, None) => {
            if !body.partial {
                diagnostics.push(
                    Diagnostic::error(Code::MissingArgument, format!("{WHAT} needs the argument `id`"))
                        .at(block.header, "neither `id` nor `identity` is set")
                        .hint("`queueform schema show TYPE` shows the form of the ids of a type"),
                );
            }
            None
        }
    };
    let provider =
        body.attribute("provider").and_then(|attribute| provider::reference(&attribute.expr, diagnostics));
    if let Some(provider) = &provider {
        diagnostics.push(
            Diagnostic::error(Code::InvalidImport, "`provider` does not belong into an `import` block")
                .at(provider.span, "")
                .hint("remove it: the resource says which configuration manages it"),
        );
    }
    let Some(to) = to else { return };
    let (Some((addr, key)), to_span) = (place(to), to.span) else {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidReference,
                "`to` must be the address of a managed resource or of one instance",
            )
            .at(to.span, "")
            .hint("write `to = dms_rocketmq_topic.orders` or `to = dms_rocketmq_topic.orders[each.key]`"),
        );
        return;
    };
    let Some(identity) = identity else { return };
    let for_each = body.attribute("for_each").map(|attribute| attribute.expr.clone());
    module.imports.push(Import {
        to: addr,
        key,
        to_span,
        identity,
        for_each,
        provider,
        header: block.header,
    });
}

/// Takes the address apart: the resource, and the key of the instance, which need not be a constant.
fn place(expr: &Expr) -> Option<(ResourceAddr, Option<Expr>)> {
    let (of, key) = match &expr.kind {
        ExprKind::Index(index) => (&index.of, Some(index.key.clone())),
        _ => (expr, None),
    };
    match address::target(of)? {
        Target::Resource(addr) => Some((addr, key)),
        _ => None,
    }
}
