//! Plans of real configurations against the embedded emulator, without applying them.

mod quickstart;
mod recorded;
mod support;
