//! One command in a process of its own: what it used of the processor, of memory and of time.
//!
//! The command is started by a small process in between, this program with [`MEASURE`] as its first argument,
//! whose only child it is: so the system's account of ended children is about the command alone.

use std::path::Path;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;
use std::time::Instant;

use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;
use nix::sys::time::TimeValLike as _;

/// The first argument of the process in between.
pub(crate) const MEASURE: &str = "--measure";

/// What a command used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Seconds of processor time.
    pub(crate) cpu: f64,
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Greatest resident memory, in MB of a million bytes.
    pub(crate) megabytes: f64,
}

/// Runs a command and measures it.
pub(crate) fn measure(
    directory: &Path,
    program: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<Usage, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(own)
        .arg(MEASURE)
        .arg(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut figures = text.split_whitespace().map(str::parse::<f64>);
    let mut next = || figures.next().and_then(Result::ok);
    match (output.status.success(), next(), next(), next()) {
        (true, Some(cpu), Some(wall), Some(megabytes)) => Ok(Usage { cpu, wall, megabytes }),
        _ => Err(format!(
            "`{} {}` failed in {}:\n{}",
            program.display(),
            arguments.join(" "),
            directory.display(),
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// The process in between.
pub(crate) fn child(arguments: &[String]) -> ExitCode {
    let Some((program, arguments)) = arguments.split_first() else { return ExitCode::FAILURE };
    let began = Instant::now();
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status();
    let wall = began.elapsed().as_secs_f64();
    match (status, getrusage(UsageWho::RUSAGE_CHILDREN)) {
        (Ok(status), Ok(usage)) if status.success() => {
            let cpu = usage.user_time() + usage.system_time();
            #[expect(clippy::cast_precision_loss, reason = "far below the exact range")]
            let (cpu, megabytes) =
                (cpu.num_microseconds() as f64 / 1e6, usage.max_rss() as f64 * 1024.0 / 1e6);
            println!("{cpu} {wall} {megabytes}");
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}
