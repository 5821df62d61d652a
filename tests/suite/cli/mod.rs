//! Commands end to end: the real binary, with standard output, standard error and exit status.

mod emulator;
mod fmt;
mod schema;
mod usage;
mod version;
