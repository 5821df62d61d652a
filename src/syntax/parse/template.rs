//! Templates: strings, heredocs and whole files with `${…}` and `%{…}` in them.
//!
//! The tokens become a flat row of parts first. Trim markers and the dedent of `<<-` work on that row, exactly
//! as in Terraform: a marker trims the neighbouring literal token only, and a heredoc has one token a line; a
//! line counts for the dedent only if the token before it still ends in a line end. Then the directives are
//! matched and the row becomes a tree.

use unicode_segmentation::UnicodeSegmentation;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::did_you_mean;
use crate::source::Span;

use super::super::ast::Expr;
use super::super::ast::ExprKind;
use super::super::ast::Ident;
use super::super::ast::TemplatePart;
use super::super::lex::Token;
use super::super::lex::TokenKind;
use super::literal::string;
use super::parser::Failed;
use super::parser::Parse;
use super::parser::Parser;

/// One part of a template before the directives are matched.
#[derive(Debug)]
pub(super) enum Part {
    Text(String),
    Value(Expr),
    Start(Directive, Span),
    Else(Span),
    EndIf(Span),
    EndFor(Span),
}

/// What starts a directive that has an end.
#[derive(Debug)]
pub(super) enum Directive {
    If { condition: Expr },
    For { key: Option<Ident>, value: Ident, collection: Expr },
}

