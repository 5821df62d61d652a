//! Values that are needed before anything is planned: sources of modules, arguments of backends, `for_each` of
//! providers.
//!
//! Owns the scope of such expressions: variables, local values, `path`, `queueform.workspace` and functions.
//! Whatever depends on an object is a finding.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval;
use crate::eval::Files;
use crate::eval::Namespace;
use crate::eval::Referent;
use crate::eval::Scope;
use crate::source::Span;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Marks;
use crate::value::Value;
use crate::value::convert;

use super::Module;
use super::Variable;
use super::VariableValues;

/// What a module's expressions see before anything is planned.
pub struct Early<'e> {
    module: &'e Module,
    inputs: EarlyInputs<'e>,
    place: EarlyPlace<'e>,
    /// Local values and variables that are being computed, to find circles.
    open: RefCell<Vec<String>>,
}

/// Where the values of a module's variables come from.
#[derive(Debug, Clone, Copy)]
pub enum EarlyInputs<'e> {
    /// The root module: what the user gave.
    Root(&'e VariableValues),
    /// A module that is called: the arguments of the block, in the scope of the caller.
    Call(&'e Early<'e>, &'e BTreeMap<Name, Attribute>),
}

/// What is the same in all modules, and the directory.
#[derive(Clone, Copy)]
pub struct EarlyPlace<'e> {
    /// The workspace.
    pub workspace: &'e str,
    /// The directory of the module, relative to the root's; `.` for the root.
    pub directory: &'e str,
    /// What file functions read, if they may.
    pub files: Option<&'e dyn Files>,
}

impl std::fmt::Debug for EarlyPlace<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EarlyPlace").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Early<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Early").field("directory", &self.place.directory).finish_non_exhaustive()
    }
}

impl<'e> Early<'e> {
    /// Returns the scope of a module.
    #[must_use]
    pub fn new(module: &'e Module, inputs: EarlyInputs<'e>, place: EarlyPlace<'e>) -> Self {
        Self { module, inputs, place, open: RefCell::default() }
    }

    /// Evaluates an expression that must be known now. `what` names it in findings.
    ///
    /// # Errors
    /// Findings of the evaluation, or that the value depends on what is known later.
    pub fn value(&self, expr: &Expr, what: &str) -> Result<Value, Diagnostics> {
        let value = eval::evaluate(expr, self)?;
        if value.is_wholly_known() {
            return Ok(value);
        }
        Err(Diagnostic::error(Code::InvalidValue, format!("{what} must be known before anything is planned"))
            .at(expr.span, "not known yet")
            .hint(
                "give a value to every variable it uses, with `--var` or in `queueform.qfvars.hcl`; `timestamp()` and its like cannot be used",
            )
            .into())
    }

    /// Evaluates an expression to a text that may be shown.
    ///
    /// # Errors
    /// The same, or that it is no text, null or secret.
    pub fn text(&self, expr: &Expr, what: &str) -> Result<Arc<str>, Diagnostics> {
        let value = self.value(expr, what)?;
        if !value.marks_deep().is_none() {
            return Err(Diagnostic::error(Code::SensitiveValue, format!("{what} must not be secret"))
                .at(expr.span, "a sensitive or ephemeral value")
                .hint("it is written to files and shown; keep secrets out of it, git and `ssh` have their own stores for them")
                .into());
        }
        value.as_str().cloned().ok_or_else(|| {
            Diagnostic::error(Code::InvalidValue, format!("{what} must be a string"))
                .at(expr.span, format!("this is {}", value.ty().friendly_name()))
                .into()
        })
    }

    /// Computes something by name, unless it is being computed already.
    fn enter(
        &self,
        name: String,
        span: Span,
        compute: impl FnOnce() -> Result<Value, Diagnostics>,
    ) -> Result<Value, Diagnostics> {
        if self.open.borrow().contains(&name) {
            return Err(Diagnostic::error(Code::Cycle, format!("`{name}` depends on itself"))
                .at(span, "")
                .into());
        }
        self.open.borrow_mut().push(name);
        let result = compute();
        self.open.borrow_mut().pop();
        result
    }

