//! Resources and data sources: type, arguments, nested blocks, meta-arguments.

use crate::syntax::ast::Attribute;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::value::Value;

use super::chain::chains;
use super::companion;
use super::edits::Edits;
use super::file::Work;
use super::literal;
use super::nested;
use super::settings;
use super::table::Change;
use super::table::Form;
use super::table::Shape;
use super::table::Type;

/// Arguments and blocks that every resource has.
const META: &[&str] = &["count", "for_each", "enabled"];

/// Converts a resource or data source.
pub(super) fn convert(work: &mut Work<'_>, block: &Block, edits: &mut Edits<'_>) {
    let [kind, _name] = block.labels.as_slice() else { return };
    let is_data = &*block.kind.value == "data";
    let Some(found) = work.tables.of(is_data, &kind.value).cloned() else {
        let what = if is_data { "data sources" } else { "resources" };
        let text = format!("{what} of type `{}` are not converted", kind.value);
        let usual = "what refers to it has the value of the state, or a variable; the object itself stays with Terraform";
        let hint = work.tables.instead(&kind.value).unwrap_or(usual).to_owned();
        work.leave(block, edits, text, &hint);
        return;
    };
    work.files.converted += 1;
    if let Some((provider, _)) = kind.value.split_once('_').filter(|(provider, _)| *provider != "terraform") {
        work.files.providers.insert(provider.to_owned());
    }
    edits.replace(kind.span, literal::quoted(&found.to));
    meta(work, &block.body, &found, edits);
    for attribute in &block.body.attributes {
        let name = &*attribute.name.value;
        if META.contains(&name) {
            work.expression(&attribute.expr, edits);
        } else if !matches!(name, "depends_on" | "provider") {
            work.expression(&attribute.expr, edits);
            argument(work, attribute, &found.shape, &found.to, edits);
            if let Some(version) = found.versions.get(name)
                && block.body.attribute(version).is_none()
            {
                let indent = edits.indent(attribute.span.range().start);
                let at = edits.behind(attribute.span.range().end);
                edits.insert(at, format!("\n{indent}{version} = 1"));
            }
        }
    }
    let body = &block.body;
    let own: Vec<&Block> = body
        .blocks
        .iter()
        .filter(|inner| {
            !matches!(&*inner.kind.value, "lifecycle" | "timeouts" | "provisioner" | "connection")
        })
        .collect();
    nested::convert(work, &own, &found.shape, &found.to, edits);
    companion::convert(work, block, &found, edits);
}

/// Renames an argument, or leaves it as a comment.
pub(super) fn argument(
    work: &mut Work<'_>,
    attribute: &Attribute,
    shape: &Shape,
    to: &str,
    edits: &mut Edits<'_>,
) {
    let name = &*attribute.name.value;
    if let Some(known) = shape.attributes.get(name) {
        if known.to != name {
            edits.replace(attribute.name.span, known.to.clone());
        }
        if known.change != Change::None {
            let text = changed(&known.change, &edits.of(attribute.expr.span), &attribute.expr);
            edits.replace(attribute.expr.span, text);
        }
        return;
    }
    let hint = shape.drop.get(name).cloned().unwrap_or_default();
    edits.comment_out(attribute.span, &hint);
    work.note(attribute.span, format!("`{to}` has no argument `{name}`"), &hint);
}

/// Returns an expression in another form.
pub(super) fn changed(change: &Change, text: &str, expr: &Expr) -> String {
    let literal = match &expr.kind {
        ExprKind::Literal(value) => Some(value),
        _ => None,
    };
    let as_text = literal.and_then(Value::as_str).map(ToString::to_string);
    match change {
        Change::None => text.to_owned(),
        Change::Split(separator) => match as_text {
            Some(value) => {
                let parts = value.split(separator.as_str()).filter(|part| !part.is_empty());
                format!("[{}]", parts.map(literal::quoted).collect::<Vec<_>>().join(", "))
            }
            None => format!("compact(split({}, {text}))", literal::quoted(separator)),
        },
        Change::Wrap => format!("[{text}]"),
        Change::Is(wanted) => match as_text {
            Some(value) => (value == *wanted).to_string(),
            None => format!("{text} == {}", literal::quoted(wanted)),
        },
    }
}

