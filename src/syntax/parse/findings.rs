//! What to say about a token that does not fit.

use crate::diag::Code;
use crate::diag::Diagnostic;

use super::super::ast::Expr;
use super::super::ast::Ident;
use super::super::lex::Token;
use super::super::lex::TokenKind;
use super::brackets::is_word_operator;
use super::parser::Parse;
use super::parser::Parser;

/// How far the partner of a wrong quote is searched, in bytes.
const QUOTE_REACH: usize = 200;

impl Parser<'_> {
    /// Runs something whose findings are of no interest.
    pub(super) fn quietly<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let (quiet, too_deep) = (std::mem::replace(&mut self.quiet, true), self.too_deep);
        let result = run(self);
        self.quiet = quiet;
        self.too_deep = too_deep;
        result
    }

    /// What is wrong with the next token, if it is in no valid text.
    pub(super) fn maybe_bad_token(&mut self) -> Option<Diagnostic> {
        let token = self.peek();
        let (summary, hint) = match token.kind {
            TokenKind::Apostrophe => {
                return Some(self.wrong_quote(token, "single quotes do not make a string"));
            }
            TokenKind::SmartQuote => {
                return Some(self.wrong_quote(token, "typographic quotes do not make a string"));
            }
            TokenKind::Backtick => return Some(self.wrong_quote(token, "backticks do not make a string")),
            TokenKind::Semicolon => ("`;` does not separate anything", "start a new line instead"),
            TokenKind::StarStar => ("`**` is no operator", "write `pow(base, exponent)`"),
            TokenKind::BitXor => ("`^` is no operator", "write `pow(base, exponent)`, or `!=` for booleans"),
            TokenKind::BitAnd => ("`&` is no operator", "write `&&`"),
            TokenKind::BitOr => ("`|` is no operator", "write `||`"),
            TokenKind::BitNot => ("`~` is no operator", "write `!` for a boolean"),
            TokenKind::LessThan if self.ahead(1).kind == TokenKind::LessThan => (
                "this heredoc is malformed",
                "write `<<NAME` with nothing but the end of the line behind it, no quotes and no spaces",
            ),
            TokenKind::UnclosedComment => ("a comment is not closed", "write `*/` where the comment ends"),
            TokenKind::Invalid => return Some(self.invalid_character(token)),
            _ => return None,
        };
        let place = self.span(token);
        Some(Diagnostic::error(Code::InvalidCharacter, summary).at(place, "").hint(hint))
    }

    fn wrong_quote(&self, token: Token, summary: &str) -> Diagnostic {
        let rest = self.text.get(token.end as usize..).unwrap_or_default();
        let mut end = token.end;
        let mut inside = "";
        for (at, c) in rest.char_indices().take_while(|(at, c)| *at < QUOTE_REACH && *c != '\n') {
            let closes = match token.kind {
                TokenKind::SmartQuote => matches!(c, '\u{2018}'..='\u{201f}'),
                TokenKind::Backtick => c == '`',
                _ => c == '\'',
            };
            if closes {
                end = token.end + u32::try_from(at + c.len_utf8()).unwrap_or(0);
                inside = rest.get(..at).unwrap_or_default();
                break;
            }
        }
        let hint = if inside.is_empty() || inside.contains(['"', '\\']) {
            "put the string in double quotes".to_owned()
        } else {
            format!("write `\"{inside}\"`")
        };
        Diagnostic::error(Code::InvalidCharacter, summary)
            .at(self.spans.range(token.start, end), "")
            .hint(hint)
    }

    fn invalid_character(&self, token: Token) -> Diagnostic {
        let c = self.word(token).chars().next().unwrap_or('\u{fffd}');
        let number = u32::from(c);
        let (summary, hint) = match c {
            '\r' => ("a carriage return stands alone".to_owned(), Some("end lines with LF or CR LF")),
            '\u{feff}' => ("a byte order mark stands inside the text".to_owned(), Some("remove it")),
            _ if c.is_whitespace() => (
                format!("the space U+{number:04X} has no meaning here"),
                Some("replace it by an ordinary space"),
            ),
            _ if c.is_control() || !is_visible(c) => {
                (format!("the invisible character U+{number:04X} has no meaning here"), Some("remove it"))
            }
            _ => (format!("the character `{c}` has no meaning here"), None),
        };
        Diagnostic::error(Code::InvalidCharacter, summary)
            .at(self.span(token), "")
            .maybe_hint(hint.map(str::to_owned))
    }

    /// An expression should start at the next token and does not.
    pub(super) fn expected_expression(&mut self) -> Diagnostic {
        use TokenKind as K;
        if let Some(diagnostic) = self.maybe_bad_token() {
            return diagnostic;
        }
        let token = self.peek();
        let place = self.span(token);
        let Some(previous) = self.previous() else {
            return Diagnostic::error(Code::Syntax, "there is no expression").at(place, "");
        };
        let before = self.span(previous);
        match (previous.kind, token.kind) {
            (_, K::Plus) => Diagnostic::error(Code::Syntax, "there is no unary `+`")
                .at(place, "expected an expression here")
                .hint("remove the `+`"),
            (K::Question, K::Question) => Diagnostic::error(Code::Syntax, "`??` is no operator")
                .at(before.to(place), "")
                .hint("write `coalesce(a, b)`, or `a == null ? b : a`"),
            (K::And, K::BitAnd) | (K::Or, K::BitOr) => {
                Diagnostic::error(Code::Syntax, "one sign too many").at(before.to(place), "")
            }
            (K::Equal, K::Newline | K::CBrace | K::Eof | K::Comma) => {
                Diagnostic::error(Code::Syntax, "a value is missing after `=`")
                    .at(before.tail(), "expected a value here")
                    .hint("write a value on the same line, or `null` for none")
            }
            (K::Equal, K::EqualOp | K::Equal) => {
                Diagnostic::error(Code::Syntax, "one `=` too many").at(place, "").hint("remove it")
            }
            (K::Equal | K::Question | K::Colon | K::FatArrow, K::Dot) => {
                Diagnostic::error(Code::Syntax, "nothing stands before the dot")
                    .at(place, "expected an expression here")
                    .hint(
                        "write `0.5` with a digit before the point, or the name of an object before the dot",
                    )
            }
            (before_kind, K::Newline | K::CBrace | K::Eof) if is_operator(before_kind) => {
                Diagnostic::error(Code::Syntax, format!("nothing follows {}", before_kind.describe()))
                    .at(before, "expected an expression behind this, on the same line")
                    .hint("put the whole expression in parentheses to go on in the next line")
            }
            (K::OParen, K::CParen) => Diagnostic::error(Code::Syntax, "there is nothing in the parentheses")
                .at(before.to(place), "expected an expression in here"),
            (K::OBrack, K::CBrack) => Diagnostic::error(Code::Syntax, "an index is missing")
                .at(before.to(place), "expected a key in here"),
            (K::TemplateInterp, K::TemplateSeqEnd) => {
                Diagnostic::error(Code::Syntax, "the interpolation is empty")
                    .at(before.to(place), "expected an expression in here")
                    .hint("write `$${` for a literal `${`")
            }
            _ => Diagnostic::error(Code::Syntax, "expected an expression")
                .at(place, format!("{} cannot start one", token.kind.describe())),
        }
    }

    pub(super) fn fail_expected_expression<T>(&mut self) -> Parse<T> {
        let diagnostic = self.expected_expression();
        self.fail(diagnostic)
    }

    pub(super) fn fail_missing_colon<T>(&mut self, question: Token) -> Parse<T> {
        let place = self.here();
        let question = self.span(question);
        let diagnostic = self.maybe_bad_token().unwrap_or_else(|| {
            Diagnostic::error(Code::Syntax, "the `:` of this conditional is missing")
                .at(place, "expected `:` and the value for false here")
                .at(question, "the conditional starts here")
                .hint("write `condition ? value_if_true : value_if_false`")
                .maybe_hint(self.newline_hint())
        });
        self.fail(diagnostic)
    }

    /// Something else stands where a bracket should close.
    pub(super) fn unexpected(&mut self, close: usize, open: Token, closer: &str) -> Diagnostic {
        if let Some(diagnostic) = self.maybe_bad_token() {
            return diagnostic;
        }
        let token = self.peek();
        let place = self.span(token);
        let opened = self.span(open);
        let summary = format!("expected {closer} instead of {}", token.kind.describe());
        let real = !self.token(close).is_empty();
        Diagnostic::error(Code::Syntax, summary)
            .at(place, "this does not continue the expression")
            .at(opened, if real { "the bracket is opened here" } else { "opened here and not closed" })
            .maybe_hint(self.word_operator_hint())
    }

    pub(super) fn word_operator_hint(&self) -> Option<String> {
        let token = self.peek();
        if token.kind != TokenKind::Ident {
            return None;
        }
        let hint = match self.word(token) {
            "and" => "write `&&` for `and`",
            "or" => "write `||` for `or`",
            "not" => "write `!` for `not`",
            "is" => "write `==` for `is`",
            "if" | "then" | "else" => "write `condition ? value_if_true : value_if_false`",
            "in" => "write `contains(list, value)`",
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// For what breaks off at the end of its line.
    pub(super) fn newline_hint(&self) -> Option<String> {
        self.at(TokenKind::Newline)
            .then(|| "put the whole expression in parentheses to write it on several lines".to_owned())
    }

    /// Two items of a list follow each other directly.
    pub(super) fn missing_comma(&mut self, open: Token, close: usize, arguments: bool) -> Diagnostic {
        if let Some(diagnostic) = self.maybe_bad_token() {
            return diagnostic;
        }
        let token = self.peek();
        let what = if arguments { "arguments" } else { "items" };
        let next = self.span(token);
        if self.word_operator_hint().is_some() || !super::brackets::starts_expression(token.kind) {
            let diagnostic =
                self.unexpected(close, open, if arguments { "`,` or `)`" } else { "`,` or `]`" });
            return diagnostic;
        }
        Diagnostic::error(Code::Syntax, format!("a comma is missing between two {what}"))
            .at(self.here(), "expected `,` here")
            .at(next, "the next one starts here")
            .hint("write a comma behind each but the last")
    }

    /// Two items of an object follow each other on one line.
    pub(super) fn missing_object_comma(&mut self) -> Diagnostic {
        if let Some(diagnostic) = self.maybe_bad_token() {
            return diagnostic;
        }
        let token = self.peek();
        let next = self.span(token);
        if let Some(hint) = self.word_operator_hint() {
            Diagnostic::error(Code::Syntax, format!("`{}` is no operator", self.word(token)))
                .at(next, "")
                .hint(hint)
        } else {
            Diagnostic::error(Code::Syntax, "a comma or line end is missing between two attributes")
                .at(self.here(), "expected `,` here")
                .at(next, format!("{} does not continue the value", token.kind.describe()))
                .hint("write `{ a = 1, b = 2 }`, or each attribute on its own line")
        }
    }

    /// The key of an object is not followed by `=`.
    pub(super) fn missing_object_value(&mut self, close: usize, key: &Expr) -> Diagnostic {
        if self.pos < close
            && let Some(diagnostic) = self.maybe_bad_token()
        {
            return diagnostic;
        }
        let place = self.here();
        Diagnostic::error(Code::Syntax, "an attribute of an object needs a value")
            .at(place, "expected `=` here")
            .at(key.span, "this is read as the name of the attribute")
            .hint("write `{ name = value }`; write `[…]` for a list")
    }

    /// Something follows the value of an argument on its line.
    pub(super) fn missing_newline(&mut self) -> Diagnostic {
        if let Some(diagnostic) = self.maybe_bad_token() {
            return diagnostic;
        }
        let token = self.peek();
        let place = self.span(token);
        let word = if token.kind == TokenKind::Ident { self.word(token) } else { "" };
        let assigns = matches!(self.ahead(1).kind, TokenKind::Equal | TokenKind::Colon);
        if is_word_operator(word) && !assigns {
            return Diagnostic::error(Code::Syntax, format!("`{word}` is no operator"))
                .at(place, "")
                .maybe_hint(self.word_operator_hint());
        }
        if let Some(diagnostic) = self.other_language() {
            return diagnostic;
        }
        if token.kind == TokenKind::Comma {
            return Diagnostic::error(Code::Syntax, "arguments are not separated by commas")
                .at(place, "expected a line end here")
                .hint("remove the comma and write each argument on its own line");
        }
        if token.kind == TokenKind::Ident && assigns {
            return Diagnostic::error(Code::Syntax, "two arguments stand on one line")
                .at(place, "expected a line end before this")
                .hint("write each argument on its own line");
        }
        Diagnostic::error(Code::Syntax, "an argument ends with its line")
            .at(place, format!("{} does not continue the expression", token.kind.describe()))
            .maybe_hint((token.kind == TokenKind::OQuote).then(|| {
                "write one string with `${…}` in it to join strings, or `[…]` for a list".to_owned()
            }))
    }

    /// Two words in a row that mean something elsewhere: `not x`, `if x`, `0xff`.
    fn other_language(&self) -> Option<Diagnostic> {
        let (previous, token) = (self.previous()?, self.peek());
        let span = self.span(previous);
        if previous.kind == TokenKind::Number && token.kind == TokenKind::Ident && token.start == previous.end
        {
            return Some(
                Diagnostic::error(Code::InvalidNumber, "letters and `_` cannot stand in a number")
                    .at(span.to(self.span(token)), "")
                    .hint("write the decimal digits alone, or use `parseint(\"ff\", 16)`"),
            );
        }
        if previous.kind != TokenKind::Ident || !super::brackets::starts_expression(token.kind) {
            return None;
        }
        let word = self.word(previous);
        let hint = match word {
            "not" => "write `!` for `not`",
            "if" => "write `condition ? value_if_true : value_if_false`",
            "for" => "write `[for x in list : x]` or `{for k, v in map : k => v}`",
            _ => return None,
        };
        Some(
            Diagnostic::error(Code::Syntax, format!("`{word}` cannot start an expression"))
                .at(span, "")
                .hint(hint),
        )
    }

    /// A name and labels that no brace follows.
    pub(super) fn not_a_block(&mut self, kind: &Ident, labels: &[Ident]) -> Diagnostic {
        if let Some(diagnostic) = self.maybe_bad_token() {
            return diagnostic;
        }
        let token = self.peek();
        let place = self.here();
        let name = &kind.value;
        match (labels, token.kind) {
            (_, TokenKind::Equal) => {
                Diagnostic::error(Code::Syntax, "an argument has one name and no labels")
                    .at(self.span(token), "only one name can stand before the `=`")
                    .at(kind.span, "")
                    .hint("write `name = value` for an argument, or remove the `=` for a block")
            }
            ([value], TokenKind::Newline | TokenKind::Eof | TokenKind::CBrace) => {
                let shown = self.text.get(self.offsets(value)).unwrap_or_default();
                let brace = self.ahead(1).kind == TokenKind::OBrace;
                let hint = if brace {
                    "put the `{` of a block on the line of its name".to_owned()
                } else {
                    format!("write `{name} = {shown}`")
                };
                let summary = if brace {
                    format!("the block `{name}` has no `{{`")
                } else {
                    format!("`=` is missing after `{name}`")
                };
                let expected = if brace { "expected `{` here" } else { "expected `=` here" };
                Diagnostic::error(Code::Syntax, summary)
                    .at(if brace { place } else { kind.span.tail() }, expected)
                    .hint(hint)
            }
            _ => Diagnostic::error(Code::Syntax, format!("the block `{name}` has no `{{`"))
                .at(place, "expected a label or `{` here")
                .at(kind.span, "the block starts here")
                .hint("put the `{` of a block on the line of its name"),
        }
    }

    fn offsets(&self, name: &Ident) -> std::ops::Range<usize> {
        let base = self.spans.base;
        name.span.start.saturating_sub(base) as usize..name.span.end.saturating_sub(base) as usize
    }

    /// A name at the start of an item that neither `=` nor `{` follows.
    pub(super) fn lone_name(&mut self, name: &Ident) -> Diagnostic {
        if let Some(diagnostic) = self.maybe_bad_token() {
            return diagnostic;
        }
        let token = self.peek();
        let shown = &name.value;
        match token.kind {
            TokenKind::Dot | TokenKind::OBrack => {
                Diagnostic::error(Code::Syntax, "the name of an argument is a single word")
                    .at(self.span(token), "expected `=` here")
                    .hint(format!("write `{shown} = {{ … }}` to set an attribute inside `{shown}`"))
            }
            TokenKind::Newline if self.ahead(1).kind == TokenKind::OBrace => {
                Diagnostic::error(Code::Syntax, format!("the block `{shown}` has no `{{`"))
                    .at(name.span.tail(), "expected `{` here")
                    .hint("put the `{` of a block on the line of its name")
            }
            _ => Diagnostic::error(Code::Syntax, format!("`{shown}` is neither an argument nor a block"))
                .at(name.span, format!("expected `=` or `{{` behind this, not {}", token.kind.describe()))
                .hint(format!("write `{shown} = value`, or `{shown} {{ … }}`")),
        }
    }
}

fn is_operator(kind: TokenKind) -> bool {
    use TokenKind as K;
    matches!(
        kind,
        K::Or
            | K::And
            | K::EqualOp
            | K::NotEqual
            | K::LessThan
            | K::LessThanEq
            | K::GreaterThan
            | K::GreaterThanEq
            | K::Plus
            | K::Minus
            | K::Star
            | K::Slash
            | K::Percent
            | K::Bang
            | K::Question
            | K::Colon
    )
}

/// Format characters and the like cannot be shown in a message.
fn is_visible(c: char) -> bool {
    !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}
