//! The page of a resource type, data source or action.

use std::fmt;
use std::fmt::Write;

use crate::diag::Severity;
use crate::schema::Attribute;
use crate::schema::Change;
use crate::schema::Guard;
use crate::schema::GuardKind;
use crate::schema::Mode;
use crate::schema::NestedKind;
use crate::schema::Operation;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::Step;
use crate::value::Type;

use super::action;
use super::text;

/// Writes the page.
pub fn resource(out: &mut dyn Write, schema: &ResourceSchema, registry: &Registry) -> fmt::Result {
    let name = &schema.type_name;
    let what = match schema.kind {
        ResourceKind::Managed => "Resource",
        ResourceKind::Data => "Data source",
        ResourceKind::Action => "Action",
    };
    writeln!(out, "# {what} `{name}`\n")?;
    writeln!(out, "{}\n", schema.description)?;
    writeln!(out, "```hcl\n{}\n```\n", schema.example.trim_end())?;
    if let Some(notice) = &schema.notice {
        writeln!(out, "Note: {notice}.\n")?;
    }
    arguments(out, schema)?;
    computed(out, schema)?;
    if schema.kind == ResourceKind::Managed {
        changes(out, schema, registry)?;
        import(out, schema)?;
    }
    if let Some(invocation) = &schema.invocation {
        action::running(out, schema, invocation)?;
    }
    guards(out, schema)?;
    checks(out, schema)?;
    calls(out, schema, registry)?;
    writeln!(out, "Version {} of the schema. Written from `schemas/`; do not edit.", schema.version)
}

fn arguments(out: &mut dyn Write, schema: &ResourceSchema) -> fmt::Result {
    let settable: Vec<&Attribute> =
        schema.attributes.iter().filter(|attribute| attribute.mode.is_settable()).collect();
    writeln!(out, "## Arguments\n")?;
    if settable.is_empty() {
        return writeln!(out, "None.\n");
    }
    let managed = schema.kind == ResourceKind::Managed;
    if managed {
        writeln!(out, "| argument | type | | a change | |\n|---|---|---|---|---|")?;
    } else {
        writeln!(out, "| argument | type | | |\n|---|---|---|---|")?;
    }
    for attribute in settable {
        let mode = match (attribute.mode, &attribute.default) {
            (Mode::Required, _) => "required".to_owned(),
            (_, Some(default)) => format!("optional, `{}`", text::value(default)),
            (Mode::OptionalComputed, None) => "optional, else decided by the service".to_owned(),
            (_, None) => "optional".to_owned(),
        };
        write!(out, "| `{}` | {} | {} |", attribute.name, type_of(attribute), text::cell(&mode))?;
        if managed {
            write!(out, " {} |", change(attribute))?;
        }
        writeln!(out, " {} |", text::cell(&describe(attribute)))?;
    }
    writeln!(out)?;
    for attribute in schema.attributes.iter().filter(|attribute| attribute.mode.is_settable()) {
        nested(out, attribute)?;
    }
    Ok(())
}

fn computed(out: &mut dyn Write, schema: &ResourceSchema) -> fmt::Result {
    let computed: Vec<&Attribute> =
        schema.attributes.iter().filter(|attribute| attribute.mode == Mode::Computed).collect();
    if computed.is_empty() {
        return Ok(());
    }
    let title = if schema.invocation.is_some() { "Results" } else { "Attributes decided by the service" };
    writeln!(out, "## {title}\n\n| attribute | type | |\n|---|---|---|")?;
    for attribute in &computed {
        let text = text::cell(&describe(attribute));
        writeln!(out, "| `{}` | {} | {text} |", attribute.name, type_of(attribute))?;
    }
    writeln!(out)?;
    for attribute in computed {
        nested(out, attribute)?;
    }
    Ok(())
}

fn nested(out: &mut dyn Write, attribute: &Attribute) -> fmt::Result {
    let Some(nested) = &attribute.nested else { return Ok(()) };
    writeln!(out, "### `{}`\n\n| attribute | type | | |\n|---|---|---|---|", attribute.name)?;
    for part in &nested.attributes {
        let mode = part.mode.name().replace('_', ", ");
        let text = text::cell(&describe(part));
        writeln!(out, "| `{}` | {} | {mode} | {text} |", part.name, type_of(part))?;
    }
    writeln!(out)
}

