//! The process around a command: arguments, environment, terminal and signals. Nothing else in the program
//! looks at them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::Path;
use std::path::PathBuf;

use queueform::ops::Environment;
use queueform::ops::Stop;
use queueform::ops::Stopper;

use crate::programs::COMMAND_TIME;
use crate::programs::run_within;

/// Beginnings of the names of environment variables that are looked at: ours, the vendors' own, and
/// `PostgreSQL`'s.
const PREFIXES: &[&str] =
    &["QF_", "SBC_", "HW_", "HUAWEICLOUD_", "OS_", "ALIBABA_CLOUD_", "ALICLOUD_", "APSARASTACK_", "PG"];
/// Further names that are looked at.
const NAMES: &[&str] = &["NO_COLOR", "TERM", "COLUMNS", "HOME", "XDG_STATE_HOME", "PAGER", "LESS"];

/// What the process was started with.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    /// The arguments without the program's name.
    pub(crate) arguments: Vec<OsString>,
    /// The variables of [`PREFIXES`] and [`NAMES`]; empty ones count as not set.
    pub(crate) environment: BTreeMap<String, String>,
    /// Standard output is a terminal.
    pub(crate) stdout_is_terminal: bool,
    /// Standard error is a terminal.
    pub(crate) stderr_is_terminal: bool,
    /// Standard input is a terminal.
    pub(crate) stdin_is_terminal: bool,
    /// Columns of the terminal, if there is one.
    pub(crate) columns: Option<usize>,
    /// Lines of the terminal, if there is one.
    pub(crate) rows: Option<usize>,
}

impl Host {
    /// Looks at the process.
    pub(crate) fn of_process() -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| {
                let known =
                    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name.as_str());
                known && !value.is_empty()
            })
            .collect();
        Self {
            arguments: std::env::args_os().skip(1).collect(),
            environment,
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            columns: terminal_size::terminal_size().map(|(width, _)| width.0.into()),
            rows: terminal_size::terminal_size().map(|(_, height)| height.0.into()),
        }
    }

    /// Returns a variable of the environment.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    /// Returns the `QF_VAR_name` variables without their prefix.
    pub(crate) fn input_variables(&self) -> Vec<(String, String)> {
        self.environment
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("QF_VAR_")?.to_owned(), value.clone())))
            .collect()
    }

    /// Returns the directory of what the program remembers about its user; none without a home.
    pub(crate) fn state_directory(&self) -> Option<PathBuf> {
        let state = self.variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let usual = || self.variable("HOME").map(|home| Path::new(home).join(".local").join("state"));
        Some(state.or_else(usual)?.join("queueform"))
    }

    /// Returns how many columns text for people may take.
    pub(crate) fn width(&self) -> usize {
        let asked = self.variable("COLUMNS").and_then(|text| text.parse().ok());
        asked.or(self.columns).unwrap_or(120).clamp(40, 200)
    }
}

/// What providers may see of the process: variables, and programs that print credentials.
#[derive(Debug, Clone)]
pub(crate) struct HostEnvironment {
    variables: BTreeMap<String, String>,
}

impl Host {
    /// Returns what providers may see.
    pub(crate) fn provider_environment(&self) -> HostEnvironment {
        HostEnvironment { variables: self.environment.clone() }
    }
}

impl Environment for HostEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        // Schemas that users write name variables of their own.
        let other = || std::env::var(name).ok().filter(|value| !value.is_empty());
        self.variables.get(name).cloned().or_else(other)
    }

    fn run(&self, command: &[String]) -> Result<String, String> {
        run_within(command, COMMAND_TIME)
    }
}

/// The two signals of an interrupted run.
#[derive(Debug)]
pub(crate) struct Signals {
    /// The first one: finish what is in flight.
    pub(crate) stop: Stop,
    /// The second one: save what is known.
    pub(crate) abort: Stop,
}

/// Runs something that ends in good order at the first Ctrl-C or request to terminate, and soon at the second.
/// The third one ends the process at once; what was done until then is recorded.
pub(crate) fn interruptible<T>(work: impl AsyncFnOnce(Signals) -> T) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let (stopper, aborter) = (Stopper::default(), Stopper::default());
        let signals = Signals { stop: stopper.signal(), abort: aborter.signal() };
        let watcher = tokio::spawn(async move {
            // One listener for all of them: the second request may follow the first one at once.
            let Ok(mut requests) = Requests::new() else { return };
            if requests.next().await.is_ok() {
                notice("interrupted: calls in flight are finished and recorded; once more saves and ends at once\n");
                stopper.stop();
            }
            if requests.next().await.is_ok() {
                aborter.stop();
            }
            if requests.next().await.is_ok() {
                #[expect(clippy::exit, reason = "asked for three times, and every record is durable already")]
                std::process::exit(crate::exit::Exit::Interrupted.code().into());
            }
        });
        let result = work(signals).await;
        watcher.abort();
        Ok(result)
    })
}

/// Says something on standard error, if anybody listens.
fn notice(text: &str) {
    use std::io::Write as _;
    std::io::stderr().lock().write_all(text.as_bytes()).ok();
}

/// Waits until the process is asked to stop, by Ctrl-C or by a request to terminate.
pub(crate) async fn stop_requested() -> std::io::Result<()> {
    Requests::new()?.next().await
}

/// Requests to stop, by Ctrl-C or by a request to terminate, as pipelines send it.
#[cfg(unix)]
struct Requests {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Requests {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::SignalKind;
        use tokio::signal::unix::signal;

        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next one.
    async fn next(&mut self) -> std::io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
        }
    }
}

/// Requests to stop, by Ctrl-C.
#[cfg(not(unix))]
struct Requests;

#[cfg(not(unix))]
impl Requests {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> std::io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
