//! References, attributes and indices.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::did_you_mean;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Ident;
use crate::value::Data;
use crate::value::Marks;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use std::sync::Arc;

use super::Referent;
use super::evaluate::Evaluator;
use super::evaluate::failed;
use super::show;

/// One step after the start of a reference.
enum Step<'e> {
    Attr(&'e Ident),
    Index(&'e Expr),
}

impl<'s> Evaluator<'s> {
    /// Evaluates a name with the steps after it.
    pub(super) fn reference(&mut self, expr: &Expr) -> Value {
        match self.referent(expr) {
            Some(Referent::Value(value)) => value,
            Some(Referent::Namespace(namespace)) => match namespace.whole(expr.span) {
                Ok(value) => value,
                Err(found) => {
                    self.diags.extend(found);
                    failed()
                }
            },
            None => failed(),
        }
    }

    /// Takes the steps of a reference one by one, so that only what it names is computed.
    fn referent(&mut self, expr: &Expr) -> Option<Referent<'s>> {
        let mut steps: Vec<(Step<'_>, &Expr)> = Vec::new();
        let mut start = expr;
        loop {
            match &start.kind {
                ExprKind::GetAttr(node) => {
                    steps.push((Step::Attr(&node.name), &node.of));
                    start = &node.of;
                }
                ExprKind::Index(node) => {
                    steps.push((Step::Index(&node.key), &node.of));
                    start = &node.of;
                }
                _ => break,
            }
        }
        let mut current = if let ExprKind::Variable(name) = &start.kind {
            match self.locals.iter().rev().find(|(local, _)| local == name) {
                Some((_, value)) => Some(Referent::Value(value.clone())),
                None => match self.scope.root(name, start.span) {
                    Ok(referent) => Some(referent),
                    Err(found) => {
                        let near = did_you_mean(name, self.locals.iter().map(|(local, _)| &**local));
                        self.diags.extend(found.into_iter().map(|mut found| {
                            if near.is_some() {
                                found.hints = near.iter().cloned().collect();
                            }
                            found
                        }));
                        None
                    }
                },
            }
        } else {
            Some(Referent::Value(self.eval(start)))
        };
        while let Some((step, of)) = steps.pop() {
            current = match step {
                Step::Attr(name) => match current {
                    Some(Referent::Value(value)) => Some(Referent::Value(self.attribute(&value, name, of))),
                    Some(Referent::Namespace(namespace)) => {
                        let part = namespace.attribute(&name.value, name.span);
                        self.kept(part)
                    }
                    None => None,
                },
                Step::Index(key_expr) => {
                    let key = self.eval(key_expr);
                    match current {
                        Some(Referent::Value(value)) => {
                            Some(Referent::Value(self.element(&value, &key, of, key_expr)))
                        }
                        Some(Referent::Namespace(namespace)) => {
                            let part = namespace.index(&key, key_expr.span);
                            self.kept(part)
                        }
                        None => None,
                    }
                }
            };
        }
        current
    }

    fn kept(&mut self, part: Result<Referent<'s>, crate::diag::Diagnostics>) -> Option<Referent<'s>> {
        match part {
            Ok(referent) => Some(referent),
            Err(found) => {
                self.diags.extend(found);
                None
            }
        }
    }

    fn attribute(&mut self, value: &Value, name: &Ident, of: &Expr) -> Value {
        match attribute(value, &name.value, name.span) {
            Ok(value) => value,
            Err(diagnostic) => {
                let diagnostic = self.explained(*diagnostic, of);
                self.fail(diagnostic)
            }
        }
    }

    fn element(&mut self, value: &Value, key: &Value, of: &Expr, key_expr: &Expr) -> Value {
        match element(value, key, key_expr.span) {
            Ok(value) => value,
            Err(diagnostic) => {
                let diagnostic = self.explained(*diagnostic, of);
                let diagnostic = self.explained(diagnostic, key_expr);
                self.fail(diagnostic)
            }
        }
    }
}

/// Returns an attribute of an object or the element of a map.
///
/// # Errors
/// If there is none; the finding does not quote the value.
pub fn attribute(value: &Value, name: &str, span: Span) -> Result<Value, Box<Diagnostic>> {
    let marks = value.marks();
    let unsupported = |summary: String| Diagnostic::error(Code::UnsupportedAttribute, summary).at(span, "");
    Err(Box::new(match value.data() {
        Data::Null(_) => Diagnostic::error(Code::NullValue, format!("null has no attribute `{name}`"))
            .at(span, "")
            .hint("use `try(…, null)` or a condition where the value may be null"),
        Data::Object(fields) => match fields.get(name) {
            Some(part) => return Ok(part.clone().mark(marks)),
            None => no_attribute(name, told(fields.keys(), marks), span),
        },
        Data::Map(_, fields) => match fields.get(name) {
            Some(part) => return Ok(part.clone().mark(marks)),
            None => unsupported(format!("the map has no element `{name}`")).maybe_hint(
                did_you_mean(name, fields.keys().map(|name| &**name)).filter(|_| marks.is_none()),
            ),
        },
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Any => return Ok(failed().mark(marks)),
            Type::Map(element) => return Ok(Value::unknown((**element).clone()).mark(marks)),
            Type::Object(attributes) => match attributes.get(name) {
                Some(attr) => return Ok(Value::unknown(attr.ty.clone()).mark(marks)),
                None => no_attribute(name, told(attributes.keys(), marks), span),
            },
            ty => no_attributes(name, ty, span),
        },
        _ => no_attributes(name, &value.ty(), span),
    }))
}

/// The names that a finding may list: those of a marked object may come from the secret itself.
fn told<'n>(names: impl Iterator<Item = &'n Arc<str>>, marks: Marks) -> Option<Vec<&'n str>> {
    marks.is_none().then(|| names.map(|name| &**name).collect())
}

