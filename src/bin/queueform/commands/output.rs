//! `output`

use std::io;

use queueform::diag::Diagnostic;
use queueform::ops::output;
use queueform::ops::output::Outputs;
use queueform::render::console::value_text;
use queueform::render::events;
use queueform::render::json::shown;

use crate::args::OutputArgs;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;

/// Prints all outputs, or one.
pub(crate) fn run(session: &Session<'_>, args: &OutputArgs) -> io::Result<Exit> {
    let Some(place) = project::place(session)? else { return Ok(Exit::Error) };
    let text = output::outputs(&place).and_then(|outputs| text(&outputs, args));
    match text {
        Ok(text) => {
            session.print(&text)?;
            Ok(Exit::Success)
        }
        Err(found) => {
            session.report_one(found)?;
            Ok(Exit::Error)
        }
    }
}

fn text(outputs: &Outputs, args: &OutputArgs) -> Result<String, Diagnostic> {
    Ok(match (&args.name, args.json, args.raw) {
        (None, true, _) => format!("{:#}\n", outputs.json()?),
        (None, false, _) if outputs.is_empty() => "There are no outputs in the state.\n".to_owned(),
        (None, false, _) => {
            let mut text = String::new();
            // Writing to a string cannot fail.
            events::outputs(&mut text, outputs.all()).ok();
            text
        }
        (Some(name), _, true) => outputs.raw(name)?,
        (Some(name), true, false) => format!("{}\n", shown(&outputs.value(name)?)),
        (Some(name), false, false) => format!("{}\n", value_text(&outputs.value(name)?)),
    })
}
