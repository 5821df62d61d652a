//! Template directives: from a row of parts to a tree.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;

use super::super::ast::TemplateFor;
use super::super::ast::TemplateIf;
use super::super::ast::TemplatePart;
use super::parser::Parse;
use super::parser::Parser;
use super::template::Directive;
use super::template::Part;

/// A directive that is open, with the parts before it.
struct Open {
    before: Vec<TemplatePart>,
    /// The parts in front of `%{ else }`, and where that stands.
    yes: Option<(Vec<TemplatePart>, Span)>,
    opener: Directive,
    span: Span,
}

impl Parser<'_> {
    /// Matches the directives. Fails if they do not fit together.
    pub(super) fn assemble(&mut self, parts: Vec<Part>) -> Parse<Vec<TemplatePart>> {
        let depth = self.depth;
        let mut open: Vec<Open> = Vec::new();
        let mut current: Vec<TemplatePart> = Vec::new();
        let mut text = String::new();
        for part in parts {
            let part = match part {
                Part::Text(more) => {
                    text.push_str(&more);
                    continue;
                }
                other => other,
            };
            flush(&mut text, &mut current);
            match part {
                Part::Text(_) => {}
                Part::Value(value) => current.push(TemplatePart::Interpolation(value)),
                Part::Start(opener, span) => {
                    self.deeper(span)?;
                    let before = std::mem::take(&mut current);
                    open.push(Open { before, yes: None, opener, span });
                }
                Part::Else(span) => match open.last_mut() {
                    Some(Open { yes: yes @ None, opener: Directive::If { .. }, .. }) => {
                        *yes = Some((std::mem::take(&mut current), span));
                    }
                    top => {
                        let found = top.map(|top| (top.span, top.yes.as_ref().map(|yes| yes.1)));
                        return self.unexpected_directive("else", span, found);
                    }
                },
                Part::EndIf(span) | Part::EndFor(span) => {
                    let word = if matches!(part, Part::EndIf(_)) { "endif" } else { "endfor" };
                    let Some(top) = open.pop_if(|top| top.end() == word) else {
                        let found = open.last().map(|top| (top.span, None));
                        return self.unexpected_directive(word, span, found);
                    };
                    self.depth -= 1;
                    current = top.close(current, span);
                }
            }
        }
        flush(&mut text, &mut current);
        self.depth = depth;
        let Some(top) = open.last() else { return Ok(current) };
        let (word, start) = (top.end(), top.span);
        let place = self.here().head();
        self.fail(
            Diagnostic::error(Code::UnterminatedTemplate, format!("`%{{ {word} }}` is missing"))
                .at(start, "this directive is not ended")
                .at(place, "the template ends here")
                .hint(format!("write `%{{ {word} }}` where it should end")),
        )
    }

    fn unexpected_directive<T>(
        &mut self,
        word: &str,
        span: Span,
        open: Option<(Span, Option<Span>)>,
    ) -> Parse<T> {
        let starter = if word == "endfor" { "for" } else { "if" };
        let mut diagnostic =
            Diagnostic::error(Code::Syntax, format!("`%{{ {word} }}` does not belong here")).at(span, "");
        diagnostic = match open {
            None => diagnostic.hint(format!("write `%{{ {starter} … }}` before it, or remove it")),
            Some((start, None)) => diagnostic
                .at(start, "this directive is open and must be ended first")
                .hint("end the directives in the reverse order of their start"),
            Some((start, Some(other))) => diagnostic
                .at(start, "the directive starts here")
                .at(other, "it has an `else` already")
                .hint("nest another `%{ if … }` inside the `else` part"),
        };
        self.fail(diagnostic)
    }
}

impl Open {
    /// The word that ends the directive.
    fn end(&self) -> &'static str {
        if matches!(self.opener, Directive::For { .. }) { "endfor" } else { "endif" }
    }

    /// Ends the directive; returns the parts it stands among, with itself as the last.
    fn close(self, current: Vec<TemplatePart>, end: Span) -> Vec<TemplatePart> {
        let mut parts = self.before;
        match self.opener {
            Directive::If { condition } => {
                let (yes, no) = match self.yes {
                    Some((yes, _)) => (yes, current),
                    None => (current, Vec::new()),
                };
                let span = self.span.to(end);
                let (yes, no) = (yes.into_boxed_slice(), no.into_boxed_slice());
                parts.push(TemplatePart::If(Box::new(TemplateIf { condition, yes, no, span })));
            }
            Directive::For { key, value, collection } => {
                let body = current.into_boxed_slice();
                let span = self.span.to(end);
                parts.push(TemplatePart::For(Box::new(TemplateFor { key, value, collection, body, span })));
            }
        }
        parts
    }
}

fn flush(text: &mut String, parts: &mut Vec<TemplatePart>) {
    if !text.is_empty() {
        parts.push(TemplatePart::Text(std::mem::take(text).into()));
    }
}
