//! `console`

use std::io;
use std::io::BufRead as _;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::console::Console;
use queueform::ops::console::ConsoleOptions;
use queueform::ops::console::Evaluated;
use queueform::ops::console::Evaluator;
use queueform::render::console;
use serde_json::Value as Json;

use crate::args::ConsoleArgs;
use crate::exit::Exit;
use crate::session::Session;

/// Evaluates the expressions on standard input.
pub(crate) fn run(session: &Session<'_>, args: &ConsoleArgs) -> io::Result<Exit> {
    let opened = Console::open(&ConsoleOptions {
        load: session.load_options(&args.variables),
        workspace: session.workspace(),
        home: session.host.variable("HOME").map(str::to_owned),
    });
    if !opened.diagnostics.is_empty() {
        session.report(&opened.diagnostics, &(&opened.sources, &opened.registry))?;
    }
    if opened.diagnostics.has_errors() {
        session.say("Expressions may give unexpected results because of these errors.\n\n")?;
    }
    let mut evaluator = opened.evaluator();
    let mut exit = Exit::Success;
    let mut lines = io::stdin().lock().lines();
    loop {
        prompt(session, args, "> ")?;
        let Some(line) = lines.next() else { break };
        let mut text = line?;
        if args.json_input {
            match serde_json::from_str::<String>(&text) {
                Ok(inner) => text = inner,
                Err(error) => {
                    let found = Diagnostic::error(Code::Usage, "the line is not one JSON string");
                    let found = found.detail(error.to_string()).into();
                    session.print(&format!("{}\n", console::error_json(&found)))?;
                    continue;
                }
            }
        } else {
            if text.trim().is_empty() {
                continue;
            }
            if text.trim() == "exit" {
                break;
            }
            while !args.json && Evaluator::is_unfinished(&text) {
                prompt(session, args, ": ")?;
                let Some(more) = lines.next() else { break };
                text.push('\n');
                text.push_str(&more?);
            }
        }
        if args.json {
            session.print(&format!("{}\n", json(&mut evaluator, &text)))?;
        } else if !text_result(session, &mut evaluator, &text)? {
            exit = Exit::Error;
        }
    }
    let interactive = session.host.stdin_is_terminal;
    Ok(if interactive { Exit::Success } else { exit })
}

fn prompt(session: &Session<'_>, args: &ConsoleArgs, text: &str) -> io::Result<()> {
    if session.host.stdin_is_terminal && !args.json { session.print(text) } else { Ok(()) }
}

fn json(evaluator: &mut Evaluator<'_>, text: &str) -> Json {
    match evaluator.evaluate(text) {
        Ok(Evaluated::Value(value)) => console::value_json(&value).unwrap_or_else(|error| {
            let found = Diagnostic::error(Code::OperationFailed, "the value cannot be written as JSON");
            console::error_json(&found.detail(error.to_string()).into())
        }),
        Ok(Evaluated::Type(ty)) => console::type_value_json(&console::type_text(&ty)),
        Ok(Evaluated::TypeOfType) => console::type_value_json("type"),
        Err(found) => console::error_json(&found),
    }
}

/// Prints the value of an expression, or what is wrong with it; returns whether it had a value.
fn text_result(session: &Session<'_>, evaluator: &mut Evaluator<'_>, text: &str) -> io::Result<bool> {
    match evaluator.evaluate(text) {
        Ok(Evaluated::Value(value)) => session.print(&format!("{}\n", console::value_text(&value)))?,
        Ok(Evaluated::Type(ty)) => session.print(&format!("{}\n", console::type_text(&ty)))?,
        Ok(Evaluated::TypeOfType) => session.print("type\n")?,
        Err(found) => {
            session.report(&found, evaluator.sources())?;
            return Ok(false);
        }
    }
    Ok(true)
}
