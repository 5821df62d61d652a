//! What the page of an action says about running it.

use std::fmt;
use std::fmt::Write;

use crate::schema::Invocation;
use crate::schema::ResourceSchema;

use super::text;

/// Writes how the action is run and what becomes of its results.
pub(super) fn running(out: &mut dyn Write, schema: &ResourceSchema, invocation: &Invocation) -> fmt::Result {
    writeln!(out, "## Running it\n")?;
    let name = &schema.type_name;
    writeln!(
        out,
        "`queueform action run action.{name}.example` runs it, and so does an `action_trigger` that names it. \
         Results are `action.{name}.example.NAME` in expressions; before the first run they are null.\n"
    )?;
    if let Some(confirm) = &invocation.confirm {
        writeln!(out, "- It runs only if its address is named: {confirm}.")?;
    }
    if invocation.reads {
        writeln!(out, "- It changes nothing, so it runs whenever its address is named.")?;
    } else if invocation.repeatable {
        writeln!(out, "- Running it twice does what running it once does.")?;
    } else {
        writeln!(
            out,
            "- Running it twice does it twice. A run that was recorded is repeated only with `--again`."
        )?;
    }
    if let Some(loses) = &schema.loses {
        writeln!(out, "- Running it loses {loses}.")?;
    }
    if let Some(impact) = &schema.impact {
        writeln!(out, "- Running it interrupts: {impact}.")?;
    }
    if let Some(rows) = &invocation.rows {
        writeln!(out, "- `--out-file FILE` writes the elements of `{rows}` as NDJSON, one per line.")?;
    }
    for verify in &invocation.verifies {
        writeln!(out, "- It ends with an error if {}: {}.", verify.name, text::message(&verify.message))?;
    }
    writeln!(out, "- It may take {}, with all waits.\n", text::duration(invocation.timeout))
}
