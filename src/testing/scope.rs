//! What expressions of test files see: `var`, `run`, `output`, and behind them the configuration under test.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval::Files;
use crate::eval::Namespace;
use crate::eval::Referent;
use crate::eval::Scope;
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::value::Value;

/// The names that an expression of a test file sees.
pub struct RunScope<'s> {
    /// The names of the configuration under test, where they can be used.
    pub inner: Option<&'s dyn Scope>,
    /// Values of variables.
    pub variables: &'s BTreeMap<Name, Value>,
    /// Outputs of earlier runs by the name of the run.
    pub runs: &'s BTreeMap<Name, Value>,
    /// Outputs of this run, where they are known.
    pub outputs: Option<&'s BTreeMap<Name, Value>>,
    /// Files that functions may read.
    pub files: Option<&'s dyn Files>,
}

impl std::fmt::Debug for RunScope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunScope").field("runs", &self.runs.len()).finish_non_exhaustive()
    }
}

impl Scope for RunScope<'_> {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        let names = |what, values| Ok(Referent::Namespace(Box::new(Names { what, values }) as Box<_>));
        match (name, self.outputs, self.inner) {
            ("var", ..) => names(What::Variable, self.variables),
            ("run", ..) => names(What::Run, self.runs),
            ("output", Some(outputs), _) => names(What::Output, outputs),
            (_, _, Some(inner)) => inner.root(name, span),
            _ => Err(Diagnostic::error(Code::InvalidReference, format!("`{name}` cannot be used here"))
                .at(span, "")
                .hint("values that a test gives may refer to `var.NAME` and to outputs of earlier runs, `run.NAME.OUTPUT`")
                .into()),
        }
    }

    fn files(&self) -> Option<&dyn Files> {
        self.files
    }

    fn plan_time(&self) -> Option<Arc<str>> {
        self.inner.and_then(Scope::plan_time)
    }

    fn impure_is_unknown(&self) -> bool {
        false
    }
}

/// What the names of a namespace stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Variable,
    Run,
    Output,
}

impl What {
    fn root(self) -> &'static str {
        match self {
            Self::Variable => "var",
            Self::Run => "run",
            Self::Output => "output",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::Run => "earlier run",
            Self::Output => "output",
        }
    }
}

struct Names<'v> {
    what: What,
    values: &'v BTreeMap<Name, Value>,
}

impl<'v> Namespace<'v> for Names<'v> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'v>, Diagnostics> {
        if let Some(value) = self.values.get(name) {
            return Ok(Referent::Value(value.clone()));
        }
        let near = did_you_mean(name, self.values.keys().map(|name| &**name));
        let hint = near.or_else(|| {
            (self.what == What::Run)
                .then(|| "a run sees the outputs of the runs above it in the same file".to_owned())
        });
        let noun = self.what.noun();
        Err(Diagnostic::error(Code::UndeclaredReference, format!("there is no {noun} `{name}`"))
            .at(span, "not declared")
            .maybe_hint(hint)
            .into())
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'v>, Diagnostics> {
        match key.as_str() {
            Some(name) => self.attribute(&Arc::clone(name), span),
            None => Err(fixed(self.what, span)),
        }
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        Err(fixed(self.what, span))
    }
}

fn fixed(what: What, span: Span) -> Diagnostics {
    let root = what.root();
    Diagnostic::error(Code::InvalidReference, format!("`{root}` needs a fixed name"))
        .at(span, "")
        .hint(format!("write `{root}.NAME`"))
        .into()
}
