//! `fmt`

use std::io;
use std::io::Read as _;

use queueform::ops::fmt;
use queueform::ops::fmt::FmtOptions;
use queueform::ops::fmt::FormattedFile;
use queueform::render::text_diff;

use crate::args::FmtArgs;
use crate::exit::Exit;
use crate::session::Session;

/// Formats files, or standard input.
pub(crate) fn run(session: &Session<'_>, args: &FmtArgs) -> io::Result<Exit> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return standard_input(session, args);
    }
    let options =
        FmtOptions { paths: args.paths.clone(), recursive: args.recursive, write: args.write && !args.check };
    let result = fmt::fmt(&options);
    let mut text = String::new();
    for file in &result.changed {
        if args.list {
            text.push_str(&file.name);
            text.push('\n');
        }
        if args.diff {
            text.push_str(&diff(session, file)?);
        }
    }
    session.print(&text)?;
    session.report(&result.diagnostics, &result.sources)?;
    Ok(match (result.diagnostics.has_errors(), args.check && !result.changed.is_empty()) {
        (true, _) => Exit::Error,
        (false, true) => Exit::Unformatted,
        (false, false) => Exit::Success,
    })
}

fn standard_input(session: &Session<'_>, args: &FmtArgs) -> io::Result<Exit> {
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    let result = fmt::fmt_text("<stdin>", &text);
    session.report(&result.diagnostics, &result.sources)?;
    if result.diagnostics.has_errors() {
        return Ok(Exit::Error);
    }
    let changed = result.changed.first();
    if args.diff {
        if let Some(file) = changed {
            session.print(&diff(session, file)?)?;
        }
    } else if !args.check {
        let mut formatted = changed.map_or(text, |file| file.after.clone());
        if !formatted.is_empty() && !formatted.ends_with('\n') {
            formatted.push('\n');
        }
        session.print(&formatted)?;
    }
    Ok(if args.check && changed.is_some() { Exit::Unformatted } else { Exit::Success })
}

fn diff(session: &Session<'_>, file: &FormattedFile) -> io::Result<String> {
    let mut out = String::new();
    text_diff::unified(&mut out, &file.name, &file.before, &file.after, session.look())
        .map_err(io::Error::other)?;
    Ok(out)
}
