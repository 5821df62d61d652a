//! `templatefile` and `templatestring`.
//!
//! A template sees the variables it is given and nothing else; it cannot render another template.

use std::sync::Arc;

use super::super::Files;
use super::super::Referent;
use super::super::Scope;
use super::super::evaluate;
use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::value;
use super::file;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::parse::parse_template;
use crate::value::Data;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

const VARS: Param = Param::new("vars", Ty::Any);

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new(
        "templatefile",
        &[Param::new("path", Ty::String).marked(), VARS],
        Returns::By(|_| Ok(Type::Any)),
        template_file,
    )
    .may_be_null()
    .doc(
        "Renders a file as a template with the given variables.",
        r#"templatefile("greet.tftpl", { name = "you" })"#,
    ),
    Function::new(
        "templatestring",
        &[Param::new("template", Ty::Any), VARS],
        Returns::Is(Ty::String),
        template_string,
    )
    .doc(
        "Renders a string from elsewhere as a template with the given variables.",
        r#"templatestring(greeting, { name = "you" })"#,
    ),
];

/// Says what is wrong with the first argument of `templatestring`: it must refer to a string that stands
/// elsewhere, since a literal one could just be written as a template.
pub(in crate::eval) fn template_argument_problem(expr: &Expr) -> Option<&'static str> {
    match &expr.kind {
        ExprKind::Variable(_) | ExprKind::GetAttr(_) | ExprKind::Index(_) | ExprKind::Invalid => None,
        ExprKind::Parens(inner) => template_argument_problem(inner),
        ExprKind::TemplateWrap(inner) if template_argument_problem(inner).is_none() => {
            Some("write the reference itself, without `${` and `}` around it")
        }
        ExprKind::Literal(_) | ExprKind::Template(_) | ExprKind::TemplateWrap(_) => {
            Some("the template must come from elsewhere; write a template directly instead of this call")
        }
        _ => Some("the template must be a reference to one string that stands elsewhere"),
    }
}

fn template_file(call: &Call<'_>) -> Result<Value, FunctionError> {
    refuse_nesting(call, "templatefile")?;
    let (bytes, marks) = file::read(call)?;
    let text = file::utf8(call, &bytes)?;
    let path = value(call, 0)?.as_str().cloned().unwrap_or_default();
    let name = if marks.is_sensitive() { "(sensitive path)".into() } else { path };
    render(call, name, &text, None).map(|value| value.mark(marks))
}

fn template_string(call: &Call<'_>) -> Result<Value, FunctionError> {
    refuse_nesting(call, "templatestring")?;
    let template = value(call, 0)?;
    let Data::String(text) = template.data() else {
        return Err(FunctionError::argument(0, "invalid template value: a string is required"));
    };
    let rendered = render(call, "<templatestring argument>".into(), text, Some(0))?;
    if rendered.is_null() {
        return Err(FunctionError::new("the result of the template is null"));
    }
    let rendered = convert(&rendered, &Type::String)
        .map_err(|error| FunctionError::new(format!("invalid template result: {error}")))?;
    Ok(match rendered.data() {
        Data::Unknown(unknown) => {
            Value::refined(Type::String, Refinement { not_null: true, ..unknown.refinement.clone() })
        }
        _ => rendered,
    })
}

fn refuse_nesting(call: &Call<'_>, name: &str) -> Result<(), FunctionError> {
    if call.scope.within_template() {
        return Err(FunctionError::new(format!("cannot call {name} from inside another template function")));
    }
    Ok(())
}

/// What a template sees.
struct Variables<'c> {
    vars: &'c Value,
    outer: &'c dyn Scope,
}

impl Scope for Variables<'_> {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        match self.vars.get(name) {
            Some(value) => Ok(Referent::Value(value.clone())),
            None => {
                let names = self.vars.fields().map(|fields| fields.keys().map(|name| &**name));
                Err(Diagnostic::error(Code::UnknownVariable, name.to_owned())
                    .at(span, "")
                    .maybe_hint(did_you_mean(name, names.into_iter().flatten()))
                    .into())
            }
        }
    }

    fn files(&self) -> Option<&dyn Files> {
        self.outer.files()
    }

    fn allows_functions(&self) -> bool {
        self.outer.allows_functions()
    }

    fn plan_time(&self) -> Option<Arc<str>> {
        self.outer.plan_time()
    }

    fn impure_is_unknown(&self) -> bool {
        self.outer.impure_is_unknown()
    }

    fn within_template(&self) -> bool {
        true
    }
}

/// Tells whether a text can be the name of a variable.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(unicode_ident::is_xid_start)
        && chars.all(|c| c == '-' || unicode_ident::is_xid_continue(c))
}

/// Renders a text; `source` is the argument that holds it, if one does, for errors of syntax.
fn render(
    call: &Call<'_>,
    name: Arc<str>,
    text: &str,
    source: Option<usize>,
) -> Result<Value, FunctionError> {
    let vars = value(call, 1)?;
    let Some(fields) = vars.fields() else {
        return Err(FunctionError::argument(1, "invalid vars value: must be a map"));
    };
    if let Some(bad) = fields.keys().find(|name| !is_identifier(name)) {
        return Err(FunctionError::argument(
            1,
            format!(
                "invalid template variable name \"{bad}\": must start with a letter, followed by letters, \
                 digits, and underscores"
            ),
        ));
    }
    let mut sources = SourceMap::new();
    let id = sources.add(name, text);
    let parsed = parse_template(id, 0, text);
    if parsed.diagnostics.has_errors() {
        let error = template_error(&sources, id, &parsed.diagnostics);
        return Err(FunctionError { argument: source, ..error });
    }
    let Some(template) = parsed.output else { return Err(FunctionError::new("the template cannot be read")) };
    evaluate(&template, &Variables { vars, outer: call.scope })
        .map_err(|found| template_error(&sources, id, &found))
}

/// Where in the template a finding is: `file:line,column`.
fn place(sources: &SourceMap, id: SourceId, finding: &Diagnostic) -> String {
    let Some(file) = sources.get(id) else { return String::new() };
    let offset = finding.labels.first().map_or(0, |label| label.span.start);
    let position = file.position(offset);
    format!("{}:{},{}", file.name(), position.line, position.column)
}

/// The findings about a template as one error of the call.
fn template_error(sources: &SourceMap, id: SourceId, found: &Diagnostics) -> FunctionError {
    let errors: Vec<&Diagnostic> = found.iter().filter(|finding| finding.is_error()).collect();
    if let Some(missing) = errors.iter().find(|finding| finding.code == Code::UnknownVariable) {
        return FunctionError::argument(
            1,
            format!(
                "vars map does not contain key \"{}\", referenced at {}",
                missing.summary,
                place(sources, id, missing)
            ),
        )
        .hint(missing.hints.first().cloned());
    }
    let Some(first) = errors.first() else { return FunctionError::new("the template cannot be rendered") };
    let more = match errors.len() {
        0 | 1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    FunctionError::new(format!("{}: {}{more}", place(sources, id, first), first.summary))
        .hint(first.hints.first().cloned())
}