fn type_of(attribute: &Attribute) -> String {
    match attribute.nested.as_ref().map(|nested| nested.kind) {
        Some(NestedKind::Object) => "object".to_owned(),
        Some(NestedKind::List) => "list of objects".to_owned(),
        Some(NestedKind::Set) => "set of objects".to_owned(),
        Some(NestedKind::Map) => "map of objects".to_owned(),
        None => match &attribute.ty {
            Type::Any => "any".to_owned(),
            ty => ty.friendly_name(),
        },
    }
}

fn change(attribute: &Attribute) -> &'static str {
    match (attribute.change, attribute.replace_when.is_some()) {
        (Change::Update, false) => "in place",
        (Change::Update, true) => "in place or replace",
        (Change::Replace, _) => "**replace**",
        (Change::None, _) => "none",
    }
}

/// The description with everything that follows from other words.
fn describe(attribute: &Attribute) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !attribute.description.is_empty() {
        parts.push(attribute.description.to_string());
    }
    if let Some(unit) = &attribute.unit {
        parts.push(format!("In {unit}."));
    }
    let rules = &attribute.constraints;
    if let Some(range) = &rules.between {
        parts.push(format!("From {} to {}.", range.least, range.greatest));
    }
    if !rules.one_of.is_empty() {
        parts.push(format!("One of {}.", text::names(&rules.one_of)));
    }
    if attribute.write_only {
        let resend = match &attribute.version {
            Some(version) => format!("sent on create and when `{version}` changes"),
            None => "sent on create".to_owned(),
        };
        parts.push(format!("Never stored; {resend}."));
    } else if attribute.sensitive {
        parts.push("Sensitive.".to_owned());
    }
    if attribute.readback.is_never() && attribute.mode.is_computed() {
        parts.push("The service does not return it: shown as unverified.".to_owned());
    }
    if attribute.volatile {
        parts.push("A change of it is no difference.".to_owned());
    }
    if !attribute.follows.is_empty() {
        parts.push(format!("Known after apply when {} changes.", text::names(&attribute.follows)));
    }
    if let Some(impact) = &attribute.impact {
        parts.push(format!("Interrupts: {impact}."));
    }
    parts.join(" ")
}

fn changes(out: &mut dyn Write, schema: &ResourceSchema, registry: &Registry) -> fmt::Result {
    writeln!(out, "## What changes do\n")?;
    let with = |change: Change| {
        schema.attributes.iter().filter(move |attribute| attribute.change == change).map(|found| &found.name)
    };
    let (update, replace) = (text::names(with(Change::Update)), text::names(with(Change::Replace)));
    if !update.is_empty() {
        writeln!(out, "- In place: {update}.")?;
    }
    if !replace.is_empty() {
        writeln!(out, "- Replace the object: {replace}.")?;
    }
    for attribute in &schema.attributes {
        if let Some(when) = &attribute.replace_when {
            let when = text::source(registry, when.span);
            writeln!(out, "- `{}` replaces the object if `{when}`.", attribute.name)?;
        }
    }
    if let Some(loses) = &schema.loses {
        writeln!(out, "- Deleting or replacing the object loses {loses}.")?;
    }
    if let Some(impact) = &schema.impact {
        writeln!(out, "- Deleting or replacing the object interrupts: {impact}.")?;
    }
    if let Some(parent) = &schema.parent
        && parent.deleted_with
    {
        writeln!(out, "- It is deleted together with the `{}` in `{}`.", parent.type_name, parent.by)?;
    }
    writeln!(out)
}

fn import(out: &mut dyn Write, schema: &ResourceSchema) -> fmt::Result {
    if schema.read.is_none() {
        return Ok(());
    }
    let form = if schema.has_server_id() { "<id>".to_owned() } else { schema.id_form() };
    writeln!(out, "## Import\n\nThe id is `{form}`.\n")?;
    writeln!(out, "```hcl\nimport {{\n  to = {}.example\n  id = \"{form}\"\n}}\n```\n", schema.type_name)
}

