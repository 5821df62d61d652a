//! What a plan leaves to the next round: objects whose number is known only after this one was applied, and what
//! needs them.

use crate::addr::InstanceAddr;
use crate::addr::ResourceAddr;
use crate::source::Span;
use crate::syntax::ast::Name;

/// How many rounds are made one after the other without a person in between.
pub const ROUNDS: usize = 10;

/// One part of the configuration that is left to the next round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferred {
    /// What it is.
    pub subject: DeferredSubject,
    /// Why it cannot be planned now.
    pub reason: DeferredReason,
    /// The same in words: `count` depends on …
    pub why: String,
    /// Its objects that there are, which stay as they are.
    pub kept: Vec<InstanceAddr>,
    /// Where it stands.
    pub place: Option<Span>,
}

/// What is left to the next round.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeferredSubject {
    /// All instances of a resource, data source or action. Names of modules without keys stand for every instance of
    /// a module whose number is not known either.
    Resource(ResourceAddr),
    /// An output of the root module.
    Output(Name),
}

impl std::fmt::Display for DeferredSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Resource(addr) => write!(f, "{addr}"),
            Self::Output(name) => write!(f, "output.{name}"),
        }
    }
}

/// Why something is left to the next round; the names follow Terraform's plan JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeferredReason {
    /// `count` or `for_each`, its own or that of a module around it, is known only after apply.
    InstanceCountUnknown,
    /// It needs something that is left to the next round.
    DeferredPrerequisite,
}

impl DeferredReason {
    /// Returns the name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InstanceCountUnknown => "instance_count_unknown",
            Self::DeferredPrerequisite => "deferred_prereq",
        }
    }
}
