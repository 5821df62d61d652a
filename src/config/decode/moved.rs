//! `moved` blocks.

use crate::addr::ModuleInstance;
use crate::addr::Target;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::syntax::ast::Block;
use crate::syntax::ast::Expr;
use crate::syntax::parse::traversal;

use super::super::Module;
use super::super::Moved;
use super::super::MovedAddresses;
use super::address;
use super::block;

/// Adds one `moved` block.
pub(super) fn decode(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    if block::labels(block, &[], diagnostics).is_none() {
        return;
    }
    module.partial |= block.body.partial;
    block::only(&block.body, "a `moved` block", &["from", "to"], &[], diagnostics);
    let from = block::required(&block.body, "a `moved` block", "from", block.header, diagnostics);
    let to = block::required(&block.body, "a `moved` block", "to", block.header, diagnostics);
    let (Some(from), Some(to)) = (from, to) else { return };
    if is_data(from) && is_data(to) {
        // Data sources are read anew under any address.
        return;
    }
    let old = side(from, "from", diagnostics);
    let new = side(to, "to", diagnostics);
    let (Some(old), Some(new)) = (old, new) else { return };
    let addresses = match (old, new) {
        (Target::Resource(from), Target::Resource(to)) => MovedAddresses::Resource { from, to },
        // An address without a key stands for the one instance without a key if the other one has a key.
        (Target::Instance(from), Target::Resource(to)) => {
            MovedAddresses::Instance { from, to: to.instance(None) }
        }
        (Target::Resource(from), Target::Instance(to)) => {
            MovedAddresses::Instance { from: from.instance(None), to }
        }
        (Target::Instance(from), Target::Instance(to)) => MovedAddresses::Instance { from, to },
        // A module without a key at its end stands for the one instance without a key if the other one has a key.
        (Target::Module(from), Target::Module(to)) => {
            if ends_with_key(&from) || ends_with_key(&to) {
                MovedAddresses::ModuleInstance { from, to }
            } else {
                MovedAddresses::Module { from, to }
            }
        }
        (Target::Module(_), _) | (_, Target::Module(_)) => {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidMove,
                    "a module cannot become a resource, nor a resource a module",
                )
                .at(block.header, "")
                .hint("both addresses are of modules, or both are of resources"),
            );
            return;
        }
    };
    module.moved.push(Moved { addresses, from: from.span, to: to.span, header: block.header });
}

fn ends_with_key(module: &ModuleInstance) -> bool {
    module.0.last().is_some_and(|(_, key)| key.is_some())
}

fn is_data(expr: &Expr) -> bool {
    traversal(expr).is_some_and(|reference| &*reference.root.value == "data" && reference.steps.len() > 1)
}

fn side(expr: &Expr, name: &str, diagnostics: &mut Diagnostics) -> Option<Target> {
    let found = address::target(expr);
    if found.is_none() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidReference,
                format!("`{name}` must be the address of a resource, of one instance, or of a module"),
            )
            .at(expr.span, "")
            .hint(format!(
                "write `{name} = dms_rocketmq_topic.orders` or `{name} = dms_rocketmq_topic.orders[\"key\"]`"
            )),
        );
    }
    found
}
