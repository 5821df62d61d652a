//! What Queueform prints for programs, judged by code that is not its own: JSON Schemas and policies in Rego.

#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod policies;
mod schemas;
mod support;
