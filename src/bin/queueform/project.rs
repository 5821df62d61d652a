//! From arguments to a project that is ready to be worked on.

use std::io;
use std::io::BufRead as _;
use std::sync::Arc;

use queueform::config::VariableInput;
use queueform::ops::project;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;

use crate::args::Emulate;
use crate::args::Variables;
use crate::session::Session;

/// Opens the project of the working directory, asking for variables without a value. What is wrong is
/// reported; with errors there is no project.
pub(crate) fn open(
    session: &Session<'_>,
    variables: &Variables,
    parallelism: Option<u64>,
) -> io::Result<Option<Project>> {
    let mut options = ProjectOptions {
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
    };
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
    let failed = opened.diagnostics.has_errors();
    if let Some(found) = &opened.output {
        session.report(&opened.diagnostics, &(&found.sources, &*found.registry))?;
    } else {
        session.report(&opened.diagnostics, &queueform::source::SourceMap::new())?;
    }
    Ok(if failed { None } else { opened.output })
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
