//! `check` blocks: assertions about the whole, and a data source of their own.

use std::sync::Arc;

use crate::addr::Mode;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::suggestion;
use crate::syntax::ast::Block;

use super::super::Check;
use super::super::Module;
use super::super::ResourceId;
use super::block;
use super::resource;
use super::variable;

/// Adds one `check` block.
pub(super) fn decode(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    let Some([name]) = block::labels(block, &["name"], diagnostics) else { return };
    module.partial |= block.body.partial;
    let of = format!("check `{}`", name.value);
    block::only(&block.body, &of, &[], &["assert", "data"], diagnostics);
    let mut check = Check { name: name.clone(), asserts: Vec::new(), data: None, header: block.header };
    let mut asserted = false;
    for nested in &block.body.blocks {
        match &*nested.kind.value {
            "assert" => {
                asserted = true;
                check.asserts.extend(variable::condition(nested, diagnostics));
            }
            "data" => scoped(nested, &mut check, module, diagnostics),
            _ => {}
        }
    }
    let misspelled =
        block.body.blocks.iter().any(|nested| suggestion(&nested.kind.value, ["assert"]).is_some());
    if !asserted && !misspelled && !block.body.partial {
        diagnostics.push(
            Diagnostic::error(Code::MissingArgument, format!("{of} asserts nothing"))
                .at(block.header, "there is no `assert` block")
                .hint("write `assert { condition = … error_message = … }`"),
        );
    }
    if let Some(first) = module.checks.get(&name.value) {
        diagnostics.push(block::duplicate("check", &name.value, block.header, first.header));
        return;
    }
    module.checks.insert(Arc::clone(&name.value), check);
}

/// The data source of a check: it is read like any other, but only the check may look at it.
fn scoped(block: &Block, check: &mut Check, module: &mut Module, diagnostics: &mut Diagnostics) {
    if let Some(first) = &check.data {
        diagnostics.push(
            Diagnostic::error(Code::DuplicateDeclaration, "a check has one data source")
                .at(block.header, "another one")
                .hint(format!("`{first}` is there already: write another check")),
        );
        return;
    }
    for meta in ["count", "for_each"] {
        if let Some(attribute) = block.body.attribute(meta) {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidMetaArgument,
                    format!("`{meta}` cannot be used in the data source of a check"),
                )
                .at(attribute.name.span, "")
                .hint("write the data source outside of the check"),
            );
            return;
        }
    }
    for nested in block.body.blocks_of("lifecycle") {
        diagnostics.push(
            Diagnostic::error(Code::UnknownBlock, "the data source of a check has no `lifecycle` block")
                .at(nested.header, "")
                .hint("assert what must hold in the check"),
        );
    }
    let before = module.resources.len();
    resource::decode(block, module, diagnostics);
    let [kind, name] = &*block.labels else { return };
    let id = ResourceId { mode: Mode::Data, kind: Arc::clone(&kind.value), name: Arc::clone(&name.value) };
    if module.resources.len() > before {
        module.scoped.insert(id.clone(), Arc::clone(&check.name.value));
        check.data = Some(id);
    }
}
