//! What happens during apply, as it happens. Named as in Terraform's streamed output.

use std::sync::Arc;
use std::time::Duration;

use crate::addr::InstanceAddr;

/// What is being done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// It is created.
    Create,
    /// A data source is read.
    Read,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
    /// An action is run.
    Invoke,
}

impl Verb {
    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Invoke => "invoke",
        }
    }
}

/// The object that an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its address.
    pub addr: InstanceAddr,
    /// The key of a deposed object.
    pub deposed: Option<Arc<str>>,
    /// What is done to it. A replacement is a deletion and a creation.
    pub verb: Verb,
    /// Its id, as far as it is known.
    pub id: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Work on an object starts.
    Started(Subject),
    /// Work on an object goes on; sent from time to time.
    Progress {
        /// The object.
        subject: Subject,
        /// Time since the start.
        elapsed: Duration,
    },
    /// Work on an object ended well.
    Completed {
        /// The object.
        subject: Subject,
        /// Time since the start.
        elapsed: Duration,
    },
    /// Work on an object failed.
    Errored {
        /// The object.
        subject: Subject,
        /// Time since the start.
        elapsed: Duration,
    },
    /// The stop signal was heard: nothing new starts.
    Stopping,
}

impl Event {
    /// Returns the name of the event in streamed output.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Started(_) => "apply_start",
            Self::Progress { .. } => "apply_progress",
            Self::Completed { .. } => "apply_complete",
            Self::Errored { .. } => "apply_errored",
            Self::Stopping => "stopping",
        }
    }

    /// Returns the object, if the event is about one.
    #[must_use]
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Self::Started(subject)
            | Self::Progress { subject, .. }
            | Self::Completed { subject, .. }
            | Self::Errored { subject, .. } => Some(subject),
            Self::Stopping => None,
        }
    }
}
