//! The functions of the language, by family.
//!
//! A family is a file with a constant list of [`Function`]s; [`lookup`] finds one by name. `try` and `can`
//! are not here: they need their arguments unevaluated, so they are part of the evaluator.

mod function;

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

/// The families.
const FAMILIES: &[&[Function]] = &[];

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
