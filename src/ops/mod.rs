//! The operations of users, one file each: everything that touches files, the clock or the network on the way
//! from a command line to a result. Results are models; drawing them is left to `render`, streams to the caller.

pub mod action;
pub mod addresses;
pub mod adopt;
pub mod apply;
pub mod backends;
pub mod complete;
pub mod console;
pub mod drift;
mod elsewhere;
mod emulated;
mod encryption;
mod files;
pub mod fmt;
pub mod functions;
pub mod generate;
pub mod graph;
pub mod history;
pub mod import;
pub mod init;
pub mod lock;
pub mod migrate;
pub mod modules;
pub mod output;
pub mod place;
pub mod plan;
pub mod planfile;
pub mod project;
pub mod providers;
#[cfg(feature = "emulator")]
mod rehearsal;
pub mod schema;
pub mod show;
pub mod state;
pub mod test;
pub mod undo;
pub mod validate;
mod values;
pub mod version;
pub mod workspace;

pub use crate::api::Stop;
pub use crate::api::Stopper;
pub use crate::provider::Environment;
#[cfg(feature = "emulator")]
pub use emulated::endpoints as emulated_endpoints;
pub use files::WorkingFiles;
