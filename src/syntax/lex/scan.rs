//! The scanner: one loop over the bytes, with the open strings, templates and heredocs on a
//! stack.

use unicode_ident::is_xid_continue;
use unicode_ident::is_xid_start;

use super::heredoc;
use super::steps;
use super::token::Token;
use super::token::TokenKind;

/// A construct that is open at the current position. None at all means normal code.
#[derive(Clone, Copy, Debug)]
enum Frame {
    /// Normal code inside `${` or `%{`; `braces` counts the `{` open since.
    Sequence { open: usize, braces: u32 },
    /// A string.
    Quoted,
    /// A heredoc. Its end marker counts only on a line that nothing else has begun.
    Heredoc { marker: (usize, usize), at_line_start: bool },
    /// A template without delimiters.
    Bare,
}

/// The state of one run over a text.
pub(super) struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    /// Where the current line starts, to tell what was opened on it.
    line_start: usize,
    frames: Vec<Frame>,
    tokens: Vec<Token>,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, start: u32) -> Self {
        let mut len = text.len().min(u32::MAX as usize);
        while !text.is_char_boundary(len) {
            len -= 1;
        }
        let text = &text[..len];
        let mut pos = (start as usize).min(len);
        while !text.is_char_boundary(pos) {
            pos += 1;
        }
        Self {
            text,
            bytes: text.as_bytes(),
            pos,
            line_start: pos,
            frames: Vec::new(),
            tokens: Vec::with_capacity((len - pos) / 4 + 1),
        }
    }

    pub(super) fn with_byte_order_mark(mut self) -> Self {
        if self.bytes.starts_with(BOM) {
            self.take(TokenKind::Bom, BOM.len());
        }
        self
    }

    pub(super) fn in_template(mut self) -> Self {
        self.frames.push(Frame::Bare);
        self
    }

    pub(super) fn run(mut self) -> Vec<Token> {
        while let Some(&byte) = self.bytes.get(self.pos) {
            match self.frames.last().copied() {
                None | Some(Frame::Sequence { .. }) => self.code(byte),
                Some(Frame::Quoted) => self.quoted(byte),
                Some(Frame::Heredoc { marker, at_line_start }) => self.heredoc(marker, at_line_start),
                Some(Frame::Bare) => self.bare(),
            }
        }
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Sequence { .. } => self.take(TokenKind::UnclosedTemplate, 0),
                Frame::Quoted => self.take(TokenKind::UnclosedQuote, 0),
                Frame::Heredoc { .. } => self.take(TokenKind::UnclosedHeredoc, 0),
                Frame::Bare => {}
            }
        }
        self.take(TokenKind::Eof, 0);
        self.tokens
    }

    /// Emits the next `len` bytes as one token.
    fn take(&mut self, kind: TokenKind, len: usize) {
        let start = self.pos;
        self.pos += len;
        steps::count(len + 1);
        self.tokens.push(Token { kind, start: start as u32, end: self.pos as u32 });
    }

    fn take_to(&mut self, kind: TokenKind, end: usize) {
        self.take(kind, end - self.pos);
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.pos + ahead).copied()
    }

    /// One token, or the spaces before it, of normal code.
    fn code(&mut self, byte: u8) {
        use TokenKind as K;
        match byte {
            b' ' | b'\t' => {
                self.pos += 1;
                steps::count(1);
            }
            b'\n' => {
                self.take(K::Newline, 1);
                self.line_start = self.pos;
            }
            b'\r' if self.peek(1) == Some(b'\n') => {
                self.take(K::Newline, 2);
                self.line_start = self.pos;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.ident(),
            b'0'..=b'9' => self.number(),
            b'"' => {
                self.frames.push(Frame::Quoted);
                self.take(K::OQuote, 1);
            }
            b'#' => self.line_comment(),
            b'/' => match self.peek(1) {
                Some(b'/') => self.line_comment(),
                Some(b'*') => self.block_comment(),
                _ => self.take(K::Slash, 1),
            },
            b'{' => {
                if let Some(Frame::Sequence { braces, .. }) = self.frames.last_mut() {
                    *braces += 1;
                }
                self.take(K::OBrace, 1);
            }
            b'}' => {
                let kind = self.closing_brace(K::CBrace);
                self.take(kind, 1);
            }
            b'~' if self.peek(1) == Some(b'}') => {
                let kind = self.closing_brace(K::TemplateSeqEnd);
                self.take(kind, 2);
            }
            b'<' if self.peek(1) == Some(b'<') => self.heredoc_start(),
            128.. => self.wide(),
            _ => {
                let (kind, len) = symbol(byte, self.peek(1), self.peek(2));
                self.take(kind, len);
            }
        }
    }

    fn ident(&mut self) {
        let end = ident_end(self.text, self.pos).unwrap_or(self.pos + 1);
        self.take_to(TokenKind::Ident, end);
    }

    /// A character beyond ASCII outside of strings.
    fn wide(&mut self) {
        if let Some(end) = ident_end(self.text, self.pos) {
            self.take_to(TokenKind::Ident, end);
        } else if let Some(c) = self.text[self.pos..].chars().next() {
            let kind = match c {
                '\u{2018}'..='\u{201f}' => TokenKind::SmartQuote,
                _ => TokenKind::Invalid,
            };
            self.take(kind, c.len_utf8());
        }
    }

    fn number(&mut self) {
        let digits = |mut at: usize| {
            while matches!(self.bytes.get(at), Some(b'0'..=b'9')) {
                at += 1;
            }
            at
        };
        let mut end = digits(self.pos);
        if self.bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if fraction > end + 1 {
                end = fraction;
            }
        }
        if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        self.take_to(TokenKind::Number, end);
    }

    fn line_comment(&mut self) {
        let end = self.line_end(self.pos);
        self.take_to(TokenKind::LineComment, end);
        self.line_start = self.pos;
    }

    fn block_comment(&mut self) {
        let rest = &self.bytes[self.pos + 2..];
        let (kind, len) = match rest.windows(2).position(|pair| pair == b"*/") {
            Some(at) => (TokenKind::BlockComment, at + 4),
            None => (TokenKind::UnclosedComment, rest.len() + 2),
        };
        let start = self.pos;
        self.take(kind, len);
        if self.bytes[start..self.pos].contains(&b'\n') {
            self.line_start = self.pos;
        }
    }

    /// Leaves the template sequence if the `}` at the current position is its end.
    fn closing_brace(&mut self, otherwise: TokenKind) -> TokenKind {
        match self.frames.last_mut() {
            Some(Frame::Sequence { braces: 0, .. }) => {
                self.frames.pop();
                TokenKind::TemplateSeqEnd
            }
            Some(Frame::Sequence { braces, .. }) => {
                *braces -= 1;
                otherwise
            }
            _ => otherwise,
        }
    }

    fn heredoc_start(&mut self) {
        let Some(opening) = heredoc::opening(self.text, self.pos) else {
            let (kind, len) = symbol(b'<', self.peek(1), self.peek(2));
            self.take(kind, len);
            return;
        };
        self.frames.push(Frame::Heredoc { marker: opening.marker, at_line_start: true });
        self.take_to(TokenKind::OHeredoc, opening.end);
        self.line_start = self.pos;
    }

    /// One token inside a string.
    fn quoted(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.frames.pop();
                self.take(TokenKind::CQuote, 1);
            }
            b'\n' => self.cut_strings(),
            b'\r' if self.peek(1) == Some(b'\n') => self.cut_strings(),
            b'\r' => self.take(TokenKind::Invalid, 1),
            b'$' | b'%' if self.peek(1) == Some(b'{') => self.sequence_start(byte),
            _ => {
                let end = self.quoted_literal_end();
                self.take_to(TokenKind::QuotedLit, end);
            }
        }
    }

    fn quoted_literal_end(&self) -> usize {
        let mut at = self.pos;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'"' | b'\r' | b'\n' => break,
                // The escaped character is skipped unless it ends the line. It may be the first
                // byte of a longer one: its other bytes are ordinary.
                b'\\' if !matches!(self.bytes.get(at + 1), None | Some(b'\r' | b'\n')) => at += 2,
                b'$' | b'%' => match sigil(self.bytes, at) {
                    0 => break,
                    len => at += len,
                },
                _ => at += 1,
            }
        }
        // An escape may have skipped half a character at the end of the text.
        at.min(self.bytes.len())
    }

    /// Closes the string that the line end at the current position cuts.
    ///
    /// Template sequences opened on the same line are cut with it, and so are the strings around
    /// them: the damage of a missing quote ends with its line, and the rest of the file keeps
    /// its meaning.
    fn cut_strings(&mut self) {
        self.frames.pop();
        self.take(TokenKind::UnclosedQuote, 0);
        while let Some(&Frame::Sequence { open, .. }) = self.frames.last()
            && open >= self.line_start
        {
            self.frames.pop();
            self.take(TokenKind::UnclosedTemplate, 0);
            if !matches!(self.frames.last(), Some(Frame::Quoted)) {
                break;
            }
            self.frames.pop();
            self.take(TokenKind::UnclosedQuote, 0);
        }
    }

    /// Emits `${`, `%{` or the same with `~`, and goes on with code.
    fn sequence_start(&mut self, byte: u8) {
        let kind = match byte {
            b'$' => TokenKind::TemplateInterp,
            _ => TokenKind::TemplateControl,
        };
        self.frames.push(Frame::Sequence { open: self.pos, braces: 0 });
        let strip = self.peek(2) == Some(b'~');
        self.take(kind, 2 + usize::from(strip));
    }

    /// One token inside a heredoc: a line, the part of a line before a sequence, or the end.
    fn heredoc(&mut self, marker: (usize, usize), at_line_start: bool) {
        let end = self.bare_literal_end();
        let ends_line = end > self.pos && self.bytes.get(end - 1) == Some(&b'\n');
        if at_line_start
            && ends_line
            && let Some(marker_end) = heredoc::closing(self.text, marker, self.pos, end)
        {
            self.frames.pop();
            self.take_to(TokenKind::CHeredoc, marker_end);
            return;
        }
        if let Some(Frame::Heredoc { at_line_start, .. }) = self.frames.last_mut() {
            *at_line_start = ends_line;
        }
        self.bare_token(end);
    }

    fn bare(&mut self) {
        let end = self.bare_literal_end();
        self.bare_token(end);
    }

    fn bare_token(&mut self, end: usize) {
        if end == self.pos {
            let byte = self.bytes[self.pos];
            self.sequence_start(byte);
            return;
        }
        self.take_to(TokenKind::StringLit, end);
        if self.bytes.get(end - 1) == Some(&b'\n') {
            self.line_start = end;
        }
    }

    /// Returns the end of the literal text at the current position: behind the line end, or
    /// where a sequence starts.
    fn bare_literal_end(&self) -> usize {
        let mut at = self.pos;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\n' => return at + 1,
                b'$' | b'%' => match sigil(self.bytes, at) {
                    0 => break,
                    len => at += len,
                },
                _ => at += 1,
            }
        }
        at
    }

    fn line_end(&self, from: usize) -> usize {
        match self.bytes[from..].iter().position(|&byte| byte == b'\n') {
            Some(at) => from + at + 1,
            None => self.bytes.len(),
        }
    }
}

