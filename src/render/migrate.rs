//! Migrations for people and as JSON.

use std::fmt;

use serde_json::Value as Json;
use serde_json::json;

use crate::diag::Diagnostics;
use crate::migrate::Migration;
use crate::source::SourceMap;

use super::Look;
use super::diag::diagnostic_json;
use super::paint::Paint;
use super::paint::Tone;

/// The version of the document.
const FORMAT: &str = "1.0";

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Draws what a migration came to.
///
/// # Errors
/// If the writer fails.
pub fn human(out: &mut dyn fmt::Write, found: &Migration, look: Look) -> fmt::Result {
    let paint = Paint::of(look);
    let would = if found.is_dry { "Would write " } else { "Wrote " };
    let left = match found.left {
        0 => String::new(),
        1 => "; 1 block stays as a comment".to_owned(),
        number => format!("; {number} blocks stay as comments"),
    };
    let text = format!(
        "{would}{} with {}{left}.",
        count(found.files.len(), "file"),
        count(found.converted, "converted resource"),
    );
    writeln!(out, "{}\n", paint.tone(Tone::Strong, &text))?;
    let width = found.files.iter().map(|file| file.to.chars().count()).max().unwrap_or(0);
    for file in &found.files {
        let from = match &file.from {
            Some(from) => format!("from {from}"),
            None => "new".to_owned(),
        };
        writeln!(out, "  {:width$}   {}", file.to, paint.tone(Tone::Faint, &from))?;
    }
    match &found.state {
        Some(state) => {
            let takes = if found.is_dry { "Would take" } else { "Took" };
            let text = format!(
                "{takes} {} and {} over from {}.",
                count(state.objects, "object"),
                count(state.outputs, "output"),
                state.from
            );
            writeln!(out, "\n{}", paint.tone(Tone::Strong, &text))?;
            if !state.left.is_empty() {
                writeln!(out)?;
            }
            for left in &state.left {
                let objects = if left.objects == 1 { String::new() } else { format!("   {}", left.objects) };
                writeln!(out, "  {}{objects}   {}", left.address, paint.tone(Tone::Faint, left.why))?;
            }
        }
        None => writeln!(
            out,
            "\nNo state: there is no terraform.tfstate here. With a backend, give what `terraform state pull` prints: --state=FILE."
        )?,
    }
    writeln!(out, "\nNext:")?;
    if !found.notes.is_empty() {
        writeln!(out, "  - look at the warnings, and at the comments in the files")?;
    }
    if found.is_dry {
        return writeln!(out, "  - leave out `--dry-run`; Terraform's files and its state are only read");
    }
    writeln!(out, "  - `queueform validate` checks the configuration")?;
    if found.state.is_some() {
        writeln!(
            out,
            "  - `queueform plan --emulate=state` rehearses it against emulators filled from the state"
        )?;
    }
    writeln!(out, "  - `queueform plan` compares it with the service: there should be no changes")?;
    writeln!(out, "  - then take the objects out of Terraform's state, so that only one of both manages them")
}

/// Returns what a migration came to.
#[must_use]
pub fn document(found: &Migration) -> Json {
    json!({
        "format_version": FORMAT,
        "queueform_version": env!("CARGO_PKG_VERSION"),
        "written": !found.is_dry,
        "converted": found.converted,
        "left": found.left,
        "files": found
            .files
            .iter()
            .map(|file| json!({ "from": file.from, "to": file.to, "text": file.text }))
            .collect::<Vec<_>>(),
        "state": found.state.as_ref().map(|state| json!({
            "from": state.from,
            "objects": state.objects,
            "outputs": state.outputs,
            "left": state
                .left
                .iter()
                .map(|left| json!({ "address": left.address, "objects": left.objects, "reason": left.why }))
                .collect::<Vec<_>>(),
        })),
        "diagnostics": diagnostics(&found.notes, &found.sources),
    })
}

/// Returns why there is nothing.
#[must_use]
pub fn failed(found: &Diagnostics, sources: &SourceMap) -> Json {
    json!({
        "format_version": FORMAT,
        "queueform_version": env!("CARGO_PKG_VERSION"),
        "written": false,
        "diagnostics": diagnostics(found, sources),
    })
}

fn diagnostics(found: &Diagnostics, sources: &SourceMap) -> Vec<Json> {
    found.iter().map(|one| diagnostic_json(one, sources)).collect()
}
