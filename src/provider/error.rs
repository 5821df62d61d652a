//! Why something with a provider did not work, and whether anything may have been changed by it.

use std::time::Duration;

use crate::addr::ProviderAddr;
use crate::api::ApiError;
use crate::api::ErrorClass;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::syntax::ast::Name;

/// A failure of the provider runtime.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// An expression of the schema failed.
    #[error("cannot {doing}: {}", summaries(.findings))]
    Schema {
        /// What was being done.
        doing: String,
        /// The findings.
        findings: Diagnostics,
        /// A call that changes something had been made before.
        sent: bool,
    },
    /// The answer is not what the schema says.
    #[error("cannot {doing}: {reason}")]
    Answer {
        /// What was being done.
        doing: String,
        /// What is wrong with the answer.
        reason: String,
        /// A call that changes something had been made before.
        sent: bool,
    },
    /// The provider configuration was not set up, or could not be.
    #[error("provider `{0}` is not configured")]
    NotConfigured(ProviderAddr),
    /// The type has no schema, or not the part that is needed.
    #[error("`{kind}` {lacks}")]
    Unsupported {
        /// The type.
        kind: Name,
        /// What it lacks, as a verb phrase.
        lacks: String,
    },
    /// What a data source asks for does not exist.
    #[error("cannot read `{kind}`: there is no such object{asked}")]
    NoObject {
        /// The type.
        kind: Name,
        /// What was asked for, if it can be shown: ` with name = "orders"`.
        asked: String,
    },
    /// The object vanished while it was waited for.
    #[error("`{subject}` vanished while it was waited until {awaited}")]
    Vanished {
        /// The object.
        subject: String,
        /// What was waited for.
        awaited: String,
    },
    /// What was waited for cannot be reached any more.
    #[error(
        "`{subject}` is not what was waited for ({awaited}): the service reports that the operation failed"
    )]
    Rejected {
        /// The object.
        subject: String,
        /// What was waited for.
        awaited: String,
    },
    /// What was waited for was not reached in time.
    #[error("`{subject}` did not come to what was waited for ({awaited}) within {} s", .after.as_secs())]
    Timeout {
        /// The object.
        subject: String,
        /// What was waited for.
        awaited: String,
        /// How long.
        after: Duration,
        /// The last failure of a poll, if polls failed.
        last: Option<String>,
    },
    /// The object was being worked on for longer than the timeout; the call was refused and not carried out.
    #[error("{subject} stayed busy for {} s", .after.as_secs())]
    Busy {
        /// The object.
        subject: String,
        /// How long.
        after: Duration,
    },
    /// The stop signal came.
    #[error("stopped on request while working on {subject}")]
    Stopped {
        /// The object.
        subject: String,
        /// A call had been made and is waited for.
        pending: bool,
    },
    /// The answer of a call could not be written down.
    #[error("the answer for {subject} could not be recorded: {reason}")]
    NotRecorded {
        /// The object.
        subject: String,
        /// Why.
        reason: String,
    },
}

impl ProviderError {
    /// Returns what the answer of the API means, if there was one.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        match self {
            Self::Api(error) => Some(error.class()),
            Self::Busy { .. } => Some(ErrorClass::Busy),
            Self::Schema { .. }
            | Self::Answer { .. }
            | Self::NotConfigured(_)
            | Self::Unsupported { .. }
            | Self::NoObject { .. }
            | Self::Vanished { .. }
            | Self::Rejected { .. }
            | Self::Timeout { .. }
            | Self::Stopped { .. }
            | Self::NotRecorded { .. } => None,
        }
    }

    /// Returns true if the object does not exist.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.class() == Some(ErrorClass::Gone)
    }

    /// Tells whether the step may have changed something. A failed wait counts: its call was carried out.
    #[must_use]
    pub fn may_have_changed(&self) -> bool {
        match self {
            Self::Api(error) => error.may_have_changed(),
            Self::Schema { sent, .. } | Self::Answer { sent, .. } => *sent,
            Self::Stopped { pending, .. } => *pending,
            Self::Vanished { .. }
            | Self::Rejected { .. }
            | Self::Timeout { .. }
            | Self::NotRecorded { .. } => true,
            Self::NotConfigured(_) | Self::Unsupported { .. } | Self::NoObject { .. } | Self::Busy { .. } => {
                false
            }
        }
    }

    /// Tells whether an operation is under way that can be waited for again.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        match self {
            Self::Timeout { .. } => true,
            Self::Stopped { pending, .. } => *pending,
            _ => false,
        }
    }

    /// Tells whether the stop signal was the reason.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        match self {
            Self::Api(error) => error.is_stopped(),
            Self::Stopped { .. } => true,
            _ => false,
        }
    }

    /// Returns the findings for the user.
    #[must_use]
    pub fn diagnostics(&self) -> Diagnostics {
        let one = |code: Code| Diagnostic::error(code, self.to_string());
        let found = match self {
            Self::Api(error) => Diagnostic::from(error),
            Self::Schema { doing, findings, .. } => {
                return findings
                    .iter()
                    .map(|found| Diagnostic {
                        summary: format!("cannot {doing}: {}", found.summary),
                        ..found.clone()
                    })
                    .collect();
            }
            Self::Answer { .. } => one(Code::UnexpectedAnswer).hint(
                "compare the answer with the provider's schema; `QF_LOG=queueform::api=trace` shows it",
            ),
            Self::NotConfigured(_) => one(Code::InvalidProviderConfiguration),
            Self::Unsupported { .. } => one(Code::UnknownResourceType),
            Self::NoObject { .. } => one(Code::NotFound).hint(
                "correct the arguments; for an object of this configuration, refer to its resource, or write `depends_on`",
            ),
            Self::Vanished { .. } => one(Code::NotFound),
            Self::Rejected { .. } => {
                one(Code::OperationRejected).hint("look at the object in the vendor's console for the reason")
            }
            Self::Timeout { last, .. } => one(Code::WaitTimeout)
                .detail(last.as_ref().map(|last| format!("last failed poll: {last}")).unwrap_or_default())
                .hint(
                    "run the command again: it goes on waiting; or raise the timeout in a `timeouts` block",
                ),
            Self::Busy { .. } => {
                one(Code::Busy).hint("wait until the object has settled, then run the command again")
            }
            Self::Stopped { pending: true, .. } => {
                one(Code::Interrupted).hint("run the command again: it goes on waiting for the operation")
            }
            Self::Stopped { .. } => one(Code::Interrupted),
            Self::NotRecorded { .. } => one(Code::StateWrite),
        };
        found.into()
    }
}

fn summaries(findings: &Diagnostics) -> String {
    findings.iter().map(|found| found.summary.as_str()).collect::<Vec<_>>().join("; ")
}
