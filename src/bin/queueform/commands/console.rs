//! `console`

use std::cell::RefCell;
use std::io;
use std::io::BufRead as _;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::console;
use queueform::ops::console::Console;
use queueform::ops::console::ConsoleOptions;
use queueform::ops::console::Evaluated;
use queueform::ops::console::Evaluator;
use queueform::render::console as view;
use serde_json::Value as Json;

use crate::args::ConsoleArgs;
use crate::exit::Exit;
use crate::line_editor::LineEditor;
use crate::line_editor::Typed;
use crate::project;
use crate::session::Session;

const HELP: &str = "\
Type an expression to see its value, such as `var.name` or `length(local.topics)`.
Open brackets and heredocs go on in the next line. Values of resources come from the
state; nothing is changed and no service is called.

  Tab           completes names of variables, resources, attributes, keys and functions
  Up, Ctrl-R    what was typed before
  Ctrl-C        drops what is being typed
  type(…)       the type of a value
  :help NAME    what a function does
  exit, Ctrl-D  leaves
";

/// Evaluates expressions: typed at a terminal, or from standard input.
pub(crate) fn run(session: &Session<'_>, args: &ConsoleArgs) -> io::Result<Exit> {
    let opened = Console::open(&ConsoleOptions {
        load: session.load_options(&args.variables),
        place: project::options(session, &args.variables, None).place(),
        home: session.host.variable("HOME").map(str::to_owned),
    });
    if !opened.diagnostics.is_empty() {
        session.report(&opened.diagnostics, &(&opened.sources, &opened.registry))?;
    }
    if opened.diagnostics.has_errors() {
        session.say("Expressions may give unexpected results because of these errors.\n\n")?;
    }
    let evaluator = RefCell::new(opened.evaluator());
    let is_terminal = session.host.stdin_is_terminal && session.host.stdout_is_terminal;
    if is_terminal && !args.json && !args.json_input {
        return typed(session, &evaluator);
    }
    piped(session, args, &mut evaluator.borrow_mut())
}

/// Reads from a terminal.
fn typed(session: &Session<'_>, evaluator: &RefCell<Evaluator<'_>>) -> io::Result<Exit> {
    let history = session.host.state_directory().map(|directory| directory.join("console_history"));
    let mut editor = LineEditor::new(evaluator, history)?;
    loop {
        let text = match editor.read("> ")? {
            Typed::Text(text) => text,
            Typed::Cancelled => continue,
            Typed::End => return Ok(Exit::Success),
        };
        match text.trim() {
            "" => {}
            "exit" | "quit" => return Ok(Exit::Success),
            "help" | ":help" | "?" => session.print(HELP)?,
            command if command.starts_with(':') => match command.strip_prefix(":help ") {
                Some(name) => match console::help(name.trim()) {
                    Ok(text) => session.print(&text)?,
                    Err(found) => session.report_one(found)?,
                },
                None => {
                    let found = Diagnostic::error(Code::Usage, format!("there is no command `{command}`"));
                    session.report_one(found.hint("type an expression, or `:help`"))?;
                }
            },
            _ => {
                text_result(session, &mut evaluator.borrow_mut(), &text)?;
            }
        }
    }
}

/// Reads standard input, an expression a line unless it is open at the end of one.
fn piped(session: &Session<'_>, args: &ConsoleArgs, evaluator: &mut Evaluator<'_>) -> io::Result<Exit> {
    let mut exit = Exit::Success;
    let mut lines = io::stdin().lock().lines();
    while let Some(line) = lines.next() {
        let mut text = line?;
        if args.json_input {
            match serde_json::from_str::<String>(&text) {
                Ok(inner) => text = inner,
                Err(error) => {
                    let found = Diagnostic::error(Code::Usage, "the line is not one JSON string");
                    let found = found.detail(error.to_string()).into();
                    session.print(&format!("{}\n", view::error_json(&found)))?;
                    continue;
                }
            }
        } else {
            match text.trim() {
                "" => continue,
                "exit" => break,
                _ => {}
            }
            while !args.json && Evaluator::is_unfinished(&text) {
                let Some(more) = lines.next() else { break };
                text.push('\n');
                text.push_str(&more?);
            }
        }
        if args.json {
            session.print(&format!("{}\n", json(evaluator, &text)))?;
        } else if !text_result(session, evaluator, &text)? {
            exit = Exit::Error;
        }
    }
    Ok(exit)
}

fn json(evaluator: &mut Evaluator<'_>, text: &str) -> Json {
    match evaluator.evaluate(text) {
        Ok(Evaluated::Value(value)) => view::value_json(&value).unwrap_or_else(|error| {
            let found = Diagnostic::error(Code::OperationFailed, "the value cannot be written as JSON");
            view::error_json(&found.detail(error.to_string()).into())
        }),
        Ok(Evaluated::Type(ty)) => view::type_value_json(&view::type_text(&ty)),
        Ok(Evaluated::TypeOfType) => view::type_value_json("type"),
        Err(found) => view::error_json(&found),
    }
}

/// Prints the value of an expression, or what is wrong with it; returns whether it had a value.
fn text_result(session: &Session<'_>, evaluator: &mut Evaluator<'_>, text: &str) -> io::Result<bool> {
    match evaluator.evaluate(text) {
        Ok(Evaluated::Value(value)) => session.print(&format!("{}\n", view::value_text(&value)))?,
        Ok(Evaluated::Type(ty)) => session.print(&format!("{}\n", view::type_text(&ty)))?,
        Ok(Evaluated::TypeOfType) => session.print("type\n")?,
        Err(found) => {
            session.report(&found, evaluator.sources())?;
            return Ok(false);
        }
    }
    Ok(true)
}
