//! What a function is, and the rules every call follows before and after its own code runs.
//!
//! [`Function::call`] checks the number of arguments, converts each to its parameter's type, refuses nulls,
//! takes marks off and puts them on the result, and answers with a typed unknown if an argument is unknown
//! and the function cannot work with that.

use std::fmt;

use super::super::Scope;
use crate::source::Span;
use crate::value::Marks;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

/// The type of a parameter or result, in a form that constants can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ty {
    /// Any type; the argument is passed as it is.
    Any,
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `list(T)`.
    List(&'static Self),
    /// `set(T)`.
    Set(&'static Self),
    /// `map(T)`.
    Map(&'static Self),
}

impl Ty {
    /// Returns the type itself.
    #[must_use]
    pub fn to_type(self) -> Type {
        match self {
            Self::Any => Type::Any,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::List(element) => Type::list(element.to_type()),
            Self::Set(element) => Type::set(element.to_type()),
            Self::Map(element) => Type::map(element.to_type()),
        }
    }
}

/// What a parameter lets through to the function's code. By default nothing out of the ordinary: nulls are
/// refused, marks are moved to the result, unknown and untyped arguments make the result unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accepts(u8);

impl Accepts {
    const NULL: u8 = 1;
    const UNKNOWN: u8 = 2;
    const DYNAMIC: u8 = 4;
    const MARKED: u8 = 8;

    const fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// The name used in messages.
    pub name: &'static str,
    /// The type that arguments are converted to.
    pub ty: Ty,
    accepts: Accepts,
}

impl Param {
    /// A parameter that takes only known values that are not null.
    #[must_use]
    pub const fn new(name: &'static str, ty: Ty) -> Self {
        Self { name, ty, accepts: Accepts(0) }
    }

    /// Returns whether nulls are passed to the function.
    #[must_use]
    pub const fn is_nullable(&self) -> bool {
        self.accepts.has(Accepts::NULL)
    }

    /// Nulls are passed to the function.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.accepts.0 |= Accepts::NULL;
        self
    }

    /// Arguments that are themselves unknown are passed to the function. (Known collections with unknown
    /// elements are always passed.)
    #[must_use]
    pub const fn unknown(mut self) -> Self {
        self.accepts.0 |= Accepts::UNKNOWN;
        self
    }

    /// Arguments whose type is not known (a plain `null`, a wholly unknown value) are passed to the function.
    /// Without this the result is unknown and of unknown type.
    #[must_use]
    pub const fn dynamic(mut self) -> Self {
        self.accepts.0 |= Accepts::DYNAMIC;
        self
    }

    /// Marks at any depth stay on the argument; the function places them itself.
    #[must_use]
    pub const fn marked(mut self) -> Self {
        self.accepts.0 |= Accepts::MARKED;
        self
    }
}

/// How the type of the result is found. It is asked also for calls whose arguments are unknown.
#[derive(Debug, Clone, Copy)]
pub enum Returns {
    /// Always this type.
    Is(Ty),
    /// Depends on the arguments, which may be unknown (without marks unless the parameter takes marked
    /// values). [`Type::Any`] means that it cannot be told.
    By(fn(&[Value]) -> Result<Type, FunctionError>),
}

/// A function.
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// The parameters.
    pub params: &'static [Param],
    /// The parameter that takes all further arguments.
    pub variadic: Option<Param>,
    /// The type of the result.
    pub returns: Returns,
    /// The result is never null, which is said of unknown results too.
    pub not_null: bool,
    /// What it does, in one sentence.
    pub description: &'static str,
    /// A call as an example.
    pub example: &'static str,
    /// The code.
    pub call: fn(&Call<'_>) -> Result<Value, FunctionError>,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}()", self.name)
    }
}

/// One call: what the code of a function gets.
pub struct Call<'c> {
    /// The arguments after conversion, fixed ones first.
    pub args: &'c [Value],
    /// The type of the result as announced by [`Function::returns`].
    pub returns: &'c Type,
    /// Files and time.
    pub scope: &'c dyn Scope,
    /// The call in the source.
    pub span: Span,
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("args", &self.args)
            .field("returns", self.returns)
            .finish_non_exhaustive()
    }
}

