//! What expressions of schemas see, and what follows from them without asking anybody.
//!
//! Owns the names of schema expressions ([`Frame`]), objects as calls see them ([`as_sent`]), comparison
//! ([`normalised_eq`], [`difference`]), rules that need no lookup ([`offline_checks`]), the steps that an
//! operation will take ([`settle()`]) and ids ([`identity()`]). Pure: no calls, no clock. The planner and the
//! provider runtime use the same code, so that a plan says what will be done.

mod compare;
mod derive;
mod findings;
mod frame;
mod identity;
mod members;
mod pause;
mod settle;
#[cfg(test)]
mod tests;
mod whole;

pub use compare::difference;
pub use compare::normalised;
pub use compare::normalised_eq;
pub use compare::replace_when;
pub use compare::to_be_sent;
pub use derive::derive;
pub use derive::derived;
pub use findings::Finding;
pub use findings::check;
pub use findings::check_constraints;
pub use findings::check_value;
pub use findings::offline_checks;
pub use frame::Frame;
pub use frame::Root;
pub use frame::lookups_in;
pub use frame::names_in;
pub use identity::from_identity;
pub use identity::identity;
pub use members::as_known;
pub use members::assumed;
pub use members::former_place;
pub use members::in_order_of;
pub use members::learnt;
pub use members::with_found_leaves;
pub use members::with_open_leaves;
pub use pause::cool_down;
pub use settle::OperationKind;
pub use settle::Runs;
pub use settle::SettledStep;
pub use settle::advance;
pub use settle::display_call;
pub use settle::field_is_sent;
pub use settle::is_called_for;
pub use settle::only_changed_is_empty;
pub use settle::operation;
pub use settle::settle;
pub use whole::as_sent;
pub use whole::mark_sensitive;
pub use whole::null_object;
