//! The functions of the language, by family.
//!
//! A family is a file with a constant list of [`Function`]s; [`lookup`] finds one by name. `try` and `can`
//! are not in the lists: they need their arguments unevaluated, so they are part of the evaluator; so is the
//! first argument of `templatestring`. Functions know nothing of expressions, resources or state.

#![expect(clippy::unnecessary_wraps, reason = "all functions have one shape, also those that cannot fail")]

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
mod secrets;
mod sequence;
mod sets;
mod source_text;
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
pub use timestamp::unix_millis;

use super::normalise as normal;
use crate::diag::suggestion;

/// The families with their titles in the reference.
const FAMILIES: &[(&str, &[Function])] = &[
    ("Numbers", numeric::ALL),
    ("Strings", text::ALL),
    ("Formatting", format::ALL),
    ("Regular expressions", matching::ALL),
    ("Templates", template::ALL),
    ("Collections", collection::ALL),
    ("Sequences", sequence::ALL),
    ("Maps and objects", mapping::ALL),
    ("Sets", sets::ALL),
    ("Types and sensitivity", conversion::ALL),
    ("Encodings", encoding::ALL),
    ("Digests and identifiers", hash::ALL),
    ("Passwords and keys", secrets::ALL),
    ("Dates and times", date::ALL),
    ("Address ranges", network::ALL),
    ("Files and paths", file::ALL),
    ("Configuration text", source_text::ALL),
];

/// A function whose arguments are evaluated by the evaluator only as far as needed.
#[derive(Debug, Clone, Copy)]
pub struct Lazy {
    /// How it is called.
    pub signature: &'static str,
    /// What it does, in one sentence.
    pub description: &'static str,
    /// A call as an example.
    pub example: &'static str,
}

/// The functions that are part of the evaluator.
pub const LAZY: &[Lazy] = &[
    Lazy {
        signature: "can(expression)",
        description: "Tells whether an expression can be evaluated without error.",
        example: r#"can(tonumber("x"))"#,
    },
    Lazy {
        signature: "try(expressions...)",
        description: "Returns the first of its arguments that can be evaluated without error.",
        example: r#"try(tonumber("x"), 0)"#,
    },
];

static BY_NAME: LazyLock<BTreeMap<&'static str, &'static Function>> =
    LazyLock::new(|| FAMILIES.iter().flat_map(|(_, family)| family.iter()).map(|f| (f.name, f)).collect());

/// Returns the function of a name; `core::` may stand in front.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Function> {
    BY_NAME.get(plain_name(name)).copied()
}

/// Whether there is a function of a name.
#[must_use]
pub fn is_known(name: &str) -> bool {
    matches!(plain_name(name), "try" | "can") || lookup(name).is_some()
}

/// What other languages call the functions here.
const HABITS: &[(&str, &str)] = &[
    ("append", "concat"),
    ("array", "tolist"),
    ("atoi", "tonumber"),
    ("bool", "tobool"),
    ("capitalize", "title"),
    ("count", "length"),
    ("datetime", "formatdate"),
    ("fromjson", "jsondecode"),
    ("has", "contains"),
    ("includes", "contains"),
    ("int", "tonumber"),
    ("json", "jsonencode"),
    ("len", "length"),
    ("list", "tolist"),
    ("lowercase", "lower"),
    ("map", "tomap"),
    ("now", "plantimestamp"),
    ("number", "tonumber"),
    ("printf", "format"),
    ("push", "concat"),
    ("set", "toset"),
    ("size", "length"),
    ("sprintf", "format"),
    ("str", "tostring"),
    ("strcat", "join"),
    ("strip", "trimspace"),
    ("strlen", "length"),
    ("substring", "substr"),
    ("tojson", "jsonencode"),
    ("tolower", "lower"),
    ("toupper", "upper"),
    ("toyaml", "yamlencode"),
    ("unique", "distinct"),
    ("uppercase", "upper"),
];

/// Returns the function that was meant by a name that there is not, written as it must be.
#[must_use]
pub fn near(name: &str) -> Option<String> {
    let habit = |name: &str| HABITS.iter().find(|(other, _)| *other == name).map(|(_, known)| *known);
    let plain = |name: &str| habit(name).or_else(|| suggestion(name, names().chain(["try", "can"])));
    let inside =
        |name: &str| names().find(|known| known.contains("::") && known.rsplit("::").next() == Some(name));
    let parts: Vec<&str> = name.split("::").collect();
    match parts.as_slice() {
        [last] => plain(last).or_else(|| inside(last)).map(str::to_owned),
        [_, last] => {
            let known = names().find(|known| known == last);
            known.or_else(|| plain(last)).map(|known| format!("core::{known}"))
        }
        [.., last] => {
            let of_providers = || names().filter(|known| known.contains("::"));
            let ends = |known: &str| known.rsplit("::").next().unwrap_or_default().to_owned();
            let near = suggestion(name, of_providers()).or_else(|| inside(last));
            near.or_else(|| of_providers().find(|known| suggestion(last, [ends(known).as_str()]).is_some()))
                .map(str::to_owned)
        }
        [] => None,
    }
}

/// Returns the names of all functions in order, for suggestions and help.
pub fn names() -> impl Iterator<Item = &'static str> {
    BY_NAME.keys().copied()
}

/// Returns the families: a title and the functions that belong to it.
pub fn families() -> impl Iterator<Item = (&'static str, &'static [Function])> {
    FAMILIES.iter().copied()
}

/// Returns all functions in the order of their names.
pub fn all() -> impl Iterator<Item = &'static Function> {
    BY_NAME.values().copied()
}