fn guards(out: &mut dyn Write, schema: &ResourceSchema) -> fmt::Result {
    if schema.guards.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## Guards\n\nObserved when planning and again immediately before the call. What could not be observed \
         counts as not safe.\n\n| guard | before | | says |\n|---|---|---|---|"
    )?;
    for guard in &schema.guards {
        let on: Vec<&str> = guard.on.iter().map(|on| on.name()).collect();
        let message = text::cell(&text::message(&guard.message));
        writeln!(out, "| {} | {} | {} | {message} |", guard.name, on.join(", "), effect(guard))?;
    }
    writeln!(out)
}

fn effect(guard: &Guard) -> &'static str {
    match guard.kind {
        GuardKind::Data => "denied unless `allow_data_loss` allows it",
        GuardKind::Children => {
            "denied unless `allow_data_loss` allows it; managed children have their own guards"
        }
        GuardKind::Impact => "shown",
        GuardKind::Wait => "puts a part of the change off to a later run until nothing is left",
    }
}

fn checks(out: &mut dyn Write, schema: &ResourceSchema) -> fmt::Result {
    if schema.checks.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Rules\n")?;
    for check in &schema.checks {
        let kind = match check.severity {
            Severity::Error => "",
            Severity::Warning => " (a warning)",
        };
        writeln!(out, "- {}: {}{kind}.", check.name, text::message(&check.message))?;
    }
    writeln!(out)
}

fn calls(out: &mut dyn Write, schema: &ResourceSchema, registry: &Registry) -> fmt::Result {
    writeln!(out, "## Calls\n")?;
    let mut rows: Vec<[String; 5]> = Vec::new();
    if let Some(list) = &schema.list {
        let scope = match list.scope.as_slice() {
            [] => "all at once".to_owned(),
            scope => format!("all with the same {}", text::names(scope)),
        };
        rows.push([
            "list".to_owned(),
            scope,
            list.call.to_string(),
            String::new(),
            list.permission.join(", "),
        ]);
    }
    let operations = [
        ("read", &schema.read),
        ("create", &schema.create),
        ("update", &schema.update),
        ("delete", &schema.delete),
    ];
    for (name, operation) in operations {
        let Some(Operation { steps, .. }) = operation else { continue };
        rows.extend(steps.iter().filter_map(|step| row(name, step, schema, registry)));
    }
    if let Some(invocation) = &schema.invocation {
        rows.extend(invocation.run.steps.iter().filter_map(|step| row("run", step, schema, registry)));
    }
    for guard in &schema.guards {
        let name = format!("guard: {}", guard.name);
        rows.extend(guard.steps.iter().filter_map(|step| row(&name, step, schema, registry)));
    }
    for lookup in &schema.lookups {
        let when = "once, when needed".to_owned();
        let permission = lookup.permission.join(", ");
        rows.push([
            format!("lookup: {}", lookup.name),
            when,
            lookup.call.to_string(),
            String::new(),
            permission,
        ]);
    }
    if rows.is_empty() {
        return writeln!(out, "None.\n");
    }
    writeln!(out, "| for | step | call | waits | permission |\n|---|---|---|---|---|")?;
    for [operation, step, call, waits, permission] in rows {
        let (step, call) = (text::cell(&step), text::cell(&call));
        writeln!(out, "| {operation} | {step} | `{call}` | {waits} | {permission} |")?;
    }
    writeln!(out)?;
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
    Ok(())
}

fn row(operation: &str, step: &Step, schema: &ResourceSchema, registry: &Registry) -> Option<[String; 5]> {
    let call = step.call.as_ref()?;
    let mut what = step.name.to_string();
    if !step.on.is_empty() {
        let list = text::names(&step.on);
        let joint = if operation == "read" { "only for" } else { "on a change of" };
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
    waits.extend(step.after.as_ref().map(|name| format!("before: {}", describe(name))));
    waits.extend(step.wait.as_ref().map(|name| format!("until {}", describe(name))));
    Some([operation.to_owned(), what, call.to_string(), waits.join("; "), step.permission.join(", ")])
}
