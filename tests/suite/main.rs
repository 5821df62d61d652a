//! All integration tests, in one binary.

#![recursion_limit = "256"]
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should stop at once")]
#![expect(clippy::panic, reason = "a test that meets the unexpected should stop at once")]
#![expect(clippy::string_slice, reason = "a test that meets the unexpected should stop at once")]
#![expect(clippy::print_stdout, reason = "figures of the recorded cases, shown on request")]

mod backend;
mod badinput;
mod bucket;
mod canary;
mod chaos;
mod cli;
mod conformance;
mod docs;
mod emulator;
mod engine;
mod formats;
mod language;
mod ops;
mod plan;
mod props;
mod provider;
mod render;
mod scenarios;
mod schema;
mod stack;
mod state;
mod support;
mod tidy;
