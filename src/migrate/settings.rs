//! `terraform` and `provider` blocks, and references to provider configurations.

use std::collections::BTreeSet;

use crate::syntax::ast::Attribute;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::fmt::format_valid;

use super::chain::chains;
use super::edits::Edits;
use super::file::Work;
use super::literal;
use super::table::Tables;

/// `terraform { … }`
pub(super) fn terraform(work: &mut Work<'_>, block: &Block, edits: &mut Edits<'_>) {
    edits.replace(block.kind.span, "queueform");
    for attribute in &block.body.attributes {
        let text = format!("`{}` is about Terraform", attribute.name.value);
        edits.comment_out(attribute.span, "");
        if &*attribute.name.value != "required_version" {
            work.note(
                attribute.span,
                text,
                "write `required_version` for the version of Queueform, if you want",
            );
        }
    }
    for nested in &block.body.blocks {
        match &*nested.kind.value {
            // In called modules it may name the configurations that the caller must give.
            "required_providers" if aliases(nested) && !work.is_root => {
                required_providers(work, nested, edits);
            }
            "required_providers" => {
                edits.comment_out(nested.span, "Providers are part of the program.");
            }
            "backend" => {
                let kind = nested.labels.first().map_or("", |label| &*label.value).to_owned();
                edits.comment_out(
                    nested.span,
                    "The old state stays where it is: give the new one a place of its own.",
                );
                work.note(
                    nested.header,
                    format!("the backend `{kind}` is not taken over, so that the old state stays as it is"),
                    "write a `backend` block with another key, then run `queueform init --migrate-state`",
                );
            }
            other => {
                let text = format!("`{other}` of the `terraform` block is not converted");
                edits.comment_out(nested.span, "");
                work.note(
                    nested.header,
                    text,
                    "the state is kept here unless a `backend` block says otherwise",
                );
            }
        }
    }
}

fn aliases(block: &Block) -> bool {
    block.body.attributes.iter().any(|attribute| alias_list(attribute).is_some())
}

fn alias_list(attribute: &Attribute) -> Option<&Expr> {
    let ExprKind::Object(items) = &attribute.expr.kind else { return None };
    let is_aliases = |key: &Expr| match &key.kind {
        ExprKind::Literal(value) => value.as_str().is_some_and(|text| &**text == "configuration_aliases"),
        _ => false,
    };
    items.iter().find(|item| is_aliases(&item.key)).map(|item| &item.value)
}

/// Keeps what says which configurations the caller of a module gives.
fn required_providers(work: &mut Work<'_>, block: &Block, edits: &mut Edits<'_>) {
    for attribute in &block.body.attributes {
        let Some(list) = alias_list(attribute) else {
            edits.comment_out(attribute.span, "");
            continue;
        };
        let Some(provider) = work.tables.provider(&attribute.name.value) else {
            edits.comment_out(attribute.span, "");
            work.note(attribute.span, format!("there is no provider `{}`", attribute.name.value), "");
            continue;
        };
        edits.replace(attribute.name.span, provider.to.clone());
        if let ExprKind::Tuple(parts) = &list.kind {
            parts.iter().for_each(|part| reference(work, part, edits));
        }
    }
}

/// Renames a provider configuration: `huaweicloud.north`.
pub(super) fn reference(work: &mut Work<'_>, expr: &Expr, edits: &mut Edits<'_>) {
    chains(expr, &mut |chain| match work.tables.provider(chain.root) {
        Some(provider) => edits.replace(chain.root_span, provider.to.clone()),
        None => {
            let text = format!("there is no provider `{}`", chain.root);
            work.note(chain.root_span, text, "`queueform schema show` lists the types of all providers");
        }
    });
}

/// `providers = { … }` of a module call.
pub(super) fn providers(work: &mut Work<'_>, expr: &Expr, edits: &mut Edits<'_>) {
    let ExprKind::Object(items) = &expr.kind else { return };
    for item in items {
        let written = edits.of(item.key.span).trim_matches('"').to_owned();
        match work.tables.provider_name(&written) {
            Some(name) => {
                edits.replace(item.key.span, name);
                reference(work, &item.value, edits);
            }
            None => edits.comment_out(item.key.span.to(item.value.span), ""),
        }
    }
}

/// `provider "…" { … }`
pub(super) fn provider(work: &mut Work<'_>, block: &Block, edits: &mut Edits<'_>) {
    let Some(label) = block.labels.first() else { return };
    let Some(found) = work.tables.provider(&label.value).cloned() else {
        let text = format!("there is no provider `{}` here", label.value);
        work.leave(block, edits, text, "its objects stay with Terraform");
        return;
    };
    if block.body.attribute("alias").is_none() {
        work.files.configured.insert(label.value.to_string());
    }
    edits.replace(label.span, literal::quoted(&found.to));
    work.references(&block.body, edits);
    for attribute in &block.body.attributes {
        let name = &*attribute.name.value;
        if matches!(name, "alias" | "for_each") {
            continue;
        }
        if let Some(known) = found.shape.attributes.get(name) {
            if known.to != name {
                edits.replace(attribute.name.span, known.to.clone());
            }
            continue;
        }
        let hint = found.shape.drop.get(name).cloned().unwrap_or_default();
        edits.comment_out(attribute.span, &hint);
        work.note(attribute.span, format!("the provider `{}` has no argument `{name}`", found.to), &hint);
    }
    for nested in &block.body.blocks {
        let name = &*nested.kind.value;
        let hint = found.shape.drop.get(name).cloned().unwrap_or_default();
        edits.comment_out(nested.span, &hint);
        work.note(nested.header, format!("the provider `{}` has no block `{name}`", found.to), &hint);
    }
    let own = |name: &str| block.body.attribute(name).is_some();
    for (name, value) in found.set.iter().filter(|(name, _)| !own(name)) {
        edits.insert(block.body.span.range().start, format!("\n{name} = {value}\n"));
    }
}

/// Returns the local modules that a file calls: their names and where they lie.
#[must_use]
pub fn calls(body: &Body) -> Vec<(String, String)> {
    let call = |block: &Block| {
        let name = block.labels.first()?.value.to_string();
        let ExprKind::Literal(value) = &block.body.attribute("source")?.expr.kind else { return None };
        let source = value.as_str()?.to_string();
        (source.starts_with("./") || source.starts_with("../")).then_some((name, source))
    };
    body.blocks_of("module").filter_map(call).collect()
}

/// Returns blocks of providers that have none, as they are called there; nothing if nothing must be said.
#[must_use]
pub fn provider_blocks(tables: &Tables, names: &BTreeSet<String>) -> Option<String> {
    let mut blocks = Vec::new();
    for provider in names.iter().filter_map(|name| tables.provider(name)) {
        let arguments: String =
            provider.set.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        if !arguments.is_empty() {
            blocks.push(format!("provider \"{}\" {{\n{arguments}}}\n", provider.to));
        }
    }
    (!blocks.is_empty()).then(|| format_valid(&blocks.join("\n")))
}
