//! What planning and applying cost: CPU, memory, calls and time, by number of objects.
//!
//! `cargo bench --bench scale` runs the real binary against the emulator, each command in a process of its own, and
//! prints a table. It reports and never fails on a figure. `cargo bench --bench scale -- --help` lists the options.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program for people at a terminal, and writing to a string cannot fail"
)]

mod configurations;
mod measure;
mod options;
mod rival;
mod runs;
mod table;

use std::process::ExitCode;

use clap::Parser as _;

use crate::options::Options;
use crate::table::Table;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|first| first == measure::MEASURE) {
        return measure::child(&arguments[2..]);
    }
    let options = Options::parse();
    let mut table = Table::begin();
    match run(&options, &mut table) {
        Ok(()) => {
            table.end();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options, table: &mut Table) -> Result<(), String> {
    if options.wants("start") {
        runs::start(table)?;
    }
    if options.wants("validate") {
        runs::validate(table)?;
    }
    for objects in &options.objects {
        for shape in &options.shapes {
            if options.wants("data") {
                runs::data(*shape, *objects, options, table)?;
            }
            if options.wants("dms") {
                for latency in &options.latency {
                    runs::dms(*shape, *objects, *latency, options, table)?;
                }
            }
        }
        if options.wants("chain") && *objects <= options.chain_objects {
            runs::chain(*objects, options, table)?;
        }
        if options.wants("fan") {
            runs::fan(*objects, options, table)?;
        }
    }
    if options.wants("estate") {
        runs::estate(options, table)?;
    }
    Ok(())
}
