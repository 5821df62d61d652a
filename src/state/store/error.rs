//! What can go wrong with a store, and what to do about it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::state::AttributeError;
use crate::state::Lineage;
use crate::state::document::DocumentError;
use crate::state::journal::Damage;
use crate::state::journal::FoldError;

use super::Holder;
use super::WorkspaceError;

/// Why state could not be read or written. The last snapshot on disk is whole in every case.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A file operation failed.
    #[error("cannot {doing} `{place}`")]
    Io {
        /// What was being done: `read`, `write` …
        doing: &'static str,
        /// The file.
        place: Arc<str>,
        /// Why it failed.
        source: Arc<io::Error>,
    },
    /// Another run holds the lock.
    #[error("the state is locked by another run")]
    Locked {
        /// Who holds it, if that can be told.
        holder: Option<Box<Holder>>,
        /// Whether the whole `--lock-timeout` was waited for.
        waited: bool,
        /// How long the lock outlives its process at most; none if it ends with it, and the longest of all times if it
        /// lasts until somebody frees it, as locks of other programs may.
        outlives: Option<Duration>,
    },
    /// The engine that keeps the state refused something, or could not be reached.
    #[error("cannot {doing} `{place}`: {reason}")]
    Engine {
        /// What was being done: `read`, `write`, `lock` …
        doing: &'static str,
        /// What it was done to.
        place: Arc<str>,
        /// Why it failed, in the engine's words where it said something; never with a secret.
        reason: Arc<str>,
        /// What to do now.
        hint: Option<Arc<str>>,
    },
    /// A name cannot be one of a workspace.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The state or its journal is encrypted and cannot be opened, or must be encrypted and is not.
    #[error("{}", finding.summary)]
    Sealed {
        /// The snapshot or the journal.
        place: Arc<str>,
        /// What is wrong, and what to do.
        finding: Arc<Diagnostic>,
    },
    /// Waiting for the lock was interrupted.
    #[error("interrupted while waiting for the state lock")]
    Interrupted,
    /// The lock file was removed or replaced while we held it.
    #[error("the state lock `{place}` was taken away")]
    LostLock {
        /// The lock.
        place: Arc<str>,
    },
    /// The snapshot is not the one this session read or wrote last.
    #[error("the state `{place}` was changed by somebody else")]
    Moved {
        /// The snapshot.
        place: Arc<str>,
        /// The serial and lineage it should have; none if there should be no snapshot.
        expected: Option<(u64, Lineage)>,
        /// The serial and lineage it has; none if it is gone or unreadable.
        found: Option<(u64, Lineage)>,
    },
    /// The snapshot cannot be read.
    #[error("the state `{place}` cannot be read: {source}")]
    Document {
        /// The snapshot.
        place: Arc<str>,
        /// Where the last good one is kept.
        backup: Option<Arc<str>>,
        /// What is wrong.
        source: DocumentError,
    },
    /// The journal is damaged in its middle.
    #[error("the journal `{place}` is damaged: {source}")]
    Journal {
        /// The journal.
        place: Arc<str>,
        /// What is wrong.
        source: Damage,
    },
    /// The journal does not belong to the snapshot, or contradicts it.
    #[error("the journal `{place}` does not fit the state: {source}")]
    Fold {
        /// The journal.
        place: Arc<str>,
        /// What is wrong.
        source: FoldError,
    },
    /// The state cannot be written as a document.
    #[error("the state cannot be written: {source}")]
    Unwritable {
        /// Why.
        source: AttributeError,
    },
    /// An earlier failure left the journal in an unknown condition.
    #[error("the journal `{place}` takes no more records after an earlier failure")]
    Closed {
        /// The journal.
        place: Arc<str>,
    },
}

impl StoreError {
    /// What is encrypted, and was not opened with a key.
    pub(super) fn sealed(what: &str, place: &Arc<str>) -> Self {
        let finding = Diagnostic::error(
            Code::KeyMissing,
            format!("the {what} `{place}` is encrypted, and the configuration says nothing about its key"),
        )
        .hint("add `encryption { … }` to the `queueform` block, with the key that it was written with");
        Self::Sealed { place: Arc::clone(place), finding: Arc::new(finding) }
    }

    pub(super) fn io(doing: &'static str, place: &Arc<str>) -> impl FnOnce(io::Error) -> Self + use<> {
        let place = Arc::clone(place);
        move |source| Self::Io { doing, place, source: Arc::new(source) }
    }
}

fn version(of: Option<&(u64, Lineage)>) -> String {
    match of {
        Some((serial, lineage)) => format!("serial {serial} of lineage {lineage}"),
        None => "no readable state".to_owned(),
    }
}

