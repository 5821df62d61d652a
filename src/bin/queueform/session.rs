//! One run of one command: what it was asked, where its output goes.

use std::io;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use queueform::config::LoadOptions;
use queueform::diag::Diagnostic;
use queueform::diag::Diagnostics;
use queueform::ops::modules::Installed;
use queueform::ops::workspace;
use queueform::render::Look;
use queueform::render::diag;
use queueform::render::diag::Sources;
use queueform::source::SourceMap;

use crate::args::Global;
use crate::args::Variables;
use crate::host::Host;
use crate::pager;

/// One run of one command. Data goes to standard output, everything else to standard error.
#[derive(Debug)]
pub(crate) struct Session<'h> {
    /// The process.
    pub(crate) host: &'h Host,
    /// The options that every command has.
    pub(crate) global: Global,
}

impl Session<'_> {
    /// Returns the look of standard output.
    pub(crate) fn look(&self) -> Look {
        self.look_of(self.host.stdout_is_terminal)
    }

    /// Returns the look of standard error.
    pub(crate) fn error_look(&self) -> Look {
        self.look_of(self.host.stderr_is_terminal)
    }

    fn look_of(&self, terminal: bool) -> Look {
        let refused = self.global.no_color
            || self.host.variable("NO_COLOR").is_some()
            || self.host.variable("TERM") == Some("dumb");
        Look { colour: terminal && !refused, width: self.host.width() }
    }

    /// Returns where the configuration comes from.
    pub(crate) fn load_options(&self, variables: &Variables) -> LoadOptions {
        LoadOptions {
            directory: ".".into(),
            environment: self.host.input_variables(),
            arguments: variables.inputs.clone(),
            emulate: self.global.emulate.is_some(),
            workspace: self.workspace(),
            modules: Some(Arc::new(Installed::of(Path::new(".")))),
            placeholders: false,
        }
    }

    /// Returns true if somebody is there to be asked.
    pub(crate) fn may_ask(&self) -> bool {
        let refused = self.host.variable("QF_INPUT").is_some_and(|value| matches!(value, "0" | "false"));
        self.global.input && !refused && self.host.stdin_is_terminal
    }

    /// Returns the name of the workspace.
    pub(crate) fn workspace(&self) -> String {
        self.forced_workspace().unwrap_or_else(|| workspace::chosen(Path::new(".")))
    }

    /// Returns the workspace that the environment names.
    pub(crate) fn forced_workspace(&self) -> Option<String> {
        self.host.variable("QF_WORKSPACE").map(str::to_owned)
    }

    /// Writes to standard output.
    ///
    /// # Errors
    /// If nobody reads it any more.
    #[expect(clippy::unused_self, reason = "all output goes through the session, whichever stream it is")]
    pub(crate) fn print(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Writes a text that may be long to standard output: on a terminal through a pager, if it does not fit.
    ///
    /// # Errors
    /// If nobody reads it any more.
    pub(crate) fn print_long(&self, text: &str) -> io::Result<()> {
        match pager::wanted(self.host, self.global.no_pager, text) {
            // Without a pager it is printed as it is.
            Some(words) => pager::show(self.host, &words, text).or_else(|_error| self.print(text)),
            None => self.print(text),
        }
    }

    /// Writes a message to standard error.
    ///
    /// # Errors
    /// If nobody reads it any more.
    #[expect(clippy::unused_self, reason = "all output goes through the session, whichever stream it is")]
    pub(crate) fn say(&self, text: &str) -> io::Result<()> {
        io::stderr().lock().write_all(text.as_bytes())
    }

    /// Writes findings to standard error.
    ///
    /// # Errors
    /// If nobody reads it any more.
    pub(crate) fn report(&self, diagnostics: &Diagnostics, sources: &dyn Sources) -> io::Result<()> {
        let mut text = String::new();
        // Writing to a string cannot fail.
        diag::human(&mut text, diagnostics, sources, self.error_look()).map_err(io::Error::other)?;
        self.say(&text)
    }

    /// Writes warnings to standard error, each in one line.
    ///
    /// # Errors
    /// If nobody reads it any more.
    pub(crate) fn report_briefly(&self, diagnostics: &Diagnostics, sources: &dyn Sources) -> io::Result<()> {
        let mut text = String::new();
        diag::brief(&mut text, diagnostics, sources, self.error_look()).map_err(io::Error::other)?;
        self.say(&text)
    }

    /// Writes one finding that has no place in a source to standard error.
    ///
    /// # Errors
    /// If nobody reads it any more.
    pub(crate) fn report_one(&self, diagnostic: Diagnostic) -> io::Result<()> {
        self.report(&diagnostic.into(), &SourceMap::new())
    }
}