/// `provider`, `depends_on`, `lifecycle`, and what there is not.
fn meta(work: &mut Work<'_>, body: &Body, found: &Type, edits: &mut Edits<'_>) {
    if let Some(provider) = body.attribute("provider") {
        settings::reference(work, &provider.expr, edits);
    }
    if let Some(attribute) = body.attribute("depends_on") {
        addresses(work, attribute, edits);
    }
    for block in &body.blocks {
        match &*block.kind.value {
            "lifecycle" => lifecycle(work, &block.body, found, edits),
            "timeouts" => work.references(&block.body, edits),
            "provisioner" | "connection" => {
                let text = format!("there are no `{}` blocks here", block.kind.value);
                edits.comment_out(block.span, "");
                work.note(block.header, text, "run what it does beside Queueform");
            }
            _ => {}
        }
    }
}

/// A list of addresses: those of other providers go.
pub(super) fn addresses(work: &mut Work<'_>, attribute: &Attribute, edits: &mut Edits<'_>) {
    let ExprKind::Tuple(parts) = &attribute.expr.kind else { return work.expression(&attribute.expr, edits) };
    let stay: Vec<&Expr> = parts.iter().filter(|part| work.foreign_of(part).is_none()).collect();
    for part in &stay {
        work.expression(part, edits);
    }
    if stay.len() == parts.len() {
        return;
    }
    let name = &attribute.name.value;
    work.note(attribute.span, format!("`{name}` names objects that stay with Terraform"), "");
    if stay.is_empty() {
        edits.comment_out(attribute.span, "");
    } else {
        let texts: Vec<String> = stay.iter().map(|part| edits.of(part.span)).collect();
        edits.replace(attribute.expr.span, format!("[{}]", texts.join(", ")));
        let gone = parts.iter().filter_map(|part| work.foreign_of(part));
        let gone: Vec<String> = gone.map(|name| name.written()).collect();
        let at = attribute.span.range().start;
        edits.insert(at, format!("# without {}\n{}", gone.join(", "), edits.indent(at)));
    }
}

fn lifecycle(work: &mut Work<'_>, body: &Body, found: &Type, edits: &mut Edits<'_>) {
    for attribute in &body.attributes {
        match &*attribute.name.value {
            "ignore_changes" => ignored(work, attribute, found, edits),
            "replace_triggered_by" => addresses(work, attribute, edits),
            _ => work.expression(&attribute.expr, edits),
        }
    }
    for block in &body.blocks {
        work.references(&block.body, edits);
    }
}

/// `ignore_changes`: names of attributes.
fn ignored(work: &mut Work<'_>, attribute: &Attribute, found: &Type, edits: &mut Edits<'_>) {
    let ExprKind::Tuple(parts) = &attribute.expr.kind else { return };
    let mut stay: Vec<String> = Vec::new();
    for part in parts {
        let mut to = None;
        let mut is_elsewhere = false;
        chains(part, &mut |chain| {
            let name = &**chain.root;
            let known = found.shape.attributes.get(name).map(|known| known.to.clone());
            let block = found.shape.blocks.get(name);
            if block.is_some_and(|nested| matches!(nested.form, Form::Resource(_))) {
                is_elsewhere = true;
                return;
            }
            let block = block.filter(|nested| !matches!(nested.form, Form::Drop(_) | Form::Inline));
            let block = block.map(|nested| nested.to.clone());
            to = Some((chain.root_span, known.or(block)));
        });
        match to {
            // The resource that it becomes ignores them.
            None if is_elsewhere => {}
            Some((span, Some(to))) => {
                edits.replace(span, to);
                stay.push(edits.of(part.span));
            }
            Some((span, None)) => {
                let text = format!(
                    "`{}` has no argument `{}` whose changes could be ignored",
                    found.to,
                    edits.of(span)
                );
                work.note(span, text, "");
            }
            None => stay.push(edits.of(part.span)),
        }
    }
    if stay.is_empty() {
        edits.comment_out(attribute.span, "");
    } else if stay.len() < parts.len() {
        edits.replace(attribute.expr.span, format!("[{}]", stay.join(", ")));
    }
}

/// `import`: ids have another separator.
pub(super) fn import(work: &mut Work<'_>, block: &Block, edits: &mut Edits<'_>) {
    let Some(to) = block.body.attribute("to") else { return };
    let mut kind = None;
    chains(&to.expr, &mut |chain| kind = work.object_of(chain).map(|(name, _)| name.kind));
    let separator = kind.and_then(|kind| work.tables.resource(&kind)?.separator.clone());
    let (Some(separator), Some(id)) = (separator, block.body.attribute("id")) else { return };
    match &id.expr.kind {
        ExprKind::Literal(value) => {
            let text = value.as_str().map(|text| text.replace(&separator, "/")).unwrap_or_default();
            edits.replace(id.expr.span, literal::quoted(&text));
        }
        _ => {
            let hint = "the parts of an id are joined by `/`";
            work.note(id.span, "the id of an import is computed".to_owned(), hint);
        }
    }
}
