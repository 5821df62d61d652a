//! The language: text, values, expressions.

mod expressions;
mod fmt;
mod syntax;
