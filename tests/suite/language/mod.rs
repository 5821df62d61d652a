//! The language: text, values, expressions.

mod fmt;
mod syntax;
