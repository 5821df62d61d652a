//! Values of input variables: where they come from and which one wins.
//!
//! From weakest to strongest: the default, `QF_VAR_name`, `queueform.qfvars.hcl`, `queueform.qfvars.json`,
//! `*.auto.qfvars.hcl` and `*.auto.qfvars.json` in lexical order, then `--var` and `--var-file` in the order given.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::syntax::parse;
use crate::value::Marks;
use crate::value::Value;
use crate::value::convert;

use super::Module;
use super::Variable;
use super::files;
use super::json;

/// One `--var` or `--var-file`, in the order given.
#[derive(Debug, Clone)]
pub enum VariableInput {
    /// `--var NAME=TEXT`.
    Text {
        /// The variable.
        name: String,
        /// Its value as typed.
        text: String,
    },
    /// A value that a test gives.
    Value {
        /// The variable.
        name: String,
        /// Its value.
        value: Value,
        /// Where it is given.
        span: Span,
    },
    /// `--var-file PATH`.
    File(PathBuf),
}

/// Where the value of a variable came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariableSource {
    /// The default in its block.
    Default,
    /// An environment variable.
    Environment,
    /// A variable file.
    File(String),
    /// `--var`.
    CommandLine,
    /// A test file.
    Test,
}

/// The value of one variable.
#[derive(Debug, Clone)]
pub struct VariableValue {
    /// The value, converted to the variable's type and marked as its block says.
    pub value: Value,
    /// Where it came from.
    pub source: VariableSource,
    /// Where it was written, if in a source.
    pub span: Option<Span>,
}

/// The values of all variables of a module that have one.
#[derive(Debug, Clone, Default)]
pub struct VariableValues {
    /// Values by name.
    pub values: BTreeMap<Name, VariableValue>,
    /// Required variables without a value.
    pub missing: Vec<Name>,
}

/// A value that was given but not yet brought to its variable's type.
enum Given {
    Text(String, VariableSource, Span),
    Expr(Expr, VariableSource),
    Value(Value, VariableSource, Span),
}

/// What the values are gathered from.
pub(super) struct Inputs<'i> {
    pub directory: &'i Path,
    pub environment: &'i [(String, String)],
    pub arguments: &'i [VariableInput],
    pub emulate: bool,
}

/// Gathers the values of a module's variables. What is wrong with them says nothing against the configuration.
pub(super) fn gather(
    module: &Module,
    inputs: &Inputs<'_>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> VariableValues {
    let mut found = Diagnostics::new();
    let values = gather_all(module, inputs, sources, &mut found);
    diagnostics.extend(found.late());
    values
}

fn gather_all(
    module: &Module,
    inputs: &Inputs<'_>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> VariableValues {
    let mut given: BTreeMap<Name, Given> = BTreeMap::new();
    for (name, text) in inputs.environment {
        if module.variables.contains_key(name.as_str()) {
            let source = sources.add(format!("environment variable QF_VAR_{name}"), text.as_str());
            let span = Span::new(source, 0, u32::try_from(text.len()).unwrap_or(u32::MAX));
            if module.is_sensitive(name) {
                sources.hide(span);
            }
            given.insert(name.as_str().into(), Given::Text(text.clone(), VariableSource::Environment, span));
        }
    }
    for path in files::automatic_variable_files(inputs.directory, inputs.emulate) {
        read_file(&path, module, sources, diagnostics, &mut given);
    }
    for argument in inputs.arguments {
        match argument {
            VariableInput::File(path) => {
                let path = if path.is_absolute() { path.clone() } else { inputs.directory.join(path) };
                read_file(&path, module, sources, diagnostics, &mut given);
            }
            VariableInput::Value { name, value, span } => {
                if module.variables.contains_key(name.as_str()) {
                    let value = Given::Value(value.clone(), VariableSource::Test, *span);
                    given.insert(name.as_str().into(), value);
                }
            }
            VariableInput::Text { name, text } => {
                if !module.variables.contains_key(name.as_str()) {
                    undeclared_argument(name, module, diagnostics);
                    continue;
                }
                let source = sources.add(format!("--var {name}"), text.as_str());
                let span = Span::new(source, 0, u32::try_from(text.len()).unwrap_or(u32::MAX));
                if module.is_sensitive(name) {
                    sources.hide(span);
                }
                given.insert(
                    name.as_str().into(),
                    Given::Text(text.clone(), VariableSource::CommandLine, span),
                );
            }
        }
    }
    let mut result = VariableValues::default();
    for (name, variable) in &module.variables {
        match given.remove(name) {
            Some(given) => {
                if let Some(value) = settle(variable, given, diagnostics) {
                    result.values.insert(Arc::clone(name), value);
                }
            }
            None => match &variable.default {
                Some(value) => {
                    let value = VariableValue {
                        value: value.clone(),
                        source: VariableSource::Default,
                        span: Some(variable.header),
                    };
                    result.values.insert(Arc::clone(name), value);
                }
                None => result.missing.push(Arc::clone(name)),
            },
        }
    }
    result
}