impl From<StoreError> for Diagnostic {
    fn from(error: StoreError) -> Self {
        let summary = error.to_string();
        match error {
            StoreError::Io { doing, source, .. } => io_diagnostic(doing, &summary, &source),
            StoreError::Locked { holder, waited, outlives } => {
                let name = holder.as_ref().map_or_else(|| "ID".to_owned(), |holder| holder.id.to_string());
                let shown = holder.map_or_else(
                    || "The holder left no name.".to_owned(),
                    |holder| format!("Held by {holder}."),
                );
                let wait = if waited { "a longer `--lock-timeout=`" } else { "`--lock-timeout=5m`" };
                Self::error(Code::StateLocked, summary)
                    .detail(shown)
                    .hint(format!("wait for that run to end, or wait here with {wait}"))
                    .hint(match outlives {
                        None => "the lock is freed by itself when the run's process ends, however it ends".to_owned(),
                        Some(Duration::MAX) => format!(
                            "the lock of another program may last until it is freed; if that program has ended: `queueform force-unlock {name}`"
                        ),
                        Some(time) => format!(
                            "the lock is freed by itself when the run ends, and at most {} s after its process was killed",
                            time.as_secs()
                        ),
                    })
            }
            StoreError::Engine { hint, .. } => {
                let found = Self::error(Code::StateEngine, summary);
                match hint {
                    Some(hint) => found.hint(hint.to_string()),
                    None => found,
                }
            }
            StoreError::Workspace(_) => Self::error(Code::Usage, summary),
            StoreError::Sealed { finding, .. } => (*finding).clone(),
            StoreError::Interrupted => Self::error(Code::Interrupted, summary),
            StoreError::LostLock { .. } => Self::error(Code::StateLocked, summary)
                .detail("Another run may be writing the same state; nothing more was written here. What was done so far is in the journal.")
                .hint("make sure that no other run is active, then run the same command again"),
            StoreError::Moved { expected, found, .. } => Self::error(Code::StateMoved, summary)
                .detail(format!(
                    "Expected {}, found {}. The state was left as it is; what this run did is in the journal beside it.",
                    version(expected.as_ref()),
                    version(found.as_ref())
                ))
                .hint("find out who replaced the state (`queueform state log`), restore the expected one, then run the same command again"),
            StoreError::Document { backup, source, .. } => document_diagnostic(&summary, backup.as_deref(), &source),
            StoreError::Journal { place, source } => Self::error(Code::JournalCorrupt, summary)
                .detail(format!(
                    "{} records before it and {} after it can be read. Nothing was changed; the state and the journal are kept as they are.",
                    source.before, source.after
                ))
                .hint(format!("restore `{place}` from a copy"))
                .hint(format!(
                    "or move `{place}` away to go on without its records, then run `queueform drift` and look for objects that they created"
                )),
            StoreError::Fold { place, source } if source.is_foreign => {
                Self::error(Code::StateMoved, summary)
                    .detail("The state was replaced by another one or by an older copy, or it is missing.")
                    .hint("restore the state that the journal was written beside")
                    .hint(format!("or move `{place}` away if the state as it stands is right"))
            }
            StoreError::Fold { place, .. } => Self::error(Code::JournalCorrupt, summary)
                .hint(format!("keep a copy of `{place}` and report this"))
                .hint(format!("move `{place}` away to go on without its records")),
            StoreError::Unwritable { .. } => Self::error(Code::Internal, summary),
            StoreError::Closed { .. } => Self::error(Code::StateWrite, summary)
                .hint("run the same command again: it takes up what was left unfinished"),
        }
    }
}

fn io_diagnostic(doing: &str, summary: &str, source: &io::Error) -> Diagnostic {
    let code = if doing == "read" { Code::FileAccess } else { Code::StateWrite };
    let diagnostic = Diagnostic::error(code, format!("{summary}: {source}"));
    let hint = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, then run the same command again: the last state and the journal are whole"
        }
        io::ErrorKind::PermissionDenied => {
            "check the owner and the permissions of the file and of its directory"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "the disk is mounted read-only; work in a directory that can be written"
        }
        io::ErrorKind::Unsupported => {
            "this file system cannot lock files; make sure that nobody else is writing and use `--lock=false`"
        }
        io::ErrorKind::InvalidInput if source.to_string() == super::disk::LINK => {
            "put the file itself in its place: what a link leads to is not written"
        }
        _ => return diagnostic,
    };
    diagnostic.hint(hint)
}

fn document_diagnostic(summary: &str, backup: Option<&str>, source: &DocumentError) -> Diagnostic {
    let code = match source {
        DocumentError::TooNew { .. } => Code::StateTooNew,
        DocumentError::Encrypted { .. } => Code::KeyMissing,
        DocumentError::Corrupt { .. } | DocumentError::Altered | DocumentError::TooOld { .. } => {
            Code::StateCorrupt
        }
    };
    let diagnostic = Diagnostic::error(code, summary);
    match source {
        DocumentError::TooNew { .. } => {
            diagnostic.hint("use the version of Queueform that wrote it, or a newer one")
        }
        DocumentError::Encrypted { .. } => {
            diagnostic.hint("decrypt it with the tool that encrypted it, and give the result")
        }
        DocumentError::TooOld { .. } => {
            diagnostic.hint("let Terraform 1.x write it anew: `terraform apply -refresh-only`")
        }
        DocumentError::Corrupt { .. } | DocumentError::Altered => {
            let diagnostic = diagnostic.detail("Nothing was changed. A damaged state is never read in part.");
            let diagnostic = match backup {
                Some(backup) => diagnostic.hint(format!(
                    "`{backup}` holds the state before the last run: copy it over the damaged file, then run `queueform drift`"
                )),
                None => diagnostic.hint("restore the file from a copy"),
            };
            if *source == DocumentError::Altered {
                return diagnostic
                    .hint("or, if it was changed on purpose, give it to `queueform state push`, or remove `\"sha256\"` from its key `queueform`");
            }
            diagnostic
        }
    }
}
