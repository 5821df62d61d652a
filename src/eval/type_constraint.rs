//! Type constraints: `string`, `list(number)`, `object({ a = optional(string, "x") })`.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::Span;
use crate::syntax::ast::Call;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::value::Data;
use crate::value::ObjectAttr;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::constant;

const KEYWORDS: [&str; 9] = ["string", "number", "bool", "any", "list", "set", "map", "object", "tuple"];

/// What was meant by a word that is no type: some write types as other languages do.
fn near_type(name: &str) -> String {
    let habit = match name.to_ascii_lowercase().as_str() {
        "str" | "text" | "char" => Some("string"),
        "int" | "integer" | "float" | "double" | "num" | "decimal" | "int64" | "float64" => Some("number"),
        "boolean" => Some("bool"),
        "array" | "slice" | "vector" => Some("list"),
        "dict" | "dictionary" | "hash" | "hashmap" => Some("map"),
        "struct" | "record" => Some("object"),
        "dynamic" | "unknown" | "interface" => Some("any"),
        _ => None,
    };
    match (habit, did_you_mean(name, KEYWORDS.into_iter().chain(["optional"]))) {
        (Some(word), _) => format!("did you mean `{word}`?"),
        (None, Some(near)) => near,
        (None, None) => format!("types are {}", KEYWORDS.map(|word| format!("`{word}`")).join(", ")),
    }
}

/// Reads a type constraint. A bare `list` or `map` stands for `list(any)` or `map(any)`.
///
/// # Errors
/// All findings.
pub fn type_constraint(expr: &Expr) -> Result<Type, Diagnostics> {
    let mut reader = Reader { found: Diagnostics::new() };
    let ty = reader.outermost(expr);
    if reader.found.has_errors() { Err(reader.found) } else { Ok(ty) }
}

struct Reader {
    found: Diagnostics,
}

impl Reader {
    fn wrong(&mut self, summary: impl Into<String>, span: Span) -> Type {
        self.found.push(Diagnostic::error(Code::InvalidType, summary).at(span, ""));
        Type::Any
    }

    fn outermost(&mut self, expr: &Expr) -> Type {
        match &expr.kind {
            ExprKind::Variable(name) if &**name == "list" => Type::list(Type::Any),
            ExprKind::Variable(name) if &**name == "map" => Type::map(Type::Any),
            ExprKind::Literal(value) => match value.as_str() {
                Some(text) => {
                    let hint = match &**text {
                        "list" | "map" => format!("write `{text}(string)` without quotes"),
                        "" => "write a type such as `string`, without quotes".to_owned(),
                        text => format!("write `{text}` without quotes"),
                    };
                    self.found.push(
                        Diagnostic::error(Code::InvalidType, "types are not written in quotes")
                            .at(expr.span, "")
                            .hint(hint),
                    );
                    Type::Any
                }
                None => self.constraint(expr),
            },
            _ => self.constraint(expr),
        }
    }

    fn constraint(&mut self, expr: &Expr) -> Type {
        match &expr.kind {
            ExprKind::Variable(name) => self.keyword(name, expr.span),
            ExprKind::Literal(value) if value.is_null() => self.keyword("null", expr.span),
            ExprKind::Call(call) => self.constructor(call, expr.span),
            ExprKind::Invalid => {
                // The parser has reported it.
                Type::Any
            }
            _ => {
                self.found.push(
                    Diagnostic::error(Code::InvalidType, "this is not a type")
                        .at(expr.span, "")
                        .hint("write `string`, `number`, `bool`, `any`, or a type such as `list(string)`"),
                );
                Type::Any
            }
        }
    }

    fn keyword(&mut self, name: &str, span: Span) -> Type {
        match name {
            "string" => Type::String,
            "number" => Type::Number,
            "bool" => Type::Bool,
            "any" => Type::Any,
            "list" | "set" | "map" => {
                self.wrong(format!("`{name}` needs the type of its elements: `{name}(string)`"), span)
            }
            "object" => {
                self.wrong("`object` needs the types of its attributes: `object({ name = string })`", span)
            }
            "tuple" => self.wrong("`tuple` needs the types of its elements: `tuple([string, number])`", span),
            name => {
                self.found.push(
                    Diagnostic::error(Code::InvalidType, format!("there is no type `{name}`"))
                        .at(span, "")
                        .hint(near_type(name)),
                );
                Type::Any
            }
        }
    }

