//! Values and types as the console shows them: as Terraform's console writes them, and as JSON.

mod json;
#[cfg(test)]
mod tests;
mod text;

pub use json::error_json;
pub use json::type_value_json;
pub use json::value_json;
pub use text::type_text;
pub use text::value_text;
