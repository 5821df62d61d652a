//! The compact tree that everything after the parser works on.

use std::sync::Arc;

use crate::source::Span;
use crate::source::Spanned;
use crate::value::Value;

/// A name as written: identifiers are in Unicode normal form C.
pub type Name = Arc<str>;

/// A name and where it stands.
pub type Ident = Spanned<Name>;

/// The content of a file or block.
#[derive(Debug, Clone)]
pub struct Body {
    /// Arguments in source order; a repeated name is reported by the parser and kept once (the first).
    pub attributes: Vec<Attribute>,
    /// Nested blocks in source order.
    pub blocks: Vec<Block>,
    /// The text between the braces, or the whole file.
    pub span: Span,
    /// Parts of the body could not be parsed: missing arguments must not be reported.
    pub partial: bool,
}

/// `name = expression`.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The name.
    pub name: Ident,
    /// The value.
    pub expr: Expr,
    /// The whole argument.
    pub span: Span,
}

/// `kind "label" { … }`.
#[derive(Debug, Clone)]
pub struct Block {
    /// The block type.
    pub kind: Ident,
    /// Labels, quoted or not; the value is the text without quotes.
    pub labels: Vec<Ident>,
    /// The content.
    pub body: Body,
    /// From the block type to its last label.
    pub header: Span,
    /// The whole block.
    pub span: Span,
}

impl Body {
    /// Returns the argument of a name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name.value == name)
    }

    /// Returns the blocks of a type in source order.
    pub fn blocks_of<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| &*block.kind.value == kind)
    }
}

/// An expression.
///
/// Cloning and dropping follow chains such as `1 + 1 + …` and `a.b.…` in a loop (see [`Expr::left`]), so a long
/// one costs no stack. That is why the parts of [`Binary`] and its like cannot be moved out of it.
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of expressions.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A literal: null, bool, number, or a string without interpolation.
    Literal(Value),
    /// A string with interpolations or directives, quoted or heredoc; dedent and trim markers are already applied.
    Template(Box<[TemplatePart]>),
    /// A template that is exactly one interpolation: passes the value through with its type.
    TemplateWrap(Box<Expr>),
    /// A name standing alone: the root of a reference, or a variable of an enclosing `for`.
    Variable(Name),
    /// `of.name`.
    GetAttr(Box<GetAttr>),
    /// `of[key]`, and the legacy `of.0` whose key is a literal number.
    Index(Box<Index>),
    /// `of[*]…` and `of.*…`.
    Splat(Box<Splat>),
    /// The element that the steps of a splat start from; occurs only inside [`Splat::each`].
    SplatItem,
    /// `name(arguments…)`.
    Call(Box<Call>),
    /// `condition ? yes : no`.
    Conditional(Box<Conditional>),
    /// `left operator right`.
    Binary(Box<Binary>),
    /// `-x` and `!x`.
    Unary(Box<Unary>),
    /// `[…]`.
    Tuple(Box<[Expr]>),
    /// `{…}`.
    Object(Box<[ObjectItem]>),
    /// `[for …]` and `{for …}`.
    For(Box<For>),
    /// `(…)`.
    Parens(Box<Expr>),
    /// Stands where an expression could not be parsed; evaluating it gives an unknown value and no further finding.
    Invalid,
}

/// A part of a template.
#[derive(Debug, Clone)]
pub enum TemplatePart {
    /// Literal text.
    Text(Arc<str>),
    /// `${ … }`.
    Interpolation(Expr),
    /// `%{ if … }`.
    If(Box<TemplateIf>),
    /// `%{ for … }`.
    For(Box<TemplateFor>),
}

/// `%{ if condition } yes %{ else } no %{ endif }`.
#[derive(Debug, Clone)]
pub struct TemplateIf {
    /// The condition.
    pub condition: Expr,
    /// The parts when it is true.
    pub yes: Box<[TemplatePart]>,
    /// The parts when it is false.
    pub no: Box<[TemplatePart]>,
    /// The whole directive.
    pub span: Span,
}

