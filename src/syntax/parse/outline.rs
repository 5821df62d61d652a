//! The outline of a text: its tokens with every bracket in a pair.
//!
//! The parser works on this and not on the raw tokens. Comments are gone, line ends are left only where they
//! mean something, and each opening bracket has a closing one: a missing one is added as an empty token, a
//! stray one is dropped, and both are reported here. Whatever fails inside a pair, the parser can therefore go
//! on behind it, and finds the way there in one step.
//!
//! A text whose brackets fit is taken as it is. Only for an item whose brackets do not fit is the layout
//! consulted: which line starts an argument or a block, and how far it is indented.

use crate::diag::Code;
use crate::diag::Diagnostic;

use super::super::lex::Token;
use super::super::lex::TokenKind;
use super::spans::Spans;
use super::unclosed;

/// What the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// A file: arguments and blocks.
    Body,
    /// One expression; line ends mean nothing in it.
    Expression,
    /// A template without quotes.
    Template,
}

/// The tokens, and for each opening one the index of its closing one.
#[derive(Debug)]
pub(super) struct Outline {
    pub tokens: Vec<Token>,
    pub partners: Vec<u32>,
    pub diagnostics: Vec<Diagnostic>,
    /// How many tokens were looked at, repetitions included.
    pub steps: u64,
}

/// How often an item is first read as if its brackets fitted; more failures than this and the layout is
/// consulted everywhere. Keeps the work linear.
const TRUST: u32 = 8;

/// How far down the open brackets are searched for a partner. Keeps the work linear.
const SEARCH: usize = 64;

/// The most places one finding points at.
const PLACES: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The file or a block.
    Body,
    /// `{` of an expression; `fresh` until its first token is known.
    Object { fresh: bool },
    /// `{for`
    ForObject,
    /// `(` or `[`
    Group,
    /// `${` or `%{`; counts braces as the lexer does, to know which one ends it.
    Sequence { braces: u32 },
    /// A string or heredoc.
    Quoted,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    kind: Kind,
    /// Index of the opening token in the output.
    open: usize,
    /// How far the line of the opening token is indented.
    indent: u32,
    /// How far the first line inside is indented.
    inner: Option<u32>,
    line: u32,
    /// The current item of a body has got its `=`: the next brace belongs to an expression.
    assigned: bool,
}

impl Frame {
    fn is_brace(&self) -> bool {
        matches!(self.kind, Kind::Body | Kind::Object { .. } | Kind::ForObject)
    }

    fn is_template(&self) -> bool {
        matches!(self.kind, Kind::Sequence { .. } | Kind::Quoted)
    }
}

/// Where the current item of the file started.
#[derive(Debug, Clone, Copy, Default)]
struct Start {
    /// In the input.
    at: usize,
    /// In the output.
    len: usize,
    findings: usize,
    line: u32,
}

/// The brackets of the current item do not fit.
struct Misfit;

struct Pass<'t> {
    input: &'t [Token],
    text: &'t str,
    spans: Spans<'t>,
    at: usize,
    out: Outline,
    frames: Vec<Frame>,
    /// Which of the frames are templates.
    templates: Vec<usize>,
    newline: Option<Token>,
    line: u32,
    line_indent: u32,
    /// The layout of the current item is consulted.
    guessing: bool,
    misfits: u32,
    start: Start,
}

/// Makes the outline of tokens. [`TokenKind::Eof`] in the middle marks a place where the lexer started anew.
pub(super) fn outline(input: &[Token], text: &str, spans: Spans<'_>, root: Root) -> Outline {
    let kind = match root {
        Root::Body => Kind::Body,
        Root::Expression => Kind::Sequence { braces: u32::MAX / 2 },
        Root::Template => Kind::Quoted,
    };
    let mut pass = Pass {
        input,
        text,
        spans,
        at: 0,
        out: Outline {
            tokens: Vec::with_capacity(input.len() + 1),
            partners: Vec::with_capacity(input.len() + 1),
            diagnostics: Vec::new(),
            steps: 0,
        },
        frames: vec![Frame { kind, open: usize::MAX, indent: 0, inner: None, line: 0, assigned: false }],
        templates: if root == Root::Body { Vec::new() } else { vec![0] },
        newline: None,
        line: 0,
        line_indent: 0,
        guessing: root != Root::Body,
        misfits: 0,
        start: Start::default(),
    };
    while let Some(token) = input.get(pass.at).copied() {
        pass.out.steps += 1;
        if pass.token(token).is_err() {
            pass.rewind();
        } else {
            pass.at += 1;
        }
    }
    pass.out
}

