//! `for` expressions and splats.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::For;
use crate::syntax::ast::Ident;
use crate::syntax::ast::Splat;
use crate::value::Data;
use crate::value::Marks;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::access::unknown_not_null;
use super::conditional::lengths;
use super::evaluate::Evaluator;
use super::evaluate::failed;
use super::show;

/// One turn of a `for`.
pub(super) struct Turn {
    pub(super) key: Value,
    pub(super) value: Value,
}

/// What the `if` of a `for` says about an element.
enum Included {
    Yes,
    No,
    Unknown,
}

impl Evaluator<'_> {
    /// Returns the turns over a collection; nothing if it failed or is not known. Collects the collection's
    /// own marks.
    pub(super) fn turns(
        &mut self,
        collection: &Value,
        expr: &Expr,
        marks: &mut Marks,
    ) -> Option<Box<dyn Iterator<Item = Turn>>> {
        *marks |= collection.marks();
        let number = |index: usize| Value::int(i64::try_from(index).unwrap_or(i64::MAX));
        let diagnostic = match collection.data() {
            Data::List(_, parts) | Data::Tuple(parts) => {
                let parts = Arc::clone(parts);
                return Some(Box::new((0..parts.len()).filter_map(move |index| {
                    Some(Turn { key: number(index), value: parts.get(index)?.clone() })
                })));
            }
            Data::Set(_, parts) => {
                let parts = Arc::clone(parts);
                return Some(Box::new((0..parts.len()).filter_map(move |index| {
                    let value = parts.get(index)?.clone();
                    Some(Turn { key: value.clone(), value })
                })));
            }
            Data::Map(_, parts) | Data::Object(parts) => {
                // Only names and shared values are copied.
                let parts: Vec<(Arc<str>, Value)> =
                    parts.iter().map(|(name, value)| (Arc::clone(name), value.clone())).collect();
                return Some(Box::new(
                    parts.into_iter().map(|(name, value)| Turn { key: Value::string(name), value }),
                ));
            }
            Data::Null(_) => Diagnostic::error(Code::NullValue, "null has no elements to walk over")
                .at(expr.span, "this is null"),
            Data::Unknown(unknown) if unknown.ty.is_primitive() => cannot_iterate(&unknown.ty, expr.span),
            Data::Unknown(_) => return None,
            Data::Bool(_) | Data::Number(_) | Data::String(_) => cannot_iterate(&collection.ty(), expr.span),
        };
        let diagnostic = self.explained(diagnostic, expr);
        self.diags.push(diagnostic);
        None
    }

    /// Makes the variables of a turn visible; returns the length to cut the locals to afterwards.
    pub(super) fn bind(
        &mut self,
        key: Option<&Ident>,
        name: &Ident,
        key_value: Value,
        value: Value,
    ) -> usize {
        let depth = self.locals.len();
        if let Some(key) = key {
            self.locals.push((Arc::clone(&key.value), key_value));
        }
        self.locals.push((Arc::clone(&name.value), value));
        depth
    }

    pub(super) fn for_expression(&mut self, node: &For, span: Span) -> Value {
        let mut marks = Marks::NONE;
        let collection = self.eval(&node.collection);
        if collection.ty() == Type::Any && !collection.is_null() {
            return failed().mark(collection.marks());
        }
        let before = self.diags.len();
        let turns = self.turns(&collection, &node.collection, &mut marks);
        if self.diags.len() > before {
            return failed();
        }
        let mut condition_marks = Marks::NONE;
        if let Some(condition) = &node.condition {
            // Tried once with unknown variables: mistakes that do not depend on the elements are then reported
            // once, also for empty collections.
            let depth = self.bind(node.key.as_ref(), &node.value, failed(), failed());
            let value = self.eval(condition);
            self.locals.truncate(depth);
            if self.diags.len() > before {
                return failed();
            }
            if self.included(&value, condition, &mut condition_marks).is_none() {
                return failed();
            }
        }
        let Some(turns) = turns else { return failed().mark(marks | condition_marks) };
        match &node.result_key {
            Some(key) => self.for_object(node, key, turns, marks, span),
            None => self.for_tuple(node, turns, marks),
        }
    }

    fn for_tuple(&mut self, node: &For, turns: impl Iterator<Item = Turn>, marks: Marks) -> Value {
        let mut marks = marks;
        let mut parts = Vec::with_capacity(turns.size_hint().0);
        let mut known = true;
        for Turn { key, value } in turns {
            if self.is_over() {
                return failed();
            }
            let depth = self.bind(node.key.as_ref(), &node.value, key, value);
            match self.condition(node, &mut marks) {
                Some(Included::Yes) => {
                    let part = self.eval(&node.result);
                    parts.push(part);
                }
                Some(Included::No) => {}
                Some(Included::Unknown) => known = false,
                None => {
                    self.locals.truncate(depth);
                    return failed();
                }
            }
            self.locals.truncate(depth);
        }
        if known { Value::tuple(parts).mark(marks) } else { failed().mark(marks) }
    }

    fn for_object(
        &mut self,
        node: &For,
        key_expr: &Expr,
        turns: impl Iterator<Item = Turn>,
        marks: Marks,
        span: Span,
    ) -> Value {
        let mut marks = marks;
        let mut known = true;
        let mut fields: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        for Turn { key, value } in turns {
            if self.is_over() {
                return failed();
            }
            let depth = self.bind(node.key.as_ref(), &node.value, key, value);
            match self.condition(node, &mut marks) {
                Some(Included::Yes) => match self.for_key(key_expr, &mut marks) {
                    Ok(Some(name)) => {
                        let part = self.eval(&node.result);
                        if node.group {
                            groups.entry(name).or_default().push(part);
                        } else if fields.insert(Arc::clone(&name), part).is_some() {
                            self.duplicate(&name, marks, key_expr, span);
                            known = false;
                        }
                    }
                    Ok(None) => known = false,
                    Err(()) => {
                        // The keys of the other elements would fail in the same way.
                        self.locals.truncate(depth);
                        return failed();
                    }
                },
                Some(Included::No) => {}
                Some(Included::Unknown) => known = false,
                None => {
                    self.locals.truncate(depth);
                    return failed();
                }
            }
            self.locals.truncate(depth);
        }
        if !known {
            return failed().mark(marks);
        }
        if node.group {
            fields = groups.into_iter().map(|(name, parts)| (name, Value::tuple(parts))).collect();
        }
        Value::object(fields).mark(marks)
    }

    fn duplicate(&mut self, name: &str, marks: Marks, key_expr: &Expr, span: Span) {
        let shown = if marks.is_none() { format!("the key `{name}`") } else { "one key".to_owned() };
        let diagnostic =
            Diagnostic::error(Code::InvalidForExpression, format!("two elements of the `for` have {shown}"))
                .at(key_expr.span, "")
                .at(span, "")
                .hint("add `...` after the value to group the values of the same key");
        self.diags.push(diagnostic);
    }

    /// Evaluates the key of an element: nothing if it is not known.
    fn for_key(&mut self, expr: &Expr, marks: &mut Marks) -> Result<Option<Arc<str>>, ()> {
        let before = self.diags.len();
        let (key, key_marks) = self.eval(expr).unmark();
        *marks |= key_marks;
        if self.diags.len() > before {
            return Err(());
        }
        let reason = if key.is_null() {
            "a key of the `for` is null".to_owned()
        } else {
            match convert(&key, &Type::String) {
                Ok(key) => return Ok(key.as_str().cloned()),
                Err(error) => format!("unsuitable value for a key of the `for`: {error}"),
            }
        };
        let diagnostic = Diagnostic::error(Code::InvalidForExpression, reason).at(expr.span, "");
        let diagnostic = self.explained(diagnostic, expr);
        self.diags.push(diagnostic);
        Err(())
    }

    /// Evaluates the `if` of a `for` with the variables bound; nothing if it failed.
    fn condition(&mut self, node: &For, marks: &mut Marks) -> Option<Included> {
        let Some(condition) = &node.condition else { return Some(Included::Yes) };
        let before = self.diags.len();
        let value = self.eval(condition);
        if self.diags.len() > before {
            return None;
        }
        self.included(&value, condition, marks)
    }

    fn included(&mut self, value: &Value, expr: &Expr, marks: &mut Marks) -> Option<Included> {
        *marks |= value.marks();
        let reason = if value.is_null() {
            "the `if` of the `for` is null".to_owned()
        } else {
            match convert(value, &Type::Bool) {
                Ok(value) => {
                    return Some(match value.as_bool() {
                        Some(true) => Included::Yes,
                        Some(false) => Included::No,
                        None => Included::Unknown,
                    });
                }
                Err(error) => format!("unsuitable value for the `if` of the `for`: {error}"),
            }
        };
        let diagnostic = Diagnostic::error(Code::InvalidForExpression, reason).at(expr.span, "");
        let diagnostic = self.explained(diagnostic, expr);
        self.diags.push(diagnostic);
        None
    }

    pub(super) fn splat(&mut self, node: &Splat, span: Span) -> Value {
        let before = self.diags.len();
        let source = self.eval(&node.of);
        if self.diags.len() > before {
            return failed();
        }
        let marks = source.marks();
        let ty = source.ty();
        let wraps = !matches!(ty, Type::Tuple(_) | Type::List(_) | Type::Set(_));
        if source.is_null() {
            if wraps {
                return Value::tuple([]).mark(marks);
            }
            let diagnostic = Diagnostic::error(
                Code::NullValue,
                format!("a null {} has no elements for `[*]`", ty.friendly_name()),
            )
            .at(node.of.span, "this is null")
            .at(node.marker, "");
            let diagnostic = self.explained(diagnostic, &node.of);
            return self.fail(diagnostic);
        }
        if ty == Type::Any {
            return failed().mark(marks);
        }
        // Whether there will be an element at all is open as long as the value may still be null.
        let may_vanish = wraps && !source.is_definitely_not_null();
        if !wraps && !source.is_known() {
            return self.unknown_splat(&source, &ty, &node.each);
        }
        let parts: Vec<Value> = if wraps {
            let part = self.each(node, source.unmark().0.mark(marks));
            // Whoever writes a splat behind a map means its values.
            if let (Type::Map(_) | Type::Object(_), [found]) =
                (&ty, self.diags.get_mut(before..).unwrap_or_default())
                && found.code == Code::UnsupportedAttribute
            {
                found.hints = vec![
                    "`[*]` goes over lists; write `values(…)[*]` for the values of a map or object"
                        .to_owned(),
                ];
            }
            vec![part]
        } else {
            let parts: Arc<[Value]> = source.elements().unwrap_or_default().into();
            parts.iter().map(|part| self.each(node, part.clone())).collect()
        };
        if self.diags.len() > before || may_vanish {
            return failed().mark(marks);
        }
        if !matches!(ty, Type::List(_) | Type::Set(_)) {
            return Value::tuple(parts).mark(marks);
        }
        let element = match parts.iter().map(Value::ty).find(|ty| *ty != Type::Any) {
            Some(element) => element,
            None if parts.is_empty() => self.each_type(element_type(&ty), &node.each),
            None => Type::Any,
        };
        if parts.iter().any(|part| !part.has_type(&element) && part.ty() != Type::Any) {
            let diagnostic = Diagnostic::error(
                Code::UnsuitableValue,
                "the inner `[*]` gives elements of different types, which cannot form a list",
            )
            .at(span, "")
            .hint("use a `for` expression, which gives a tuple");
            return self.fail(diagnostic);
        }
        if element == Type::Any && !parts.is_empty() {
            return Value::unknown(Type::list(Type::Any)).mark(marks);
        }
        Value::list(element, parts).mark(marks)
    }

    fn each(&mut self, node: &Splat, item: Value) -> Value {
        self.items.push(item);
        let value = self.eval(&node.each);
        self.items.pop();
        value
    }

    /// The type that the steps of a splat give for an element of a type.
    fn each_type(&mut self, element: Type, each: &Expr) -> Type {
        self.items.push(Value::unknown(element));
        let value = self.eval(each);
        self.items.pop();
        value.ty()
    }

    fn unknown_splat(&mut self, source: &Value, ty: &Type, each: &Expr) -> Value {
        let marks = source.marks();
        if let Type::Tuple(types) = ty {
            let types: Vec<Type> = types.iter().map(|ty| self.each_type(ty.clone(), each)).collect();
            return unknown_not_null(Type::tuple(types)).mark(marks);
        }
        let element = self.each_type(element_type(ty), each);
        let (least, most) = lengths(source);
        let refinement =
            Refinement { not_null: true, min_length: Some(least), max_length: most, ..Refinement::default() };
        Value::refined(Type::list(element), refinement).mark(marks)
    }
}

fn element_type(ty: &Type) -> Type {
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => (**element).clone(),
        _ => Type::Any,
    }
}

fn cannot_iterate(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::InvalidForExpression,
        format!("{} has no elements to walk over", show::article(&ty.friendly_name())),
    )
    .at(span, "")
}
