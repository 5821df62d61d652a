//! Function calls, and the two functions that take their arguments unevaluated: `try` and `can`.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::Call;
use crate::syntax::ast::Expr;
use crate::value::Data;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;

use super::evaluate::Evaluator;
use super::evaluate::failed;
use super::evaluate::is_catchable;
use super::functions;
use super::functions::CallError;
use super::functions::Function;

impl Evaluator<'_> {
    pub(super) fn call(&mut self, node: &Call, span: Span) -> Value {
        if !self.scope.allows_functions() {
            let diagnostic = Diagnostic::error(
                Code::InvalidReference,
                format!("`{}` cannot be called here", node.name.value),
            )
            .at(node.name.span, "functions are not allowed in this place");
            return self.fail(diagnostic);
        }
        match functions::plain_name(&node.name.value) {
            "try" if !node.expand => return self.try_arguments(node, span),
            "can" if !node.expand => return self.can_argument(node),
            _ => {}
        }
        let Some(function) = functions::lookup(&node.name.value) else {
            let name = &*node.name.value;
            let diagnostic =
                Diagnostic::error(Code::UnknownFunction, format!("there is no function `{name}`"))
                    .at(node.name.span, "")
                    .maybe_hint(meant(name));
            return self.fail(diagnostic);
        };
        if function.name == "templatestring"
            && let Some(template) = node.arguments.first()
            && let Some(problem) = functions::template_argument_problem(template)
        {
            let diagnostic = Diagnostic::error(
                Code::InvalidFunctionArgument,
                format!("invalid value for `template` of `templatestring`: {problem}"),
            )
            .at(template.span, "");
            return self.fail(diagnostic);
        }
        let before = self.diags.len();
        let mut arguments = Vec::with_capacity(node.arguments.len());
        // Where each argument was written; expanded ones stand all at the same place.
        let mut places: Vec<&Expr> = Vec::with_capacity(node.arguments.len());
        let mut unknown_count = None;
        for (index, expr) in node.arguments.iter().enumerate() {
            let value = self.eval(expr);
            if node.expand && index + 1 == node.arguments.len() {
                match self.expanded(&value, expr) {
                    Some(values) => {
                        places.extend(std::iter::repeat_n(expr, values.len()));
                        arguments.extend(values);
                    }
                    None => unknown_count = Some(value.marks()),
                }
            } else {
                arguments.push(value);
                places.push(expr);
            }
        }
        if self.diags.len() > before {
            return failed();
        }
        if let Some(marks) = unknown_count {
            return failed().mark(marks);
        }
        match function.call(arguments, self.scope, span) {
            Ok(value) => value,
            Err(error) => {
                let diagnostic = call_failed(function, node, span, &places, error);
                let diagnostic = node
                    .arguments
                    .iter()
                    .fold(diagnostic, |diagnostic, argument| self.explained(diagnostic, argument));
                self.fail(diagnostic)
            }
        }
    }

    /// Returns the elements of the argument before `...`; nothing if it failed or is not known.
    fn expanded(&mut self, value: &Value, expr: &Expr) -> Option<Vec<Value>> {
        let marks = value.marks();
        let wrong =
            |summary: &str| Diagnostic::error(Code::FunctionArguments, summary.to_owned()).at(expr.span, "");
        let diagnostic = match value.data() {
            Data::Null(_) => wrong("the argument before `...` is null"),
            Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
                return Some(parts.iter().cloned().map(|part| part.mark(marks)).collect());
            }
            Data::Unknown(unknown)
                if matches!(unknown.ty, Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_)) =>
            {
                return None;
            }
            _ => wrong("the argument before `...` must be a tuple, list or set"),
        };
        let diagnostic = self.explained(diagnostic, expr);
        self.diags.push(diagnostic);
        None
    }

    /// `try(a, b, …)`: the first argument that evaluates without error.
    fn try_arguments(&mut self, node: &Call, span: Span) -> Value {
        if node.arguments.is_empty() {
            let diagnostic =
                Diagnostic::error(Code::FunctionFailed, "`try` failed: at least one argument is required")
                    .at(span, "");
            return self.fail(diagnostic);
        }
        let mut reasons = Vec::new();
        for (index, argument) in node.arguments.iter().enumerate() {
            let (value, found) = self.attempt(argument);
            if found.iter().any(|found| !is_catchable(found)) {
                self.diags.extend(found.into_iter().filter(|found| !is_catchable(found)));
                return failed();
            }
            if found.is_empty() {
                // References that do not exist are wrong also in arguments that are not needed.
                for rest in node.arguments.iter().skip(index + 1) {
                    let (_, found) = self.attempt(rest);
                    self.diags.extend(found.into_iter().filter(|found| !is_catchable(found)));
                }
                // Once known, a part may still fail and another argument be taken.
                return if value.is_wholly_known() { value } else { failed().mark(value.marks_deep()) };
            }
            reasons.extend(found);
        }
        let mut diagnostic =
            Diagnostic::error(Code::FunctionFailed, "`try` failed: no argument can be evaluated")
                .at(span, "");
        for reason in reasons {
            let place = reason.labels.first().map_or(span, |label| label.span);
            diagnostic = diagnostic.at(place, reason.summary);
        }
        self.fail(diagnostic)
    }

    /// `can(a)`: whether the argument evaluates without error.
    fn can_argument(&mut self, node: &Call) -> Value {
        let argument = match &*node.arguments {
            [argument] => argument,
            [] => return self.wrong_count("can", "expression", node),
            [_, surplus, ..] => {
                let diagnostic = Diagnostic::error(Code::FunctionArguments, "`can` takes only 1 argument")
                    .at(surplus.span, "");
                return self.fail(diagnostic);
            }
        };
        let (value, found) = self.attempt(argument);
        if found.iter().any(|found| !is_catchable(found)) {
            self.diags.extend(found.into_iter().filter(|found| !is_catchable(found)));
            return failed();
        }
        if !found.is_empty() {
            return Value::bool(false);
        }
        if value.is_wholly_known() {
            Value::bool(true)
        } else {
            Value::refined(Type::Bool, Refinement::default())
        }
    }

    fn wrong_count(&mut self, name: &str, missing: &str, node: &Call) -> Value {
        let diagnostic =
            Diagnostic::error(Code::FunctionArguments, format!("`{name}` needs an argument for `{missing}`"))
                .at(node.parens, "");
        self.fail(diagnostic)
    }
}