impl Pass<'_> {
    /// Goes back to the start of the item and reads it again by its layout.
    fn rewind(&mut self) {
        self.at = self.start.at;
        self.line = self.start.line;
        self.out.tokens.truncate(self.start.len);
        self.out.partners.truncate(self.start.len);
        self.out.diagnostics.truncate(self.start.findings);
        self.frames.truncate(1);
        self.templates.clear();
        if let Some(root) = self.frames.last_mut() {
            root.assigned = false;
        }
        self.newline = None;
        self.guessing = true;
        self.misfits += 1;
    }

    fn token(&mut self, token: Token) -> Result<(), Misfit> {
        use TokenKind as K;
        match token.kind {
            K::Bom | K::BlockComment => return Ok(()),
            K::LineComment | K::Newline => {
                self.line += 1;
                let text = token.text(self.text);
                if text.ends_with('\n') {
                    let start = token.end - 1;
                    self.newline.get_or_insert(Token { kind: K::Newline, start, end: token.end });
                }
                return Ok(());
            }
            K::UnclosedComment => {
                let opener = self.spans.range(token.start, (token.start + 2).min(token.end));
                self.out.diagnostics.push(
                    Diagnostic::error(Code::Syntax, "a comment is not closed")
                        .at(opener, "this comment goes on to the end of the file")
                        .hint("write `*/` where the comment ends"),
                );
                return Ok(());
            }
            _ => {}
        }
        let line_starts = self.newline.is_some() || self.at == self.start.at;
        if line_starts {
            self.line_indent = self.indent(token.start);
            self.line_start(token);
        }
        self.settle_object(token);
        if !matches!(token.kind, K::CBrace | K::TemplateSeqEnd | K::CParen | K::CBrack | K::Eof) {
            self.take_newline();
        }
        match token.kind {
            K::OBrace => self.open_brace(token),
            K::OBrack | K::OParen => self.open(token, Kind::Group),
            K::OQuote | K::OHeredoc => self.open(token, Kind::Quoted),
            K::TemplateInterp | K::TemplateControl => self.open(token, Kind::Sequence { braces: 0 }),
            K::CQuote | K::CHeredoc | K::UnclosedQuote | K::UnclosedHeredoc | K::UnclosedTemplate => {
                self.close_template(token);
            }
            K::CBrace | K::TemplateSeqEnd => return self.close_brace(token, line_starts),
            K::CParen | K::CBrack => return self.close_group(token),
            K::Eof => return self.end(token),
            K::Equal | K::Colon => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.assigned = true;
                }
                self.push(token);
            }
            _ => {
                self.push(token);
            }
        }
        Ok(())
    }

    fn push(&mut self, token: Token) -> usize {
        self.out.tokens.push(token);
        self.out.partners.push(u32::MAX);
        self.out.tokens.len() - 1
    }

    /// How far the line is indented whose first token starts at `start`; far if other text comes before it.
    fn indent(&self, start: u32) -> u32 {
        let before = self.text.get(..start as usize).unwrap_or("");
        let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
        match before.as_bytes().get(before.len().wrapping_sub(blank + 1)) {
            None | Some(b'\n') => u32::try_from(blank).unwrap_or(u32::MAX),
            Some(_) => u32::MAX,
        }
    }

    /// Decides whether an object is a `for` expression, in which line ends mean nothing.
    fn settle_object(&mut self, token: Token) {
        if let Some(frame) = self.frames.last_mut()
            && frame.kind == (Kind::Object { fresh: true })
        {
            let is_for = token.kind == TokenKind::Ident && token.text(self.text) == "for";
            frame.kind = if is_for { Kind::ForObject } else { Kind::Object { fresh: false } };
        }
    }

    fn take_newline(&mut self) {
        let Some(newline) = self.newline.take() else { return };
        let Some(frame) = self.frames.last_mut() else { return };
        if matches!(frame.kind, Kind::Body | Kind::Object { .. }) {
            frame.assigned = false;
            self.push(newline);
        }
    }

    /// Looks at the first token of a line: whether a new item starts, and whether brackets were forgotten.
    fn line_start(&mut self, token: Token) {
        if self.frames.len() == 1 && self.frames.first().is_some_and(|frame| frame.kind == Kind::Body) {
            self.take_newline();
            if self.at > self.start.at && self.misfits < TRUST {
                self.guessing = false;
            }
            self.start = Start {
                at: self.at,
                len: self.out.tokens.len(),
                findings: self.out.diagnostics.len(),
                line: self.line,
            };
        }
        if self.guessing && self.frames.first().is_some_and(|frame| frame.kind == Kind::Body) {
            self.guess(token);
        }
        let indent = self.line_indent;
        if let Some(frame) = self.frames.last_mut() {
            frame.inner.get_or_insert(indent);
        }
    }

    fn guess(&mut self, token: Token) {
        let header = self.is_header(self.at);
        let argument = token.kind == TokenKind::Ident
            && self.input.get(self.at + 1).is_some_and(|next| next.kind == TokenKind::Equal);
        if !header && !argument {
            return;
        }
        let mut keep = self.frames.len();
        while keep > 1 {
            let Some(frame) = self.frames.get(keep - 1) else { break };
            let dedented =
                self.line_indent <= frame.indent && frame.inner.is_some_and(|inner| inner > frame.indent);
            let left = match frame.kind {
                Kind::Group => true,
                Kind::Object { .. } | Kind::ForObject => header || dedented,
                Kind::Body => dedented || (header && self.line_indent == 0),
                Kind::Sequence { .. } | Kind::Quoted => false,
            };
            if !left {
                break;
            }
            keep -= 1;
        }
        self.close_missing(keep, false);
    }

    /// Returns whether a block header starts at an index: a name, labels, a brace.
    fn is_header(&self, at: usize) -> bool {
        use TokenKind as K;
        let mut rest = self.input.iter().skip(at).map(|token| token.kind);
        if rest.next() != Some(K::Ident) {
            return false;
        }
        rest.take(PLACES * 4)
            .find(|kind| !matches!(kind, K::Ident | K::OQuote | K::QuotedLit | K::CQuote))
            .is_some_and(|kind| kind == K::OBrace)
    }

    fn open(&mut self, token: Token, kind: Kind) {
        let open = self.push(token);
        if matches!(kind, Kind::Sequence { .. } | Kind::Quoted) {
            self.templates.push(self.frames.len());
        }
        self.frames.push(Frame {
            kind,
            open,
            indent: self.line_indent,
            inner: None,
            line: self.line,
            assigned: false,
        });
        if token.kind == TokenKind::OHeredoc {
            self.line += 1;
        }
    }

    fn open_brace(&mut self, token: Token) {
        if let Some(Frame { kind: Kind::Sequence { braces }, .. }) = self.nearest_template() {
            *braces += 1;
        }
        let block = self.frames.last().is_some_and(|frame| frame.kind == Kind::Body && !frame.assigned);
        self.open(token, if block { Kind::Body } else { Kind::Object { fresh: true } });
    }

    fn nearest_template(&mut self) -> Option<&mut Frame> {
        let nearest = *self.templates.last()?;
        self.frames.get_mut(nearest)
    }

    /// Closes a string, heredoc or template sequence; the lexer has put them in pairs.
    fn close_template(&mut self, token: Token) {
        let silent = token.kind.is_unclosed();
        let quoted = !matches!(token.kind, TokenKind::TemplateSeqEnd | TokenKind::UnclosedTemplate);
        let Some(keep) = self.templates.last().copied().filter(|nearest| {
            let kind = self.frames.get(*nearest).map(|frame| frame.kind);
            *nearest > 0 && matches!(kind, Some(Kind::Quoted)) == quoted
        }) else {
            self.push(token);
            return;
        };
        self.close_missing(keep + 1, silent);
        self.close_top_with(token);
    }

    fn close_top(&mut self, token: Token) {
        let close = self.push(token);
        let frame = self.frames.pop();
        self.templates.pop_if(|nearest| *nearest >= self.frames.len());
        if let Some(frame) = frame
            && let Some(partner) = self.out.partners.get_mut(frame.open)
        {
            *partner = u32::try_from(close).unwrap_or(u32::MAX);
        }
    }

    /// Closes the innermost bracket with a token of the text. The line end before it belongs inside.
    fn close_top_with(&mut self, token: Token) {
        self.take_newline();
        self.close_top(token);
    }

    fn close_brace(&mut self, token: Token, line_starts: bool) -> Result<(), Misfit> {
        if let Some(Frame { kind: Kind::Sequence { braces }, .. }) = self.nearest_template() {
            if *braces == 0 {
                let token = Token { kind: TokenKind::TemplateSeqEnd, ..token };
                self.close_template(token);
                return Ok(());
            }
            *braces -= 1;
        }
        let token = if token.kind == TokenKind::TemplateSeqEnd {
            self.out.diagnostics.push(
                Diagnostic::error(Code::InvalidCharacter, "`~` stands outside of a template sequence")
                    .at(self.spans.of(token), "this `}` does not end a template sequence")
                    .hint("remove the `~`"),
            );
            Token { kind: TokenKind::CBrace, start: token.end - 1, end: token.end }
        } else {
            token
        };
        let Some(top) = self.frames.last().copied() else { return Ok(()) };
        if self.frames.len() > 1 && top.is_brace() && !self.guessing {
            self.close_top_with(token);
            return Ok(());
        }
        if self.frames.len() == 1 || top.is_template() {
            self.stray(token);
            return Ok(());
        }
        if !self.guessing {
            return Err(Misfit);
        }
        let Some(nearest) = self.search(Frame::is_brace) else {
            if top.kind == Kind::Group {
                self.close_wrongly(token);
            } else {
                self.stray(token);
            }
            return Ok(());
        };
        let mut target = nearest;
        let indent = self.line_indent;
        if line_starts {
            if self.frames.get(nearest).is_some_and(|frame| frame.indent > indent)
                && let Some(lower) = self.search(|frame| frame.is_brace() && frame.indent == indent)
            {
                target = lower;
            }
        } else if top.kind == Kind::Group
            && top.line == self.line
            && self.frames.get(nearest).is_some_and(|frame| frame.line < self.line)
        {
            self.close_wrongly(token);
            return Ok(());
        }
        self.close_missing(target + 1, false);
        self.close_top_with(token);
        Ok(())
    }

    fn close_group(&mut self, token: Token) -> Result<(), Misfit> {
        let opener = match token.kind {
            TokenKind::CParen => TokenKind::OParen,
            _ => TokenKind::OBrack,
        };
        let fits = |frame: &Frame, tokens: &[Token]| {
            frame.kind == Kind::Group && tokens.get(frame.open).is_some_and(|open| open.kind == opener)
        };
        let Some(top) = self.frames.last().copied() else { return Ok(()) };
        if fits(&top, &self.out.tokens) {
            self.close_top_with(token);
            return Ok(());
        }
        if self.frames.len() == 1 {
            self.stray(token);
            return Ok(());
        }
        if !self.guessing {
            return Err(Misfit);
        }
        let groups = self.frames.iter().rev().take(SEARCH).take_while(|frame| frame.kind == Kind::Group);
        let above = groups.take_while(|frame| !fits(frame, &self.out.tokens)).count();
        let found = self.frames.len().checked_sub(above + 1);
        if let Some(found) = found
            && self.frames.get(found).is_some_and(|frame| fits(frame, &self.out.tokens))
        {
            self.close_missing(found + 1, false);
            self.close_top_with(token);
        } else if top.kind == Kind::Group
            || (top.line == self.line && top.is_brace() && top.kind != Kind::Body)
        {
            self.close_wrongly(token);
        } else {
            self.stray(token);
        }
        Ok(())
    }

    /// Finds the nearest open bracket inside the current template.
    fn search(&self, fits: impl Fn(&Frame) -> bool) -> Option<usize> {
        let depth = self
            .frames
            .iter()
            .skip(1)
            .rev()
            .take(SEARCH)
            .take_while(|frame| !frame.is_template())
            .position(fits)?;
        self.frames.len().checked_sub(depth + 1)
    }

    fn end(&mut self, token: Token) -> Result<(), Misfit> {
        let broken = self.out.tokens.last().is_some_and(|last| last.kind.is_unclosed())
            || self.input.get(self.at.wrapping_sub(1)).is_some_and(|last| last.kind.is_unclosed());
        if !broken && !self.guessing && self.frames.len() > 1 {
            return Err(Misfit);
        }
        self.close_missing(1, broken);
        self.take_newline();
        let last = self.at + 1 == self.input.len();
        if last {
            self.push(token);
        } else {
            // The lexer starts anew behind something that was never closed: a new line as far as we care.
            self.line += 1;
            self.newline = Some(Token { kind: TokenKind::Newline, ..token });
        }
        Ok(())
    }

    fn stray(&mut self, token: Token) {
        self.take_newline();
        self.out.diagnostics.push(unclosed::stray(self.spans, token));
    }

    /// Takes a closing bracket of another kind for the one that was meant.
    fn close_wrongly(&mut self, token: Token) {
        let Some(open) = self.frames.last().and_then(|frame| self.out.tokens.get(frame.open)).copied() else {
            return;
        };
        let meant = unclosed::closer(open.kind);
        self.out.diagnostics.push(unclosed::closed_wrongly(self.spans, open, token, meant));
        self.close_top_with(Token { kind: meant, ..token });
    }

    /// Closes all but the first `keep` open brackets with empty tokens.
    fn close_missing(&mut self, keep: usize, silent: bool) {
        if self.frames.len() <= keep {
            return;
        }
        let place = self.out.tokens.last().map_or(0, |last| last.end);
        let cut = self.out.tokens.last().is_some_and(|last| last.kind.is_unclosed());
        let mut brackets: Vec<Token> = Vec::new();
        let mut count = 0_usize;
        let mut blocks = 0_usize;
        while self.frames.len() > keep {
            let Some(frame) = self.frames.last().copied() else { break };
            let Some(open) = self.out.tokens.get(frame.open).copied() else { break };
            if frame.kind == Kind::Body {
                if !silent {
                    self.unclosed_block(frame.open, place, blocks);
                    blocks += 1;
                }
            } else if !frame.is_template() {
                count += 1;
                if brackets.len() < PLACES {
                    brackets.push(open);
                }
            }
            self.close_top(Token { kind: unclosed::closer(open.kind), start: place, end: place });
        }
        // What a string without end has cut needs no finding of its own.
        if !silent
            && !cut
            && let Some((first, others)) = brackets.split_first()
        {
            let places = (self.spans, place);
            let missing = unclosed::closer(first.kind);
            self.out.diagnostics.push(unclosed::brackets(places, *first, others, count, missing));
        }
    }
}

impl Pass<'_> {
    /// Reports a block that is not closed, unless enough of those around it were reported at the same place.
    fn unclosed_block(&mut self, open: usize, place: u32, before: usize) {
        if before >= PLACES {
            return;
        }
        let start = self.out.tokens.get(..open).unwrap_or_default();
        let start = start.iter().rposition(|token| token.kind == TokenKind::Newline).map_or(0, |at| at + 1);
        let (Some(first), Some(brace)) = (self.out.tokens.get(start), self.out.tokens.get(open)) else {
            return;
        };
        let places = (self.spans, place);
        self.out.diagnostics.push(unclosed::block(places, *first, *brace, first.text(self.text)));
    }
}
