//! `action run`: what becomes of the results

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::path::Path;

use queueform::addr::InstanceAddr;
use queueform::addr::Target;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::plan::Planned;
use queueform::ops::project::Project;
use queueform::schema::ResourceKind;
use queueform::schema::ResourceSchema;
use queueform::value::Value;
use queueform::value::to_json;

use crate::args::ActionRunArgs;
use crate::args::ResultFormat;
use crate::exit::Exit;
use crate::session::Session;

fn kind(addr: &Target) -> Option<&str> {
    match addr {
        Target::Module(_) => None,
        Target::Resource(resource) => Some(&resource.kind),
        Target::Instance(instance) => Some(&instance.resource.kind),
    }
}

/// Returns whether an action changes nothing.
pub(super) fn only_reads(project: &Project, addr: &Target) -> bool {
    let schema = kind(addr).and_then(|kind| project.registry.resource(ResourceKind::Action, kind));
    schema.is_some_and(|schema| schema.only_reads())
}

/// Prints the results of a run, and writes them to the file that was asked for.
pub(crate) fn tell(
    session: &Session<'_>,
    project: &Project,
    args: &ActionRunArgs,
    results: &BTreeMap<InstanceAddr, Value>,
    exit: Exit,
) -> io::Result<Exit> {
    let schema = kind(&args.addr).and_then(|kind| project.registry.resource(ResourceKind::Action, kind));
    let Some(schema) = schema else { return Ok(exit) };
    let mut all = serde_json::Map::new();
    for (addr, value) in results {
        all.insert(addr.to_string(), shown(&schema, value, false));
    }
    if !args.consent.json && !all.is_empty() {
        session.print(&format!("{:#}\n", serde_json::Value::Object(all)))?;
    }
    if let Some(path) = &args.out_file {
        let text = text_of(&schema, args, path, results);
        if let Err(error) = write(path, &text) {
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
    let mut known = BTreeMap::new();
    for change in planned.plan.changes.iter().filter(|change| args.addr.contains(&change.addr)) {
        let instance = planned.state.instance(&change.addr).and_then(|found| found.current.as_ref());
        let at = instance.and_then(|object| object.invoked_at()).unwrap_or("an earlier time");
        session.say(&format!("{}: already run at {at}; use `--again` to run it again\n", change.addr))?;
        known.extend(change.after.clone().map(|value| (change.addr.clone(), value)));
    }
    tell(session, project, args, &known, Exit::Success)
}

/// The results of a run as JSON; secrets only where they are asked for.
fn shown(schema: &ResourceSchema, value: &Value, secrets: bool) -> serde_json::Value {
    let results = schema.attributes.iter().filter(|attribute| !attribute.mode.is_settable());
    let entries = results.map(|attribute| {
        let part = value.get(&attribute.name).cloned().unwrap_or_else(Value::null);
        (attribute.name.to_string(), json(part, secrets))
    });
    serde_json::Value::Object(entries.collect())
}

fn json(value: Value, secrets: bool) -> serde_json::Value {
    let (plain, marks) = value.unmark_deep();
    if marks.is_sensitive() && !secrets && !plain.is_null() {
        return "(sensitive value)".into();
    }
    to_json(&plain).unwrap_or(serde_json::Value::Null)
}

fn text_of(
    schema: &ResourceSchema,
    args: &ActionRunArgs,
    path: &Path,
    results: &BTreeMap<InstanceAddr, Value>,
) -> String {
    let lines = path.extension().is_some_and(|end| end == "ndjson" || end == "jsonl");
    let lines = args.format.map_or(lines, |format| format == ResultFormat::Ndjson);
    let rows = schema.invocation.as_ref().and_then(|invocation| invocation.rows.clone());
    let mut text = String::new();
    for value in results.values() {
        let row = rows.as_ref().and_then(|rows| value.get(rows)).cloned();
        match row.filter(|_| lines).map(|row| json(row, true)) {
            Some(serde_json::Value::Array(elements)) => {
                for element in elements {
                    text.push_str(&format!("{element}\n"));
                }
            }
            _ if lines => text.push_str(&format!("{}\n", shown(schema, value, true))),
            _ => text.push_str(&format!("{:#}\n", shown(schema, value, true))),
        }
    }
    text
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