    fn constructor(&mut self, call: &Call, span: Span) -> Type {
        let name = &*call.name.value;
        match name {
            "string" | "number" | "bool" | "any" => {
                return self.wrong(format!("`{name}` takes no arguments"), call.parens);
            }
            "list" | "set" | "map" | "object" | "tuple" => {}
            "optional" => {
                return self.wrong(
                    "`optional` is allowed only around the type of an object's attribute",
                    call.name.span,
                );
            }
            name => {
                self.found.push(
                    Diagnostic::error(Code::InvalidType, format!("there is no type `{name}(…)`"))
                        .at(span, "")
                        .hint(near_type(name)),
                );
                return Type::Any;
            }
        }
        let argument = match &*call.arguments {
            [argument] if !call.expand => argument,
            _ => {
                self.keyword(name, call.parens);
                return Type::Any;
            }
        };
        match name {
            "list" => Type::list(self.constraint(argument)),
            "set" => Type::set(self.constraint(argument)),
            "map" => Type::map(self.constraint(argument)),
            "tuple" => match &argument.kind {
                ExprKind::Tuple(elements) => {
                    Type::tuple(elements.iter().map(|element| self.constraint(element)).collect::<Vec<_>>())
                }
                _ => self.wrong("`tuple` needs a list of types: `tuple([string, number])`", argument.span),
            },
            _ => self.object(argument),
        }
    }

    fn object(&mut self, argument: &Expr) -> Type {
        let ExprKind::Object(items) = &argument.kind else {
            return self.wrong(
                "`object` needs the types of its attributes by name: `object({ name = string })`",
                argument.span,
            );
        };
        let mut attributes: BTreeMap<Arc<str>, ObjectAttr> = BTreeMap::new();
        for item in items {
            let name = match &item.key.kind {
                ExprKind::Literal(value) if item.bare => value.as_str().cloned(),
                _ => None,
            };
            let Some(name) = name else {
                self.wrong("attribute names of an object type are written without quotes", item.key.span);
                continue;
            };
            let attr = self.attribute(&item.value);
            if attributes.insert(Arc::clone(&name), attr).is_some() {
                self.wrong(format!("the attribute `{name}` stands twice in the object type"), item.key.span);
            }
        }
        Type::Object(Arc::new(attributes))
    }

    fn attribute(&mut self, expr: &Expr) -> ObjectAttr {
        let ExprKind::Call(call) = &expr.kind else { return ObjectAttr::required(self.constraint(expr)) };
        if &*call.name.value != "optional" {
            return ObjectAttr::required(self.constraint(expr));
        }
        let (ty, default) = match &*call.arguments {
            [ty] => (ty, None),
            [ty, default] => (ty, Some(default)),
            _ => {
                self.wrong("`optional` takes a type and a default: `optional(number, 3)`", call.parens);
                return ObjectAttr { ty: Type::Any, optional: true, default: None };
            }
        };
        let ty = self.constraint(ty);
        let default = default.and_then(|expr| self.default(expr, &ty));
        ObjectAttr { ty, optional: true, default }
    }

    fn default(&mut self, expr: &Expr, ty: &Type) -> Option<Value> {
        let value = match constant(expr) {
            Ok(value) => value,
            Err(found) => {
                self.found.extend(found);
                return None;
            }
        };
        if matches!(value.data(), Data::Null(_)) {
            return Some(Value::null_of(ty.without_optional()));
        }
        // Defaults inside the default are filled in where it is used.
        match convert(&value, &ty.without_defaults()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.found.push(
                    Diagnostic::error(
                        Code::InvalidType,
                        format!("the default does not fit the attribute's type: {error}"),
                    )
                    .at(expr.span, format!("this is {}", value.ty().friendly_name())),
                );
                None
            }
        }
    }
}
