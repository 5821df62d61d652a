//! Whole courses of configurations against the emulator: create, change, destroy, with nothing to do in between.

mod configs;
mod data;
mod instances;
mod kills;
mod members;
mod script;
mod tags;
