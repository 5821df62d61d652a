//! From arguments to a project that is ready to be worked on.

use std::io;
use std::io::BufRead as _;
use std::sync::Arc;

use queueform::config::VariableInput;
use queueform::diag::Checked;
use queueform::ops::place::Place;
use queueform::ops::project;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::source::SourceMap;

use crate::args::Emulate;
use crate::args::Variables;
use crate::session::Session;
use crate::teller::Teller;

/// Opens the project of the working directory, asking for variables without a value. What is wrong is
/// told; with errors there is no project.
pub(crate) fn open(
    session: &Session<'_>,
    teller: &Teller<'_>,
    variables: &Variables,
    parallelism: Option<u64>,
) -> io::Result<Option<Project>> {
    open_with(session, teller, options(session, variables, parallelism))
}

/// Opens a project as [`open`] does, with these options.
pub(crate) fn open_with(
    session: &Session<'_>,
    teller: &Teller<'_>,
    mut options: ProjectOptions,
) -> io::Result<Option<Project>> {
    let mut opened = Project::open(options.clone());
    if teller.may_ask()
        && !opened.diagnostics.has_errors()
        && let Some(found) = &opened.output
        && !found.variables.missing.is_empty()
    {
        for name in &found.variables.missing {
            let variable = found.config.root.variables.get(name);
            let description = variable.and_then(|variable| variable.description.as_deref());
            let is_secret = variable.is_some_and(|variable| variable.sensitive);
            let text = ask(session, name, description, is_secret)?;
            options.arguments.push(VariableInput::Text { name: name.to_string(), text });
        }
        opened = Project::open(options);
    }
    usable(teller, opened)
}

/// Returns what a project is opened with.
pub(crate) fn options(
    session: &Session<'_>,
    variables: &Variables,
    parallelism: Option<u64>,
) -> ProjectOptions {
    ProjectOptions {
        environment: Arc::new(session.host.provider_environment()),
        variables: session.host.input_variables(),
        arguments: variables.inputs.clone(),
        emulate: match session.global.emulate {
            None => project::Emulate::No,
            Some(Emulate::Fresh) => project::Emulate::Fresh,
            Some(Emulate::State) => project::Emulate::State,
        },
        workspace: session.workspace(),
        lock: session.global.lock,
        lock_timeout: session.global.lock_timeout,
        parallelism: parallelism.and_then(|number| usize::try_from(number).ok()),
        ..ProjectOptions::default()
    }
}

/// Tells what was found while a project was opened, and returns it if it can be worked with.
pub(crate) fn usable(teller: &Teller<'_>, opened: Checked<Project>) -> io::Result<Option<Project>> {
    let failed = opened.diagnostics.has_errors();
    match &opened.output {
        Some(found) => teller.report(&opened.diagnostics, &(&found.sources, &*found.registry))?,
        None => teller.report(&opened.diagnostics, &SourceMap::new())?,
    }
    let mut found = if failed { None } else { opened.output };
    if let Some(found) = &mut found {
        teller.watch(found);
    }
    Ok(found)
}

/// Finds the state of the working directory; what is wrong is reported.
pub(crate) fn place(session: &Session<'_>) -> io::Result<Option<Place>> {
    match Place::find(options(session, &Variables::default(), None).place()) {
        Ok(place) => Ok(Some(place)),
        Err(found) => {
            session.report(&found, &SourceMap::new())?;
            Ok(None)
        }
    }
}

/// Asks for the value of a variable.
fn ask(session: &Session<'_>, name: &str, description: Option<&str>, is_secret: bool) -> io::Result<String> {
    session.say(&format!("var.{name}\n"))?;
    if let Some(description) = description {
        session.say(&format!("  {description}\n"))?;
    }
    session.say("\n  Enter a value: ")?;
    let mut line = String::new();
    if is_secret {
        line = console::Term::stderr().read_secure_line()?;
    } else {
        io::stdin().lock().read_line(&mut line)?;
    }
    session.say("\n")?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
