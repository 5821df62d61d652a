//! Guards against loss, and checks of values.

use std::sync::Arc;

use crate::diag::Severity;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;

use super::Field;
use super::Step;

/// Observes what a change would destroy: at plan, and again immediately before the call.
/// It fires if `count` is above zero, or could not be observed.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The name, as shown: `unread messages`.
    pub name: Name,
    /// What it is about.
    pub kind: GuardKind,
    /// The actions it watches.
    pub on: Vec<GuardOn>,
    /// Over `self` (the object as it is) and `planned`: the guard is needed at all.
    pub when: Option<Expr>,
    /// For [`GuardKind::Wait`]: the steps of `update` that are put off.
    pub holds: Vec<Name>,
    /// The observations; what they set is `observed`.
    pub steps: Vec<Step>,
    /// For [`GuardKind::Children`]: the names of the children that exist, by child type. What of them is not
    /// in the state under this object is `unmanaged.TYPE`.
    pub children: Vec<Field>,
    /// How much would be lost, over `observed`, `unmanaged`, `self` and `planned`: the figure that
    /// `allow_data_loss` is compared with.
    pub count: Expr,
    /// What would happen, over the same names; also sees `count`.
    pub message: Expr,
    /// When the last message came: milliseconds since 1970, or RFC 3339.
    pub last_written: Option<Expr>,
    /// When the last message was read.
    pub last_read: Option<Expr>,
    /// The block.
    pub span: Span,
}

/// What a guard is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GuardKind {
    /// Data would be lost: denied unless allowed.
    Data,
    /// Children that are not managed would be lost: denied unless allowed.
    Children,
    /// Clients would be interrupted: shown, not denied.
    Impact,
    /// Something must happen elsewhere first: the steps it holds are put off to a later run.
    Wait,
}

impl GuardKind {
    /// Returns the keyword.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Children => "children",
            Self::Impact => "impact",
            Self::Wait => "wait",
        }
    }

    /// Returns true if the guard denies the change when it fires.
    #[must_use]
    pub fn denies(self) -> bool {
        match self {
            Self::Data | Self::Children => true,
            Self::Impact | Self::Wait => false,
        }
    }
}

/// The actions a guard watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GuardOn {
    /// The object is created.
    Create,
    /// The object is updated.
    Update,
    /// The object is replaced.
    Replace,
    /// The object is deleted.
    Delete,
    /// The action is run.
    Invoke,
}

impl GuardOn {
    /// Returns the keyword.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Invoke => "run",
        }
    }
}

/// A rule over more than one value. Unknown values defer it to apply.
#[derive(Debug, Clone)]
pub struct Check {
    /// The name.
    pub name: Name,
    /// The rule is judged for each element of it, as `each`.
    pub for_each: Option<Expr>,
    /// Over `self`, `prior` (null on create), `provider` and `lookup`: the rule applies.
    pub when: Option<Expr>,
    /// It is not judged of replacements: the service still has the object that they remove.
    pub fresh: bool,
    /// What must hold.
    pub that: Expr,
    /// What is wrong if it does not.
    pub message: Expr,
    /// The attribute that the finding points at; with `for_each`, the element of it.
    pub path: Option<Name>,
    /// The part of the element that the finding points at.
    pub part: Option<Name>,
    /// How serious it is.
    pub severity: Severity,
    /// The lookups that the rule needs: a check without any can be made offline.
    pub lookups: Vec<Name>,
    /// What to do now.
    pub hint: Option<Arc<str>>,
    /// The block.
    pub span: Span,
}
