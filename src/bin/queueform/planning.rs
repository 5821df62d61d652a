//! From the options of planning to what is asked of the planner.

use std::io;
use std::path::PathBuf;

use queueform::addr::Pattern;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::addresses::AddressFiles;
use queueform::plan::PlanMode;
use queueform::plan::PlanOptions;
use queueform::plan::Refresh;

use crate::args::PlanningArgs;
use crate::args::RefreshMode;
use crate::teller::Teller;

/// The option that chooses by a file.
const TARGET_FILE: &str = "--target-file";

/// Returns what was asked for; nothing if a file of addresses cannot be used, which is told.
pub(crate) fn options(
    teller: &Teller<'_>,
    args: &PlanningArgs,
    mode: Option<PlanMode>,
) -> io::Result<Option<PlanOptions>> {
    let Some(targets) = chosen(teller, &args.target, &args.target_file, TARGET_FILE)? else {
        return Ok(None);
    };
    let Some(excludes) = chosen(teller, &args.exclude, &args.exclude_file, "--exclude-file")? else {
        return Ok(None);
    };
    Ok(Some(PlanOptions {
        mode: match (mode, args.refresh_only) {
            (Some(mode), _) => mode,
            (None, true) => PlanMode::RefreshOnly,
            (None, false) => PlanMode::Normal,
        },
        refresh: match args.refresh {
            RefreshMode::True => Refresh::All,
            RefreshMode::Touched => Refresh::Touched,
            RefreshMode::False => Refresh::None,
        },
        targets,
        excludes,
        replace: args.replace.iter().cloned().collect(),
        assert: args.assert.clone(),
        allow_data_loss: args.allow_data_loss.clone(),
        imports: Vec::new(),
        configure: std::collections::BTreeSet::new(),
        allow_deletes: args.allow_deletes,
        confirm: args.confirm.clone(),
        invoke: args.invoke.clone(),
        again: false,
        undo: None,
        wait_drain: args.wait_drain,
    }))
}

/// Returns addresses that are given one by one and in files.
fn chosen(
    teller: &Teller<'_>,
    single: &[Pattern],
    paths: &[PathBuf],
    option: &str,
) -> io::Result<Option<Vec<Pattern>>> {
    let mut files = AddressFiles::default();
    for path in paths {
        let before = files.patterns.len();
        files.read(path);
        let is_target = option == TARGET_FILE;
        if is_target && files.patterns.len() == before && !files.diagnostics.has_errors() {
            // Nothing to choose from is not the choice of everything.
            files.diagnostics.push(
                Diagnostic::error(Code::InvalidTarget, format!("`{}` names no address", path.display()))
                    .hint(format!("leave out `{option}`, or write one address a line")),
            );
        }
    }
    if files.diagnostics.has_errors() {
        teller.report(&files.diagnostics, &files.sources)?;
        return Ok(None);
    }
    Ok(Some(single.iter().cloned().chain(files.patterns).collect()))
}

/// Options of planning that say nothing about a command: with one of them, something else was meant.
pub(crate) const NOT_OF_DESTROY: &[&str] = &["--refresh-only", "--replace", "--assert", "--invoke"];
/// As [`NOT_OF_DESTROY`].
pub(crate) const NOT_OF_REFRESH: &[&str] = &[
    "--replace",
    "--assert",
    "--allow-data-loss",
    "--allow-deletes",
    "--confirm",
    "--invoke",
    "--wait-drain",
];
/// As [`NOT_OF_DESTROY`].
pub(crate) const NOT_OF_ACTIONS: &[&str] =
    &["--refresh-only", "--replace", "--target", TARGET_FILE, "--exclude", "--exclude-file"];

/// Refuses options that contradict a command; returns whether there was one.
pub(crate) fn refuse(
    teller: &Teller<'_>,
    command: &str,
    args: &PlanningArgs,
    not: &[&str],
) -> io::Result<bool> {
    let Some(name) = decisive(args).into_iter().find(|name| not.contains(name)) else { return Ok(false) };
    let found = Diagnostic::error(Code::Usage, format!("`{command}` and `{name}` contradict each other"));
    teller.report_one(found.hint(format!("leave `{name}` out, or use `queueform apply {name}`")))?;
    Ok(true)
}

/// The options among these that are given and decide what a plan does: a saved plan has its own.
pub(crate) fn decisive(args: &PlanningArgs) -> Vec<&'static str> {
    let given = [
        ("--refresh-only", args.refresh_only),
        ("--refresh", args.refresh != RefreshMode::True),
        ("--replace", !args.replace.is_empty()),
        ("--assert", !args.assert.is_empty()),
        ("--target", !args.target.is_empty()),
        (TARGET_FILE, !args.target_file.is_empty()),
        ("--exclude", !args.exclude.is_empty()),
        ("--exclude-file", !args.exclude_file.is_empty()),
        ("--allow-data-loss", !args.allow_data_loss.is_empty()),
        ("--allow-deletes", args.allow_deletes.is_some()),
        ("--confirm", !args.confirm.is_empty()),
        ("--invoke", !args.invoke.is_empty()),
        ("--wait-drain", args.wait_drain.is_some()),
    ];
    given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
}
