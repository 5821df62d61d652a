//! Steps do what the attributes promise.

use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Attribute;
use crate::schema::Call;
use crate::schema::Change;
use crate::schema::Mode;
use crate::schema::Operation;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::Step;
use crate::schema::scope::Root;
use crate::schema::scope::names_in;
use crate::syntax::ast::Expr;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::references;

use super::report;

/// Every attribute that is updated in place is in `on` of an update step, and nothing else is.
pub(super) fn updates(schema: &ResourceSchema, found: &mut Diagnostics) {
    let steps: &[Step] = schema.update.as_ref().map_or(&[], |operation| &operation.steps);
    let updated = |attribute: &&Attribute| attribute.change == Change::Update && attribute.through.is_none();
    for attribute in schema.attributes.iter().filter(updated) {
        // A missing label was reported already.
        if !attribute.name.is_empty() && !steps.iter().any(|step| step.on.contains(&attribute.name)) {
            let summary = format!("no step of `update` is `on` `{}`", attribute.name);
            let hint = "add it to a step, or make it `change = replace`";
            found.push(Diagnostic::error(Code::InvalidSchema, summary).at(attribute.span, "").hint(hint));
        }
    }
    for step in steps {
        if step.on.is_empty() {
            report(found, format!("the step `{}` of `update` is `on` nothing", step.name), step.span);
        }
        for attribute in step.on.iter().filter_map(|name| schema.attribute(name)) {
            if attribute.change != Change::Update {
                let summary =
                    format!("the step `{}` is `on` `{}`, which is never updated", step.name, attribute.name);
                report(found, summary, step.span);
            }
        }
    }
    if schema.create.is_none() {
        report(found, "the resource has no `create`", schema.span);
    }
    if schema.delete.is_none() {
        report(found, "the resource has no `delete`", schema.span);
    }
}

/// Something sets every computed attribute, and a list can be joined with its objects.
pub(super) fn reads(schema: &ResourceSchema, found: &mut Diagnostics) {
    let read: &[Step] = schema.read.as_ref().map_or(&[], |operation| &operation.steps);
    let has_item = read.iter().any(|step| step.item.is_some());
    if schema.list.is_some() && !has_item {
        report(found, "`list` needs a `read` step with `item`, to confirm what is missing", schema.span);
    }
    if schema.kind == ResourceKind::Managed && schema.read.is_some() && !has_item {
        report(found, "no step of `read` has an `item`", schema.span);
    }
    let written: BTreeSet<&str> = operations(schema)
        .flat_map(|operation| &operation.steps)
        .flat_map(|step| &step.set)
        .map(|field| &*field.name)
        .collect();
    for attribute in &schema.attributes {
        let derived = &*attribute.name == "id" && !schema.has_server_id();
        let answered = schema.reads_state && &*attribute.name == "outputs"
            || schema.generates.is_some() && &*attribute.name == "result";
        let set = has_item || answered || written.contains(&*attribute.name);
        if attribute.mode == Mode::Computed && !derived && !set {
            report(
                found,
                format!("nothing sets the computed attribute `{}`", attribute.name),
                attribute.span,
            );
        }
        attribute_words(attribute, found);
        through(schema, attribute, found);
    }
}

/// What stands for another attribute is derived, and from that one.
fn through(schema: &ResourceSchema, attribute: &Attribute, found: &mut Diagnostics) {
    let Some(other) = attribute.through.as_ref().and_then(|name| schema.attribute(name)) else { return };
    let derived =
        other.derived.as_ref().is_some_and(|expr| names_in(expr, Root::This).contains(&attribute.name));
    if !derived {
        let summary = format!("`{}` is not `derived` from `{}`", other.name, attribute.name);
        report(found, summary, attribute.span);
    }
}

/// Words that make sense only together.
fn attribute_words(attribute: &Attribute, found: &mut Diagnostics) {
    if attribute.version.is_some() && !attribute.write_only {
        report(found, "`version` is for write-only attributes", attribute.span);
    }
    if attribute.write_only && !attribute.sensitive {
        report(found, "a write-only attribute must be `sensitive = true`", attribute.span);
    }
    if !attribute.follows.is_empty() && !attribute.mode.is_computed() {
        report(found, "only what the provider may decide can follow other attributes", attribute.span);
    }
    if attribute.replace_when.is_some() && attribute.change != Change::Update {
        report(found, "`replace_when` is for attributes with `change = update`", attribute.span);
    }
    if attribute.derived.is_some() && attribute.mode != Mode::Computed {
        report(found, "only what cannot be set is `derived`: its mode is `computed`", attribute.span);
    }
    if attribute.from.is_some() && attribute.readback.is_never() {
        report(found, "what is never read back has no `from`", attribute.span);
    }
}

