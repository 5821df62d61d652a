//! Saved plans: one file that can be reviewed, kept and applied later, and that holds no secret.
//!
//! Owns the format (an envelope around one JSON document), what of a plan is a decision and what an observation,
//! and the way back: the configuration out of the file, planned again, compared with what was saved. A saved
//! plan is never executed as it lies there; what is executed is a fresh plan that decides the same.

mod compare;
mod decide;
mod directory;
mod format;
mod reopen;
mod save;
mod secrets;

pub use decide::plan_hash;
pub use decide::short_hash;
pub use format::PlanFile;
pub use reopen::apply_saved;
pub use reopen::replan;
pub use save::save;
pub use save::save_for;
pub use save::write;
