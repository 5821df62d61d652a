//! The command line of Queueform: reads arguments, calls the library, draws what comes back.
//!
//! Owns argument parsing, the host (environment, terminal, signals), streams and exit codes. Every command is
//! a thin file under `commands`; what it does is in `queueform::ops`.

mod adopted;
mod again;
mod args;
mod carry_out;
mod commands;
mod complete;
mod complete_words;
mod consent;
mod crash;
mod exit;
mod habits;
mod host;
mod line_editor;
mod log;
mod pager;
mod planning;
mod programs;
mod progress;
mod project;
#[cfg(test)]
mod reference;
mod session;
mod teller;
mod test_teller;
mod usage;

use std::process::ExitCode;

fn main() -> ExitCode {
    let host = host::Host::of_process();
    crash::guarded(|| commands::run(&host)).into()
}
