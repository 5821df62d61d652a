//! The process that tries inputs: it may crash, hang or run out of memory, and somebody else notices.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use super::corpus;
use super::mutate::mutate;
use super::targets;
use super::targets::Target;

/// An input may take so much time of the processor, in a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(10);
/// It may take so long if it does not use the processor.
const STILL: Duration = Duration::from_secs(300);
/// The address space of a worker.
const MEMORY: u64 = 2 << 30;
/// The stack that inputs are tried on: what the program itself has.
const STACK: usize = 8 << 20;
/// Inputs that led to something new are kept, up to so many.
const POOL: usize = 20_000;
/// Of every so many inputs one is looked at, whether it comes further than the parser.
const LOOK: u64 = 8;
/// The exit status of a worker that gave up on an input.
pub(super) const TOO_LONG: i32 = 98;

/// Tries one input: what it led to, or what went wrong.
pub(super) fn attempt(target: &Target, input: &[u8]) -> Result<u64, String> {
    match catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
        Ok(result) => result,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(format!("panic: {}", said.unwrap_or_default()))
        }
    }
}

/// `worker TARGET SEED SECONDS DIRECTORY`
pub(super) fn work(arguments: &[String]) -> ExitCode {
    let [name, seed, seconds, directory] = arguments else { return ExitCode::from(2) };
    let (Some(target), Ok(seed), Ok(seconds)) =
        (targets::find(name), seed.parse::<u64>(), seconds.parse::<u64>())
    else {
        return ExitCode::from(2);
    };
    limit_memory();
    let directory = PathBuf::from(directory);
    let span = Duration::from_secs(seconds);
    let thread =
        std::thread::Builder::new().stack_size(STACK).spawn(move || try_many(target, seed, span, &directory));
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn try_many(target: &'static Target, seed: u64, span: Duration, directory: &Path) {
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let watch = Watch::start();
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut pool = corpus::seeds(target);
    // What comes past the parser is begun with more often: most changes of what does not, do not either.
    let mut good: Vec<Vec<u8>> = pool.iter().filter(|input| (target.reads)(input)).cloned().collect();
    let mut seen = BTreeSet::new();
    let (mut tried, mut found) = (0_u64, BTreeSet::new());
    let (mut looked, mut read) = (0_u64, 0_u64);
    let mut slowest = Duration::ZERO;
    let current = directory.join(format!("current-{seed}"));
    while began.elapsed() < span {
        let from = if good.is_empty() || rng.u8(..4) == 0 { &pool } else { &good };
        let input = mutate(&mut rng, from, target.form);
        // Somebody must be able to find it if this process dies.
        std::fs::write(&current, &input).ok();
        watch.begin(tried + 1);
        let since = Instant::now();
        let result = attempt(target, &input);
        slowest = slowest.max(since.elapsed());
        watch.end();
        tried += 1;
        if result.is_ok() && tried.is_multiple_of(LOOK) {
            looked += 1;
            read += u64::from((target.reads)(&input));
        }
        match result {
            Ok(signature) => {
                if seen.insert(signature) && pool.len() + good.len() < POOL {
                    if (target.reads)(&input) { good.push(input) } else { pool.push(input) }
                }
            }
            Err(why) => {
                // One input for each place that goes wrong.
                let kind: String = why.chars().filter(|c| !c.is_ascii_digit()).take(120).collect();
                if found.insert(kind) {
                    keep(directory, &input, &why);
                }
            }
        }
    }
    std::fs::remove_file(&current).ok();
    let share = (read * 100).checked_div(looked).unwrap_or_default();
    println!("{tried} {} {} {} {share}", pool.len() + good.len(), found.len(), slowest.as_millis());
}

/// Writes an input that went wrong, with the reason beside it.
pub(super) fn keep(directory: &Path, input: &[u8], why: &str) {
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    std::fs::write(directory.join(format!("{hash:016x}")), input).ok();
    std::fs::write(directory.join(format!("{hash:016x}.txt")), why).ok();
}

/// `replay TARGET FILE…`
pub(super) fn replay(arguments: &[String]) -> ExitCode {
    let Some((target, files)) =
        arguments.split_first().and_then(|(name, rest)| Some((targets::find(name)?, rest)))
    else {
        eprintln!("name one of: {}", targets::names());
        return ExitCode::from(2);
    };
    let files: Vec<String> = files.to_vec();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let mut good = true;
        for file in &files {
            let input = std::fs::read(file).unwrap();
            let since = Instant::now();
            let result = attempt(target, &input);
            println!("{file}: {result:?} after {:?}", since.elapsed());
            good &= result.is_ok();
        }
        good
    });
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

#[cfg(target_os = "linux")]
fn limit_memory() {
    use nix::sys::resource::Resource;
    use nix::sys::resource::setrlimit;
    setrlimit(Resource::RLIMIT_AS, MEMORY, MEMORY).unwrap();
    setrlimit(Resource::RLIMIT_CORE, 0, 0).unwrap();
}

#[cfg(not(target_os = "linux"))]
fn limit_memory() {}

/// Ends the process if an input takes too long.
struct Watch {
    /// The number of the input that is tried; 0 between inputs.
    input: Arc<AtomicU64>,
}

impl Watch {
    fn start() -> Self {
        let input = Arc::new(AtomicU64::new(0));
        let watched = Arc::clone(&input);
        std::thread::spawn(move || {
            let (mut known, mut since, mut used) = (0, Instant::now(), processor_time());
            loop {
                std::thread::park_timeout(Duration::from_millis(200));
                let now = watched.load(Ordering::SeqCst);
                if now != known {
                    (known, since, used) = (now, Instant::now(), processor_time());
                } else if now > 0 && (processor_time() > used + PATIENCE || since.elapsed() > STILL) {
                    std::process::exit(TOO_LONG);
                }
            }
        });
        Self { input }
    }

    fn begin(&self, number: u64) {
        self.input.store(number, Ordering::SeqCst);
    }

    fn end(&self) {
        self.input.store(0, Ordering::SeqCst);
    }
}

/// How much time of the processor this process has used.
#[cfg(unix)]
fn processor_time() -> Duration {
    use nix::sys::resource::UsageWho;
    use nix::sys::resource::getrusage;
    use nix::sys::time::TimeValLike as _;
    let used = getrusage(UsageWho::RUSAGE_SELF).unwrap().user_time();
    Duration::from_micros(used.num_microseconds().unsigned_abs())
}

#[cfg(not(unix))]
fn processor_time() -> Duration {
    Duration::ZERO
}
