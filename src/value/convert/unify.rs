//! The one type that several types convert to.

use super::super::ObjectAttr;
use super::super::Type;
use super::exists::exists;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Returns the one type that all the given types convert to, if there is one. [`Type::Any`] means that it
/// depends on types that are not known yet.
#[must_use]
pub fn unify(types: &[Type]) -> Option<Type> {
    common(types, true)
}

/// Like [`unify`], but only by conversions that succeed for every value.
#[must_use]
pub fn unify_safe(types: &[Type]) -> Option<Type> {
    common(types, false)
}

/// Types with parts that are not known yet can have a common type in each part and none as a whole.
fn common(types: &[Type], unsafely: bool) -> Option<Type> {
    let common = unify_with(types.iter(), unsafely)?;
    types.iter().all(|ty| *ty == common || exists(ty, &common, unsafely)).then_some(common)
}

/// Collects the distinct types first: collections of one type are the usual case and may be long.
#[expect(single_use_lifetimes, reason = "the lifetime cannot be left out here in stable Rust")]
pub(super) fn unify_with<'t>(types: impl Iterator<Item = &'t Type>, unsafely: bool) -> Option<Type> {
    let mut distinct: Vec<&Type> = Vec::new();
    for ty in types {
        if !distinct.iter().rev().any(|seen| *seen == ty) {
            distinct.push(ty);
        }
    }
    unify_distinct(&distinct, unsafely)
}

fn unify_distinct(types: &[&Type], unsafely: bool) -> Option<Type> {
    if let [only] = types {
        return Some((*only).clone());
    }
    let count = |is: fn(&Type) -> bool| types.iter().filter(|ty| is(ty)).count();
    let maps = count(|ty| matches!(ty, Type::Map(_)));
    let lists = count(|ty| matches!(ty, Type::List(_)));
    let sets = count(|ty| matches!(ty, Type::Set(_)));
    let objects = count(|ty| matches!(ty, Type::Object(_)));
    let tuples = count(|ty| matches!(ty, Type::Tuple(_)));
    let dynamic = count(|ty| *ty == Type::Any);
    let all = |number: usize| number + dynamic == types.len();
    let is_dynamic = dynamic > 0;
    if maps > 0 && all(maps) {
        return collections(types, is_dynamic, unsafely, Type::map);
    }
    if maps > 0 && all(maps + objects) {
        if let Some(ty) = structures_as_collections(types, unsafely) {
            return Some(ty);
        }
    } else if lists > 0 && all(lists) {
        return collections(types, is_dynamic, unsafely, Type::list);
    } else if lists > 0 && all(lists + tuples) {
        if let Some(ty) = structures_as_collections(types, unsafely) {
            return Some(ty);
        }
    } else if sets > 0 && all(sets) {
        return collections(types, is_dynamic, unsafely, Type::set);
    } else if objects > 0 && all(objects) {
        return if is_dynamic { Some(Type::Any) } else { object_types(types, unsafely) };
    } else if tuples > 0 && all(tuples) {
        return if is_dynamic { Some(Type::Any) } else { tuple_types(types, unsafely) };
    } else if objects > 0 && tuples > 0 {
        return None;
    }
    by_preference(types)
        .into_iter()
        .find(|wanted| types.iter().all(|ty| ty == wanted || exists(ty, wanted, unsafely)))
        .cloned()
}

fn element(ty: &Type) -> Option<&Type> {
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => Some(element),
        _ => None,
    }
}

fn collections(
    types: &[&Type],
    is_dynamic: bool,
    unsafely: bool,
    collection: fn(Type) -> Type,
) -> Option<Type> {
    if is_dynamic {
        return Some(Type::Any);
    }
    let result = collection(unify_with(types.iter().filter_map(|ty| element(ty)), unsafely)?);
    types.iter().all(|ty| **ty == result || exists(ty, &result, unsafely)).then_some(result)
}

/// Tuples beside lists are taken as lists, objects beside maps as maps.
fn structures_as_collections(types: &[&Type], unsafely: bool) -> Option<Type> {
    let structures: Vec<&Type> =
        types.iter().copied().filter(|ty| matches!(ty, Type::Tuple(_) | Type::Object(_))).collect();
    let common = flattened(&structures, unsafely)?;
    let mapped: Vec<Type> = types
        .iter()
        .map(|ty| if matches!(ty, Type::Tuple(_) | Type::Object(_)) { common.clone() } else { (*ty).clone() })
        .collect();
    let result = unify_with(mapped.iter(), unsafely)?;
    (std::mem::discriminant(&result) == std::mem::discriminant(&common)).then_some(result)
}

/// The list type of all elements of tuples, or the map type of all attributes of objects.
fn flattened(types: &[&Type], unsafely: bool) -> Option<Type> {
    let mut parts: Vec<&Type> = Vec::new();
    let mut is_list = false;
    for ty in types {
        match ty {
            Type::Tuple(elements) => {
                is_list = true;
                parts.extend(elements.iter());
            }
            Type::Object(attributes) => parts.extend(attributes.values().map(|attr| &attr.ty)),
            _ => return None,
        }
    }
    if parts.is_empty() {
        return None;
    }
    let element = unify_with(parts.into_iter(), unsafely)?;
    let result = if is_list { Type::list(element) } else { Type::map(element) };
    types.iter().all(|ty| exists(ty, &result, unsafely)).then_some(result)
}

