//! What the two results of a conditional have in common.

use crate::value::Data;
use crate::value::Number;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;
use crate::value::unify;

use std::cmp::Ordering;

/// The type that both results convert to.
pub(super) fn common_type(yes: &Type, no: &Type) -> Option<Type> {
    if yes == no { Some(yes.clone()) } else { unify(&[yes.clone(), no.clone()]) }
}

/// What is known of a result while the condition is not.
pub(super) fn unknown_choice(yes: &Value, no: &Value, ty: Type) -> Value {
    if yes.is_null() && no.is_null() {
        return Value::null_of(ty);
    }
    let not_null = yes.is_definitely_not_null() && no.is_definitely_not_null();
    let mut refinement = Refinement { not_null, ..Refinement::default() };
    let (yes_type, no_type) = (yes.ty(), no.ty());
    match (&yes_type, &no_type) {
        (Type::Number, Type::Number) => {
            refinement.min = outer(lower(yes), lower(no), Ordering::Less);
            refinement.max = outer(upper(yes), upper(no), Ordering::Greater);
        }
        (Type::List(_) | Type::Set(_) | Type::Map(_), _) if yes_type == no_type => {
            let (yes, no) = (lengths(yes), lengths(no));
            refinement.min_length = Some(yes.0.min(no.0));
            refinement.max_length = yes.1.zip(no.1).map(|(yes, no)| yes.max(no));
        }
        _ => {}
    }
    Value::refined(ty, refinement)
}

/// A bound and whether it is included itself.
type Bound = Option<(Number, bool)>;

fn lower(value: &Value) -> Bound {
    match value.data() {
        Data::Number(number) => Some((number.clone(), true)),
        Data::Unknown(unknown) => unknown.refinement.min.clone(),
        _ => None,
    }
}

fn upper(value: &Value) -> Bound {
    match value.data() {
        Data::Number(number) => Some((number.clone(), true)),
        Data::Unknown(unknown) => unknown.refinement.max.clone(),
        _ => None,
    }
}

/// The wider of two bounds.
fn outer(left: Bound, right: Bound, wider: Ordering) -> Bound {
    let ((left, left_included), (right, right_included)) = left.zip(right)?;
    match left.cmp(&right) {
        Ordering::Equal => Some((left, left_included || right_included)),
        order if order == wider => Some((left, left_included)),
        _ => Some((right, right_included)),
    }
}

/// The least and greatest possible length of a collection.
pub(super) fn lengths(value: &Value) -> (u64, Option<u64>) {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    match value.data() {
        Data::List(_, parts) => (count(parts.len()), Some(count(parts.len()))),
        Data::Map(_, parts) => (count(parts.len()), Some(count(parts.len()))),
        // Unknown elements may turn out to be the same.
        Data::Set(_, parts) if parts.iter().all(Value::is_wholly_known) => {
            (count(parts.len()), Some(count(parts.len())))
        }
        Data::Set(_, parts) => (count(parts.len().min(1)), Some(count(parts.len()))),
        Data::Unknown(unknown) => (unknown.refinement.min_length.unwrap_or(0), unknown.refinement.max_length),
        _ => (0, None),
    }
}

/// Says how two types differ that have nothing in common.
pub(super) fn difference(yes: &Type, no: &Type) -> String {
    match (yes, no) {
        (Type::Object(yes), Type::Object(no)) => {
            for (name, attr) in yes.iter() {
                match no.get(name) {
                    None => return format!("only the true result has the attribute `{name}`"),
                    Some(other) if other.ty != attr.ty => {
                        return format!("attribute `{name}` differs: {}", difference(&attr.ty, &other.ty));
                    }
                    Some(_) => {}
                }
            }
            if let Some(name) = no.keys().find(|name| !yes.contains_key(*name)) {
                return format!("only the false result has the attribute `{name}`");
            }
        }
        (Type::Tuple(yes), Type::Tuple(no)) => {
            if yes.len() != no.len() {
                return format!(
                    "the true result has {} elements, the false result has {}",
                    yes.len(),
                    no.len()
                );
            }
            let pairs = yes.iter().zip(no.iter()).enumerate();
            if let Some((index, (yes, no))) = pairs.into_iter().find(|(_, (yes, no))| yes != no) {
                return format!("element {index} differs: {}", difference(yes, no));
            }
        }
        (Type::List(yes), Type::List(no))
        | (Type::Set(yes), Type::Set(no))
        | (Type::Map(yes), Type::Map(no)) => {
            return format!("the elements differ: {}", difference(yes, no));
        }
        _ => {}
    }
    format!("the true result is {}, the false result is {}", yes.friendly_name(), no.friendly_name())
}
