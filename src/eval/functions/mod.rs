//! The functions of the language, by family.
//!
//! A family is a file with a constant list of [`Function`]s; [`lookup`] finds one by name. `try` and `can`
//! are not in the lists: they need their arguments unevaluated, so they are part of the evaluator; so is the
//! first argument of `templatestring`. Functions know nothing of expressions, resources or state.

mod args;
mod charset;
mod collection;
mod conversion;
mod csv_text;
mod date;
mod encoding;
mod file;
mod format;
mod function;
mod glob;
mod graphemes;
mod hash;
mod json_text;
mod letter_case;
mod mapping;
mod matching;
mod network;
mod numeric;
mod pattern;
mod sequence;
mod sets;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod timestamp;
mod verbs;
mod yaml_read;
mod yaml_text;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use function::Accepts;
pub use function::Call;
pub use function::CallError;
pub use function::Function;
pub use function::FunctionError;
pub use function::Param;
pub use function::Returns;
pub use function::Ty;
pub use function::plain_name;
pub(in crate::eval) use template::template_argument_problem;

use super::normalise as normal;

/// The families.
const FAMILIES: &[&[Function]] = &[
    numeric::ALL,
    text::ALL,
    format::ALL,
    matching::ALL,
    collection::ALL,
    sequence::ALL,
    mapping::ALL,
    sets::ALL,
    encoding::ALL,
    hash::ALL,
    date::ALL,
    network::ALL,
    file::ALL,
    template::ALL,
    conversion::ALL,
];

static BY_NAME: LazyLock<BTreeMap<&'static str, &'static Function>> =
    LazyLock::new(|| FAMILIES.iter().flat_map(|family| family.iter()).map(|f| (f.name, f)).collect());

/// Returns the function of a name; `core::` may stand in front.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Function> {
    BY_NAME.get(plain_name(name)).copied()
}

/// Returns the names of all functions in order, for suggestions and help.
pub fn names() -> impl Iterator<Item = &'static str> {
    BY_NAME.keys().copied()
}

/// Returns all functions in the order of their names.
pub fn all() -> impl Iterator<Item = &'static Function> {
    BY_NAME.values().copied()
}
