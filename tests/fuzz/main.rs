//! Fuzzing without anything but the stable compiler.
//!
//! `cargo test --test fuzz` replays the corpus, in seconds. `cargo test --test fuzz -- run TARGET --minutes=10`
//! makes new inputs out of it, with limits on time and memory for each, and writes those that crash, hang or break a
//! law into `target/fuzz/TARGET`; `all` stands for every target. See `docs/fuzzing.md`.

#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test program of its own: it prints, and stops at once where something is unexpected"
)]

mod corpus;
mod driver;
mod files;
mod grammar;
mod mutate;
mod served;
mod targets;
mod worker;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("run") => driver::run(&arguments[1..]),
        Some("worker") => worker::work(&arguments[1..]),
        Some("replay") => worker::replay(&arguments[1..]),
        _ => test(&arguments),
    }
}

/// Replays the corpora, as one test for each target.
fn test(arguments: &[String]) -> ExitCode {
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let listed = arguments.iter().any(|argument| argument == "--list");
    let (mut passed, mut failed, mut left) = (0, 0, 0);
    for target in targets::ALL {
        let name = format!("fuzz::{}", target.name);
        if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter.as_str())) {
            left += 1;
            continue;
        }
        if listed {
            println!("{name}: test");
            continue;
        }
        let seeds = corpus::kept(target);
        assert!(!seeds.is_empty(), "{}: the corpus is empty", target.name);
        let mut broken = Vec::new();
        for (path, input) in &seeds {
            if let Err(why) = worker::attempt(target, input) {
                broken.push(format!("{}: {why}", path.display()));
            }
        }
        if broken.is_empty() {
            passed += 1;
            println!("test {name} ({} inputs) ... ok", seeds.len());
        } else {
            failed += 1;
            println!("test {name} ... FAILED\n{}", broken.join("\n"));
        }
    }
    if listed {
        return ExitCode::SUCCESS;
    }
    let result = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {result}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {left} filtered out\n"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(101) }
}