/// Returns all calls of a type.
pub(super) fn calls(schema: &ResourceSchema) -> Vec<&Call> {
    let in_operations = operations(schema).flat_map(|operation| &operation.steps);
    let in_guards = schema.guards.iter().flat_map(|guard| &guard.steps);
    let in_waiters = schema.waiters.iter().flat_map(|waiter| &waiter.steps);
    let steps = in_operations.chain(in_guards).chain(in_waiters).filter_map(|step| step.call.as_ref());
    let lookups = schema.lookups.iter().map(|lookup| &lookup.call);
    let lists = schema.list.iter().map(|list| &list.call);
    let finds = schema.find.iter().map(|find| &find.call);
    steps.chain(lookups).chain(lists).chain(finds).collect()
}

fn operations(schema: &ResourceSchema) -> impl Iterator<Item = &Operation> {
    let run = schema.invocation.as_ref().map(|invocation| &invocation.run);
    [&schema.create, &schema.read, &schema.update, &schema.delete].into_iter().flatten().chain(run)
}

/// `observed.NAME` is set by an earlier step, `each` stands only in steps with `for_each`,
/// `unmanaged.TYPE` is one of the children.
pub(super) fn observations(schema: &ResourceSchema, found: &mut Diagnostics) {
    for operation in operations(schema) {
        sequence(&operation.steps, false, found);
    }
    let holding = [&schema.create, &schema.read].into_iter().flatten().flat_map(|operation| &operation.steps);
    let observing = schema.guards.iter().flat_map(|guard| &guard.steps);
    let waiting = schema.waiters.iter().flat_map(|waiter| &waiter.steps);
    for step in holding.chain(observing).chain(waiting).filter(|step| step.confirm.is_some()) {
        let summary =
            format!("the step `{}` cannot be held: only steps of `update` and `delete` can", step.name);
        report(found, summary, step.span);
    }
    for waiter in &schema.waiters {
        let observed = sequence(&waiter.steps, true, found);
        for expr in [&waiter.until, &waiter.failed].into_iter().flatten() {
            names(expr, "observed", &observed, found);
        }
    }
    for guard in &schema.guards {
        let steps = schema.update.as_ref().map_or(&[][..], |operation| &operation.steps);
        for name in &guard.holds {
            if !steps.iter().any(|step| step.name == *name) {
                let summary = format!("`{name}` is not a step of `update`");
                let hint = did_you_mean(name, steps.iter().map(|step| &*step.name));
                found.push(
                    Diagnostic::error(Code::InvalidSchema, summary).at(guard.span, "").maybe_hint(hint),
                );
            }
        }
        let observed = sequence(&guard.steps, true, found);
        let children: BTreeSet<&str> = guard.children.iter().map(|field| &*field.name).collect();
        for field in &guard.children {
            names(&field.value, "observed", &observed, found);
        }
        for expr in
            [&guard.count, &guard.message].into_iter().chain(&guard.last_written).chain(&guard.last_read)
        {
            names(expr, "observed", &observed, found);
            names(expr, "unmanaged", &children, found);
        }
    }
}

/// Checks steps in order and returns what they set.
fn sequence<'s>(steps: &'s [Step], observes: bool, found: &mut Diagnostics) -> BTreeSet<&'s str> {
    let mut observed: BTreeSet<&str> = BTreeSet::new();
    for step in steps {
        if let Some(over) = &step.for_each {
            names(over, "observed", &observed, found);
        }
        for expr in expressions(step) {
            names(expr, "observed", &observed, found);
            if step.for_each.is_none() {
                nothing(expr, "each", &step.name, found);
            }
        }
        if observes {
            observed.extend(step.set.iter().map(|field| &*field.name));
        }
    }
    observed
}

/// Returns the expressions of a step but `for_each`.
fn expressions(step: &Step) -> Vec<&Expr> {
    let mut list: Vec<&Expr> = Vec::new();
    list.extend(&step.when);
    list.extend(&step.item);
    list.extend(step.set.iter().map(|field| &field.value));
    for call in step.call.iter().chain(step.otherwise.iter().map(|other| &other.call)) {
        call_expressions(call, &mut list);
    }
    list
}

fn call_expressions<'c>(call: &'c Call, list: &mut Vec<&'c Expr>) {
    list.extend(call.inputs());
    list.extend(&call.items);
    list.extend(&call.total);
}

/// Checks that the parts of a root are among those that are known.
fn names(expr: &Expr, root: &str, known: &BTreeSet<&str>, found: &mut Diagnostics) {
    references(expr, &mut |reference| {
        if &*reference.root.value != root {
            return;
        }
        let Some(step) = reference.steps.first() else { return };
        let (RefStep::Attr(name) | RefStep::Key(name)) = &step.value else { return };
        if !known.contains(&**name) {
            let summary = format!("no step before sets `{root}.{name}`");
            let hint = did_you_mean(name, known.iter().copied());
            found.push(Diagnostic::error(Code::InvalidSchema, summary).at(step.span, "").maybe_hint(hint));
        }
    });
}

/// Checks that a root is not used at all.
fn nothing(expr: &Expr, root: &str, step: &str, found: &mut Diagnostics) {
    references(expr, &mut |reference| {
        if &*reference.root.value == root {
            let summary = format!("the step `{step}` has no `for_each` and cannot use `{root}`");
            report(found, summary, reference.root.span);
        }
    });
}
