//! Defaults of optional attributes.

use super::super::Data;
use super::super::Refinement;
use super::super::Type;
use super::super::Value;
use super::apply::apply;
use super::unify::unify;

use std::sync::Arc;

/// Fills in the defaults of a constraint where optional attributes are absent or null, at every depth. The
/// result may still have to be converted; parts that do not fit the constraint are left as they are.
pub(super) fn fill(value: &Value, ty: &Type) -> Value {
    if !ty.has_defaults() {
        return value.clone();
    }
    let marks = value.marks();
    let filled = match value.data() {
        Data::List(element, parts) | Data::Set(element, parts) => {
            let is_set = matches!(value.data(), Data::Set(..));
            let parts: Vec<Value> =
                parts.iter().enumerate().map(|(index, part)| fill_index(part, ty, index)).collect();
            let unified =
                if parts.is_empty() { Some((element.clone(), Vec::new())) } else { same_types(&parts) };
            match unified {
                Some((element, parts)) if is_set => Value::set(element, parts),
                Some((element, parts)) => Value::list(element, parts),
                None => Value::tuple(parts),
            }
        }
        Data::Tuple(parts) => {
            Value::tuple(parts.iter().enumerate().map(|(index, part)| fill_index(part, ty, index)))
        }
        Data::Map(element, parts) => {
            let fields: Vec<(Arc<str>, Value)> = with_defaults(parts, ty);
            if fields.is_empty() {
                return Value::map(element.clone(), fields).mark(marks);
            }
            let (names, parts): (Vec<Arc<str>>, Vec<Value>) = fields.into_iter().unzip();
            match same_types(&parts) {
                Some((element, parts)) => Value::map(element, names.into_iter().zip(parts)),
                None => Value::object(names.into_iter().zip(parts)),
            }
        }
        Data::Object(parts) => Value::object(with_defaults(parts, ty)),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Unknown(_) => {
            return value.clone();
        }
    };
    filled.mark(marks)
}

fn fill_index(part: &Value, ty: &Type, index: usize) -> Value {
    let inner = match ty {
        Type::Tuple(elements) => elements.get(index),
        Type::List(element) | Type::Set(element) | Type::Map(element) => Some(&**element),
        _ => None,
    };
    inner.map_or_else(|| part.clone(), |inner| fill(part, inner))
}

fn with_defaults(parts: &super::super::Fields, ty: &Type) -> Vec<(Arc<str>, Value)> {
    let mut fields = super::super::Fields::new();
    for (name, part) in parts {
        let inner = match ty {
            Type::Object(attributes) => attributes.get(name).map(|attr| &attr.ty),
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some(&**element),
            _ => None,
        };
        fields.insert(Arc::clone(name), inner.map_or_else(|| part.clone(), |inner| fill(part, inner)));
    }
    if let Type::Object(attributes) = ty {
        for (name, attr) in attributes.iter() {
            let Some(default) = &attr.default else { continue };
            match fields.get(name) {
                Some(found) if !found.is_null() => {
                    if let Data::Unknown(unknown) = found.data()
                        && unknown.ty != Type::Any
                        && !default.is_null()
                    {
                        let refinement = Refinement { not_null: true, ..unknown.refinement.clone() };
                        let refined = Value::refined(unknown.ty.clone(), refinement).mark(found.marks());
                        fields.insert(Arc::clone(name), refined);
                    }
                }
                Some(_) | None => {
                    fields.insert(Arc::clone(name), fill(default, &attr.ty));
                }
            }
        }
    }
    fields.into_iter().collect()
}

/// Converts values to their common type.
fn same_types(parts: &[Value]) -> Option<(Type, Vec<Value>)> {
    let types: Vec<Type> = parts.iter().map(Value::ty).collect();
    let common = unify(&types)?;
    let parts = parts.iter().map(|part| apply(part, &common, None).ok()).collect::<Option<Vec<_>>>()?;
    Some((common, parts))
}