/// `%{ for key, value in collection } … %{ endfor }`.
#[derive(Debug, Clone)]
pub struct TemplateFor {
    /// The first name if there are two.
    pub key: Option<Ident>,
    /// The last name.
    pub value: Ident,
    /// What is walked over.
    pub collection: Expr,
    /// The parts of one turn.
    pub body: Box<[TemplatePart]>,
    /// The whole directive.
    pub span: Span,
}

/// `of.name`.
#[derive(Debug, Clone)]
pub struct GetAttr {
    /// The object.
    pub of: Expr,
    /// The attribute.
    pub name: Ident,
}

/// `of[key]`.
#[derive(Debug, Clone)]
pub struct Index {
    /// The collection.
    pub of: Expr,
    /// The key.
    pub key: Expr,
    /// The form `of.0`.
    pub legacy: bool,
}

/// `of[*].each`.
#[derive(Debug, Clone)]
pub struct Splat {
    /// The collection.
    pub of: Expr,
    /// What is taken of each element, starting from [`ExprKind::SplatItem`].
    pub each: Expr,
    /// The form `of.*.each`, whose steps are attributes only.
    pub attribute_only: bool,
    /// The `[*]` or `.*`.
    pub marker: Span,
}

/// `name(arguments…)`.
#[derive(Debug, Clone)]
pub struct Call {
    /// The function with its namespace: `max`, `core::max`, `provider::queueform::encode_expr`.
    pub name: Ident,
    /// The arguments.
    pub arguments: Box<[Expr]>,
    /// The last argument is followed by `...`.
    pub expand: bool,
    /// From `(` to `)`.
    pub parens: Span,
}

/// `condition ? yes : no`.
#[derive(Debug, Clone)]
pub struct Conditional {
    /// The condition.
    pub condition: Expr,
    /// The result when it is true.
    pub yes: Expr,
    /// The result when it is false.
    pub no: Expr,
}

/// `left operator right`.
#[derive(Debug, Clone)]
pub struct Binary {
    /// The operator and where it stands.
    pub operator: Spanned<BinaryOp>,
    /// The left operand.
    pub left: Expr,
    /// The right operand.
    pub right: Expr,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

/// `-x` and `!x`.
#[derive(Debug, Clone)]
pub struct Unary {
    /// The operator and where it stands.
    pub operator: Spanned<UnaryOp>,
    /// The operand.
    pub operand: Expr,
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// `key = value` of an object.
#[derive(Debug, Clone)]
pub struct ObjectItem {
    /// The key: a bare name is a string literal; `(…)` and templates are evaluated.
    pub key: Expr,
    /// The key was written as a bare name.
    pub bare: bool,
    /// The value.
    pub value: Expr,
}

/// `[for key, value in collection : result if condition]` and the object form.
#[derive(Debug, Clone)]
pub struct For {
    /// The first name if there are two.
    pub key: Option<Ident>,
    /// The last name.
    pub value: Ident,
    /// What is walked over.
    pub collection: Expr,
    /// The key of the object form.
    pub result_key: Option<Expr>,
    /// The value.
    pub result: Expr,
    /// The object form ends in `...`: values of the same key are grouped.
    pub group: bool,
    /// Only elements for which this holds.
    pub condition: Option<Expr>,
}

/// A reference: a root name with the steps written after it, as far as they are static.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The root name, such as `var`, `local`, `data` or a resource type.
    pub root: Ident,
    /// The steps after it.
    pub steps: Vec<Spanned<RefStep>>,
    /// The whole static part.
    pub span: Span,
}

/// One static step of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefStep {
    /// `.name`
    Attr(Name),
    /// `["key"]`
    Key(Name),
    /// `[0]`
    Index(u64),
    /// An index that is not a literal, or a splat: the steps after it are not listed.
    Dynamic,
}
