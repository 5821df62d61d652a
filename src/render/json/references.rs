//! What expressions refer to, as format 1.2 writes it.

use std::collections::BTreeSet;

use crate::config::Module;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;
use crate::syntax::parse::references;

/// A reference, taken apart into what it is about and the steps behind that.
struct Parts<'r> {
    /// What it is about, without a key: `var.size`, `dms_rocketmq_topic.a`.
    subject: String,
    /// The key of an instance, as written: `["a"]`.
    key: Option<String>,
    /// The steps behind.
    rest: &'r [crate::source::Spanned<RefStep>],
    /// Whether it is about a resource or data source.
    resource: bool,
}

fn parts(reference: &Reference) -> Parts<'_> {
    let root = &*reference.root.value;
    let names: usize = match root {
        "self" => 0,
        "data" => 2,
        _ => 1,
    };
    let resource = !matches!(root, "self" | "var" | "local" | "each" | "count" | "path" | "terraform");
    let mut subject = root.to_owned();
    let mut taken = 0;
    for step in reference.steps.iter().take(names) {
        let RefStep::Attr(name) = &step.value else { break };
        subject.push('.');
        subject.push_str(name);
        taken += 1;
    }
    let mut rest = reference.steps.get(taken..).unwrap_or_default();
    let mut key = None;
    if resource
        && let [first, behind @ ..] = rest
        && let Some(text) = step_text(&first.value).filter(|text| text.starts_with('['))
    {
        key = Some(text);
        rest = behind;
    }
    // What a splat or a computed key leads to cannot be named.
    let known = rest.iter().take_while(|step| step.value != RefStep::Dynamic).count();
    Parts { subject, key, rest: rest.get(..known).unwrap_or_default(), resource }
}

fn step_text(step: &RefStep) -> Option<String> {
    match step {
        RefStep::Attr(name) => Some(format!(".{name}")),
        RefStep::Key(key) => Some(format!("[{}]", crate::render::value::quoted(key))),
        RefStep::Index(index) => Some(format!("[{index}]")),
        RefStep::Dynamic => None,
    }
}

/// Returns every reference of an expression, each followed by what it is a part of, down to the declaration.
pub(super) fn of_expression(expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    references(expr, &mut |reference| found.extend(of_reference(&reference)));
    found
}

/// Returns a reference, followed by what it is a part of.
pub(super) fn of_reference(reference: &Reference) -> Vec<String> {
    let parts = parts(reference);
    let mut texts = vec![parts.subject.clone()];
    let mut whole = parts.subject;
    if let Some(key) = &parts.key {
        whole.push_str(key);
        texts.push(whole.clone());
    }
    for step in parts.rest {
        whole.push_str(&step_text(&step.value).unwrap_or_default());
        texts.push(whole.clone());
    }
    texts.reverse();
    texts
}

/// A resource, or an instance of one, and the attribute of it that is read.
pub(super) type Relevant = (String, Vec<RefStep>);

/// Adds the attributes of resources that an expression is computed from, also through locals.
pub(super) fn relevant(expr: &Expr, module: &Module, seen: &mut BTreeSet<Name>, found: &mut Vec<Relevant>) {
    let mut locals: Vec<Name> = Vec::new();
    references(expr, &mut |reference| {
        if &*reference.root.value == "local" {
            if let Some(RefStep::Attr(name)) = reference.steps.first().map(|step| &step.value) {
                locals.push(Name::clone(name));
            }
            return;
        }
        let parts = parts(&reference);
        if !parts.resource {
            return;
        }
        let addr = format!("{}{}", parts.subject, parts.key.unwrap_or_default());
        let path = parts.rest.iter().map(|step| step.value.clone()).collect();
        if !found.iter().any(|(known, steps)| *known == addr && *steps == path) {
            found.push((addr, path));
        }
    });
    for name in locals {
        if seen.insert(Name::clone(&name))
            && let Some(local) = module.locals.get(&name)
        {
            relevant(&local.expr, module, seen, found);
        }
    }
}
