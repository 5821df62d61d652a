//! The token stream of HCL native syntax.
//!
//! Owns: which bytes form which token. A file is cut into [`Token`]s over its original bytes,
//! without loss: every byte belongs to exactly one token or to the spaces and tabs between two
//! tokens, so that a formatter can rebuild the file and the parser can point at any byte.
//!
//! Lexing cannot fail. What is wrong is part of the stream: characters outside the language get
//! a *bad* kind ([`TokenKind::is_bad`]), and a string, template sequence or heredoc without an
//! end is closed by an empty *unclosed* token at the place where it had to end. Template modes
//! are therefore always balanced: each [`TokenKind::OQuote`] has its `CQuote` or
//! `UnclosedQuote`, and so on, whatever the text is.
//!
//! Must not know: grammar, diagnostics, which file the text came from. Offsets are relative to
//! the text. There is no recursion: nesting lives on an explicit stack, and each byte is looked
//! at a bounded number of times.

mod heredoc;
#[cfg(test)]
pub(in crate::syntax) mod random;
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    reason = "offsets never leave the text, whose length is cut to what u32 holds; random input tests this"
)]
mod scan;
pub(in crate::syntax) mod steps;
mod token;

pub use token::Token;
pub use token::TokenKind;

use scan::Lexer;

/// Cuts a whole file into tokens; the last one is always [`TokenKind::Eof`].
///
/// A byte order mark is accepted at the very start only. Text beyond 4 GiB is not looked at;
/// whoever reads files refuses them long before.
pub fn lex(text: &str) -> Vec<Token> {
    Lexer::new(text, 0).with_byte_order_mark().run()
}

/// Cuts the text from `start` on, as if a line of normal code began there.
///
/// Offsets stay relative to the whole text. The parser resumes with this behind something that
/// was never closed. `start` must lie on a character boundary; otherwise the next one is taken.
pub fn lex_from(text: &str, start: u32) -> Vec<Token> {
    Lexer::new(text, start).run()
}

/// Cuts the text of a single expression, such as one given on the command line.
pub fn lex_expression(text: &str) -> Vec<Token> {
    lex_from(text, 0)
}

/// Cuts a template without quotes around it, such as the file of `templatefile`.
///
/// Quotation marks and backslashes are ordinary characters in it, as in a heredoc. Literal text
/// comes as [`TokenKind::StringLit`], at most one line a token.
pub fn lex_template(text: &str) -> Vec<Token> {
    Lexer::new(text, 0).in_template().run()
}

#[cfg(test)]
mod tests;
