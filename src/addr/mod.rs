//! Addresses: what things are called, as immutable values with one canonical text form.
//!
//! Owns module paths, resource and instance addresses, provider addresses and paths into values, with their
//! parsers. Knows nothing of configuration or state.

mod instance;
mod module;
mod parse;
mod path;
mod pattern;
mod provider;

pub use instance::InstanceAddr;
pub use instance::InstanceKey;
pub use instance::Mode;
pub use instance::ResourceAddr;
pub(crate) use instance::compare_names;
pub use module::ModuleInstance;
pub use module::ModulePath;
pub use parse::AddrError;
pub use parse::Target;
pub use path::Step;
pub use path::ValuePath;
pub use pattern::Pattern;
pub use provider::ProviderAddr;
