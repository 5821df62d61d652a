//! Operations, steps, waiters, lists, lookups and guards.

use std::sync::Arc;
use std::time::Duration;

use crate::diag::Severity;
use crate::schema::Capacity;
use crate::schema::Check;
use crate::schema::ErrorClass;
use crate::schema::ErrorRule;
use crate::schema::Find;
use crate::schema::GonePolicy;
use crate::schema::Guard;
use crate::schema::GuardKind;
use crate::schema::GuardOn;
use crate::schema::ListOp;
use crate::schema::Lookup;
use crate::schema::OnFailure;
use crate::schema::Operation;
use crate::schema::Otherwise;
use crate::schema::ResourceKind;
use crate::schema::Step;
use crate::schema::Waiter;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::references;

use super::call::call;
use super::reader::Found;
use super::reader::Named;
use super::reader::Reader;

/// Reads `create`, `read`, `update` or `delete`.
pub(super) fn operation(reader: &Reader<'_>, found: &mut Found) -> Operation {
    Operation { steps: steps(reader, found), span: reader.block.span }
}

fn steps(reader: &Reader<'_>, found: &mut Found) -> Vec<Step> {
    let children = reader.children("step", found);
    children.iter().map(|reader| step(reader, found)).collect()
}

fn step(reader: &Reader<'_>, found: &mut Found) -> Step {
    let call = call(reader, found);
    if !reader.has("call") && !reader.has("set") && !reader.block.body.partial {
        found.error("the step does nothing", reader.block.header);
    }
    let otherwise = reader.child("otherwise", found).and_then(|reader| otherwise(&reader, found));
    if let Some(other) = otherwise.as_ref().filter(|_| !reader.has("call")) {
        found.error("`otherwise` has no `call` that it could stand for", other.span);
    }
    let on_failure = match reader.word("on_failure", found) {
        Some("continue") => OnFailure::Continue,
        _ => OnFailure::Stop,
    };
    let tolerate = reader.words("tolerate", found);
    Step {
        name: reader.label(),
        on: reader.names("on", Named::Attribute, found),
        when: reader.expr("when", found),
        for_each: reader.expr("for_each", found),
        call,
        otherwise,
        item: reader.expr("item", found),
        set: reader.fields("set", found),
        wait: reader.name("wait", Named::Waiter, found),
        tolerate: tolerate.into_iter().filter_map(ErrorClass::from_name).collect(),
        on_failure,
        idempotent: reader.flag("idempotent", found),
        confirm: reader.text("confirm", found),
        permission: reader.texts("permission", found),
        span: reader.block.span,
    }
}

fn otherwise(reader: &Reader<'_>, found: &mut Found) -> Option<Otherwise> {
    let on = reader.words("on", found).into_iter().filter_map(ErrorClass::from_name).collect();
    Some(Otherwise { on, call: call(reader, found)?, span: reader.block.span })
}

/// Reads a waiter; `visible` is how long an object may stay invisible.
pub(super) fn waiter(reader: &Reader<'_>, visible: Duration, found: &mut Found) -> Waiter {
    let gone = match reader.word("gone", found) {
        Some("done") => GonePolicy::Done,
        Some("pending") => GonePolicy::Pending(visible),
        _ => GonePolicy::Failed,
    };
    let until = reader.expr("until", found);
    if until.is_none() && gone != GonePolicy::Done && !reader.block.body.partial {
        let hint = "add `until = …`, or `gone = done`".to_owned();
        found.report("the waiter waits for nothing", reader.block.header, Some(hint));
    }
    Waiter {
        name: reader.label(),
        steps: steps(reader, found),
        until,
        failed: reader.expr("failed", found),
        gone,
        first: reader.duration("first", found).unwrap_or(Duration::from_millis(200)),
        interval: reader.duration("interval", found).unwrap_or(Duration::from_secs(10)),
        description: reader.text("description", found).unwrap_or_default(),
        span: reader.block.span,
    }
}

/// Reads `list`.
pub(super) fn list(reader: &Reader<'_>, found: &mut Found) -> Option<ListOp> {
    Some(ListOp {
        scope: reader.names("scope", Named::Attribute, found),
        call: call(reader, found)?,
        lacks: reader.names("lacks", Named::Attribute, found),
        permission: reader.texts("permission", found),
        span: reader.block.span,
    })
}

/// Reads `find`.
pub(super) fn find(reader: &Reader<'_>, found: &mut Found) -> Option<Find> {
    let call = call(reader, found);
    let matches = reader.expr("match", found)?;
    Some(Find { call: call?, matches, span: reader.block.span })
}

/// Reads a lookup.
pub(super) fn lookup(reader: &Reader<'_>, found: &mut Found) -> Option<Lookup> {
    let call = call(reader, found);
    let value = reader.expr("value", found)?;
    let tolerate = reader.words("tolerate", found);
    Some(Lookup {
        name: reader.label(),
        call: call?,
        value,
        tolerate: tolerate.into_iter().filter_map(ErrorClass::from_name).collect(),
        permission: reader.texts("permission", found),
        span: reader.block.span,
    })
}

