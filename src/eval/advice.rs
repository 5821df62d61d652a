//! What to do about a value of the wrong type: the part that is at fault, and how it is usually written.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::traversal;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::show;

/// Where the fault is, if it is only in a part, and what to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// The part at fault and what it is.
    pub part: Option<(Span, String)>,
    /// What to do.
    pub hint: Option<String>,
}

/// Looks for what is wrong with a value that does not convert to a type.
#[must_use]
pub fn advise(expr: &Expr, value: &Value, wanted: &Type) -> Advice {
    let (part, found, ty) = part_at_fault(expr, value, wanted);
    let is_inner = !std::ptr::eq(part, expr);
    Advice {
        part: is_inner.then(|| (part.span, format!("this is {}", found.ty().friendly_name()))),
        hint: hint(part, &found, &ty),
    }
}

/// Returns the finding that a value does not convert to the type of its place.
#[must_use]
pub fn unsuitable(summary: String, expr: &Expr, value: &Value, wanted: &Type) -> Diagnostic {
    let found = Diagnostic::error(Code::UnsuitableValue, summary);
    with_advice(found.at(expr.span, format!("this is {}", value.ty().friendly_name())), expr, value, wanted)
}

/// Adds the part at fault, and what to do.
pub(super) fn with_advice(mut found: Diagnostic, expr: &Expr, value: &Value, wanted: &Type) -> Diagnostic {
    let advice = advise(expr, value, wanted);
    if let Some((span, text)) = advice.part {
        found = found.at(span, text);
    }
    found.maybe_hint(advice.hint)
}

/// Goes into what is written down, to the part that does not convert.
fn part_at_fault<'e>(expr: &'e Expr, value: &Value, wanted: &Type) -> (&'e Expr, Value, Type) {
    let (mut expr, mut value, mut wanted) = (expr, value.clone(), wanted.clone());
    loop {
        let next = match (&expr.kind, &wanted) {
            (ExprKind::Parens(inner), _) => Some((inner.as_ref(), value.clone(), wanted.clone())),
            (ExprKind::Object(items), Type::Object(_) | Type::Map(_)) => items.iter().find_map(|item| {
                let ExprKind::Literal(key) = &item.key.kind else { return None };
                let part = value.get(key.as_str()?)?;
                let ty = match &wanted {
                    Type::Object(attributes) => attributes.get(key.as_str()?)?.ty.clone(),
                    Type::Map(element) => (**element).clone(),
                    _ => return None,
                };
                convert(part, &ty).is_err().then(|| (&item.value, part.clone(), ty))
            }),
            (ExprKind::Tuple(items), Type::List(element) | Type::Set(element)) => {
                let parts = value.elements().unwrap_or_default();
                items.iter().zip(parts).find_map(|(item, part)| {
                    convert(part, element).is_err().then(|| (item, part.clone(), (**element).clone()))
                })
            }
            _ => None,
        };
        match next {
            Some((inner, part, ty)) => (expr, value, wanted) = (inner, part, ty),
            None => return (expr, value, wanted),
        }
    }
}

fn hint(expr: &Expr, value: &Value, wanted: &Type) -> Option<String> {
    let found = value.ty();
    let is_plain = matches!(wanted, Type::String | Type::Number | Type::Bool);
    match (wanted, &found) {
        (Type::List(_) | Type::Set(_), Type::String | Type::Number | Type::Bool) => {
            Some("put it in brackets for a list of one element: `[…]`".to_owned())
        }
        (Type::Map(_) | Type::Object(_), Type::String | Type::Number | Type::Bool) => {
            Some("write `{ name = value }`".to_owned())
        }
        (Type::Object(attributes), Type::Object(given)) => {
            let missing: Vec<&str> = attributes
                .iter()
                .filter(|(name, attribute)| !attribute.optional && !given.contains_key(&**name))
                .map(|(name, _)| &**name)
                .collect();
            (!missing.is_empty()).then(|| format!("add {}", show::list_names(&missing)))
        }
        (_, Type::Object(attributes)) if is_plain => match traversal(expr) {
            Some(reference) if reference.steps.iter().all(|step| matches!(step.value, RefStep::Attr(_))) => {
                let mut text = reference.root.value.to_string();
                for step in &reference.steps {
                    if let RefStep::Attr(name) = &step.value {
                        text = format!("{text}.{name}");
                    }
                }
                let names: Vec<&str> = attributes.keys().map(|name| &**name).collect();
                let first = if names.contains(&"id") { "id" } else { names.first().copied()? };
                Some(format!(
                    "this is the whole object; name one of its attributes, such as `{text}.{first}`"
                ))
            }
            _ => None,
        },
        (Type::Number, Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Map(_)) => {
            Some("write `length(…)` for the number of its elements".to_owned())
        }
        (Type::String, Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
            Some("take one element with `[0]`, or join all of them: `join(\",\", …)`".to_owned())
        }
        (Type::Bool, Type::String) => Some("only \"true\" and \"false\" can stand for bools".to_owned()),
        (Type::Bool, Type::Number) => Some("compare it: `… != 0`".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::constant;
    use crate::source::SourceId;
    use crate::syntax::parse::parse_expression;

    fn advice(text: &str, wanted: &Type) -> (Option<String>, String) {
        let expr = parse_expression(SourceId(0), 0, text).output.unwrap();
        let value = constant(&expr).unwrap();
        let advice = advise(&expr, &value, wanted);
        let part =
            advice.part.map(|(span, _)| text.get(span.start as usize..span.end as usize).unwrap().to_owned());
        (part, advice.hint.unwrap_or_default())
    }

    #[test]
    fn the_part_at_fault_is_found() {
        let ty = Type::map(Type::object([("size", Type::Number)]));
        let (part, _) = advice("{ a = { size = 1 }, b = { size = \"big\" } }", &ty);
        assert_eq!(part.as_deref(), Some("\"big\""));
        let (part, hint) = advice("{ a = {} }", &ty);
        assert_eq!((part.as_deref(), &*hint), (Some("{}"), "add `size`"));
        let (part, hint) = advice("\"x\"", &Type::list(Type::String));
        assert!(part.is_none() && hint.contains("[…]"), "{hint}");
        assert!(advice("\"yes\"", &Type::Bool).1.contains("true"));
        assert!(advice("[1, 2]", &Type::Number).1.contains("length"));
    }
}
