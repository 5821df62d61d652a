//! Why one type does not convert to another, in words.

use super::super::Type;
use super::exists::exists;

/// Returns what is missing or wrong in a type that does not convert to a constraint.
#[must_use]
pub fn mismatch_message(got: &Type, want: &Type) -> String {
    match (got, want) {
        (Type::Object(_), Type::Object(_)) => objects(got, want),
        (Type::Tuple(_), Type::List(element)) if **element == Type::Any => {
            "all list elements must have the same type".to_owned()
        }
        (Type::Tuple(_), Type::Set(element)) if **element == Type::Any => {
            "all set elements must have the same type".to_owned()
        }
        (Type::Object(_), Type::Map(element)) if **element == Type::Any => {
            "all map elements must have the same type".to_owned()
        }
        (Type::Tuple(elements), Type::List(want) | Type::Set(want)) => {
            let wrong =
                elements.iter().enumerate().find(|(_, got)| *got != &**want && !exists(got, want, true));
            match wrong {
                Some((index, got)) => format!("element {index}: {}", mismatch_message(got, want)),
                None => format!("all elements must be {}", want.constraint_name()),
            }
        }
        (Type::Object(attributes), Type::Map(want)) => {
            let wrong = attributes.iter().find(|(_, got)| got.ty != **want && !exists(&got.ty, want, true));
            match wrong {
                Some((name, got)) => format!("element {name:?}: {}", mismatch_message(&got.ty, want)),
                None => format!("all elements must be {}", want.constraint_name()),
            }
        }
        (Type::List(got) | Type::Set(got), Type::List(want)) => {
            format!("incorrect list element type: {}", mismatch_message(got, want))
        }
        (Type::List(got) | Type::Set(got), Type::Set(want)) => {
            format!("incorrect set element type: {}", mismatch_message(got, want))
        }
        (Type::Map(got), Type::Map(want)) => {
            format!("incorrect map element type: {}", mismatch_message(got, want))
        }
        _ => format!("{} required", want.constraint_name()),
    }
}

fn objects(got: &Type, want: &Type) -> String {
    let (Type::Object(got), Type::Object(want)) = (got, want) else {
        return format!("{} required", want.constraint_name());
    };
    let missing: Vec<String> = want
        .iter()
        .filter(|(name, attr)| !attr.optional && !got.contains_key(*name))
        .map(|(name, _)| format!("{name:?}"))
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return format!("attribute {one} is required"),
        [one, two] => return format!("attributes {one} and {two} are required"),
        [most @ .., last] => return format!("attributes {}, and {last} are required", most.join(", ")),
    }
    let wrong = |unsafely: bool| {
        want.iter().find_map(|(name, attr)| {
            let found = &got.get(name)?.ty;
            (*found != attr.ty && !exists(found, &attr.ty, unsafely))
                .then(|| format!("attribute {name:?}: {}", mismatch_message(found, &attr.ty)))
        })
    };
    wrong(true).or_else(|| wrong(false)).unwrap_or_else(|| "incorrect object attributes".to_owned())
}