fn undeclared_argument(name: &str, module: &Module, diagnostics: &mut Diagnostics) {
    if module.partial {
        return;
    }
    diagnostics.push(
        Diagnostic::error(
            Code::UndeclaredVariable,
            format!("there is no variable `{name}` to set with `--var`"),
        )
        .hint(
            did_you_mean(name, module.variables.keys().map(|name| &**name))
                .unwrap_or_else(|| format!("declare it: `variable \"{name}\" {{ … }}`")),
        ),
    );
}

fn read_file(
    path: &Path,
    module: &Module,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
    given: &mut BTreeMap<Name, Given>,
) {
    let Some(source) = files::read(path, sources, diagnostics) else { return };
    let Some(file) = sources.get(source) else { return };
    let shown = file.name().to_owned();
    let text = Arc::clone(file.text());
    let parsed = if shown.ends_with(".json") {
        json::parse_variables(source, &text)
    } else {
        parse::parse_file(source, &text)
    };
    if parsed.diagnostics.has_errors() {
        for span in secret_lines(source, &text, module) {
            sources.hide(span);
        }
    }
    let Some(body) = parsed.collect_into(diagnostics) else { return };
    for block in &body.blocks {
        diagnostics.push(
            Diagnostic::error(Code::UnknownBlock, "a variable file holds only `name = value` lines")
                .at(block.header, "a block")
                .hint(if &*block.kind.value == "variable" {
                    "declare variables in a `.qf.hcl` file; here write `name = value`"
                } else {
                    "move it into a `.qf.hcl` file"
                }),
        );
    }
    for attribute in body.attributes {
        let name = &attribute.name.value;
        if module.is_sensitive(name) {
            sources.hide(attribute.expr.span);
        }
        if module.variables.contains_key(name) {
            given.insert(Arc::clone(name), Given::Expr(attribute.expr, VariableSource::File(shown.clone())));
        } else if !module.partial {
            diagnostics.push(
                Diagnostic::warning(
                    Code::UndeclaredVariable,
                    format!("`{name}` is set here, but there is no such variable"),
                )
                .at(attribute.name.span, "not declared")
                .maybe_hint(did_you_mean(name, module.variables.keys().map(|name| &**name))),
            );
        }
    }
}

/// The values of sensitive variables in a file that cannot be parsed, as far as lines tell: from `name =` to the next
/// line that begins like that.
fn secret_lines(source: SourceId, text: &str, module: &Module) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut is_open = false;
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let name = line.split_once('=').map(|(name, _)| name.trim());
        let begins = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        };
        if let Some(name) = name.filter(|name| begins(name)) {
            is_open = module.is_sensitive(name);
        }
        if is_open {
            let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
            spans.push(Span::new(source, at(start), at(end)));
        }
        start = end;
    }
    spans
}

