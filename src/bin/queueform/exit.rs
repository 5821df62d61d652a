//! Exit codes: one table for all commands.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Success,
    /// An error.
    Error,
    /// There are changes (`--detailed-exitcode`).
    Changes,
    /// A guard, a limit or a protection forbids it.
    Denied,
    /// Everything else was done, but a change is held until its object is named.
    Held,
    /// `drift`: the configuration asks for changes, beside no drift.
    Pending,
    /// `drift`: the configuration asks for changes, beside drift.
    DriftAndPending,
    /// The run was interrupted.
    Interrupted,
    /// `fmt --check` found files in another layout.
    Unformatted,
}

impl Exit {
    /// Every way to end, in the order of the reference.
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[
        Self::Success,
        Self::Error,
        Self::Changes,
        Self::Denied,
        Self::Held,
        Self::Pending,
        Self::DriftAndPending,
        Self::Unformatted,
        Self::Interrupted,
    ];

    /// Everything was done that could be.
    pub(crate) const fn done(held: bool) -> Self {
        if held { Self::Held } else { Self::Success }
    }

    /// Returns the number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Denied | Self::Unformatted => 3,
            Self::Held | Self::Pending => 4,
            Self::DriftAndPending => 6,
            Self::Interrupted => 130,
        }
    }

    /// Returns what the number means.
    #[cfg(test)]
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done, or nothing to do",
            Self::Error => "an error; the message says what was done and what was not",
            Self::Changes => {
                "with `--detailed-exitcode`: there are changes; `drift`: objects are not what the state says; `apply`: a round is done, and another one is left to be approved"
            }
            Self::Denied => {
                "a guard, a limit or a protection forbids the plan; it is shown, nothing was changed"
            }
            Self::Held => {
                "`apply`: everything else is done, but a change is held until its object is named (`--confirm`)"
            }
            Self::Pending => "`drift`: no drift, but the configuration asks for changes",
            Self::DriftAndPending => "`drift`: drift, and the configuration asks for changes too",
            Self::Interrupted => "interrupted; what was done is recorded",
            Self::Unformatted => "`fmt --check`: files are in another layout",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
