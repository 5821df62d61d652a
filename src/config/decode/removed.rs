//! `removed` blocks.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::Spanned;
use crate::syntax::ast::Block;

use super::super::Module;
use super::super::Removed;
use super::address;
use super::block;
use super::literal;

/// Adds one `removed` block.
pub(super) fn decode(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    if block::labels(block, &[], diagnostics).is_none() {
        return;
    }
    module.partial |= block.body.partial;
    block::only(&block.body, "a `removed` block", &["from"], &["lifecycle"], diagnostics);
    let from = block::required(&block.body, "a `removed` block", "from", block.header, diagnostics);
    let mut destroy = true;
    let mut unprotect = false;
    let mut allow_data_loss = None;
    for nested in block.body.blocks_of("lifecycle") {
        block::labels(nested, &[], diagnostics);
        block::only(
            &nested.body,
            "a `lifecycle` block of `removed`",
            &["destroy", "allow_data_loss", "unprotect"],
            &[],
            diagnostics,
        );
        if let Some(attribute) = nested.body.attribute("destroy") {
            destroy = literal::bool(&attribute.expr, "`destroy`", diagnostics).is_none_or(|flag| flag.value);
        }
        if let Some(attribute) = nested.body.attribute("unprotect") {
            let flag = literal::bool(&attribute.expr, "`unprotect`", diagnostics);
            unprotect = flag.is_some_and(|flag| flag.value);
        }
        if let Some(attribute) = nested.body.attribute("allow_data_loss") {
            allow_data_loss = literal::count(&attribute.expr, "`allow_data_loss`", diagnostics);
        }
    }
    let Some(from) = from else { return };
    match address::target(from) {
        Some(target) => {
            let from = Spanned::new(target, from.span);
            module.removed.push(Removed { from, destroy, unprotect, allow_data_loss });
        }
        None => diagnostics.push(
            Diagnostic::error(
                Code::InvalidReference,
                "`from` must be the address of a resource or of one instance",
            )
            .at(from.span, "")
            .hint("write `from = dms_rocketmq_topic.orders` or `from = dms_rocketmq_topic.orders[\"key\"]`"),
        ),
    }
}
