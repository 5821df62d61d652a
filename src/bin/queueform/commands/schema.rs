//! `schema show` and `schema check`

use std::io;
use std::path::Path;

use queueform::ops::schema;
use queueform::render::diag::validation_json;
use queueform::render::schema as view;

use crate::args::SchemaCheckArgs;
use crate::args::SchemaShowArgs;
use crate::exit::Exit;
use crate::session::Session;

/// Lists all types, or shows one.
pub(crate) fn show(session: &Session<'_>, args: &SchemaShowArgs) -> io::Result<Exit> {
    let registry = schema::known(Path::new("."));
    let shown = match &args.type_name {
        Some(name) => schema::find(&registry, name, args.data).map(|found| {
            if args.json { format!("{:#}\n", view::type_json(&found)) } else { view::type_page(&found) }
        }),
        None => Ok({
            let all = schema::all(&registry);
            if args.json { format!("{:#}\n", view::list_json(&all)) } else { view::list(&all) }
        }),
    };
    match shown {
        Ok(text) => {
            session.print(&text)?;
            Ok(Exit::Success)
        }
        Err(diagnostic) => {
            session.report_one(diagnostic)?;
            Ok(Exit::Error)
        }
    }
}

/// Checks the schema files of a directory.
pub(crate) fn check(session: &Session<'_>, args: &SchemaCheckArgs) -> io::Result<Exit> {
    let checked = schema::check(&args.directory);
    if args.json {
        session.print(&format!("{:#}\n", validation_json(&checked.diagnostics, &checked.registry)))?;
    } else {
        session.report(&checked.diagnostics, &checked.registry)?;
        if !checked.diagnostics.has_errors() {
            let count = checked.files;
            session.print(&format!(
                "{count} schema {}: all rules hold\n",
                if count == 1 { "file" } else { "files" }
            ))?;
        }
    }
    Ok(if checked.diagnostics.has_errors() { Exit::Error } else { Exit::Success })
}
