//! Nested blocks become attributes, `dynamic` ones `for` expressions.

use std::collections::BTreeMap;

use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::ExprKind;

use super::chain::chains;
use super::edits::Edits;
use super::file::Work;
use super::literal;
use super::resource::argument;
use super::resource::changed;
use super::table::Form;
use super::table::Nested;
use super::table::Shape;

/// Blocks of one name, and their rule.
struct Group<'b> {
    name: String,
    blocks: Vec<&'b Block>,
}

/// Converts the nested blocks of a body.
pub(super) fn convert(
    work: &mut Work<'_>,
    blocks: &[&Block],
    shape: &Shape,
    to: &str,
    edits: &mut Edits<'_>,
) {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for block in blocks {
        let name = name_of(block);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.blocks.push(block),
            None => groups.push(Group { name, blocks: vec![block] }),
        }
    }
    for group in groups {
        let Some(nested) = shape.blocks.get(&group.name) else {
            leave(work, &group, &format!("`{to}` has no argument `{}`", group.name), "", edits);
            continue;
        };
        match &nested.form {
            Form::Drop(instead) => {
                let text = format!("`{to}` has no argument `{}`", group.name);
                leave(work, &group, &text, instead, edits);
            }
            Form::Computed => {
                let text = format!("`{}` of `{to}` is only read", group.name);
                leave(work, &group, &text, "", edits);
            }
            Form::Inline => inline(work, &group, nested, to, edits),
            // It stands behind this one: `companion`.
            Form::Resource(_) => {}
            _ => attribute(work, &group, nested, to, edits),
        }
    }
}

pub(super) fn name_of(block: &Block) -> String {
    match (&*block.kind.value, block.labels.first()) {
        ("dynamic", Some(label)) => label.value.to_string(),
        (kind, _) => kind.to_owned(),
    }
}

fn leave(work: &mut Work<'_>, group: &Group<'_>, text: &str, hint: &str, edits: &mut Edits<'_>) {
    leave_blocks(work, &group.blocks, text, hint, edits);
}

/// Leaves blocks as comments.
pub(super) fn leave_blocks(
    work: &mut Work<'_>,
    blocks: &[&Block],
    text: &str,
    hint: &str,
    edits: &mut Edits<'_>,
) {
    for block in blocks {
        work.references(&block.body, edits);
        edits.comment_out(block.span, hint);
        work.note(block.header, text.to_owned(), hint);
    }
}

/// The arguments of the only block stand where it stood.
fn inline(work: &mut Work<'_>, group: &Group<'_>, nested: &Nested, to: &str, edits: &mut Edits<'_>) {
    let [block] = group.blocks.as_slice() else {
        return leave(work, group, &format!("`{}` stands several times", group.name), "", edits);
    };
    if &*block.kind.value == "dynamic" {
        let text = format!("`{}` is dynamic, and its arguments are those of `{to}`", group.name);
        return leave(work, group, &text, "write them with conditions", edits);
    }
    for one in &block.body.attributes {
        work.expression(&one.expr, edits);
        argument(work, one, &nested.shape, to, edits);
    }
    let inner: Vec<&Block> = block.body.blocks.iter().collect();
    convert(work, &inner, &nested.shape, to, edits);
    let text = edits.of(block.body.span);
    edits.replace(block.span, text.trim().to_owned());
}

/// Blocks become one attribute.
fn attribute(work: &mut Work<'_>, group: &Group<'_>, nested: &Nested, to: &str, edits: &mut Edits<'_>) {
    let Some((comments, value)) = value(work, &group.blocks, nested, to, edits) else {
        return leave(work, group, &format!("`{}` cannot be converted", group.name), "", edits);
    };
    let Some(first) = group.blocks.first() else { return };
    let indent = edits.indent(first.span.range().start);
    let comments: String = comments.iter().map(|comment| format!("{comment}\n{indent}")).collect();
    edits.replace(first.span, format!("{comments}{} = {value}", nested.to));
    for block in group.blocks.iter().skip(1) {
        edits.remove(block.span);
    }
}

/// Returns what blocks become, with the comments within them; nothing if that cannot be told.
pub(super) fn value(
    work: &mut Work<'_>,
    blocks: &[&Block],
    nested: &Nested,
    to: &str,
    edits: &mut Edits<'_>,
) -> Option<(Vec<String>, String)> {
    let mut comments = Vec::new();
    let mut parts = Vec::new();
    let mut loops = Vec::new();
    for block in blocks {
        comments.extend(edits.comments(block.body.span));
        if &*block.kind.value == "dynamic" {
            loops.push(dynamic(work, block, nested, to, edits)?);
        } else {
            let fields = fields(work, &block.body, nested, to, edits);
            parts.push(element(&nested.form, &fields));
        }
    }
    Some((comments, whole(&nested.form, &parts, &loops)))
}

/// Returns the arguments of a block: names here, with expressions.
fn fields(
    work: &mut Work<'_>,
    body: &Body,
    nested: &Nested,
    to: &str,
    edits: &mut Edits<'_>,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for one in &body.attributes {
        work.expression(&one.expr, edits);
        let name = &*one.name.value;
        let text = edits.of(one.expr.span);
        let is_part = match &nested.form {
            Form::Values(value) => name == value,
            Form::Map { key, value } => name == key || name == value,
            _ => false,
        };
        if is_part {
            found.insert(name.to_owned(), text);
        } else if let Some(known) = nested.shape.attributes.get(name) {
            found.insert(known.to.clone(), changed(&known.change, &text, &one.expr));
        } else {
            let hint = nested.shape.drop.get(name).cloned().unwrap_or_default();
            work.note(one.span, format!("`{}` of `{to}` has no `{name}`", nested.to), &hint);
        }
    }
    for block in &body.blocks {
        let name = name_of(block);
        let Some(inner) = nested.shape.blocks.get(&name) else {
            work.note(block.header, format!("`{}` of `{to}` has no `{name}`", nested.to), "");
            continue;
        };
        let inner_fields = fields(work, &block.body, inner, to, edits);
        let value = element(&inner.form, &inner_fields);
        found.insert(inner.to.clone(), whole(&inner.form, &[value], &[]));
    }
    found
}

