//! Planning: configuration, state and answers to a plan.
//!
//! Pure and restartable: no I/O, no clock, no async. Whatever must be looked up is asked for as a
//! [`Query`]; whatever will be done stands in the [`Plan`].

mod expand;
mod input;
mod model;
mod moves;
mod planner;
mod propose;
mod query;
pub mod scope;
mod shape;
mod validate;

pub use expand::Expansion;
pub use expand::expand;
pub use input::PlanInput;
pub use input::PlanOptions;
pub use input::Planning;
pub use input::Refresh;
pub use model::Action;
pub use model::ActionReason;
pub use model::Cause;
pub use model::Change;
pub use model::CheckResult;
pub use model::Drift;
pub use model::Effort;
pub use model::GuardFinding;
pub use model::Operation;
pub use model::OutputChange;
pub use model::Plan;
pub use model::PlanMode;
pub use model::PlanStatus;
pub use model::Record;
pub use model::ReplaceOrder;
pub use model::Risk;
pub use model::Step;
pub use model::StepId;
pub use model::StepKind;
pub use model::Target;
pub use model::Triggered;
pub use model::Verdict;
pub use planner::Arguments;
pub use planner::Held;
pub use planner::Outcome;
pub use planner::check_conditions;
pub use planner::created_first;
pub use planner::evaluate_arguments;
pub use planner::evaluate_condition;
pub use planner::plan;
pub use propose::create as new_object;
pub use propose::for_reading;
pub use propose::with_written;
pub use query::Answer;
pub use query::Answers;
pub use query::ObjectKey;
pub use query::Query;
pub use query::QueryKey;
pub use query::RoomKey;
pub use shape::differences;
pub use shape::fill_secrets;
pub use shape::mark_object;
pub use shape::mark_sensitive;
pub use shape::object_type;
pub use shape::with_attributes;
pub use validate::validate;
