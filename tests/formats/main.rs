//! Machine output against what Terraform printed. JSON Schemas and policies are in `tests/judges`.
//!
//! A test binary of its own: it needs only the program, and is built in seconds.

#![expect(clippy::panic, reason = "a test that meets the unexpected should stop at once")]
#![expect(clippy::print_stdout, reason = "what is skipped is told")]
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should stop at once")]

mod observed;
#[path = "../suite/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the suite, which uses all of it")]
mod support;
