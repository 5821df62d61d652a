//! The JSON form of the language: a tree of JSON values with spans, and the expressions that strings hold.
//!
//! Which members are blocks and which strings are templates is decided by whoever knows what names mean.

mod expression;
mod read;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::source::Span;
use crate::value::Number;

pub use expression::Strings;
pub use expression::expression;
pub use read::parse;

/// A JSON value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// From its first to its last character.
    pub span: Span,
}

/// The forms of JSON values.
#[derive(Debug, Clone)]
pub enum NodeKind {
    /// `null`
    Null,
    /// `true` and `false`
    Bool(bool),
    /// A number, exact.
    Number(Number),
    /// A string.
    String(Text),
    /// `[…]`
    Array(Vec<Node>),
    /// `{…}`, in source order; names may come more than once.
    Object(Vec<Member>),
}

/// The text of a string, with what is needed to tell where its characters stand.
#[derive(Debug, Clone)]
pub struct Text {
    /// The text without escapes.
    pub value: Arc<str>,
    /// Where an escape ends in the text, and how many bytes more than that are in the source up to there.
    escapes: Vec<(u32, u32)>,
}

/// `"name": value`
#[derive(Debug, Clone)]
pub struct Member {
    /// The name.
    pub name: Text,
    /// The name with its quotes.
    pub name_span: Span,
    /// The value.
    pub value: Node,
}

impl Member {
    /// From the name to the end of the value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.name_span.to(self.value.span)
    }
}

impl NodeKind {
    /// Returns what it is in words.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}
