//! What users see: one model, several views, none of which computes anything.
//!
//! Owns the drawing of diagnostics, plans, state and outputs, for people and as JSON. Everything is written to
//! a [`std::fmt::Write`]; streams, colours and widths are chosen by the caller and passed as a [`Look`]. Must
//! not know files, the environment, a clock or a provider.

pub mod console;
pub mod diag;
pub mod diff;
pub mod docs;
pub mod events;
pub mod explain;
pub mod graph;
pub mod history;
pub mod json;
mod look;
pub mod migrate;
pub mod modules;
mod paint;
pub mod plan;
pub mod provider_schemas;
pub mod providers;
pub mod schema;
pub mod state;
pub mod testing;
pub mod text_diff;
pub mod value;

pub use look::Look;
pub use paint::Paint;
pub use paint::Tone;
