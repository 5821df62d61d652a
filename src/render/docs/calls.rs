//! What the page of a type says about its calls: for what, which, what is waited for, what they need, what refusals mean.

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write;

use crate::schema::Call;
use crate::schema::Operation;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::Step;

use super::text;

/// A row of the table of calls.
struct Row {
    purpose: String,
    step: String,
    call: String,
    operation: String,
    waits: String,
    permission: String,
}

impl Row {
    fn new(purpose: &str, step: String, call: &Call, permission: &[std::sync::Arc<str>]) -> Self {
        Self {
            purpose: purpose.to_owned(),
            step,
            call: call.to_string(),
            operation: call.operation.as_deref().unwrap_or_default().to_owned(),
            waits: String::new(),
            permission: permission.join(", "),
        }
    }
}

/// Writes the calls, the permissions they need, and how long they may take.
pub(super) fn calls(out: &mut dyn Write, schema: &ResourceSchema, registry: &Registry) -> fmt::Result {
    writeln!(out, "## Calls\n")?;
    let rows = rows(schema, registry);
    if rows.is_empty() {
        return writeln!(out, "None.\n");
    }
    let operations = rows.iter().any(|row| !row.operation.is_empty());
    if operations {
        writeln!(out, "| for | step | call | operation | waits | permission |\n|---|---|---|---|---|---|")?;
    } else {
        writeln!(out, "| for | step | call | waits | permission |\n|---|---|---|---|---|")?;
    }
    for row in &rows {
        let (step, call) = (text::cell(&row.step), text::cell(&row.call));
        write!(out, "| {} | {step} | `{call}` |", row.purpose)?;
        if operations {
            write!(out, " {} |", row.operation)?;
        }
        writeln!(out, " {} | {} |", row.waits, row.permission)?;
    }
    writeln!(out)?;
    let needed: BTreeSet<&str> =
        rows.iter().flat_map(|row| row.permission.split(", ")).filter(|name| !name.is_empty()).collect();
    if !needed.is_empty() {
        writeln!(out, "Permissions, for everything together: {}.\n", text::names(needed))?;
    }
    if schema.kind == ResourceKind::Managed {
        let times = &schema.timeouts;
        writeln!(
            out,
            "Timeouts, with all waits: create {}, update {}, delete {}.\n",
            text::duration(times.create),
            text::duration(times.update),
            text::duration(times.delete)
        )?;
    }
    errors(out, schema)
}

fn rows(schema: &ResourceSchema, registry: &Registry) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    if let Some(list) = &schema.list {
        let scope = match list.scope.as_slice() {
            [] => "all at once".to_owned(),
            scope => format!("all with the same {}", text::names(scope)),
        };
        rows.push(Row::new("list", scope, &list.call, &list.permission));
    }
    let operations = [
        ("read", &schema.read),
        ("create", &schema.create),
        ("update", &schema.update),
        ("delete", &schema.delete),
    ];
    for (name, operation) in operations {
        let Some(Operation { steps, .. }) = operation else { continue };
        rows.extend(steps.iter().flat_map(|step| of_step(name, step, schema, registry)));
    }
    if let Some(invocation) = &schema.invocation {
        rows.extend(invocation.run.steps.iter().flat_map(|step| of_step("run", step, schema, registry)));
    }
    if let Some(find) = &schema.find {
        rows.push(Row::new("find", "if it is in doubt whether it was created".to_owned(), &find.call, &[]));
    }
    for waiter in &schema.waiters {
        let name = format!("wait until {}", waiter.description);
        rows.extend(waiter.steps.iter().flat_map(|step| of_step(&name, step, schema, registry)));
    }
    for guard in &schema.guards {
        let name = format!("guard: {}", guard.name);
        rows.extend(guard.steps.iter().flat_map(|step| of_step(&name, step, schema, registry)));
    }
    for lookup in &schema.lookups {
        let name = format!("lookup: {}", lookup.name);
        rows.push(Row::new(&name, "once, when needed".to_owned(), &lookup.call, &lookup.permission));
    }
    rows
}

/// The call of a step, and its form in the other dialect.
fn of_step(purpose: &str, step: &Step, schema: &ResourceSchema, registry: &Registry) -> Vec<Row> {
    let Some(call) = &step.call else { return Vec::new() };
    let mut what = step.name.to_string();
    if !step.on.is_empty() {
        let list = text::names(&step.on);
        let joint = if purpose == "read" { "only for" } else { "on a change of" };
        what = format!("{what}: {joint} {list}");
    }
    if let Some(when) = &step.when {
        what.push_str(&text::condition(registry, when.span));
    }
    if let Some(over) = &step.for_each {
        what = format!("{what}; for each of `{}`", text::source(registry, over.span));
    }
    let describe = |name| schema.waiter(name).map_or(String::new(), |waiter| waiter.description.to_string());
    let mut waits: Vec<String> = Vec::new();
    waits.extend(step.wait.as_ref().map(|name| format!("until {}", describe(name))));
    let mut rows = vec![Row { waits: waits.join("; "), ..Row::new(purpose, what, call, &step.permission) }];
    if let Some(other) = &step.otherwise {
        let classes: Vec<&str> = other.on.iter().map(|class| class.name()).collect();
        let what =
            format!("{}: instead, where the first call is refused ({})", step.name, classes.join(", "));
        rows.push(Row::new(purpose, what, &other.call, &step.permission));
    }
    rows
}

fn errors(out: &mut dyn Write, schema: &ResourceSchema) -> fmt::Result {
    if schema.errors.is_empty() {
        return Ok(());
    }
    writeln!(out, "Refusals that mean something else here than with the provider's other types:\n")?;
    writeln!(out, "| status | code | class | what to do |\n|---|---|---|---|")?;
    for rule in &schema.errors {
        let status: Vec<String> = rule.status.iter().map(u16::to_string).collect();
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            status.join(", "),
            text::names(&rule.code),
            rule.class.name(),
            text::cell(rule.hint.as_deref().unwrap_or(""))
        )?;
    }
    writeln!(out)
}
