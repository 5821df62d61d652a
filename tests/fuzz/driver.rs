//! Runs workers for a while, and gathers what they find.

use std::path::PathBuf;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use super::targets;
use super::targets::Target;
use super::worker;

/// What a run was asked for.
struct Options {
    targets: Vec<&'static Target>,
    span: Duration,
    out: PathBuf,
    seed: u64,
}

/// `run TARGET [--minutes=N] [--seconds=N] [--out=DIRECTORY] [--seed=N]`
pub(super) fn run(arguments: &[String]) -> ExitCode {
    let Some(options) = options(arguments) else {
        eprintln!(
            "usage: run TARGET|all [--minutes=N | --seconds=N] [--out=DIRECTORY] [--seed=N]\ntargets: {}",
            targets::names()
        );
        return ExitCode::from(2);
    };
    let mut clean = true;
    for target in &options.targets {
        clean &= explore(target, &options);
    }
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn options(arguments: &[String]) -> Option<Options> {
    let (name, rest) = arguments.split_first()?;
    let chosen = if name == "all" { targets::ALL.iter().collect() } else { vec![targets::find(name)?] };
    let out = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/fuzz");
    let mut options =
        Options { targets: chosen, span: Duration::from_secs(60), out, seed: fastrand::u64(..) };
    for argument in rest {
        let (name, value) = argument.split_once('=')?;
        match name {
            "--minutes" => options.span = Duration::from_secs(value.parse::<u64>().ok()? * 60),
            "--seconds" => options.span = Duration::from_secs(value.parse().ok()?),
            "--out" => options.out = PathBuf::from(value),
            "--seed" => options.seed = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(options)
}

/// Tries inputs on a target for as long as was asked for; returns whether nothing went wrong.
fn explore(target: &Target, options: &Options) -> bool {
    let directory = options.out.join(target.name);
    std::fs::create_dir_all(&directory).unwrap();
    let end = Instant::now() + options.span;
    let (mut seed, mut tried, mut found) = (options.seed, 0_u64, 0_u64);
    let (mut slowest, mut ways, mut share) = (0_u64, 0_u64, 0_u64);
    loop {
        let left = end.saturating_duration_since(Instant::now()).as_secs();
        if left == 0 {
            break;
        }
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["worker", target.name, &seed.to_string(), &left.to_string()])
            .arg(&directory)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        if output.status.success() {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            if let [more, pool, wrong, slow, read] = numbers.as_slice() {
                share = *read;
                tried += more;
                ways = ways.max(*pool);
                found += wrong;
                slowest = slowest.max(*slow);
            }
        } else {
            // It died with an input in its hands.
            found += 1;
            let current = directory.join(format!("current-{seed}"));
            let input = std::fs::read(&current).unwrap_or_default();
            std::fs::remove_file(&current).ok();
            let why = if output.status.code() == Some(worker::TOO_LONG) {
                "it takes too long".to_owned()
            } else {
                format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr))
            };
            worker::keep(&directory, &input, &why);
        }
        seed = seed.wrapping_add(1);
    }
    println!(
        "{}: {tried} inputs, {share} % come past the parser, {ways} lead to something new, slowest {slowest} ms, {found} went wrong{}",
        target.name,
        if found > 0 { format!(": {}", directory.display()) } else { String::new() }
    );
    found == 0
}
