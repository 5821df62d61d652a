//! Calls as templates: method, path, query, body, pages.

use std::fmt;
use std::sync::Arc;

use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Name;

/// A call to the API. Expressions see the scope of where the call stands.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The segments of the path.
    pub path: Vec<Segment>,
    /// What the vendor calls the operation.
    pub operation: Option<Arc<str>>,
    /// The region it goes to, if it is not that of the provider configuration.
    pub region: Option<Expr>,
    /// Query parameters; null leaves a parameter out.
    pub query: Vec<Field>,
    /// More query parameters, as a map.
    pub query_map: Option<Expr>,
    /// Parameters in the body; null leaves one out.
    pub form: Vec<Field>,
    /// The JSON body.
    pub body: Option<Body>,
    /// The provider's paging style if the answer comes in pages.
    pub pages: Option<Name>,
    /// The list in one answer, over `response`; the joined list of all pages is `items` in `set`.
    pub items: Option<Expr>,
    /// How many items there are in all, over `response`. Without it pages end with an empty one.
    pub total: Option<Expr>,
    /// The text of `call`.
    pub span: Span,
}

impl Call {
    /// Returns the expressions that make the request, without those that read its answer.
    pub fn inputs(&self) -> impl Iterator<Item = &Expr> {
        let path = self.path.iter().filter_map(|segment| match segment {
            Segment::Value(value) => Some(value),
            Segment::Literal(_) => None,
        });
        let (whole, fields) = match self.body.as_ref().map(|body| &body.shape) {
            Some(BodyShape::Whole(whole)) => (Some(whole), &[][..]),
            Some(BodyShape::Fields(fields)) => (None, fields.as_slice()),
            None => (None, &[][..]),
        };
        let fields = self.query.iter().chain(&self.form).chain(fields).map(|field| &field.value);
        path.chain(&self.region).chain(&self.query_map).chain(fields).chain(whole)
    }
}

/// Writes the call as people know it from API references: `PUT /v2/{project_id}/instances/{instance_id}`.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.method.name())?;
        // Without a path only the name of the operation tells calls apart.
        if self.path.is_empty() {
            f.write_str("/")?;
            return self.operation.as_ref().map_or(Ok(()), |name| write!(f, "?Action={name}"));
        }
        for segment in &self.path {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Value(expr) => write!(f, "/{{{}}}", last_name(expr).unwrap_or("value"))?,
            }
        }
        Ok(())
    }
}

/// The last name of an attribute access, which says best what stands there.
fn last_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::GetAttr(access) => Some(&access.name.value),
        ExprKind::Variable(name) => Some(name),
        ExprKind::Parens(inner) | ExprKind::TemplateWrap(inner) => last_name(inner),
        ExprKind::Call(call) => call.arguments.iter().rev().find_map(last_name),
        ExprKind::Tuple(elements) => elements.iter().rev().find_map(last_name),
        ExprKind::Index(index) => last_name(&index.of),
        ExprKind::Literal(_)
        | ExprKind::Template(_)
        | ExprKind::Splat(_)
        | ExprKind::SplatItem
        | ExprKind::Conditional(_)
        | ExprKind::Binary(_)
        | ExprKind::Unary(_)
        | ExprKind::Object(_)
        | ExprKind::For(_)
        | ExprKind::Invalid => None,
    }
}

/// HTTP methods of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Method {
    /// All methods.
    pub const ALL: &'static [Self] = &[Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// Returns the name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Returns the method of a name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.name() == name)
    }
}

/// One segment of a path.
#[derive(Debug, Clone)]
pub enum Segment {
    /// Fixed text.
    Literal(Arc<str>),
    /// A value, percent-encoded as one segment. Empty, null or unknown is an error.
    Value(Expr),
}

/// A name with an expression: a query parameter, a key of a body, an attribute that is set.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// The value.
    pub value: Expr,
}

/// The JSON body of a call.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its content.
    pub shape: BodyShape,
    /// Written as `only_changed({…})`: keys whose values are the same with `self` replaced by `current` are
    /// left out, and a call without any key left is not made. In create everything counts as changed.
    pub only_changed: bool,
    /// The text of `body`.
    pub span: Span,
}

/// The content of a body. Null keys are left out on every level; empty values are sent.
#[derive(Debug, Clone)]
pub enum BodyShape {
    /// An object written with its keys, each evaluated by itself.
    Fields(Vec<Field>),
    /// Any other expression.
    Whole(Expr),
}
