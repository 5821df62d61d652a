//! Type constraints of attributes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::schema::Attribute;
use crate::schema::Mode;
use crate::schema::Nested;
use crate::schema::NestedKind;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::value::ObjectAttr;
use crate::value::Type;

use super::reader::bare;
use super::reader::fields;

/// Reads a complete type: `string`, `list(string)`, `object({ name = string })`.
pub(super) fn ty(expr: &Expr) -> Option<Type> {
    match &expr.kind {
        ExprKind::Variable(name) => match &**name {
            "string" => Some(Type::String),
            "number" => Some(Type::Number),
            "bool" => Some(Type::Bool),
            "any" => Some(Type::Any),
            _ => None,
        },
        ExprKind::Call(call) => {
            let [argument] = &*call.arguments else { return None };
            match &*call.name.value {
                "list" => ty(argument).map(Type::list),
                "set" => ty(argument).map(Type::set),
                "map" => ty(argument).map(Type::map),
                "object" => object(argument),
                _ => None,
            }
        }
        _ => None,
    }
}

fn object(expr: &Expr) -> Option<Type> {
    let parts = fields(expr)?.into_iter().map(|field| Some((field.name, ty(&field.value)?)));
    Some(Type::object(parts.collect::<Option<Vec<_>>>()?))
}

/// Reads a collection that is filled by nested attributes: `object`, `list`, `set` or `map` alone.
pub(super) fn nested_kind(expr: &Expr) -> Option<NestedKind> {
    match &*bare(expr)?.value {
        "object" => Some(NestedKind::Object),
        "list" => Some(NestedKind::List),
        "set" => Some(NestedKind::Set),
        "map" => Some(NestedKind::Map),
        _ => None,
    }
}

/// Returns the type that nested attributes make up.
pub(super) fn nested(nested: &Nested) -> Type {
    let part = |attribute: &Attribute| {
        let optional = attribute.mode != Mode::Required;
        let ty = attribute.ty.clone();
        (Arc::clone(&attribute.name), ObjectAttr { ty, optional, default: attribute.default.clone() })
    };
    let parts: BTreeMap<Arc<str>, ObjectAttr> = nested.attributes.iter().map(part).collect();
    let object = Type::Object(Arc::new(parts));
    match nested.kind {
        NestedKind::Object => object,
        NestedKind::List => Type::list(object),
        NestedKind::Set => Type::set(object),
        NestedKind::Map => Type::map(object),
    }
}
