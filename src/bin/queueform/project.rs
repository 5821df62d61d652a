//! From arguments to a project that is ready to be worked on.

use std::io;
use std::io::BufRead as _;
use std::sync::Arc;

use queueform::config::VariableInput;
use queueform::diag::Checked;
use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::ops::place::Place;
use queueform::ops::project;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::source::SourceMap;

use crate::args::Emulate;
use crate::args::Variables;
use crate::exit::Exit;
use crate::session::Session;

/// Opens the project of the working directory, asking for variables without a value. What is wrong is
/// reported; with errors there is no project.
pub(crate) fn open(
    session: &Session<'_>,
    variables: &Variables,
    parallelism: Option<u64>,
) -> io::Result<Option<Project>> {
    let mut options = options(session, variables, parallelism);
    let mut opened = Project::open(options.clone());
    if session.may_ask()
        && !opened.diagnostics.has_errors()
        && let Some(found) = &opened.output
        && !found.variables.missing.is_empty()
    {
        for name in &found.variables.missing {
            let description =
                found.config.root.variables.get(name).and_then(|variable| variable.description.as_deref());
            let text = ask(session, name, description)?;
            options.arguments.push(VariableInput::Text { name: name.to_string(), text });
        }
        opened = Project::open(options);
    }
    usable(session, opened)
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

/// Reports what was found while a project was opened, and returns it if it can be worked with.
pub(crate) fn usable(session: &Session<'_>, opened: Checked<Project>) -> io::Result<Option<Project>> {
    let failed = opened.diagnostics.has_errors();
    match &opened.output {
        Some(found) => session.report(&opened.diagnostics, &(&found.sources, &*found.registry))?,
        None => session.report(&opened.diagnostics, &SourceMap::new())?,
    }
    Ok(if failed { None } else { opened.output })
}

/// Reports why something with a project failed.
pub(crate) fn failed(session: &Session<'_>, project: &Project, found: &Diagnostics) -> io::Result<Exit> {
    session.report(found, &(&project.sources, &*project.registry))?;
    let interrupted = found.iter().any(|item| item.code == Code::Interrupted);
    Ok(if interrupted { Exit::Interrupted } else { Exit::Error })
}

/// Finds the state of the working directory; what is wrong is reported.
pub(crate) fn place(session: &Session<'_>) -> io::Result<Option<Place>> {
    match Place::find(options(session, &Variables::default(), None).place()) {
        Ok(place) => Ok(Some(place)),
        Err(found) => {
            session.report_one(found)?;
            Ok(None)
        }
    }
}

/// Asks for the value of a variable.
fn ask(session: &Session<'_>, name: &str, description: Option<&str>) -> io::Result<String> {
    session.say(&format!("var.{name}\n"))?;
    if let Some(description) = description {
        session.say(&format!("  {description}\n"))?;
    }
    session.say("\n  Enter a value: ")?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    session.say("\n")?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
