//! Diagnostics: what went wrong or needs attention, where, and what to do about it.
//!
//! Owns the model, not its drawing (that is `render`). Every diagnostic has a [`Code`] with an entry in the
//! reference, a summary, labelled spans and hints. They are collected, never thrown one at a time.

mod code;
mod model;
mod suggest;

pub use code::Code;
pub use model::Checked;
pub use model::Diagnostic;
pub use model::Diagnostics;
pub use model::Label;
pub use model::Reply;
pub use model::Severity;
pub use suggest::did_you_mean;
pub use suggest::suggestion;