impl Parser<'_> {
    /// A string or heredoc.
    pub(super) fn quoted_template(&mut self) -> Expr {
        let close = self.partner(self.pos);
        let open = self.bump();
        let depth = self.depth;
        let parts = self.parts(close);
        self.depth = depth;
        self.end_of_quote(parts, open, close)
    }

    fn end_of_quote(&mut self, parts: Parse<Vec<Part>>, open: Token, close: usize) -> Expr {
        self.pos = close;
        let end = self.bump();
        let start = self.span(open);
        if end.kind.is_unclosed() {
            self.unclosed_quote(open, end);
            return self.invalid(start);
        }
        let flush = self.word(open).starts_with("<<-");
        self.template(parts, flush, start.to(self.span(end)))
    }

    /// Makes the expression of a template out of its parts.
    pub(super) fn template(&mut self, parts: Parse<Vec<Part>>, flush: bool, span: Span) -> Expr {
        let invalid = Expr { kind: ExprKind::Invalid, span };
        let Ok(mut parts) = parts else { return invalid };
        if flush {
            dedent(&mut parts);
        }
        if parts.len() == 1
            && let Some(Part::Value(_)) = parts.first()
            && let Some(Part::Value(inner)) = parts.pop()
        {
            return Expr { kind: ExprKind::TemplateWrap(Box::new(inner)), span };
        }
        let Ok(mut parts) = self.assemble(parts) else { return invalid };
        let kind = match parts.as_slice() {
            [] => ExprKind::Literal(string("")),
            [TemplatePart::Text(text)] => ExprKind::Literal(string(text)),
            _ => {
                for part in &mut parts {
                    if let TemplatePart::Text(text) = part {
                        *text = super::literal::normalise(text).into();
                    }
                }
                ExprKind::Template(parts.into_boxed_slice())
            }
        };
        Expr { kind, span }
    }

    /// The parts up to `close`.
    pub(super) fn parts(&mut self, close: usize) -> Parse<Vec<Part>> {
        let mut parts: Vec<Part> = Vec::new();
        let mut trim_next = false;
        let mut failed = false;
        while self.pos < close {
            let trim = std::mem::take(&mut trim_next);
            match self.kind() {
                TokenKind::QuotedLit | TokenKind::StringLit => self.literal_part(&mut parts, trim),
                TokenKind::TemplateInterp | TokenKind::TemplateControl => {
                    let depth = self.depth;
                    let end = self.partner(self.pos);
                    failed |= self.sequence(&mut parts, end).is_err();
                    self.depth = depth;
                    self.pos = end;
                    trim_next = self.trims_next();
                }
                _ => {
                    failed = true;
                    self.bad_part();
                }
            }
        }
        if failed { Err(Failed) } else { Ok(parts) }
    }

    fn literal_part(&mut self, parts: &mut Vec<Part>, trim: bool) {
        let token = self.bump();
        let mut text = self.unescape(token, token.kind == TokenKind::QuotedLit);
        if trim {
            text.drain(..text.len() - text.trim_start().len());
        }
        parts.push(Part::Text(text));
    }

    fn bad_part(&mut self) {
        let diagnostic = self.expected_expression();
        self.report(diagnostic);
        self.bump();
    }

    /// Takes the end of a sequence; returns whether it has a trim marker.
    fn trims_next(&mut self) -> bool {
        let end = self.bump();
        self.word(end).starts_with('~')
    }

    /// What stands between `${` or `%{` and its end.
    fn sequence(&mut self, parts: &mut Vec<Part>, close: usize) -> Parse<()> {
        let open = self.bump();
        if self.word(open).ends_with('~')
            && let Some(Part::Text(text)) = parts.last_mut()
        {
            text.truncate(text.trim_end().len());
        }
        let end = self.token(close);
        self.deeper(self.span(open))?;
        if end.kind == TokenKind::UnclosedTemplate {
            return self.unclosed_sequence(open, end);
        }
        if open.kind == TokenKind::TemplateControl {
            let part = self.directive(open, close)?;
            self.end_of_sequence(open, close);
            parts.push(part);
            return Ok(());
        }
        // A broken interpolation does not hide the directives around it.
        let value = self.expression();
        let good = value.is_ok() && self.end_of_sequence(open, close);
        parts.push(match value {
            Ok(value) if good => Part::Value(value),
            _ => Part::Value(Expr { kind: ExprKind::Invalid, span: self.span(open).to(self.span(end)) }),
        });
        Ok(())
    }

    fn end_of_sequence(&mut self, open: Token, close: usize) -> bool {
        if self.pos == close {
            return true;
        }
        let start = self.span(open);
        let place = self.span(self.peek());
        let mark = if open.kind == TokenKind::TemplateInterp { "$" } else { "%" };
        let colon = self.at(TokenKind::Colon);
        let diagnostic = self.maybe_bad_token().unwrap_or_else(|| {
            Diagnostic::error(Code::Syntax, format!("`{mark}{{` should end here"))
                .at(place, "expected `}` here")
                .at(start, "the template sequence starts here")
                .maybe_hint(self.word_operator_hint())
                .maybe_hint((colon || mark == "%").then(|| {
                    format!(
                        "write `{mark}{mark}{{` if this belongs to another language and is to stay as it is"
                    )
                }))
        });
        self.report(diagnostic);
        false
    }

    fn directive(&mut self, open: Token, close: usize) -> Parse<Part> {
        let span = self.span(open).to(self.span(self.token(close)));
        let keyword = self.peek();
        let word = if keyword.kind == TokenKind::Ident { self.word(keyword) } else { "" };
        match word {
            "if" => {
                self.bump();
                let condition = self.directive_expression(close);
                Ok(Part::Start(Directive::If { condition }, span))
            }
            "for" => {
                self.bump();
                let (key, value) = self.for_names(keyword, close)?;
                let collection = self.directive_expression(close);
                Ok(Part::Start(Directive::For { key, value, collection }, span))
            }
            "else" | "endif" | "endfor" => {
                self.bump();
                Ok(match word {
                    "else" => Part::Else(span),
                    "endif" => Part::EndIf(span),
                    _ => Part::EndFor(span),
                })
            }
            _ => self.fail_directive(open, word),
        }
    }

    fn fail_directive<T>(&mut self, open: Token, word: &str) -> Parse<T> {
        let place = if word.is_empty() { self.span(open) } else { self.span(self.peek()) };
        let hint = match word {
            "elseif" | "elsif" | "elif" => {
                "write `%{ else }%{ if … }…%{ endif }`; there is no `else if`".to_owned()
            }
            "end" => "write `%{ endif }` or `%{ endfor }`".to_owned(),
            _ => did_you_mean(word, ["if", "else", "endif", "for", "endfor"])
                .unwrap_or_else(|| "write `%%{` for a literal `%{`".to_owned()),
        };
        let summary = if word.is_empty() {
            "a word such as `if` is missing after `%{`".to_owned()
        } else {
            format!("`{word}` is no template directive")
        };
        self.fail(
            Diagnostic::error(Code::Syntax, summary)
                .at(place, "expected if, else, endif, for or endfor")
                .hint(hint),
        )
    }

    /// The expression of a directive; a broken one still opens its `%{ if }` or `%{ for }`.
    fn directive_expression(&mut self, close: usize) -> Expr {
        let start = self.here();
        self.expression().unwrap_or_else(|Failed| {
            self.pos = close;
            self.invalid(start)
        })
    }

    fn unclosed_sequence<T>(&mut self, open: Token, end: Token) -> Parse<T> {
        // What stands inside is looked at only to find where it ends.
        let place = self.quietly(|parser| match parser.expression() {
            Ok(_) => parser.here(),
            Err(Failed) => parser.span(end),
        });
        if self.first_cut(end.start) {
            let what = open.kind.describe();
            let start = self.span(open);
            let mark = if open.kind == TokenKind::TemplateInterp { "$" } else { "%" };
            self.report(
                Diagnostic::error(Code::UnterminatedTemplate, format!("{what} is not closed"))
                    .at(start, "opened here")
                    .at(place, "expected `}` here")
                    .hint(format!("write the missing `}}`, or `{mark}{mark}{{` for a literal {what}")),
            );
        }
        Err(Failed)
    }

    fn unclosed_quote(&mut self, open: Token, end: Token) {
        if !self.first_cut(end.start) {
            return;
        }
        let start = self.span(open);
        let place = self.span(end);
        if end.kind == TokenKind::UnclosedQuote {
            self.report(
                Diagnostic::error(Code::UnterminatedString, "a string is not closed on its line")
                    .at(start, "opened here")
                    .at(place, "expected `\"` before the end of the line")
                    .hint(
                        "write the missing `\"`; for text of several lines write `\\n` or a heredoc `<<EOT`",
                    ),
            );
            return;
        }
        let marker = self.word(open).trim_start_matches("<<").trim_start_matches('-').trim();
        let mut diagnostic = Diagnostic::error(Code::UnterminatedTemplate, "a heredoc is not closed")
            .at(start, format!("its text goes on until a line with `{marker}` alone"))
            .at(place, format!("expected `{marker}` before this"));
        if let Some((near, alone)) = self.near_marker(open, end, marker) {
            let text = if alone {
                "this line is inside of a template sequence that is not closed before it"
            } else {
                "this line holds more than the marker"
            };
            diagnostic = diagnostic.at(near, text);
        }
        self.report(diagnostic.hint(format!("write `{marker}` on a line of its own where the text ends")));
    }

    /// A line that looks as if it was meant to end a heredoc, and whether the marker is alone on it.
    fn near_marker(&self, open: Token, end: Token, marker: &str) -> Option<(Span, bool)> {
        let text = self.text.get(open.end as usize..end.end as usize)?;
        let mut offset = open.end;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim_start();
            if let Some(rest) = trimmed.strip_prefix(marker)
                && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-')
            {
                let start = offset + u32::try_from(line.len() - trimmed.len()).ok()?;
                let end = start + u32::try_from(trimmed.trim_end().len()).ok()?;
                return Some((self.spans.range(start, end), rest.trim().is_empty()));
            }
            offset += u32::try_from(line.len()).ok()?;
        }
        None
    }
}

/// Removes the common indentation of the lines of a `<<-` heredoc.
///
/// White space is counted in characters as people see them. Lines of nothing but white space do not count; a
/// line that starts with a template sequence has no indentation.
fn dedent(parts: &mut [Part]) {
    let mut least = usize::MAX;
    let mut line_starts = true;
    let mut lines: Vec<usize> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let text = if let Part::Text(text) = part { Some(text) } else { None };
        if std::mem::take(&mut line_starts) {
            let spaces = match text {
                Some(text) => {
                    let blank = text.len() - text.trim_start().len();
                    if blank == text.len() && text.ends_with('\n') {
                        usize::MAX
                    } else {
                        lines.push(index);
                        text.get(..blank).unwrap_or_default().graphemes(true).count()
                    }
                }
                None => 0,
            };
            least = least.min(spaces);
        }
        line_starts = text.is_some_and(|text| text.ends_with('\n'));
    }
    for index in lines {
        if let Some(Part::Text(text)) = parts.get_mut(index) {
            let cut: usize = text.graphemes(true).take(least).map(str::len).sum();
            text.drain(..cut);
        }
    }
}
