//! Terraform's configurations and states as ours: `migrate`.
//!
//! Pure: texts in, texts out. What is called how, and in which form, stands in tables (`*.hcl` beside this file), one for
//! each provider. Files are changed where they must be and nowhere else, so that comments and expressions stay. What cannot
//! be converted stays as a comment, and is told.

mod block;
mod chain;
mod companion;
mod edits;
mod file;
mod foreign;
mod json;
mod literal;
mod nested;
mod report;
mod resource;
mod settings;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod whole;

pub use file::Companion;
pub use file::Converter;
pub use file::Files;
pub use file::Module;
pub use json::as_native;
pub use report::MigratedFile;
pub use report::MigratedState;
pub use report::Migration;
pub use settings::calls;
pub use settings::provider_blocks;
pub use state::Companions;
pub use state::Converted;
pub use state::Left;
pub use state::TerraformState;
pub use state::convert as convert_state;
pub use table::Tables;
