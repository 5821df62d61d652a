//! Attributes of objects that are written down: what the type does not have would be left out without a word.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::diag::suggestion;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Name;
use crate::value::ObjectAttr;
use crate::value::Type;

/// Reports every attribute of an object in `expr` that the type in its place does not have. `finding` makes the
/// finding of a name.
pub(super) fn surplus(
    expr: &Expr,
    ty: &Type,
    report: &mut dyn FnMut(Diagnostic),
    finding: &dyn Fn(&str) -> Diagnostic,
) {
    match (&expr.kind, ty) {
        (ExprKind::Parens(inner), _) => surplus(inner, ty, report, finding),
        (ExprKind::Conditional(conditional), _) => {
            surplus(&conditional.yes, ty, report, finding);
            surplus(&conditional.no, ty, report, finding);
        }
        (ExprKind::For(each), Type::List(element) | Type::Set(element) | Type::Map(element)) => {
            surplus(&each.result, element, report, finding);
        }
        (ExprKind::Tuple(items), Type::List(element) | Type::Set(element)) => {
            items.iter().for_each(|item| surplus(item, element, report, finding));
        }
        (ExprKind::Tuple(items), Type::Tuple(types)) => {
            items.iter().zip(types.iter()).for_each(|(item, ty)| surplus(item, ty, report, finding));
        }
        (ExprKind::Object(items), Type::Map(element)) => {
            items.iter().for_each(|item| surplus(&item.value, element, report, finding));
        }
        (ExprKind::Object(items), Type::Object(attributes)) => {
            for item in items {
                let ExprKind::Literal(key) = &item.key.kind else { continue };
                let Some(name) = key.as_str() else { continue };
                match attributes.get(name) {
                    Some(attribute) => surplus(&item.value, &attribute.ty, report, finding),
                    None => {
                        let item = finding(name)
                            .at(item.key.span, "unknown attribute")
                            .hint(meant(name, attributes));
                        report(item);
                    }
                }
            }
        }
        _ => {}
    }
}

fn meant(name: &str, attributes: &BTreeMap<Name, ObjectAttr>) -> String {
    let names = || attributes.keys().map(|name: &Arc<str>| &**name);
    match suggestion(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if attributes.is_empty() => "the object has no attributes".to_owned(),
        None => format!("its attributes are `{}`", names().collect::<Vec<_>>().join("`, `")),
    }
}
