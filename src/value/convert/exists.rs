//! Which types convert to which.

use super::super::Type;
use super::unify::unify_with;

/// Returns true if values of one type may convert to another.
#[must_use]
pub fn convertible(from: &Type, to: &Type) -> bool {
    *from == to.without_optional() || exists(from, to, true)
}

/// Returns true if there is a conversion between two types; with `unsafely` also one that may fail.
pub(super) fn exists(from: &Type, to: &Type, unsafely: bool) -> bool {
    let same_or = |from: &Type, to: &Type| from == to || exists(from, to, unsafely);
    match (from, to) {
        (_, Type::Any) | (Type::Number | Type::Bool, Type::String) => true,
        (Type::Any, _) | (Type::String, Type::Number | Type::Bool) => unsafely,
        (Type::Object(from), Type::Object(to)) => to.iter().all(|(name, attr)| match from.get(name) {
            Some(found) => same_or(&found.ty, &attr.ty),
            None => attr.optional,
        }),
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to.iter()).all(|(from, to)| same_or(from, to))
        }
        (Type::List(from) | Type::Set(from), Type::List(to)) | (Type::Set(from), Type::Set(to)) => {
            same_or(from, to)
        }
        (Type::List(from), Type::Set(to)) => unsafely && same_or(from, to),
        (Type::Map(from), Type::Map(to)) => same_or(from, to),
        (Type::Tuple(from), Type::List(to) | Type::Set(to)) => {
            if from.is_empty() {
                return true;
            }
            let Some(to) = element(from.iter(), to, unsafely) else { return false };
            if to == Type::Any && from.iter().any(|from| *from != Type::Any) {
                return false;
            }
            from.iter().all(|from| same_or(from, &to))
        }
        (Type::Object(from), Type::Map(to)) => {
            if from.is_empty() {
                return true;
            }
            let Some(to) = element(from.values().map(|attr| &attr.ty), to, unsafely) else { return false };
            from.values().all(|from| same_or(&from.ty, &to))
        }
        (Type::Map(from), Type::Object(to)) => {
            unsafely && to.values().all(|attr| same_or(from, &attr.ty) || attr.optional)
        }
        _ => false,
    }
}

/// The element type of a collection made of parts of these types.
#[expect(single_use_lifetimes, reason = "the lifetime cannot be left out here in stable Rust")]
pub(super) fn element<'t>(
    parts: impl Iterator<Item = &'t Type>,
    wanted: &Type,
    unsafely: bool,
) -> Option<Type> {
    if *wanted == Type::Any { unify_with(parts, unsafely) } else { Some(wanted.clone()) }
}
