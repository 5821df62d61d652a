//! The JSON form of configurations: `*.qf.json` and `*.qfvars.json` to the same bodies as the native form.
//!
//! A block is an object within one object for each label; several blocks of the same labels are an array. Members
//! with the name `//` are comments. Strings are templates, but for references, types and texts that are needed
//! before anything is evaluated.

mod shape;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::diag::Checked;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::source::Spanned;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Ident;
use crate::syntax::json;
use crate::syntax::json::Member;
use crate::syntax::json::Node;
use crate::syntax::json::NodeKind;
use crate::syntax::json::Strings;

use shape::FILE;
use shape::Shape;
use shape::TESTS;

/// The name of members that are comments.
const COMMENT: &str = "//";

/// Parses a configuration file.
pub(super) fn parse_file(source: SourceId, text: &str) -> Checked<Body> {
    parse(source, text, &FILE)
}

/// Parses a test file or a file of mocks.
pub(super) fn parse_tests(source: SourceId, text: &str) -> Checked<Body> {
    parse(source, text, &TESTS)
}

fn parse(source: SourceId, text: &str, shape: &Shape) -> Checked<Body> {
    let mut diagnostics = Diagnostics::new();
    let Some(node) = json::parse(source, text).collect_into(&mut diagnostics) else {
        return Checked { output: None, diagnostics };
    };
    let mut body = empty(&node);
    // A file may be cut into several objects.
    let parts: &[Node] = match &node.kind {
        NodeKind::Array(parts) => parts,
        _ => std::slice::from_ref(&node),
    };
    let mut reader = Reader { diagnostics };
    for part in parts {
        if let NodeKind::Object(members) = &part.kind {
            reader.file(members, shape, &mut body);
        } else {
            body.partial = true;
            reader.wrong(part, "a configuration file must hold an object", "write `{ \"resource\": { … } }`");
        }
    }
    Checked::with(body, reader.diagnostics)
}

/// Parses a variable file: an object of plain values.
pub(super) fn parse_variables(source: SourceId, text: &str) -> Checked<Body> {
    let mut diagnostics = Diagnostics::new();
    let Some(node) = json::parse(source, text).collect_into(&mut diagnostics) else {
        return Checked { output: None, diagnostics };
    };
    let mut body = empty(&node);
    let mut reader = Reader { diagnostics };
    if let NodeKind::Object(members) = &node.kind {
        for member in members.iter().filter(|member| &*member.name.value != COMMENT) {
            reader.attribute(member, Strings::Texts, &mut body);
        }
    } else {
        reader.wrong(&node, "a variable file must hold an object", "write `{ \"name\": \"value\" }`");
    }
    Checked::with(body, reader.diagnostics)
}

fn empty(node: &Node) -> Body {
    Body { attributes: Vec::new(), blocks: Vec::new(), span: node.span, partial: false }
}

fn ident(member: &Member) -> Ident {
    Spanned::new(Arc::clone(&member.name.value), member.name_span)
}

struct Reader {
    diagnostics: Diagnostics,
}

impl Reader {
    fn wrong(&mut self, node: &Node, summary: &str, hint: &str) {
        self.diagnostics.push(
            Diagnostic::error(Code::Syntax, summary)
                .at(node.span, format!("this is {}", node.kind.noun()))
                .hint(hint),
        );
    }

    /// The top level, where every member is a block. One that is not known is kept without content: that it is not
    /// known is told by whoever knows all blocks.
    fn file(&mut self, members: &[Member], shape: &Shape, body: &mut Body) {
        for member in members.iter().filter(|member| &*member.name.value != COMMENT) {
            match shape.block(&member.name.value) {
                Some(shape) => self.blocks(&ident(member), &member.value, shape, &mut Vec::new(), body),
                None => body.blocks.push(Block {
                    kind: ident(member),
                    labels: Vec::new(),
                    body: empty(&member.value),
                    header: member.name_span,
                    span: member.span(),
                }),
            }
        }
    }

    /// The content of a block.
    fn body(&mut self, members: &[Member], shape: &Shape, body: &mut Body) {
        for member in members.iter().filter(|member| &*member.name.value != COMMENT) {
            let name = &*member.name.value;
            if let Some(nested) = shape.block(name) {
                self.blocks(&ident(member), &member.value, nested, &mut Vec::new(), body);
            } else if shape.expressions.contains(&name) {
                self.attribute(member, Strings::Expressions, body);
            } else if shape.texts.contains(&name) {
                self.attribute(member, Strings::Texts, body);
            } else {
                self.attribute(member, Strings::Templates, body);
            }
        }
    }

    fn attribute(&mut self, member: &Member, strings: Strings, body: &mut Body) {
        if let Some(first) = body.attribute(&member.name.value) {
            self.diagnostics.push(
                Diagnostic::error(Code::DuplicateArgument, format!("`{}` is set twice", member.name.value))
                    .at(member.name_span, "set again here")
                    .at(first.name.span, "first set here")
                    .hint("remove one of them"),
            );
            return;
        }
        let expr = json::expression(&member.value, strings, &mut self.diagnostics);
        body.attributes.push(Attribute { name: ident(member), expr, span: member.span() });
    }

    /// All blocks that a value stands for, with the labels read so far.
    fn blocks(
        &mut self,
        kind: &Ident,
        node: &Node,
        shape: &'static Shape,
        labels: &mut Vec<Ident>,
        body: &mut Body,
    ) {
        match &node.kind {
            NodeKind::Null => {}
            NodeKind::Array(parts) => {
                for part in parts {
                    self.blocks(kind, part, shape, labels, body);
                }
            }
            NodeKind::Object(members) if labels.len() < shape.labels => {
                for member in members.iter().filter(|member| &*member.name.value != COMMENT) {
                    labels.push(ident(member));
                    self.blocks(kind, &member.value, shape, labels, body);
                    labels.pop();
                }
            }
            NodeKind::Object(members) => {
                let mut content = empty(node);
                self.body(members, shape, &mut content);
                body.blocks.push(Block {
                    kind: kind.clone(),
                    labels: labels.clone(),
                    body: content,
                    header: labels.last().map_or(kind.span, |label| label.span),
                    span: node.span,
                });
            }
            NodeKind::Bool(_) | NodeKind::Number(_) | NodeKind::String(_) => {
                body.partial = true;
                let what = if labels.len() < shape.labels {
                    format!("`{}` needs an object whose names are labels", kind.value)
                } else {
                    format!("the content of `{}` must be an object", kind.value)
                };
                let mut form = "{ … }".to_owned();
                for _ in labels.len()..shape.labels {
                    form = format!("{{ \"NAME\": {form} }}");
                }
                self.wrong(node, &what, &format!("write `{form}`"));
            }
        }
    }
}
