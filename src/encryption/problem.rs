//! Why something cannot be encrypted, or read.

use crate::diag::Code;
use crate::diag::Diagnostic;

/// Why something cannot be encrypted, or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// None of the keys opens it.
    #[error("is encrypted, and no key that is configured opens it")]
    NoKey {
        /// The key it was written with, as it was called then.
        written_with: String,
        /// The public keys of those who can read it; none if a passphrase is needed.
        recipients: Vec<String>,
        /// The keys that were tried, and why each of them does not fit.
        tried: Vec<String>,
    },
    /// It is not encrypted although it must be.
    #[error("is not encrypted, and must be")]
    NotEncrypted {
        /// Whether `enforced` forbids reading it by all means.
        enforced: bool,
    },
    /// It was changed after it was encrypted.
    #[error("was changed or damaged after it was encrypted")]
    Damaged,
    /// It is something else.
    #[error("is an encrypted {found}, not a {wanted}")]
    Other {
        /// What it is.
        found: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A newer version encrypted it.
    #[error("was encrypted by a newer version (format {found}, known up to {known})")]
    TooNew {
        /// Its format.
        found: u64,
        /// The newest format known here.
        known: u64,
    },
    /// It could not be encrypted.
    #[error("cannot be encrypted: {reason}")]
    Failed {
        /// Why.
        reason: String,
    },
}

impl Problem {
    /// Returns the finding about something: ``the state `queueform.state.json` ``.
    #[must_use]
    pub fn about(&self, what: &str) -> Diagnostic {
        let summary = format!("{what} {self}");
        match self {
            Self::NoKey { written_with, recipients, tried } => {
                let mut detail = format!("It was written with the key that was called `{written_with}` then");
                if recipients.is_empty() {
                    detail.push_str("; its passphrase opens it.");
                } else {
                    detail.push_str(&format!("; the identity of one of these opens it: {}.", recipients.join(", ")));
                }
                for key in tried {
                    detail.push_str(&format!("\n  {key}"));
                }
                let found = Diagnostic::error(Code::KeyMissing, summary).detail(detail);
                if tried.is_empty() {
                    found.hint("add `encryption { … }` to the `queueform` block, with that key")
                } else if recipients.is_empty() {
                    found.hint("give the passphrase it was written with; after a change of the passphrase, name the old one in a `fallback` block")
                } else {
                    found.hint("give `identities` of one of them; after a change of keys, name the old one in a `fallback` block")
                }
            }
            Self::NotEncrypted { enforced: true } => Diagnostic::error(Code::NotEncrypted, summary)
                .detail("`enforced` is set, so nothing is read that is not encrypted.")
                .hint("if somebody replaced it, restore the encrypted one")
                .hint("to encrypt it, take `enforced` out, add `fallback { key = unencrypted }`, and run `queueform state reencrypt`"),
            Self::NotEncrypted { enforced: false } => Diagnostic::error(Code::NotEncrypted, summary).hint(
                "to encrypt what was there before, add `fallback { key = unencrypted }`, and take it out again after `queueform state reencrypt`",
            ),
            Self::Damaged => Diagnostic::error(Code::DecryptionFailed, summary)
                .detail("Not one bit of it may change, serial and lineage included. Nothing was written.")
                .hint("restore it from a copy"),
            Self::Other { .. } => Diagnostic::error(Code::DecryptionFailed, summary).hint("give the right file"),
            Self::TooNew { .. } => Diagnostic::error(Code::DecryptionFailed, summary)
                .hint("use the version of Queueform that wrote it, or a newer one"),
            Self::Failed { .. } => Diagnostic::error(Code::Internal, summary),
        }
    }
}
