//! `action run`: what becomes of the results

use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::path::Path;

use queueform::addr::Target;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::action;
use queueform::ops::action::Results;
use queueform::ops::plan::Planned;
use queueform::ops::project::Project;

use crate::args::ActionRunArgs;
use crate::args::ResultFormat;
use crate::exit::Exit;
use crate::session::Session;

/// Returns whether an action changes nothing.
pub(super) fn only_reads(project: &Project, addr: &Target) -> bool {
    action::schema(&project.registry, addr).is_some_and(|schema| schema.only_reads())
}

/// Prints the results of a run, and writes them to the file that was asked for.
pub(crate) fn tell(
    session: &Session<'_>,
    project: &Project,
    args: &ActionRunArgs,
    results: &Results,
    exit: Exit,
) -> io::Result<Exit> {
    let Some(schema) = action::schema(&project.registry, &args.addr) else { return Ok(exit) };
    let all = action::shown(&schema, results);
    if !args.consent.json && !all.is_empty() {
        session.print(&format!("{:#}\n", serde_json::Value::Object(all)))?;
    }
    if let Some(path) = &args.out_file {
        let lines = path.extension().is_some_and(|end| end == "ndjson" || end == "jsonl");
        let lines = args.format.map_or(lines, |format| format == ResultFormat::Ndjson);
        if let Err(error) = write(path, &action::file_text(&schema, results, lines)) {
            let found = Diagnostic::error(Code::FileAccess, format!("cannot write `{}`", path.display()));
            let hint = "the action was run; run it again with `--again` for another file";
            session.report_one(found.detail(error.to_string()).hint(hint))?;
            return Ok(Exit::Error);
        }
    }
    Ok(exit)
}

/// Says that a run with the same arguments is recorded, and prints its results.
pub(crate) fn recorded(
    session: &Session<'_>,
    project: &Project,
    args: &ActionRunArgs,
    planned: &Planned,
) -> io::Result<Exit> {
    let known = action::recorded(planned, &args.addr);
    for (addr, at) in &known.at {
        let at = at.as_deref().unwrap_or("an earlier time");
        session.say(&format!("{addr}: already run at {at}; use `--again` to run it again\n"))?;
    }
    tell(session, project, args, &known.results, Exit::Success)
}

/// Results may hold contents of messages: the file is for its owner alone.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
