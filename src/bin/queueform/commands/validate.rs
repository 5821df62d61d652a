//! `validate`

use std::io;

use queueform::ops::validate;
use queueform::render::diag;

use crate::args::ValidateArgs;
use crate::exit::Exit;
use crate::session::Session;

/// Checks the configuration.
pub(crate) fn run(session: &Session<'_>, args: &ValidateArgs) -> io::Result<Exit> {
    let options = session.load_options(&args.variables);
    let mut result = validate::validate(&options, session.host.variable("HOME"));
    if !args.no_tests {
        result.check_tests(&options, &args.test_directory);
    }
    let sources = (&result.sources, &result.registry);
    let failed = result.diagnostics.has_errors();
    if args.json {
        let document = diag::validation_json(&result.diagnostics, &sources);
        session.print(&format!("{document:#}\n"))?;
    } else {
        session.report(&result.diagnostics, &sources)?;
        if !failed {
            let and = if result.diagnostics.is_empty() { "" } else { ", with warnings" };
            session.print(&format!("The configuration is valid{and}.\n"))?;
        }
    }
    Ok(if failed { Exit::Error } else { Exit::Success })
}