/// Returns what one block becomes.
fn element(form: &Form, fields: &BTreeMap<String, String>) -> String {
    let part = |name: &String| fields.get(name).cloned().unwrap_or_else(|| "null".to_owned());
    match form {
        Form::Values(value) => part(value),
        Form::Map { key, value } => {
            let name = part(key);
            let is_literal = name.starts_with('"') && !name.contains("${") && !name.contains("%{");
            let name = if is_literal { literal::key(name.trim_matches('"')) } else { format!("({name})") };
            format!("{name} = {}", part(value))
        }
        _ => {
            let all: Vec<String> = fields.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            if fields.values().any(|value| value.contains('\n')) {
                format!("{{\n{}\n}}", all.join("\n"))
            } else {
                format!("{{ {} }}", all.join(", "))
            }
        }
    }
}

/// Puts the parts together.
fn whole(form: &Form, parts: &[String], loops: &[String]) -> String {
    let (open, close, join) = match form {
        Form::Map { .. } => ("{", "}", "merge"),
        Form::Object => return parts.first().or(loops.first()).cloned().unwrap_or_else(|| "null".to_owned()),
        _ => ("[", "]", "concat"),
    };
    let is_long = parts.len() > 1 && parts.iter().map(String::len).sum::<usize>() > 60;
    let listed = match (parts, form) {
        ([], _) => None,
        (parts, Form::Map { .. }) if parts.len() > 1 => {
            Some(format!("{open}\n{}\n{close}", parts.join("\n")))
        }
        (parts, Form::Map { .. }) => Some(format!("{open} {} {close}", parts.join(", "))),
        (parts, _) if is_long => Some(format!("{open}\n{},\n{close}", parts.join(",\n"))),
        (parts, _) => Some(format!("{open}{}{close}", parts.join(", "))),
    };
    match (listed, loops) {
        (None, [only]) => only.clone(),
        (None, []) => format!("{open}{close}"),
        (listed, loops) => {
            let all: Vec<String> = listed.into_iter().chain(loops.iter().cloned()).collect();
            if all.len() == 1 { all.concat() } else { format!("{join}({})", all.join(", ")) }
        }
    }
}

/// `dynamic "…" { for_each = …  content { … } }` becomes a `for` expression.
fn dynamic(
    work: &mut Work<'_>,
    block: &Block,
    nested: &Nested,
    to: &str,
    edits: &mut Edits<'_>,
) -> Option<String> {
    let collection = block.body.attribute("for_each")?;
    let content = block.body.blocks_of("content").next()?;
    let iterator = match block.body.attribute("iterator").map(|attribute| &attribute.expr.kind) {
        Some(ExprKind::Variable(name)) => name.to_string(),
        _ => name_of(block),
    };
    work.expression(&collection.expr, edits);
    let elements = work.elements_of(&collection.expr);
    let elements = elements.and_then(|name| work.tables.of(name.is_data, &name.kind).cloned());
    let (mut uses_key, short) = (false, short(&iterator));
    let (key, value) = (format!("{short}_key"), short.clone());
    let mut rename = |body: &Body, edits: &mut Edits<'_>| {
        for one in &body.attributes {
            chains(&one.expr, &mut |chain| {
                if **chain.root != *iterator {
                    return;
                }
                let Some(part) = chain.attr(0) else { return };
                if let (Some(known), Some(attribute)) = (&elements, chain.next_attr(1))
                    && let Some(to) = known.shape.attributes.get(&*attribute.value)
                {
                    edits.replace(attribute.span, to.to.clone());
                }
                let is_key = &*part.value == "key";
                uses_key |= is_key;
                let name = if is_key { key.clone() } else { value.clone() };
                edits.replace(chain.root_span.to(part.span), name);
            });
        }
    };
    rename(&content.body, edits);
    for inner in &content.body.blocks {
        rename(&inner.body, edits);
    }
    let fields = fields(work, &content.body, nested, to, edits);
    let names = if uses_key { format!("{key}, {value}") } else { value };
    let over = edits.of(collection.expr.span);
    Some(match &nested.form {
        Form::Map { key, value } => {
            let part = |name: &String| fields.get(name).cloned().unwrap_or_else(|| "null".to_owned());
            format!("{{ for {names} in {over} : {} => {} }}", part(key), part(value))
        }
        // At most one element gives the object.
        Form::Object => format!("one([for {names} in {over} : {}])", element(&nested.form, &fields)),
        form => format!("[for {names} in {over} : {}]", element(form, &fields)),
    })
}

/// Returns a short name for the elements of a dynamic block: `topic_perms` gives `perm`.
fn short(iterator: &str) -> String {
    let last = iterator.rsplit('_').next().unwrap_or(iterator);
    let name = last.strip_suffix('s').filter(|name| name.len() > 1).unwrap_or(last);
    if name == iterator || name.is_empty() { format!("each_{name}") } else { name.to_owned() }
}
