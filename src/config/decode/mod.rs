//! Syntax to declarations, one file per kind of block.

mod action;
mod address;
mod block;
mod check;
mod encryption;
mod import;
mod literal;
mod mocks;
mod module;
mod moved;
mod provider;
mod removed;
mod requirements;
mod resource;
mod settings;
mod test_file;
mod variable;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;

pub(super) use mocks::Mocked;
pub(super) use mocks::file as decode_mocks;
pub(super) use module::META as MODULE_META;
pub(super) use resource::META;
pub(super) use resource::META_BLOCKS;
pub(super) use test_file::decode_test_file;

use super::Local;
use super::Module;

/// Block types of this version.
const BLOCKS: [&str; 14] = [
    "action",
    "check",
    "queueform",
    "provider",
    "variable",
    "locals",
    "output",
    "resource",
    "data",
    "ephemeral",
    "module",
    "moved",
    "removed",
    "import",
];

/// Adds the content of one file to a module.
pub(super) fn decode_file(body: &Body, module: &mut Module, diagnostics: &mut Diagnostics) {
    module.partial |= body.partial;
    for attribute in &body.attributes {
        diagnostics.push(
            Diagnostic::error(
                Code::UnknownArgument,
                format!("`{}` cannot stand outside of a block", attribute.name.value),
            )
            .at(attribute.name.span, "an argument at the top level")
            .hint("put it into a block, for example `locals { … }`; values of variables belong into a `.qfvars.hcl` file"),
        );
    }
    for block in &body.blocks {
        decode_block(block, module, diagnostics);
    }
}

fn decode_block(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    match &*block.kind.value {
        "queueform" => settings::decode(block, module, diagnostics),
        "provider" => provider::decode(block, module, diagnostics),
        "variable" => variable::decode_variable(block, module, diagnostics),
        "output" => variable::decode_output(block, module, diagnostics),
        "locals" => decode_locals(block, module, diagnostics),
        "resource" | "data" | "action" | "ephemeral" => resource::decode(block, module, diagnostics),
        "module" => module::decode(block, module, diagnostics),
        "check" => check::decode(block, module, diagnostics),
        "moved" => moved::decode(block, module, diagnostics),
        "import" => import::decode(block, module, diagnostics),
        "removed" => removed::decode(block, module, diagnostics),
        "terraform" => diagnostics.push(
            Diagnostic::error(Code::TerraformHabit, "Queueform has no `terraform` block")
                .at(block.header, "")
                .hint(
                    "write `queueform { … }`; `required_providers` is not needed, all providers are built in",
                ),
        ),
        other => diagnostics.push(
            Diagnostic::error(Code::UnknownBlock, format!("`{other}` is not a block type"))
                .at(block.kind.span, "unknown block type")
                .maybe_hint(did_you_mean(other, BLOCKS).or_else(|| {
                    Some(format!("known are {}", BLOCKS.map(|name| format!("`{name}`")).join(", ")))
                })),
        ),
    }
}

fn decode_locals(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    block::labels(block, &[], diagnostics);
    block::no_blocks(block, diagnostics);
    module.partial |= block.body.partial;
    for attribute in &block.body.attributes {
        let local = Local { name: attribute.name.clone(), expr: attribute.expr.clone() };
        let name = std::sync::Arc::clone(&attribute.name.value);
        if let Some(first) = module.locals.get(&name) {
            diagnostics.push(block::duplicate("local value", &name, attribute.name.span, first.name.span));
        } else {
            module.locals.insert(name, local);
        }
    }
}