fn no_attribute(name: &str, names: Option<Vec<&str>>, span: Span) -> Diagnostic {
    let Some(names) = names else {
        return Diagnostic::error(
            Code::UnsupportedAttribute,
            format!("the object has no attribute `{name}`"),
        )
        .at(span, "");
    };
    let diagnostic =
        Diagnostic::error(Code::UnsupportedAttribute, format!("the object has no attribute `{name}`"))
            .at(span, "")
            .maybe_hint(did_you_mean(name, names.iter().copied()));
    if names.is_empty() {
        return diagnostic.detail("It has no attributes at all.");
    }
    diagnostic.detail(format!("Its attributes are {}.", show::list_names(&names)))
}

fn no_attributes(name: &str, ty: &Type, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        Code::UnsupportedAttribute,
        format!("{} has no attribute `{name}`", show::article(&ty.friendly_name())),
    )
    .at(span, "");
    match ty {
        Type::List(element) | Type::Set(element) if matches!(**element, Type::Object(_)) => {
            if matches!(ty, Type::List(_)) {
                diagnostic.hint(format!(
                    "take one element with `[0].{name}`, or the attribute of all elements with `[*].{name}`"
                ))
            } else {
                diagnostic.hint(format!("take the attribute of all elements with `[*].{name}`"))
            }
        }
        Type::Tuple(_) => diagnostic.hint(format!(
            "take one element with `[0].{name}`, or the attribute of all elements with `[*].{name}`"
        )),
        _ => diagnostic,
    }
}

