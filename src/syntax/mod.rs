//! The HCL front end: text to spanned bodies and expressions.
//!
//! Owns the token stream, the parser with its recovery, and the formatter. Everything is parsed by our own
//! lexer and recursive descent; `hcl` only writes generated HCL and judges in differential tests.
//! Knows nothing of what names mean.

pub mod ast;
mod chain;
pub mod fmt;
pub mod json;
pub mod lex;
pub mod parse;
