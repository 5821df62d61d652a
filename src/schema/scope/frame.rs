//! The names that an expression of a schema sees, and the ways of evaluating it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval::Namespace;
use crate::eval::Referent;
use crate::eval::Scope;
use crate::eval::evaluate;
use crate::eval::functions::plain_name;
use crate::schema::ResourceSchema;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::references;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::compare::changed;

/// A name at the start of references in schema expressions. `changed` is not here: it follows from `self`
/// and `prior`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// The object as planned, or as last known.
    This,
    /// In checks: the arguments as the configuration gives them; null where it leaves them out.
    Config,
    /// The object before the operation.
    Prior,
    /// In guards: the object as it will be; null if it is deleted.
    Planned,
    /// In figures of room: the parent as planned, if the plan makes or changes it.
    Parent,
    /// The object after the previous step.
    Current,
    /// The arguments of the provider configuration.
    Provider,
    /// The values of lookups that were fetched.
    Lookup,
    /// Key and value of a turn of `for_each`.
    Each,
    /// The answer of a call.
    Response,
    /// The joined list of all pages.
    Items,
    /// One object as the API returned it.
    Item,
    /// What the steps of a guard or waiter have set.
    Observed,
    /// Children that are not managed, by type.
    Unmanaged,
    /// The figure of a guard.
    Count,
    /// The value to be normalised.
    Value,
}

impl Root {
    /// Returns the name in expressions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::This => "self",
            Self::Config => "config",
            Self::Prior => "prior",
            Self::Planned => "planned",
            Self::Parent => "parent",
            Self::Current => "current",
            Self::Provider => "provider",
            Self::Lookup => "lookup",
            Self::Each => "each",
            Self::Response => "response",
            Self::Items => "items",
            Self::Item => "item",
            Self::Observed => "observed",
            Self::Unmanaged => "unmanaged",
            Self::Count => "count",
            Self::Value => "value",
        }
    }
}

/// What an expression of a schema sees. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Frame<'s> {
    schema: Option<&'s ResourceSchema>,
    runs: bool,
    tells: bool,
    roots: BTreeMap<&'static str, Value>,
}

impl<'s> Frame<'s> {
    /// A frame without any name.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A frame for expressions of a resource type: `changed` works in it.
    #[must_use]
    pub fn of(schema: &'s ResourceSchema) -> Self {
        Self { schema: Some(schema), ..Self::default() }
    }

    /// Returns the frame for a run: `uuid()` and `timestamp()` have values in it, which a plan must not know.
    #[must_use]
    pub fn running(self) -> Self {
        Self { runs: true, ..self }
    }

    /// Returns the frame for messages: figures have their thousands apart.
    #[must_use]
    pub fn telling(self) -> Self {
        Self { tells: true, ..self }
    }

    /// Returns the frame with a name that stands for a value.
    #[must_use]
    pub fn with(mut self, root: Root, value: Value) -> Self {
        self.set(root, value);
        self
    }

    /// Makes a name stand for a value.
    pub fn set(&mut self, root: Root, value: Value) {
        self.roots.insert(root.name(), value);
    }

    /// Returns what a name stands for.
    #[must_use]
    pub fn get(&self, root: Root) -> Option<&Value> {
        self.roots.get(root.name())
    }

    /// Evaluates an expression.
    ///
    /// # Errors
    /// If the expression cannot be evaluated.
    pub fn value(&self, expr: &Expr) -> Result<Value, Diagnostics> {
        evaluate(expr, self)
    }

    /// Evaluates an expression over an answer: nothing if it takes a path that is not there. `try` of such paths
    /// alone takes one, too.
    ///
    /// # Errors
    /// If the expression cannot be evaluated for another reason.
    pub fn found(&self, expr: &Expr) -> Result<Option<Value>, Diagnostics> {
        if let ExprKind::Call(call) = &expr.kind
            && plain_name(&call.name.value) == "try"
            && !call.expand
            && let Some((last, others)) = call.arguments.split_last()
        {
            for other in others {
                if let Ok(Some(value)) = self.found(other) {
                    return Ok(Some(value));
                }
            }
            return self.found(last);
        }
        match evaluate(expr, self) {
            Ok(value) => Ok(Some(value)),
            Err(findings) if findings.iter().filter(|found| found.is_error()).all(is_missing_path) => {
                Ok(None)
            }
            Err(findings) => Err(findings),
        }
    }

    /// Evaluates a condition: nothing if it is not known. Null does not hold.
    ///
    /// # Errors
    /// If the expression cannot be evaluated or is no bool.
    pub fn holds(&self, expr: &Expr) -> Result<Option<bool>, Diagnostics> {
        bool_of(&self.value(expr)?, expr.span)
    }

