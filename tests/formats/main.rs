//! Machine output: against what Terraform printed, against its JSON Schemas, and read by programs of others.
//!
//! A test binary of its own, so that the judges (a validator of JSON Schemas, an engine of policies) are built for
//! nothing else.

#![expect(clippy::indexing_slicing, reason = "JSON answers null to what is not there")]

mod observed;
#[path = "../suite/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the suite, which uses all of it")]
mod support;