/// Brings a given value to the variable's type.
fn settle(variable: &Variable, given: Given, diagnostics: &mut Diagnostics) -> Option<VariableValue> {
    let is_text = matches!(given, Given::Text(..));
    let (value, source, span) = match given {
        Given::Text(text, source, span) => {
            // Primitive and untyped variables take the text as it is; others take an expression.
            let literal = !variable.typed || variable.ty.is_primitive();
            let value = if literal {
                Value::string(eval::normalise(text.as_str()))
            } else {
                let expr = parse::parse_expression(span.source, 0, &text).collect_into(diagnostics)?;
                evaluate(&expr, variable, diagnostics)?
            };
            (value, source, span)
        }
        Given::Value(value, source, span) => (value, source, span),
        Given::Expr(expr, source) => (evaluate(&expr, variable, diagnostics)?, source, expr.span),
    };
    match variable.accept(&value, span) {
        Ok(value) => Some(VariableValue { value, source, span: Some(span) }),
        Err(mut found) => {
            // A value of the command line or of the environment stands in no file that could be looked at.
            if is_text {
                found.labels.reverse();
            }
            diagnostics.push(found);
            None
        }
    }
}

impl Variable {
    /// Brings a value that is given at a place to the type of the variable, with its default in place of null if it
    /// is not nullable, and marks it as the block says.
    ///
    /// # Errors
    /// If the value does not convert, or is null and must not be.
    pub fn accept(&self, value: &Value, span: Span) -> Result<Value, Diagnostic> {
        if value.marks_deep().is_ephemeral() && !self.ephemeral {
            return Err(Diagnostic::error(
                Code::InvalidValue,
                format!("variable `{}` cannot hold an ephemeral value", self.name.value),
            )
            .at(span, "ephemeral")
            .at(self.header, "not declared as ephemeral")
            .hint("add `ephemeral = true` to the variable, or leave the ephemeral part out"));
        }
        let value = if value.is_null() && !self.nullable {
            let Some(default) = &self.default else {
                return Err(Diagnostic::error(
                    Code::InvalidVariable,
                    format!("variable `{}` must not be null", self.name.value),
                )
                .at(span, "")
                .at(self.header, "`nullable = false`")
                .hint("give it a value"));
            };
            default.clone()
        } else {
            convert(value, &self.ty).map_err(|error| {
                Diagnostic::error(
                    Code::InvalidVariable,
                    format!("the value of variable `{}` is not valid: {error}", self.name.value),
                )
                .at(span, "")
                .at(self.header, format!("must be {}", self.ty))
            })?
        };
        Ok(value.mark(marks(self)))
    }

    /// Returns the value while none is known.
    #[must_use]
    pub fn unknown(&self) -> Value {
        Value::unknown(self.ty.without_optional()).mark(marks(self))
    }
}

fn evaluate(expr: &Expr, variable: &Variable, diagnostics: &mut Diagnostics) -> Option<Value> {
    match eval::constant(expr) {
        Ok(value) => Some(value),
        // What is wrong with a secret is told without the words of the expression.
        Err(_) if variable.sensitive => {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidVariable,
                    format!(
                        "the value of the sensitive variable `{}` cannot be evaluated",
                        variable.name.value
                    ),
                )
                .at(expr.span, "")
                .hint(
                    "values of variables cannot refer to anything; write the value itself, strings in quotes",
                ),
            );
            None
        }
        Err(found) => {
            diagnostics.extend(found.into_iter().map(|item| {
                if item.code == Code::InvalidReference {
                    item.hint(format!(
                        "values of variables cannot refer to anything; write the value of `{}` itself, strings in quotes",
                        variable.name.value
                    ))
                } else {
                    item
                }
            }));
            None
        }
    }
}

/// Returns the marks that a variable's block asks for.
fn marks(variable: &Variable) -> Marks {
    let mut marks = Marks::NONE;
    if variable.sensitive {
        marks |= Marks::SENSITIVE;
    }
    if variable.ephemeral {
        marks |= Marks::EPHEMERAL;
    }
    marks
}
