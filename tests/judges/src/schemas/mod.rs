//! Machine output against its JSON Schemas in `docs/reference/schemas`: real runs, and documents that are wrong.

mod commands;
mod judge;
mod mistakes;
mod runs;

pub(crate) use judge::Judge;
