//! Lines that are typed at a terminal, with editing, history and completion.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::PathBuf;

use queueform::ops::console::Evaluator;
use rustyline::CompletionType;
use rustyline::Config;
use rustyline::Context;
use rustyline::Editor;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::ValidationContext;
use rustyline::validate::ValidationResult;
use rustyline::validate::Validator;

/// How many entries the history keeps.
const KEPT: usize = 1_000;

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// An expression or a command, possibly of several lines.
    Text(String),
    /// Ctrl-C: what was being typed is dropped.
    Cancelled,
    /// Ctrl-D: nothing more comes.
    End,
}

/// Reads what is typed.
pub(crate) struct LineEditor<'e, 'c> {
    editor: Editor<Words<'e, 'c>, FileHistory>,
    history: Option<PathBuf>,
}

impl<'e, 'c> LineEditor<'e, 'c> {
    /// Gets ready; what was typed in earlier sessions comes from a file, if it can be read.
    ///
    /// # Errors
    /// If the terminal cannot be used.
    pub(crate) fn new(evaluator: &'e RefCell<Evaluator<'c>>, history: Option<PathBuf>) -> io::Result<Self> {
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .auto_add_history(false)
            .bracketed_paste(true)
            .history_ignore_space(true)
            .max_history_size(KEPT)
            .map_err(failed)?
            .build();
        let mut editor = Editor::with_config(config).map_err(failed)?;
        editor.set_helper(Some(Words { evaluator }));
        // A history that cannot be kept is no reason to fail.
        let history =
            history.filter(|path| path.parent().is_some_and(|above| fs::create_dir_all(above).is_ok()));
        if let Some(path) = &history {
            editor.load_history(path).ok();
        }
        Ok(Self { editor, history })
    }

    /// Reads the next text.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(crate) fn read(&mut self, prompt: &str) -> io::Result<Typed> {
        match self.editor.readline(prompt) {
            Ok(text) => {
                if !text.trim().is_empty()
                    && self.editor.add_history_entry(text.as_str()).is_ok_and(|added| added)
                    && let Some(path) = &self.history
                {
                    // Added at once, so that sessions side by side do not overwrite each other's.
                    self.editor.append_history(path).ok();
                }
                Ok(Typed::Text(text))
            }
            Err(ReadlineError::Interrupted) => Ok(Typed::Cancelled),
            Err(ReadlineError::Eof) => Ok(Typed::End),
            Err(error) => Err(failed(error)),
        }
    }
}

fn failed(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::Io(error) => error,
        error => io::Error::other(error),
    }
}

/// What the editor asks about the text: whether it goes on, and what may stand in it.
struct Words<'e, 'c> {
    evaluator: &'e RefCell<Evaluator<'c>>,
}

impl rustyline::Helper for Words<'_, '_> {}

impl Highlighter for Words<'_, '_> {}

impl Hinter for Words<'_, '_> {
    type Hint = String;
}

impl Validator for Words<'_, '_> {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let unfinished = Evaluator::is_unfinished(context.input());
        Ok(if unfinished { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Completer for Words<'_, '_> {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let found = self.evaluator.borrow().complete(line, cursor);
        Ok((found.start, found.candidates))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use queueform::config::LoadOptions;
    use queueform::ops::console::Console;
    use queueform::ops::console::ConsoleOptions;
    use queueform::ops::place::PlaceOptions;
    use rustyline::history::DefaultHistory;

    fn console() -> Console {
        let directory = tempfile::tempdir().unwrap();
        Console::open(&ConsoleOptions {
            load: LoadOptions {
                directory: directory.path().to_path_buf(),
                environment: Vec::new(),
                arguments: Vec::new(),
                emulate: false,
                ..LoadOptions::default()
            },
            place: PlaceOptions::of_directory(directory.path()),
            home: None,
        })
    }

    #[test]
    fn the_history_is_private_and_keeps_texts_of_several_lines() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state/queueform/console_history");
        let console = console();
        let evaluator = RefCell::new(console.evaluator());
        {
            let mut editor = LineEditor::new(&evaluator, Some(path.clone())).unwrap();
            for text in ["1 + 1", "[\n  1,\n]", "1 + 1"] {
                editor.editor.add_history_entry(text).unwrap();
                editor.editor.append_history(&path).unwrap();
            }
        }
        let editor = LineEditor::new(&evaluator, Some(path.clone())).unwrap();
        let kept: Vec<&str> = editor.editor.history().iter().map(String::as_str).collect();
        assert_eq!(kept, ["1 + 1", "[\n  1,\n]", "1 + 1"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
        }
    }

    #[test]
    fn candidates_come_with_their_place() {
        let console = console();
        let evaluator = RefCell::new(console.evaluator());
        let words = Words { evaluator: &evaluator };
        let history = DefaultHistory::new();
        let found = words.complete("1 + cidrsub", 11, &Context::new(&history)).unwrap();
        assert_eq!(found, (4, vec!["cidrsubnet(".to_owned(), "cidrsubnets(".to_owned()]));
    }
}
