//! A directory with nothing around it, and commands that run there.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use super::output::Output;

/// A directory of its own with a configuration, a home and a directory for temporary files.
#[derive(Debug)]
pub(crate) struct Place {
    root: tempfile::TempDir,
    work: PathBuf,
}

impl Place {
    /// Makes an empty place.
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("queueform-test-").tempdir().unwrap();
        let base = root.path().canonicalize().unwrap();
        for name in ["stack", "home", "tmp"] {
            std::fs::create_dir(base.join(name)).unwrap();
        }
        Self { work: base.join("stack"), root }
    }

    /// Makes a place with files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let place = Self::new();
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    /// The working directory.
    pub(crate) fn path(&self) -> &Path {
        &self.work
    }

    /// Writes a file, with its directories.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.work.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.work.join(name)).unwrap()
    }

    /// Returns true if there is such a file or directory.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.work.join(name).exists()
    }

    /// Runs a command without input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output()
    }

    /// Prepares a command.
    pub(crate) fn command(&self, arguments: &[&str]) -> Run<'_> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_queueform"));
        let base = self.work.parent().unwrap();
        command
            .args(arguments)
            .current_dir(&self.work)
            .env_clear()
            .env("HOME", base.join("home"))
            .env("TMPDIR", base.join("tmp"))
            .env("PATH", "")
            .env("TZ", "UTC")
            .env("COLUMNS", "100");
        Run { place: self, command, input: String::new() }
    }

    /// Replaces what differs from run to run.
    pub(super) fn neutral(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let base = self.work.parent().unwrap().display().to_string();
        text.replace(&base, "$PLACE").replace(&self.root.path().display().to_string(), "$PLACE")
    }
}

/// A command that is about to run.
#[derive(Debug)]
pub(crate) struct Run<'p> {
    pub(super) place: &'p Place,
    pub(super) command: Command,
    input: String,
}

impl Run<'_> {
    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives standard input.
    pub(crate) fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// Runs it to its end.
    pub(crate) fn output(mut self) -> Output {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.input);
        // A command that reads nothing may have closed its input already.
        let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).ok());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Output {
            stdout: self.place.neutral(&output.stdout),
            stderr: self.place.neutral(&output.stderr),
            status: output.status.code(),
        }
    }

    /// Starts it and leaves it running; the caller ends it.
    pub(crate) fn spawn(mut self) -> std::process::Child {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command.spawn().unwrap()
    }
}