fn object_types(types: &[&Type], unsafely: bool) -> Option<Type> {
    let attributes: Vec<&BTreeMap<Arc<str>, ObjectAttr>> = types
        .iter()
        .filter_map(|ty| if let Type::Object(attributes) = ty { Some(&**attributes) } else { None })
        .collect();
    let first = *attributes.first()?;
    let same_names =
        attributes.iter().all(|other| other.len() == first.len() && other.keys().eq(first.keys()));
    if !same_names {
        return flattened(types, unsafely);
    }
    let mut result = BTreeMap::new();
    for name in first.keys() {
        let across = attributes.iter().filter_map(|attributes| attributes.get(name)).map(|attr| &attr.ty);
        result.insert(Arc::clone(name), ObjectAttr::required(unify_with(across, unsafely)?));
    }
    let result = Type::Object(Arc::new(result));
    if types.iter().all(|ty| **ty == result || exists(ty, &result, unsafely)) {
        Some(result)
    } else {
        flattened(types, unsafely)
    }
}

fn tuple_types(types: &[&Type], unsafely: bool) -> Option<Type> {
    let elements: Vec<&[Type]> = types
        .iter()
        .filter_map(|ty| if let Type::Tuple(elements) = ty { Some(&**elements) } else { None })
        .collect();
    let length = elements.first()?.len();
    if elements.iter().any(|other| other.len() != length) {
        return flattened(types, unsafely);
    }
    let mut result = Vec::with_capacity(length);
    for index in 0..length {
        let across = elements.iter().filter_map(|elements| elements.get(index));
        result.push(unify_with(across, unsafely)?);
    }
    let result = Type::tuple(result);
    if types.iter().all(|ty| **ty == result || exists(ty, &result, unsafely)) {
        Some(result)
    } else {
        flattened(types, unsafely)
    }
}

/// The types in the order in which they are tried: the more general ones first, otherwise as they came.
fn by_preference<'t>(types: &[&'t Type]) -> Vec<&'t Type> {
    let mut less: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    let mut above: Vec<usize> = vec![0; types.len()];
    for (i, left) in types.iter().enumerate() {
        for (j, right) in types.iter().enumerate().skip(i + 1) {
            let (general, special) = match compare(left, right) {
                Ordering::Less => (i, j),
                Ordering::Greater => (j, i),
                Ordering::Equal => continue,
            };
            if let Some(list) = less.get_mut(general) {
                list.push(special);
            }
            if let Some(count) = above.get_mut(special) {
                *count += 1;
            }
        }
    }
    let mut order: Vec<usize> =
        above.iter().enumerate().filter(|(_, count)| **count == 0).map(|(index, _)| index).collect();
    let mut next = 0;
    while let Some(index) = order.get(next).copied() {
        next += 1;
        for special in less.get(index).into_iter().flatten() {
            if let Some(count) = above.get_mut(*special) {
                *count -= 1;
                if *count == 0 {
                    order.push(*special);
                }
            }
        }
    }
    order.into_iter().filter_map(|index| types.get(index).copied()).collect()
}

/// Less: the left type is the more general one; greater: the right one.
fn compare(left: &Type, right: &Type) -> Ordering {
    match (left, right) {
        (Type::Any, Type::Any) => Ordering::Equal,
        (Type::List(left), Type::List(right))
        | (Type::Set(left), Type::Set(right))
        | (Type::Map(left), Type::Map(right)) => compare(left, right),
        (_, Type::Any)
        | (Type::String, Type::Bool | Type::Number)
        | (Type::List(_), Type::Tuple(_) | Type::Set(_))
        | (Type::Tuple(_), Type::Set(_))
        | (Type::Map(_), Type::Object(_)) => Ordering::Less,
        (Type::Any, _)
        | (Type::Bool | Type::Number, Type::String)
        | (Type::Tuple(_) | Type::Set(_), Type::List(_))
        | (Type::Set(_), Type::Tuple(_))
        | (Type::Object(_), Type::Map(_)) => Ordering::Greater,
        (Type::Object(left), Type::Object(right)) if left.keys().eq(right.keys()) => {
            pairwise(left.values().zip(right.values()).map(|(left, right)| (&left.ty, &right.ty)))
        }
        (Type::Tuple(left), Type::Tuple(right)) if left.len() == right.len() => {
            pairwise(left.iter().zip(right.iter()))
        }
        _ => Ordering::Equal,
    }
}

fn pairwise<'t>(pairs: impl Iterator<Item = (&'t Type, &'t Type)>) -> Ordering {
    let (mut left_general, mut right_general) = (false, false);
    for (left, right) in pairs {
        match compare(left, right) {
            Ordering::Less => left_general = true,
            Ordering::Greater => right_general = true,
            Ordering::Equal => {}
        }
    }
    match (left_general, right_general) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}
