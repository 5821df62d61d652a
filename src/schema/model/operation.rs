//! What is done with objects: steps, waiters, lists, lookups.

use std::sync::Arc;
use std::time::Duration;

use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;

use super::Call;
use super::ErrorClass;
use super::Field;

/// `create`, `read`, `update` or `delete`: ordered steps. None at all is legal.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// The block.
    pub span: Span,
}

/// One step of an operation, guard or waiter.
#[derive(Debug, Clone)]
pub struct Step {
    /// The name, unique in its block.
    pub name: Name,
    /// Update: the attributes whose change makes the step run. Read: the attributes that it alone fetches, so
    /// that it is left out if nobody needs them. Empty: always.
    pub on: Vec<Name>,
    /// The step runs only if this holds.
    pub when: Option<Expr>,
    /// The step runs once per element (`each.key`, `each.value`).
    pub for_each: Option<Expr>,
    /// The call; without one the step only sets values.
    pub call: Option<Call>,
    /// The call that is made instead if the API does not take the first one.
    pub otherwise: Option<Otherwise>,
    /// Read: the object in the answer, over `response`. Attributes are then set by their `from`.
    pub item: Option<Expr>,
    /// Attributes (in guards and waiters: parts of `observed`) and their values, over `response`, `items`
    /// and `each`. With `for_each` the values are maps, and those of all turns are merged.
    pub set: Vec<Field>,
    /// The waiter that runs after the call.
    pub wait: Option<Name>,
    /// Answers of these classes count as success without content: nothing is set.
    pub tolerate: Vec<ErrorClass>,
    /// What happens to the following steps if this one fails.
    pub on_failure: OnFailure,
    /// Repeating the call has the same effect as making it once (always so for GET, PUT and DELETE).
    pub idempotent: bool,
    /// Update and delete: the change is held until the object is named; says what the step does.
    pub confirm: Option<Arc<str>>,
    /// The permissions the call needs.
    pub permission: Vec<Arc<str>>,
    /// The block.
    pub span: Span,
}

/// Another form of the same call, for the other dialects of an API.
#[derive(Debug, Clone)]
pub struct Otherwise {
    /// The first call failed with one of these classes, and certainly did nothing.
    pub on: Vec<ErrorClass>,
    /// The call that is made instead.
    pub call: Call,
    /// The block.
    pub span: Span,
}

/// What happens to the following steps of an operation if one fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnFailure {
    /// They are not run.
    Stop,
    /// They run; the operation fails at its end.
    Continue,
}

/// A condition that is waited for, polling the object (`item`, by the `read` steps that give an item) or
/// steps of its own (`observed`).
#[derive(Debug, Clone)]
pub struct Waiter {
    /// The name.
    pub name: Name,
    /// What is polled; empty: the object itself.
    pub steps: Vec<Step>,
    /// The condition, on the target and not on the way there.
    pub until: Option<Expr>,
    /// It cannot be reached any more.
    pub failed: Option<Expr>,
    /// What it means that the object does not exist.
    pub gone: GonePolicy,
    /// Time to the first poll; further ones back off up to `interval`.
    pub first: Duration,
    /// Longest time between polls.
    pub interval: Duration,
    /// What is waited for, in a few words for plans and progress.
    pub description: Arc<str>,
    /// The block.
    pub span: Span,
}

/// What it means for a waiter that the object does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GonePolicy {
    /// The wait has failed.
    Failed,
    /// The wait is over.
    Done,
    /// Go on polling for this long, then the wait has failed: the object is not visible yet.
    Pending(Duration),
}

/// Whether an object can be worked with as it is found.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Over `item`: the object is being changed and is waited for before it is compared.
    pub busy: Option<Expr>,
    /// Over `item`: nothing changes before somebody helps; a call that is refused as busy is not sent again.
    pub stuck: Option<Expr>,
    /// Over `item`: the object never became usable and is planned as tainted.
    pub broken: Option<Expr>,
    /// The block.
    pub span: Span,
}

/// How all objects of a scope are read at once.
#[derive(Debug, Clone)]
pub struct ListOp {
    /// The attributes that name the scope: objects with the same values come from one list.
    /// The remaining identity attributes, by their `from`, tell the items apart.
    pub scope: Vec<Name>,
    /// The call, with `items`. Sees `self` with the attributes of the scope, and `provider`.
    pub call: Call,
    /// Attributes that the list does not return; `read` is used for them if they are needed.
    pub lacks: Vec<Name>,
    /// The permissions the call needs.
    pub permission: Vec<Arc<str>>,
    /// The block.
    pub span: Span,
}

/// How an object with an id made by the server is found again when it is in doubt whether it was created.
#[derive(Debug, Clone)]
pub struct Find {
    /// The call, with `items`. Sees `self` (the planned object) and `provider`.
    pub call: Call,
    /// Over `item` and `self`: this is the one.
    pub matches: Expr,
    /// The block.
    pub span: Span,
}

/// A value fetched once per provider configuration and distinct call.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The name: `lookup.NAME`.
    pub name: Name,
    /// The call.
    pub call: Call,
    /// The value, over `response`, `items`, `self` and `provider`.
    pub value: Expr,
    /// Answers of these classes make the value null.
    pub tolerate: Vec<ErrorClass>,
    /// The permissions the call needs.
    pub permission: Vec<Arc<str>>,
    /// The block.
    pub span: Span,
}
