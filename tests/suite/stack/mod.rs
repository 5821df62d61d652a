//! Apsara Stack, end to end against its emulator: every resource, data source, action and reading of the vendor's document.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

mod actions;
mod course;
mod data;
mod example;
mod guards;
mod random;
mod reach;
mod readings;
mod resources;
mod trust;
