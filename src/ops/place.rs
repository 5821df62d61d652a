//! Where the state of a directory is kept: real or emulated, per workspace, as a `backend` block says.
//!
//! Owns the way from options to a [`LocalStore`], reading it without a lock and opening it for writing. Knows
//! nothing of plans and providers.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::api::Stop;
use crate::config;
use crate::config::Backend;
use crate::config::Early;
use crate::config::EarlyInputs;
use crate::config::EarlyPlace;
use crate::config::LoadOptions;
use crate::config::Module;
use crate::config::VariableInput;
use crate::config::VariableValues;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::state::State;
use crate::state::journal::Recovered;
use crate::state::store;
use crate::state::store::Clock;
use crate::state::store::Holder;
use crate::state::store::Layout;
use crate::state::store::Ledger;
use crate::state::store::LocalStore;
use crate::state::store::Request;
use crate::state::store::Store as _;
use crate::state::store::SystemClock;
use crate::state::store::View;

/// What the place of a state is found by.
#[derive(Debug, Clone)]
pub struct PlaceOptions {
    /// The directory of the configuration.
    pub directory: PathBuf,
    /// The workspace.
    pub workspace: String,
    /// The state of emulated runs, which is kept apart.
    pub emulated: bool,
    /// The copy of the state that a rehearsal works on.
    pub rehearsal: bool,
    /// Whether the lock is taken (`--lock=false` does not).
    pub lock: bool,
    /// How long to wait for the lock (`--lock-timeout`).
    pub lock_timeout: Duration,
    /// `QF_VAR_name` variables, without the prefix: arguments of a backend may use variables.
    pub environment: Vec<(String, String)>,
    /// `--var` and `--var-file` in the order given.
    pub arguments: Vec<VariableInput>,
}

impl Default for PlaceOptions {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("."),
            workspace: Layout::DEFAULT.to_owned(),
            emulated: false,
            rehearsal: false,
            lock: true,
            lock_timeout: Duration::ZERO,
            environment: Vec::new(),
            arguments: Vec::new(),
        }
    }
}

/// The place of one state.
#[derive(Debug, Clone)]
pub struct Place {
    options: PlaceOptions,
    layout: Layout,
}

/// A state that is open for writing. Dropping it frees the lock.
#[derive(Debug)]
pub struct OpenState {
    /// The records and the snapshot.
    pub ledger: Arc<Ledger>,
    /// The state as it was found, and what an earlier run left unfinished.
    pub recovered: Recovered,
    /// How this run is named to others; its id is the run's.
    pub holder: Holder,
}

impl Place {
    /// Finds the place of a state; the configuration is looked at for its `backend` block alone.
    ///
    /// # Errors
    /// If the workspace's name or the backend is not usable.
    pub fn find(options: PlaceOptions) -> Result<Self, Diagnostics> {
        let mut registry = Registry::embedded();
        let load = LoadOptions {
            directory: options.directory.clone(),
            environment: options.environment.clone(),
            arguments: options.arguments.clone(),
            emulate: options.emulated,
            workspace: options.workspace.clone(),
            modules: None,
        };
        let loaded = config::load(&load, &mut registry, &mut SourceMap::new());
        let loaded = loaded.output.unwrap_or_default();
        Self::with_backend(options, Some((&loaded.config.root, &loaded.variables)))
    }

    /// Finds the place of a state of a root module, whose `backend` block counts, with the values of its variables.
    ///
    /// # Errors
    /// If the workspace's name or the backend is not usable.
    pub fn with_backend(
        options: PlaceOptions,
        known: Option<(&Module, &VariableValues)>,
    ) -> Result<Self, Diagnostics> {
        let mut layout = Layout::new(&options.directory, &options.workspace, options.emulated)
            .map_err(|error| Diagnostic::error(Code::Usage, error.to_string()))?;
        if options.rehearsal {
            layout = Layout::rehearsal(&options.directory, &options.workspace);
        }
        if let Some((module, variables)) = known
            && let Some(backend) = &module.settings.backend
        {
            let place = EarlyPlace { workspace: &options.workspace, directory: ".", files: None };
            let early = Early::new(module, EarlyInputs::Root(variables), place);
            let file = file_of(backend, &early, &options.directory)?;
            // The emulated state stays where it is: a backend is real.
            if let Some(file) = file
                && !options.emulated
                && !options.rehearsal
                && options.workspace == Layout::DEFAULT
            {
                layout = Layout::of_file(&file);
            }
        }
        Ok(Self { options, layout })
    }

