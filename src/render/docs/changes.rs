//! What the page of a resource says about changes: what each does, with which calls, and what it costs.

use std::fmt;
use std::fmt::Write;

use crate::schema::Attribute;
use crate::schema::Change;
use crate::schema::GuardOn;
use crate::schema::Registry;
use crate::schema::ResourceSchema;

use super::text;

/// Writes what a change of each attribute does, and what deleting does.
pub(super) fn changes(out: &mut dyn Write, schema: &ResourceSchema, registry: &Registry) -> fmt::Result {
    writeln!(out, "## What changes do\n")?;
    let changing = schema.attributes.iter().filter(|attribute| attribute.change != Change::None);
    let changing: Vec<&Attribute> = changing.filter(|attribute| attribute.through.is_none()).collect();
    if !changing.is_empty() {
        writeln!(out, "| a change of | does | by | interrupts |\n|---|---|---|---|")?;
    }
    for attribute in changing {
        let (does, by) = match attribute.change {
            Change::Replace => ("**replaces the object**".to_owned(), "delete, create".to_owned()),
            Change::Update | Change::None => {
                let does = match &attribute.replace_when {
                    None => "in place".to_owned(),
                    Some(when) => {
                        let when = text::source(registry, when.span);
                        format!("in place; **replaces the object** if `{}`", text::cell(&when))
                    }
                };
                (does, steps(schema, attribute))
            }
        };
        let impact = match (&attribute.impact, attribute.change) {
            (Some(impact), _) => impact.to_string(),
            (None, Change::Replace) => "as deleting it".to_owned(),
            (None, _) => String::new(),
        };
        writeln!(out, "| `{}` | {does} | {by} | {} |", attribute.name, text::cell(&impact))?;
    }
    writeln!(out)?;
    for attribute in schema.attributes.iter().filter(|attribute| attribute.through.is_some()) {
        let through = attribute.through.as_deref().unwrap_or_default();
        writeln!(out, "- A change of `{}` is one of `{through}`.", attribute.name)?;
    }
    if let Some(loses) = &schema.loses {
        writeln!(out, "- Deleting or replacing the object loses {loses}.")?;
    }
    if let Some(impact) = &schema.impact {
        writeln!(out, "- Deleting or replacing the object interrupts: {impact}.")?;
    }
    let guarded: Vec<&str> = schema
        .guards
        .iter()
        .filter(|guard| guard.kind.denies() && guard.on.contains(&GuardOn::Delete))
        .map(|guard| &*guard.name)
        .collect();
    if !guarded.is_empty() {
        writeln!(out, "- What is there to lose is looked at first: {}.", guarded.join(", "))?;
    }
    if schema.always_exists {
        writeln!(out, "- The object is always there: creating it takes it over.")?;
    }
    if let Some(parent) = &schema.parent
        && parent.deleted_with
    {
        writeln!(out, "- It is deleted together with the `{}` in `{}`.", parent.type_name, parent.by)?;
    }
    writeln!(out)
}

/// The steps of an update that run for an attribute.
fn steps(schema: &ResourceSchema, attribute: &Attribute) -> String {
    let steps = schema.update.iter().flat_map(|update| &update.steps);
    let run = steps.filter(|step| step.on.contains(&attribute.name));
    let shown = run.map(|step| match &step.call {
        Some(call) => format!("{} (`{}`)", step.name, text::cell(&call.to_string())),
        None => format!("{} (no call)", step.name),
    });
    shown.collect::<Vec<_>>().join("; ")
}
