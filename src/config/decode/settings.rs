//! The `queueform` block.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::syntax::ast::Block;

use super::super::Backend;
use super::super::Module;
use super::block;
use super::encryption;
use super::literal;
use super::requirements;

/// Adds one `queueform` block to the settings of a module.
pub(super) fn decode(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    if block::labels(block, &[], diagnostics).is_none() {
        return;
    }
    module.partial |= block.body.partial;
    let mut body = block.body.clone();
    for nested in body.blocks_of("required_providers") {
        requirements::decode(nested, &mut module.settings, diagnostics);
    }
    body.blocks.retain(|nested| &*nested.kind.value != "required_providers");
    block::only(
        &body,
        "a `queueform` block",
        &["required_version", "owns"],
        &["backend", "drift", "encryption", "limits"],
        diagnostics,
    );
    if let Some(attribute) = body.attribute("required_version") {
        let text = literal::string(&attribute.expr, "`required_version`", diagnostics);
        module.settings.required_version.extend(text);
    }
    if let Some(attribute) = body.attribute("owns") {
        let patterns = literal::strings(&attribute.expr, "`owns`", diagnostics);
        module.settings.owns.extend(patterns);
    }
    for nested in body.blocks_of("limits") {
        block::labels(nested, &[], diagnostics);
        block::only(&nested.body, "a `limits` block", &["deletes", "delete_percent"], &[], diagnostics);
        if let Some(attribute) = nested.body.attribute("deletes") {
            module.settings.limits.deletes = literal::count(&attribute.expr, "`deletes`", diagnostics);
        }
        if let Some(attribute) = nested.body.attribute("delete_percent") {
            let percent = literal::count(&attribute.expr, "`delete_percent`", diagnostics);
            if percent.as_ref().is_some_and(|percent| percent.value > 100) {
                diagnostics.push(
                    Diagnostic::error(Code::InvalidValue, "`delete_percent` must be between 0 and 100")
                        .at(attribute.expr.span, ""),
                );
            }
            module.settings.limits.delete_percent = percent;
        }
    }
    for nested in body.blocks_of("drift") {
        block::labels(nested, &[], diagnostics);
        block::only(&nested.body, "a `drift` block", &["ignore"], &[], diagnostics);
        if let Some(attribute) = nested.body.attribute("ignore") {
            let patterns = literal::strings(&attribute.expr, "`ignore`", diagnostics);
            module.settings.drift_ignore.extend(patterns);
        }
    }
    for nested in body.blocks_of("encryption") {
        encryption::decode(nested, module, diagnostics);
    }
    for nested in body.blocks_of("backend") {
        let Some([kind]) = block::labels(nested, &["type"], diagnostics) else { continue };
        block::no_blocks(nested, diagnostics);
        if let Some(first) = &module.settings.backend {
            diagnostics.push(block::duplicate("a backend", &kind.value, nested.header, first.span));
            continue;
        }
        module.settings.backend = Some(Backend {
            kind: kind.clone(),
            arguments: nested.body.attributes.clone(),
            span: nested.header,
        });
    }
}
