//! Configuration from objects that exist: what a person would have written to get them.
//!
//! Owns which arguments are written, what is referred to instead of repeated, tables of many objects and their imports, and
//! the names of all that. Pure: gets objects as they were found and returns text. Knows no resource by name.

mod arguments;
mod block;
mod estate;
mod generate;
mod names;
mod references;
mod term;
#[cfg(test)]
mod tests;

pub use estate::Document;
pub use estate::Estate;
pub use estate::File;
pub use estate::GroupBy;
pub use estate::HEAD;
pub use estate::Home;
pub use estate::Kept;
pub use estate::document;
pub use generate::Found;
pub use generate::Generated;
pub use generate::generate;
pub use references::References;
