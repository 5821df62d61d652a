//! Commands end to end: the real binary, with standard output, standard error and exit status.

mod actions;
mod apply;
mod backends;
mod checks;
mod console;
mod custom;
mod emulator;
mod enabled;
mod examples;
mod fmt;
mod inbox;
mod modules;
mod pages;
mod plan;
mod provider_sets;
mod rounds;
mod schema;
mod show;
mod state;
mod stream;
mod testing;
mod usage;
mod validate;
mod version;
mod workspaces;