/// Reads what objects take of a room.
pub(super) fn capacity(reader: &Reader<'_>, found: &mut Found) -> Option<Capacity> {
    let scope = reader.names("scope", Named::Attribute, found);
    let takes = reader.expr("takes", found);
    let (limit, used) = (reader.expr("limit", found), reader.expr("used", found));
    let code = reader.text("code", found);
    let hint = reader.text("hint", found);
    let (limit, used) = (limit?, used?);
    let mut lookups = Vec::new();
    collect_lookups(&limit, &mut lookups);
    collect_lookups(&used, &mut lookups);
    Some(Capacity {
        name: reader.label(),
        scope,
        takes,
        limit,
        used,
        lookups,
        code: code?,
        hint,
        span: reader.block.span,
    })
}

/// Reads a guard.
pub(super) fn guard(reader: &Reader<'_>, of: ResourceKind, found: &mut Found) -> Option<Guard> {
    let kind = match reader.word("kind", found) {
        Some("children") => GuardKind::Children,
        Some("impact") => GuardKind::Impact,
        Some("wait") => GuardKind::Wait,
        _ => GuardKind::Data,
    };
    let on = reader.words("on", found).into_iter().map(|word| match word {
        "create" => GuardOn::Create,
        "update" => GuardOn::Update,
        "replace" => GuardOn::Replace,
        _ => GuardOn::Delete,
    });
    let on: Vec<GuardOn> = if of == ResourceKind::Action { vec![GuardOn::Invoke] } else { on.collect() };
    if (of == ResourceKind::Action) == reader.has("on") && !reader.block.body.partial {
        let summary = if of == ResourceKind::Action {
            "a guard of an action watches the run of it and has no `on`"
        } else {
            "the guard is `on` nothing"
        };
        found.error(summary, reader.span_of("on"));
    }
    let when = reader.expr("when", found);
    let steps = steps(reader, found);
    let children = reader.fields("children", found);
    if (kind == GuardKind::Children) == children.is_empty() && !reader.block.body.partial {
        let summary = "`kind = children` and `children` go together";
        found.error(summary, reader.span_of(if children.is_empty() { "kind" } else { "children" }));
    }
    let holds = reader.texts("holds", found);
    if (kind == GuardKind::Wait) == holds.is_empty() && !reader.block.body.partial {
        let summary = "`kind = wait` and `holds` go together";
        found.error(summary, reader.span_of(if holds.is_empty() { "kind" } else { "holds" }));
    }
    let count = reader.expr("count", found);
    let message = reader.expr("message", found);
    let (last_written, last_read) = (reader.expr("last_written", found), reader.expr("last_read", found));
    let span = reader.block.span;
    Some(Guard {
        name: reader.label(),
        kind,
        on,
        when,
        holds,
        steps,
        children,
        count: count?,
        message: message?,
        last_written,
        last_read,
        span,
    })
}

/// Reads a check.
pub(super) fn check(reader: &Reader<'_>, path: Named, found: &mut Found) -> Option<Check> {
    let for_each = reader.expr("for_each", found);
    let when = reader.expr("when", found);
    let that = reader.expr("that", found);
    let message = reader.expr("message", found);
    let part = reader.name("part", Named::Leaf, found);
    let severity = match reader.word("severity", found) {
        Some("warning") => Severity::Warning,
        _ => Severity::Error,
    };
    let path = reader.name("path", path, found);
    let hint = reader.text("hint", found);
    let fresh = reader.flag("fresh", found);
    let (that, message) = (that?, message?);
    let mut lookups = Vec::new();
    for expr in [for_each.as_ref(), when.as_ref(), Some(&that), Some(&message)].into_iter().flatten() {
        collect_lookups(expr, &mut lookups);
    }
    if !lookups.is_empty() {
        for (word, expr) in [("for_each", &for_each), ("when", &when)] {
            if expr.as_ref().is_some_and(reads_config) {
                found.error(CONFIG_WITH_LOOKUP, reader.span_of(word));
            }
        }
        for (word, expr) in [("that", &that), ("message", &message)] {
            if reads_config(expr) {
                found.error(CONFIG_WITH_LOOKUP, reader.span_of(word));
            }
        }
    }
    let span = reader.block.span;
    let name = reader.label();
    Some(Check { name, for_each, when, fresh, that, message, path, part, severity, lookups, hint, span })
}

/// Lookups are made for what is planned; the configuration is not told to whoever makes them.
const CONFIG_WITH_LOOKUP: &str = "a rule with lookups cannot use `config`";

fn reads_config(expr: &Expr) -> bool {
    let mut reads = false;
    references(expr, &mut |reference| reads |= &*reference.root.value == "config");
    reads
}

/// Adds the lookups that an expression refers to.
fn collect_lookups(expr: &Expr, lookups: &mut Vec<Name>) {
    references(expr, &mut |reference| {
        if &*reference.root.value == "lookup"
            && let Some(RefStep::Attr(name)) = reference.steps.first().map(|step| &step.value)
            && !lookups.contains(name)
        {
            lookups.push(Arc::clone(name));
        }
    });
}

/// Reads an error rule.
pub(super) fn error_rule(reader: &Reader<'_>, found: &mut Found) -> Option<ErrorRule> {
    let status = reader.counts("status", found);
    let code = reader.texts("code", found);
    if !reader.has("status") && !reader.has("code") && !reader.block.body.partial {
        let hint = "add `status` or `code`".to_owned();
        found.report("the rule matches every error", reader.block.header, Some(hint));
    }
    let hint = reader.text("hint", found);
    let class = reader.word("class", found).and_then(ErrorClass::from_name)?;
    Some(ErrorRule { status, code, class, hint, span: reader.block.span })
}