    /// Evaluates a condition over an answer: it does not hold if it takes a path that is not there.
    ///
    /// # Errors
    /// If the expression cannot be evaluated or is no bool.
    pub fn holds_found(&self, expr: &Expr) -> Result<bool, Diagnostics> {
        match self.found(expr)? {
            Some(value) => Ok(bool_of(&value, expr.span)?.unwrap_or(false)),
            None => Ok(false),
        }
    }

    /// Evaluates a text.
    ///
    /// # Errors
    /// If the expression cannot be evaluated, or its value is no known text.
    pub fn text(&self, expr: &Expr) -> Result<String, Diagnostics> {
        let (value, _) = self.value(expr)?.unmark_deep();
        match convert(&value, &Type::String).ok().as_ref().and_then(Value::as_str) {
            Some(text) => Ok(text.to_string()),
            None => Err(wrong(expr.span, "a known string is needed here").into()),
        }
    }
}

/// The findings of taking a path that an answer does not have.
fn is_missing_path(found: &Diagnostic) -> bool {
    matches!(found.code, Code::UnsupportedAttribute | Code::InvalidIndex | Code::NullValue)
}

fn wrong(span: Span, summary: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::InvalidSchema, summary).at(span, "")
}

fn bool_of(value: &Value, span: Span) -> Result<Option<bool>, Diagnostics> {
    let (value, _) = value.clone().unmark_deep();
    if !value.is_known() {
        return Ok(None);
    }
    if value.is_null() {
        return Ok(Some(false));
    }
    match convert(&value, &Type::Bool).ok().as_ref().and_then(Value::as_bool) {
        Some(holds) => Ok(Some(holds)),
        None => {
            Err(wrong(span, format!("a condition must be a bool, not {}", value.ty().friendly_name())).into())
        }
    }
}

impl Scope for Frame<'_> {
    fn impure_is_unknown(&self) -> bool {
        !self.runs
    }

    fn groups_digits(&self) -> bool {
        self.tells
    }

    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        if name == "changed"
            && let Some(schema) = self.schema
        {
            return Ok(Referent::Namespace(Box::new(Changed { frame: self, schema })));
        }
        if name == Root::Lookup.name() {
            return Ok(Referent::Namespace(Box::new(Known(self.get(Root::Lookup)))));
        }
        if name == Root::Provider.name() {
            return Ok(Referent::Namespace(Box::new(Known(self.get(Root::Provider)))));
        }
        match self.roots.get(name) {
            Some(value) => Ok(Referent::Value(value.clone())),
            None => Err(wrong(span, format!("`{name}` means nothing here")).into()),
        }
    }
}

/// `changed.NAME`.
struct Changed<'f> {
    frame: &'f Frame<'f>,
    schema: &'f ResourceSchema,
}

impl<'f> Namespace<'f> for Changed<'f> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'f>, Diagnostics> {
        let Some(attribute) = self.schema.attribute(name) else {
            return Err(wrong(span, format!("there is no attribute `{name}`")).into());
        };
        let (this, prior) = (self.frame.get(Root::This), self.frame.get(Root::Prior));
        let value = match this.and_then(|this| changed(self.schema, attribute, this, prior)) {
            Some(changed) => Value::bool(changed),
            None => Value::unknown(Type::Bool),
        };
        Ok(Referent::Value(value))
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'f>, Diagnostics> {
        match key.as_str() {
            Some(name) => self.attribute(name, span),
            None => Err(wrong(span, "`changed` is indexed by the name of an attribute").into()),
        }
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        Err(wrong(span, "`changed` is followed by the name of an attribute").into())
    }
}

/// `lookup.NAME` and `provider.NAME`: unknown as long as it was not fetched. A planner does not know all
/// arguments of a provider.
struct Known<'f>(Option<&'f Value>);

impl<'f> Namespace<'f> for Known<'f> {
    fn attribute(self: Box<Self>, name: &str, _span: Span) -> Result<Referent<'f>, Diagnostics> {
        let fetched = self.0.and_then(|values| values.get(name)).cloned();
        Ok(Referent::Value(fetched.unwrap_or_else(|| Value::unknown(Type::Any))))
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'f>, Diagnostics> {
        match key.as_str() {
            Some(name) => self.attribute(name, span),
            None => Err(wrong(span, "a name is needed here").into()),
        }
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        self.0.cloned().ok_or_else(|| wrong(span, "a name must follow").into())
    }
}

/// Returns the names of the lookups that expressions refer to.
pub fn lookups_in(exprs: &[&Expr]) -> BTreeSet<Name> {
    exprs.iter().flat_map(|expr| names_in(expr, Root::Lookup)).collect()
}

/// Returns the names that stand behind a root in an expression.
#[must_use]
pub fn names_in(expr: &Expr, root: Root) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    references(expr, &mut |reference| {
        if &*reference.root.value == root.name()
            && let Some(RefStep::Attr(name) | RefStep::Key(name)) =
                reference.steps.first().map(|step| &step.value)
        {
            found.insert(Name::clone(name));
        }
    });
    found
}
