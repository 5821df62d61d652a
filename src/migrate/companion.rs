//! Blocks that are a resource of their own here: `configs` of an instance.

use std::collections::BTreeSet;

use crate::syntax::ast::Block;
use crate::syntax::ast::ExprKind;

use super::chain::chains;
use super::edits::Edits;
use super::file::Companion;
use super::file::Work;
use super::nested;
use super::table::Companions;
use super::table::Form;
use super::table::Type;

/// Meta-arguments that say which instances there are.
const INSTANCES: &[&str] = &["count", "for_each", "enabled"];

/// Puts the resources behind the one that the blocks stood in. Its own arguments are converted already.
pub(super) fn convert(work: &mut Work<'_>, block: &Block, found: &Type, edits: &mut Edits<'_>) {
    let [kind, name] = block.labels.as_slice() else { return };
    let mut behind = String::new();
    for (blocks, nested) in &found.shape.blocks {
        let Form::Resource(companions) = &nested.form else { continue };
        let own: Vec<&Block> =
            block.body.blocks.iter().filter(|inner| nested::name_of(inner) == *blocks).collect();
        if own.is_empty() {
            continue;
        }
        let Some((comments, value)) = nested::value(work, &own, &companions.nested(), &nested.to, edits)
        else {
            nested::leave_blocks(work, &own, &format!("`{blocks}` cannot be converted"), "", edits);
            continue;
        };
        let mut text = format!("\n\nresource \"{}\" \"{}\" {{\n", nested.to, name.value);
        let mut key = "";
        for meta in INSTANCES {
            if let Some(attribute) = block.body.attribute(meta) {
                text.push_str(&format!("{meta} = {}\n", edits.of(attribute.expr.span)));
                key = match *meta {
                    "count" => "[count.index]",
                    "for_each" => "[each.key]",
                    _ => key,
                };
            }
        }
        if let Some(provider) = block.body.attribute("provider") {
            text.push_str(&format!("provider = {}\n", edits.of(provider.expr.span)));
        }
        text.push_str(&format!("{} = {}.{}{key}.id\n", companions.by, found.to, name.value));
        for comment in comments {
            text.push_str(&comment);
            text.push('\n');
        }
        text.push_str(&format!("{} = {value}\n", companions.attribute));
        if is_ignored(block, blocks) {
            text.push_str(&format!("\nlifecycle {{\nignore_changes = [{}]\n}}\n", companions.attribute));
        }
        text.push('}');
        behind.push_str(&text);
        for inner in &own {
            edits.remove(inner.span);
        }
        let keys = keys(&own, companions);
        if keys.is_none() {
            let text = format!(
                "which `{blocks}` there are is computed: `{}.{}` is not in the state",
                nested.to, name.value
            );
            work.note(block.header, text, "the first plan creates it, which sets what is set already");
        }
        let of = Companion {
            kind: kind.value.to_string(),
            name: name.value.to_string(),
            block: blocks.clone(),
            keys,
        };
        work.files.companions.push(of);
    }
    if !behind.is_empty() {
        edits.insert(block.span.range().end, behind);
    }
}

/// Whether changes of blocks are ignored.
fn is_ignored(block: &Block, blocks: &str) -> bool {
    let mut found = false;
    for attribute in
        block.body.blocks_of("lifecycle").filter_map(|inner| inner.body.attribute("ignore_changes"))
    {
        chains(&attribute.expr, &mut |chain| found |= **chain.root == *blocks);
    }
    found
}

/// The keys of blocks that say them; nothing if one is computed.
fn keys(blocks: &[&Block], companions: &Companions) -> Option<BTreeSet<String>> {
    let key = |block: &&Block| match &block.body.attribute(&companions.key)?.expr.kind {
        ExprKind::Literal(value) => value.as_str().map(ToString::to_string),
        _ => None,
    };
    blocks.iter().map(key).collect()
}