const BOM: &[u8] = "\u{feff}".as_bytes();

/// Returns how many bytes the `$` or `%` at `at` takes as literal text; none if it starts a
/// sequence. Doubled before a brace, it stands for itself.
fn sigil(bytes: &[u8], at: usize) -> usize {
    match bytes[at..] {
        [_, b'{', ..] => 0,
        [first, second, b'{', ..] if first == second => 3,
        _ => 1,
    }
}

/// Returns the end of the identifier at `start`, if there is one.
pub(super) fn ident_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = match bytes.get(start)? {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => start + 1,
        0..=127 => return None,
        128.. => {
            let first = text.get(start..)?.chars().next()?;
            if !is_xid_start(first) {
                return None;
            }
            start + first.len_utf8()
        }
    };
    loop {
        match bytes.get(at) {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-') => at += 1,
            Some(128..) => match text.get(at..).and_then(|rest| rest.chars().next()) {
                Some(next) if continues_ident(next) => at += next.len_utf8(),
                _ => return Some(at),
            },
            _ => return Some(at),
        }
    }
}

/// Returns whether a character beyond ASCII may stand inside an identifier.
///
/// Unicode came to allow joiners and middle dots of other scripts later than HCL's table of
/// identifier characters; names that hold them would be refused by Terraform.
fn continues_ident(c: char) -> bool {
    is_xid_continue(c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{30fb}' | '\u{ff65}')
}

/// The kind and length of a token made of ASCII punctuation.
fn symbol(byte: u8, next: Option<u8>, third: Option<u8>) -> (TokenKind, usize) {
    use TokenKind as K;
    match (byte, next) {
        (b'[', _) => (K::OBrack, 1),
        (b']', _) => (K::CBrack, 1),
        (b'(', _) => (K::OParen, 1),
        (b')', _) => (K::CParen, 1),
        (b',', _) => (K::Comma, 1),
        (b'.', Some(b'.')) if third == Some(b'.') => (K::Ellipsis, 3),
        (b'.', _) => (K::Dot, 1),
        (b'=', Some(b'=')) => (K::EqualOp, 2),
        (b'=', Some(b'>')) => (K::FatArrow, 2),
        (b'=', _) => (K::Equal, 1),
        (b'!', Some(b'=')) => (K::NotEqual, 2),
        (b'!', _) => (K::Bang, 1),
        (b'<', Some(b'=')) => (K::LessThanEq, 2),
        (b'<', _) => (K::LessThan, 1),
        (b'>', Some(b'=')) => (K::GreaterThanEq, 2),
        (b'>', _) => (K::GreaterThan, 1),
        (b'&', Some(b'&')) => (K::And, 2),
        (b'&', _) => (K::BitAnd, 1),
        (b'|', Some(b'|')) => (K::Or, 2),
        (b'|', _) => (K::BitOr, 1),
        (b':', Some(b':')) => (K::DoubleColon, 2),
        (b':', _) => (K::Colon, 1),
        (b'*', Some(b'*')) => (K::StarStar, 2),
        (b'*', _) => (K::Star, 1),
        (b'+', _) => (K::Plus, 1),
        (b'-', _) => (K::Minus, 1),
        (b'%', _) => (K::Percent, 1),
        (b'?', _) => (K::Question, 1),
        (b';', _) => (K::Semicolon, 1),
        (b'\'', _) => (K::Apostrophe, 1),
        (b'`', _) => (K::Backtick, 1),
        (b'~', _) => (K::BitNot, 1),
        (b'^', _) => (K::BitXor, 1),
        _ => (K::Invalid, 1),
    }
}