    fn local(&self, name: &str, span: Span) -> Result<Value, Diagnostics> {
        let Some(local) = self.module.locals.get(name) else {
            return Err(undeclared("local value", name, self.module.locals.keys(), span).into());
        };
        self.enter(format!("local.{name}"), span, || eval::evaluate(&local.expr, self))
    }

    fn variable(&self, name: &str, span: Span) -> Result<Value, Diagnostics> {
        let Some(variable) = self.module.variables.get(name) else {
            return Err(undeclared("variable", name, self.module.variables.keys(), span).into());
        };
        match self.inputs {
            EarlyInputs::Root(values) => match values.values.get(name) {
                Some(value) => Ok(value.value.clone()),
                None => Ok(Value::unknown(variable.ty.clone()).mark(marks(variable))),
            },
            EarlyInputs::Call(caller, arguments) => match arguments.get(name) {
                Some(argument) => {
                    let value =
                        self.enter(format!("var.{name}"), span, || eval::evaluate(&argument.expr, caller))?;
                    settle(variable, value, argument.expr.span)
                }
                None => match &variable.default {
                    Some(value) => Ok(value.clone().mark(marks(variable))),
                    // A missing argument is reported where calls are checked.
                    None => Ok(Value::unknown(variable.ty.clone()).mark(marks(variable))),
                },
            },
        }
    }
}

/// Brings the argument of a call to the type of the variable.
fn settle(variable: &Variable, value: Value, span: Span) -> Result<Value, Diagnostics> {
    let value = match &variable.default {
        Some(default) if value.is_null() && !variable.nullable => default.clone(),
        _ => value,
    };
    match convert(&value, &variable.ty) {
        Ok(value) => Ok(value.mark(marks(variable))),
        Err(error) => Err(Diagnostic::error(
            Code::InvalidVariable,
            format!("the value of variable `{}` is not valid: {error}", variable.name.value),
        )
        .at(span, "")
        .at(variable.header, format!("must be {}", variable.ty))
        .into()),
    }
}

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

fn undeclared<'n>(what: &str, name: &str, names: impl Iterator<Item = &'n Name>, span: Span) -> Diagnostic {
    Diagnostic::error(Code::UndeclaredReference, format!("there is no {what} `{name}`"))
        .at(span, "not declared")
        .maybe_hint(did_you_mean(name, names.map(|name| &**name)))
}

impl Scope for Early<'_> {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        match name {
            "var" => Ok(Referent::Namespace(Box::new(Named { scope: self, is_local: false }))),
            "local" => Ok(Referent::Namespace(Box::new(Named { scope: self, is_local: true }))),
            "path" => {
                let cwd = self.place.files.map_or_else(|| Arc::from("."), Files::current_directory);
                Ok(Referent::Value(Value::object([
                    ("module", Value::string(self.place.directory)),
                    ("root", Value::string(".")),
                    ("cwd", Value::string(cwd)),
                ])))
            }
            "queueform" => {
                Ok(Referent::Value(Value::object([("workspace", Value::string(self.place.workspace))])))
            }
            _ => Err(Diagnostic::error(
                Code::InvalidReference,
                format!("`{name}` cannot be used here: it is known only when something is planned"),
            )
            .at(span, "not known yet")
            .hint("use variables, local values, `path`, `queueform.workspace` and functions of them")
            .into()),
        }
    }

    fn files(&self) -> Option<&dyn Files> {
        self.place.files
    }
}

/// `var` and `local`.
struct Named<'e> {
    scope: &'e Early<'e>,
    is_local: bool,
}

impl Named<'_> {
    fn word(&self) -> &'static str {
        if self.is_local { "local" } else { "var" }
    }
}

impl<'e> Namespace<'e> for Named<'e> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'e>, Diagnostics> {
        let value =
            if self.is_local { self.scope.local(name, span) } else { self.scope.variable(name, span) };
        value.map(Referent::Value)
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'e>, Diagnostics> {
        match key.as_str().cloned() {
            Some(name) => self.attribute(&name, span),
            None => Err(Diagnostic::error(
                Code::InvalidReference,
                format!("`{}` needs a fixed name", self.word()),
            )
            .at(span, "")
            .into()),
        }
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        let word = self.word();
        Err(Diagnostic::error(Code::InvalidReference, format!("`{word}` alone is not a value"))
            .at(span, "")
            .hint(format!("write `{word}.NAME`"))
            .into())
    }
}
