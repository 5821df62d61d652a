//! The language: text, values, expressions.

mod expressions;
mod fmt;
mod laws;
mod syntax;
