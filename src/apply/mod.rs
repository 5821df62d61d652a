//! Executing a plan: its steps, in order, side by side where nothing stands between them.
//!
//! One coordinator ([`apply`]) owns the number of open dependencies of every step and a queue of those that
//! can start. It chooses nothing: what is done, and in which order, stands in the plan. Every call that changes
//! something is written to the journal before it is made, with its answer and its outcome after, so that a run
//! that ends at any instant can be taken up by the next one ([`recover()`]). Knows no commands and no terminal:
//! progress goes out as [`Event`]s.

mod call;
mod checks;
mod children;
mod coordinator;
mod data;
mod evaluate;
mod event;
mod finish;
mod hold;
mod input;
mod invoke;
mod look;
mod object;
mod readback;
mod recover;
mod refine;
mod relocate;
mod report;
mod whose;
mod work;
mod write;

pub use coordinator::apply;
pub use event::Event;
pub use event::Subject;
pub use event::Verb;
pub use input::ApplyInput;
pub use object::timestamp;
pub use recover::RecoverInput;
pub use recover::Settled;
pub use recover::recover;
pub use refine::Departure;
pub use refine::departures;
pub use report::Applied;
pub use report::Counts;
pub use report::End;
pub use report::Failure;
pub use report::ObjectEnd;