    /// Returns the place of a test's state: a file of its own.
    pub(super) fn of_test(file: &Path, emulated: bool) -> Self {
        let options = PlaceOptions { emulated, ..PlaceOptions::default() };
        Self { options, layout: Layout::of_file(file) }
    }

    /// Returns whether this is the state of emulated runs.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        self.options.emulated || self.options.rehearsal
    }

    /// Returns the directory of its files.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.layout.directory()
    }

    /// Returns the workspace.
    #[must_use]
    pub fn workspace(&self) -> &str {
        &self.options.workspace
    }

    /// Returns the store.
    #[must_use]
    pub fn store(&self) -> LocalStore {
        LocalStore::new(self.layout.clone())
    }

    /// Reads the state without any lock, even while another run writes.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    pub fn view(&self) -> Result<View, Diagnostic> {
        store::view(&self.store()).map_err(Diagnostic::from)
    }

    /// Returns who holds the lock, if anybody does.
    ///
    /// # Errors
    /// If the lock cannot be looked at.
    pub fn holder(&self) -> Result<Option<Holder>, Diagnostic> {
        self.store().holder().map_err(Diagnostic::from)
    }

    /// Opens the state for writing: takes the lock, waiting for it as the options say unless `stop` comes
    /// first. Blocks.
    ///
    /// # Errors
    /// If another run holds the lock, or the state cannot be read.
    pub fn open(&self, command: &str, stop: &Stop) -> Result<OpenState, Diagnostic> {
        let clock: Arc<dyn Clock> =
            Arc::new(InterruptedClock { clock: SystemClock::default(), stop: stop.clone() });
        let holder = Holder::this_process(command, &*clock);
        let request =
            Request { holder: holder.clone(), lock: self.options.lock, wait: self.options.lock_timeout };
        let (ledger, recovered) = Ledger::open(&self.store().with_clock(clock), &request)?;
        Ok(OpenState { ledger: Arc::new(ledger), recovered, holder })
    }
}

/// Describes a state in a few words, for the header of plans: `local, serial 4`.
#[must_use]
pub fn describe(state: &State, workspace: &str) -> String {
    let mut text = "local".to_owned();
    if workspace != Layout::DEFAULT {
        text.push_str(&format!(", workspace {workspace}"));
    }
    if state.serial == 0 {
        text.push_str(", empty");
    } else {
        text.push_str(&format!(", serial {}", state.serial));
    }
    text
}

/// Returns the file that a backend keeps the state in, if it names one.
fn file_of(backend: &Backend, early: &Early<'_>, directory: &Path) -> Result<Option<PathBuf>, Diagnostics> {
    let kind = &backend.kind.value;
    if &**kind != "local" {
        return Err(Diagnostic::error(Code::NotSupportedYet, format!("there is no backend `{kind}` yet"))
            .at(backend.kind.span, "")
            .hint("use `backend \"local\" { path = \"…\" }`, or no `backend` block at all")
            .into());
    }
    let mut file = None;
    for argument in &backend.arguments {
        let name = &argument.name.value;
        if &**name != "path" {
            return Err(Diagnostic::error(
                Code::UnknownArgument,
                format!("the backend `local` has no argument `{name}`"),
            )
            .at(argument.name.span, "")
            .hint("its one argument is `path`")
            .into());
        }
        let path = early.text(&argument.expr, "`path` of a backend")?;
        if path.is_empty() {
            return Err(Diagnostic::error(Code::InvalidValue, "`path` of a backend must not be empty")
                .at(argument.expr.span, "")
                .hint("write the path of the state file, or remove the argument")
                .into());
        }
        file = Some(directory.join(&*path));
    }
    Ok(file)
}

/// A clock whose pauses end when the run is interrupted.
#[derive(Debug)]
struct InterruptedClock {
    clock: SystemClock,
    stop: Stop,
}

impl InterruptedClock {
    /// How long an interruption may go unnoticed.
    const SLICE: Duration = Duration::from_millis(50);
}

impl Clock for InterruptedClock {
    fn now(&self) -> Arc<str> {
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn pause(&self, time: Duration) -> bool {
        let end = self.elapsed().saturating_add(time);
        loop {
            if self.stop.is_stopped() {
                return false;
            }
            let rest = end.saturating_sub(self.elapsed());
            if rest.is_zero() {
                return true;
            }
            self.clock.pause(rest.min(Self::SLICE));
        }
    }
}
