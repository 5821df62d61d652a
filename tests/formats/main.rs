//! Machine output against what Terraform printed. JSON Schemas and policies are in `tests/judges`.
//!
//! A test binary of its own: it needs only the program, and is built in seconds.

#![expect(clippy::indexing_slicing, reason = "JSON answers null to what is not there")]

mod observed;
#[path = "../suite/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the suite, which uses all of it")]
mod support;