/// What to do about a function that does not exist.
fn meant(name: &str) -> Option<String> {
    let near = functions::near(name).map(|known| format!("did you mean `{known}`?"));
    near.or_else(|| {
        name.contains("::").then(|| {
            "functions have no namespace but `core::`; those of Queueform itself begin with `provider::queueform::`"
                .to_owned()
        })
    })
}

/// How a function is called: `join(separator, lists...)`.
fn signature(function: &Function) -> String {
    let mut names: Vec<String> = function.params.iter().map(|param| param.name.to_owned()).collect();
    names.extend(function.variadic.as_ref().map(|param| format!("{}...", param.name)));
    format!("write `{}({})`", function.name, names.join(", "))
}

fn call_failed(
    function: &Function,
    node: &Call,
    span: Span,
    places: &[&Expr],
    error: CallError,
) -> Diagnostic {
    let name = function.name;
    let count = |count: usize| format!("{count} argument{}", if count == 1 { "" } else { "s" });
    match error {
        CallError::TooFew(missing) => {
            let least = if function.variadic.is_some() { "at least " } else { "" };
            Diagnostic::error(
                Code::FunctionArguments,
                format!("`{name}` takes {least}{}", count(function.params.len())),
            )
            .at(node.parens.tail(), format!("no value for `{missing}`"))
            .hint(signature(function))
        }
        CallError::TooMany(index) => Diagnostic::error(
            Code::FunctionArguments,
            format!("`{name}` takes only {}", count(function.params.len())),
        )
        .at(places.get(index).map_or(node.parens, |expr| expr.span), "not expected")
        .hint(signature(function)),
        CallError::Failed(error) => {
            let param = error.argument.and_then(|index| Some((function.param(index)?, places.get(index))));
            let few = function.variadic.is_some() && node.arguments.len() <= function.params.len();
            let hint = error.hint.or_else(|| few.then(|| signature(function)));
            let found = match param {
                Some((param, place)) => Diagnostic::error(
                    Code::InvalidFunctionArgument,
                    format!("invalid value for `{}` of `{name}`: {}", param.name, error.message),
                )
                .at(place.map_or(span, |expr| expr.span), ""),
                None => {
                    Diagnostic::error(Code::FunctionFailed, format!("`{name}` failed: {}", error.message))
                        .at(span, "")
                }
            };
            found.maybe_hint(hint)
        }
    }
}
