//! What a command printed and how it ended.

use std::fmt;

/// What a command printed and how it ended. Its `Display` holds all three, so that a snapshot covers them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "take a snapshot of the output or assert the exit status"]
pub(crate) struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit status; none if the process was killed.
    pub status: Option<i32>,
}

impl Output {
    /// Asserts the exit status and returns the output.
    #[track_caller]
    pub(crate) fn ended(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self}");
        self
    }

    /// Asserts success and returns standard output.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        self.ended(0).stdout
    }

    /// Asserts that standard output is one JSON document and returns it.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "------- stderr -------\n{}", self.stderr)?;
        }
        match self.status {
            Some(0) => Ok(()),
            Some(status) => write!(f, "[exit status: {status}]"),
            None => f.write_str("[killed]"),
        }
    }
}
