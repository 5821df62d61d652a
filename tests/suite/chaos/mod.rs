//! Nothing is ever lost: runs are killed, interrupted and surprised, and the next plain `apply` puts everything
//! right. What counts is what the service saw.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]
#![expect(clippy::disallowed_methods, reason = "real processes are waited for in real time")]

mod dice;
mod everywhere;
mod figures;
mod first_hour;
mod guards;
mod handover;
mod hosts;
mod kills;
mod matrix;
mod mortal;
mod ownership;
mod process;
mod remote;
mod sampling;
mod saved;
mod shrink;
mod signals;
mod summaries;
mod timelines;
mod updates;

pub(crate) use figures::record;
pub(crate) use process::Process;
pub(crate) use process::Workshop;
pub(crate) use remote::Remote;