/// Why a call failed. Messages must never quote sensitive values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FunctionError {
    /// The argument at fault, counted from 0.
    pub argument: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl FunctionError {
    /// The call as a whole failed.
    pub fn new(message: impl Into<String>) -> Self {
        Self { argument: None, message: message.into(), hint: None }
    }

    /// Withholds a message that may quote an argument if one of them was sensitive. Functions that take marked
    /// arguments see to that themselves.
    fn without_secrets(self, marks: Marks) -> Self {
        let may_quote = self.message.contains(['"', '`', ':']) || self.message.contains(char::is_numeric);
        if marks.is_sensitive() && may_quote {
            let message = "an argument is sensitive, so the reason cannot be shown".to_owned();
            return Self { message, hint: None, ..self };
        }
        self
    }

    /// One argument is not usable.
    pub fn argument(index: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(index), message: message.into(), hint: None }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

/// Why a call did not give a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// Fewer arguments than parameters; the first parameter without argument.
    TooFew(&'static str),
    /// More arguments than parameters; the index of the first surplus one.
    TooMany(usize),
    /// The function, or a rule about its arguments, refused.
    Failed(FunctionError),
}

impl From<FunctionError> for CallError {
    fn from(error: FunctionError) -> Self {
        Self::Failed(error)
    }
}

impl Function {
    /// A function of fixed parameters whose result is never null.
    #[must_use]
    pub const fn new(
        name: &'static str,
        params: &'static [Param],
        returns: Returns,
        call: fn(&Call<'_>) -> Result<Value, FunctionError>,
    ) -> Self {
        Self { name, params, variadic: None, returns, not_null: true, description: "", example: "", call }
    }

    /// Takes any number of further arguments.
    #[must_use]
    pub const fn variadic(mut self, param: Param) -> Self {
        self.variadic = Some(param);
        self
    }

    /// The result may be null: nothing is said of unknown results.
    #[must_use]
    pub const fn may_be_null(mut self) -> Self {
        self.not_null = false;
        self
    }

    /// Adds what reference and help say about the function.
    #[must_use]
    pub const fn doc(mut self, description: &'static str, example: &'static str) -> Self {
        self.description = description;
        self.example = example;
        self
    }

    /// Returns the call with parameter names and types: `join(separator: string, lists...: list(string))`.
    #[must_use]
    pub fn signature(&self) -> String {
        let each = |param: &Param, dots: &str| format!("{}{dots}: {}", param.name, param.ty.to_type());
        let fixed = self.params.iter().map(|param| each(param, ""));
        let rest = self.variadic.iter().map(|param| each(param, "..."));
        let params: Vec<String> = fixed.chain(rest).collect();
        format!("{}({})", self.name, params.join(", "))
    }

    /// Returns the parameter of an argument.
    #[must_use]
    pub fn param(&self, index: usize) -> Option<&Param> {
        self.params.get(index).or(self.variadic.as_ref())
    }

    /// Calls the function with arguments as evaluated.
    ///
    /// # Errors
    /// If the arguments do not fit, or the function itself refuses them.
    pub fn call(&self, args: Vec<Value>, scope: &dyn Scope, span: Span) -> Result<Value, CallError> {
        if let Some(missing) = self.params.get(args.len()) {
            return Err(CallError::TooFew(missing.name));
        }
        if args.len() > self.params.len() && self.variadic.is_none() {
            return Err(CallError::TooMany(self.params.len()));
        }
        let mut marks = Marks::NONE;
        let mut unknown = false;
        let mut dynamic = false;
        let mut ready = Vec::with_capacity(args.len());
        for (index, arg) in args.into_iter().enumerate() {
            let Some(param) = self.param(index) else { continue };
            let arg = convert(&arg, &param.ty.to_type())
                .map_err(|error| FunctionError::argument(index, error.message))?;
            ready.push(arg);
        }
        for (index, arg) in ready.iter_mut().enumerate() {
            let Some(param) = self.param(index) else { continue };
            if !param.accepts.has(Accepts::MARKED) {
                let (plain, found) = std::mem::replace(arg, Value::null()).unmark_deep();
                marks |= found;
                *arg = plain;
            }
            if arg.is_null() && !dynamic && !param.accepts.has(Accepts::NULL) {
                return Err(FunctionError::argument(index, "argument must not be null").into());
            }
            if arg.ty() == Type::Any && !param.accepts.has(Accepts::DYNAMIC) {
                dynamic = true;
            }
            if !arg.is_known() && !param.accepts.has(Accepts::UNKNOWN) {
                unknown = true;
            }
        }
        if dynamic && ready.iter().all(Value::is_known) {
            // Only plain nulls have no type here, and nothing can be computed from them.
            return Ok(Value::null().mark(marks));
        }
        if dynamic {
            marks |= ready.iter().fold(Marks::NONE, |all, arg| all | arg.marks_deep());
            return Ok(Value::unknown(Type::Any).mark(marks));
        }
        let returns = match self.returns {
            Returns::Is(ty) => ty.to_type(),
            Returns::By(by) => by(&ready).map_err(|error| error.without_secrets(marks))?,
        };
        let value = if unknown {
            // The code would have placed the marks that are still on the arguments.
            marks |= ready.iter().fold(Marks::NONE, |all, arg| all | arg.marks_deep());
            Value::unknown(returns)
        } else {
            (self.call)(&Call { args: &ready, returns: &returns, scope, span })
                .map_err(|error| error.without_secrets(marks))?
        };
        Ok(self.refined(value).mark(marks))
    }

    /// Says of an unknown result of known type that it will not be null.
    fn refined(&self, value: Value) -> Value {
        match value.data() {
            crate::value::Data::Unknown(unknown)
                if self.not_null && unknown.ty != Type::Any && !unknown.refinement.not_null =>
            {
                let refinement = Refinement { not_null: true, ..unknown.refinement.clone() };
                Value::refined(unknown.ty.clone(), refinement).mark(value.marks())
            }
            _ => value,
        }
    }
}

/// Returns the name of a function without the namespace of the built-in ones.
#[must_use]
pub fn plain_name(name: &str) -> &str {
    name.strip_prefix("core::").unwrap_or(name)
}
