//! `init`

use std::io;

use queueform::ops::init;
use queueform::source::SourceMap;

use crate::args::InitArgs;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;

/// Prepares a directory and says what is in it.
pub(crate) fn run(session: &Session<'_>, args: &InitArgs) -> io::Result<Exit> {
    let result = init::init(project::options(session, &args.variables, None));
    let failed = result.diagnostics.has_errors();
    let Some(found) = result.output else {
        session.report(&result.diagnostics, &SourceMap::new())?;
        return Ok(Exit::Error);
    };
    session.report(&result.diagnostics, &(&found.project.sources, &*found.project.registry))?;
    if failed {
        return Ok(Exit::Error);
    }
    let mut text =
        if found.created { "The directory is ready.\n" } else { "The directory was ready already.\n" }
            .to_owned();
    for (name, count) in &found.providers {
        text.push_str(&format!(
            "  provider {name}: {count} {}\n",
            if *count == 1 { "block" } else { "blocks" }
        ));
    }
    text.push_str(&format!("  state: {}\n\nNext:\n", found.state));
    for step in &found.next {
        text.push_str(&format!("  - {step}\n"));
    }
    session.print(&text)?;
    Ok(Exit::Success)
}
