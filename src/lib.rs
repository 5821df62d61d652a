//! Queueform is Terraform for message queues.
//!
//! HCL files describe queues on managed brokers; they are parsed into a graph of resources, compared with
//! refreshed remote state, and executed as ordered API calls behind a plan that people and pipelines can read.
//! The modules below are in reading order: each may import only what stands above it
//! (the exact table is checked by `tests/suite/tidy/house.rs`).

// Ground: where text came from, what values are, what things are called.
pub mod source;
pub mod value;

pub mod addr;
pub mod diag;

// Language: from HCL text to values.
pub mod syntax;

pub mod eval;

// Declarations: what a resource can be, and what the user wants.
pub mod schema;

pub mod config;

// The pipeline.
pub mod state;

pub mod graph;

pub mod plan;

pub mod testing;

pub mod refresh;

pub mod apply;

// The outside world.
pub mod api;

pub mod backend;

pub mod provider;

pub mod encryption;

pub mod migrate;

// What users see.
pub mod render;

pub mod adopt;

pub mod ops;

#[cfg(feature = "emulator")]
pub mod emulator;
