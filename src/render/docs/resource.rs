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
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::value::Type;

use super::action;
use super::calls;
use super::changes;
use super::text;

/// Writes the page.
pub fn resource(out: &mut dyn Write, schema: &ResourceSchema, registry: &Registry) -> fmt::Result {
    let name = &schema.type_name;
    let what = match schema.kind {
        ResourceKind::Managed => "Resource",
        ResourceKind::Data => "Data source",
        ResourceKind::Action => "Action",
        ResourceKind::Ephemeral => "Ephemeral resource",
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
        changes::changes(out, schema, registry)?;
        import(out, schema)?;
    }
    if let Some(invocation) = &schema.invocation {
        action::running(out, schema, invocation)?;
    }
    guards(out, schema)?;
    checks(out, schema)?;
    capacities(out, schema)?;
    calls::calls(out, schema, registry)?;
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

fn import(out: &mut dyn Write, schema: &ResourceSchema) -> fmt::Result {
    if schema.read.is_none() {
        return Ok(());
    }
    let form = if schema.has_server_id() { "<id>".to_owned() } else { schema.id_form() };
    // What an id made by the service looks like stands with the attribute.
    let what = match schema.attribute("id").filter(|_| schema.has_server_id()) {
        Some(id) => format!("{form}`: {}", id.description),
        None => format!("{form}`."),
    };
    writeln!(out, "## Import\n\nThe id is `{what}\n")?;
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

fn capacities(out: &mut dyn Write, schema: &ResourceSchema) -> fmt::Result {
    if schema.capacities.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Room\n\nA plan that needs more than is left is refused as a whole.\n")?;
    for capacity in &schema.capacities {
        let shared = if capacity.scope.is_empty() {
            "for everything that the provider configuration works with".to_owned()
        } else {
            format!("for each {}", text::names(&capacity.scope))
        };
        writeln!(out, "- {}: {shared} (`{}`).", capacity.name, capacity.code)?;
    }
    writeln!(out)
}