/// Returns the element of a list, tuple, map or object.
///
/// # Errors
/// If there is none; the finding does not quote the values.
pub fn element(value: &Value, key: &Value, span: Span) -> Result<Value, Box<Diagnostic>> {
    let marks = value.marks();
    let invalid =
        |summary: &str| Box::new(Diagnostic::error(Code::InvalidIndex, summary.to_owned()).at(span, ""));
    if value.is_null() {
        return Err(Box::new(
            Diagnostic::error(Code::NullValue, "null has no elements")
                .at(span, "")
                .hint("use `try(…, null)` or a condition where the value may be null"),
        ));
    }
    if key.is_null() {
        return Err(Box::new(Diagnostic::error(Code::NullValue, "the key is null").at(span, "")));
    }
    let ty = value.ty();
    // Which element it will be is open: what is secret in any of them, or in the key, stays secret.
    let open = |ty: Type| Value::unknown(ty).mark(value.marks_deep() | key.marks_deep());
    if ty == Type::Any || key.ty() == Type::Any {
        return Ok(open(Type::Any));
    }
    let converted = |wanted: &Type| {
        convert(key, wanted).map_err(|error| {
            invalid(&format!(
                "{} is not a key of {}: {error}",
                show::article(&key.ty().friendly_name()),
                show::article(&ty.friendly_name())
            ))
        })
    };
    match &ty {
        Type::List(element) => {
            let key = converted(&Type::Number)?;
            match (value.elements(), key.as_number()) {
                (Some(parts), Some(_)) => {
                    let part = at(parts, &key, span, marks.is_none())?;
                    Ok(part.clone().mark(marks | key.marks()))
                }
                _ => Ok(open((**element).clone())),
            }
        }
        Type::Tuple(types) => {
            let key = converted(&Type::Number)?;
            if key.as_number().is_none() {
                return Ok(open(Type::Any));
            }
            match value.elements() {
                Some(parts) => Ok(at(parts, &key, span, true)?.clone().mark(marks | key.marks())),
                None => Ok(Value::unknown(at(types, &key, span, true)?.clone()).mark(marks | key.marks())),
            }
        }
        Type::Map(element) => {
            let key = converted(&Type::String)?;
            match (value.fields(), key.as_str()) {
                (Some(parts), Some(name)) => {
                    if let Some(part) = parts.get(name) {
                        Ok(part.clone().mark(marks | key.marks()))
                    } else {
                        let hint = did_you_mean(name, parts.keys().map(|name| &**name));
                        Err(Box::new(
                            named(invalid("the map has no element of that key"), &key)
                                .maybe_hint(hint.filter(|_| marks.is_none() && key.marks().is_none())),
                        ))
                    }
                }
                _ => Ok(open((**element).clone())),
            }
        }
        Type::Object(attributes) => {
            let was_number = key.ty() == Type::Number;
            let key = converted(&Type::String)?;
            let Some(name) = key.as_str() else { return Ok(open(Type::Any)) };
            let Some(attr) = attributes.get(name) else {
                let diagnostic = named(invalid("the object has no attribute of that name"), &key);
                let hint = if was_number {
                    Some("an object has names, not positions".to_owned())
                } else {
                    did_you_mean(name, attributes.keys().map(|name| &**name))
                        .filter(|_| marks.is_none() && key.marks().is_none())
                };
                return Err(Box::new(diagnostic.maybe_hint(hint)));
            };
            match value.get(name) {
                Some(part) => Ok(part.clone().mark(marks)),
                None => Ok(Value::unknown(attr.ty.clone()).mark(marks)),
            }
        }
        Type::Set(_) => Err(Box::new(
            invalid("a set has no keys: its elements are known only by their value")
                .hint("use `for`, or `tolist(…)` if the order does not matter"),
        )),
        Type::Any | Type::Bool | Type::Number | Type::String => {
            Err(invalid(&format!("{} has no elements", show::article(&ty.friendly_name()))))
        }
    }
}

/// Names the key in the finding if it is no secret.
fn named(diagnostic: Box<Diagnostic>, key: &Value) -> Diagnostic {
    let mut diagnostic = *diagnostic;
    if key.marks().is_none()
        && let Some(text) = key.as_str()
    {
        diagnostic.summary = diagnostic
            .summary
            .replace("element of that key", &format!("element `{text}`"))
            .replace("attribute of that name", &format!("attribute `{text}`"));
    }
    diagnostic
}

/// The element at a known number. The length of a sensitive list is not told.
fn at<'p, T>(parts: &'p [T], key: &Value, span: Span, tell: bool) -> Result<&'p T, Box<Diagnostic>> {
    let invalid = |summary: String| Box::new(Diagnostic::error(Code::InvalidIndex, summary).at(span, ""));
    let Some(number) = key.as_number() else {
        return Err(invalid("the key is not a number".to_owned()));
    };
    if !number.is_integer() {
        return Err(invalid("an index must be a whole number".to_owned())
            .hint("round it with `floor(…)`")
            .into());
    }
    if number.is_negative() && !number.is_zero() {
        return Err(invalid("an index must not be negative".to_owned()));
    }
    let index = number.to_u64().and_then(|index| usize::try_from(index).ok());
    match index.and_then(|index| parts.get(index)) {
        Some(part) => Ok(part),
        None if !tell => Err(invalid("there is no such element".to_owned())),
        None if parts.is_empty() => {
            Err(invalid("there is no such element: the collection is empty".to_owned()))
        }
        None => Err(invalid(format!(
            "there is no such element: the collection has {}",
            show::count(parts.len(), "element")
        ))),
    }
}

/// Returns an unknown value that is known not to be null.
pub(super) fn unknown_not_null(ty: Type) -> Value {
    Value::refined(ty, Refinement::not_null())
}
