//! Values and types of the configuration language.
//!
//! A [`Value`] is null, a bool, number, string, list, set, map, tuple or object, or *unknown* (typed, with
//! refinements); every value, at every depth, may carry [`Marks`] (sensitive, ephemeral). Knows nothing of
//! expressions, schemas or state.

mod convert;
mod data;
mod equals;
mod fields;
mod figure;
mod json;
mod known;
mod marks;
mod number;
mod order;
mod refine;
mod secret;
mod ty;
mod typed;
mod wildcard;

pub use convert::ConvertError;
pub use convert::convert;
pub use convert::convertible;
pub use convert::mismatch_message;
pub use convert::unify;
pub use convert::unify_safe;
pub use data::Data;
pub use data::Value;
pub use fields::Fields;
pub use figure::grouped;
pub use figure::grouped_digits;
pub use json::JsonError;
pub use json::from_implied_json;
pub use json::from_json;
pub use json::to_json;
pub use json::to_json_as;
pub use json::type_from_json;
pub use json::type_to_json;
pub use known::Known;
pub use marks::Marks;
pub use number::Decimal;
pub use number::Number;
pub use number::NumberError;
pub use refine::Refinement;
pub use refine::Unknown;
pub use secret::Secret;
pub use ty::ObjectAttr;
pub use ty::Type;
pub use wildcard::matches_wildcard;
pub use wildcard::wildcards;
