//! Blocks of a file, by their kind.

use crate::syntax::ast::Block;
use crate::syntax::ast::ExprKind;

use super::edits::Edits;
use super::file::Work;
use super::resource;
use super::settings;

/// Converts one block.
pub(super) fn convert(work: &mut Work<'_>, block: &Block, edits: &mut Edits<'_>) {
    work.given_away(block);
    match &*block.kind.value {
        "terraform" => settings::terraform(work, block, edits),
        "provider" => settings::provider(work, block, edits),
        "resource" | "data" => resource::convert(work, block, edits),
        "module" => module(work, block, edits),
        "moved" | "removed" | "import" => address(work, block, edits),
        "ephemeral" => {
            work.leave(
                block,
                edits,
                "the ephemeral resource is not converted".to_owned(),
                "`queueform schema show` lists the types there are",
            );
        }
        _ => work.references(&block.body, edits),
    }
}

fn module(work: &mut Work<'_>, block: &Block, edits: &mut Edits<'_>) {
    for attribute in &block.body.attributes {
        match &*attribute.name.value {
            "providers" => settings::providers(work, &attribute.expr, edits),
            "depends_on" => resource::addresses(work, attribute, edits),
            "source" => {
                let ExprKind::Literal(value) = &attribute.expr.kind else { continue };
                let Some(text) = value.as_str().map(ToString::to_string) else { continue };
                if text.starts_with("./") || text.starts_with("../") {
                    continue;
                }
                let text = format!("the module `{text}` lies elsewhere, and is not converted");
                work.note(
                    attribute.span,
                    text,
                    "migrate it where it lies, or copy it into this directory first",
                );
            }
            _ => work.expression(&attribute.expr, edits),
        }
    }
}

/// Blocks about addresses: those of other providers stay with Terraform.
fn address(work: &mut Work<'_>, block: &Block, edits: &mut Edits<'_>) {
    let mut about = block.body.attributes.iter().filter(|one| matches!(&*one.name.value, "from" | "to"));
    let foreign = about.find_map(|attribute| work.foreign_of(&attribute.expr));
    if let Some(name) = foreign {
        let text = format!("`{}` stays with Terraform", name.written());
        work.leave(block, edits, text, "");
        return;
    }
    if &*block.kind.value == "import" {
        resource::import(work, block, edits);
    }
    work.references(&block.body, edits);
    if let Some(provider) = block.body.attribute("provider") {
        settings::reference(work, &provider.expr, edits);
    }
}
