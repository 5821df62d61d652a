//! Exit codes: one table for all commands.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Success,
    /// An error.
    Error,
    /// `fmt --check` found files in another layout.
    Unformatted,
}

impl Exit {
    /// Every way to end, in the order of the reference.
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[Self::Success, Self::Error, Self::Unformatted];

    /// Returns the number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Error => 1,
            Self::Unformatted => 3,
        }
    }

    /// Returns what the number means.
    #[cfg(test)]
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done, or nothing to do",
            Self::Error => "an error; the message says what was done and what was not",
            Self::Unformatted => "`fmt --check`: files are in another layout",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
