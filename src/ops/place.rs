//! Where the state of a directory is kept: real or emulated, per workspace, on the engine that the configuration asks
//! for.
//!
//! Owns the way from options to a store, reading it without a lock and opening it for writing. Knows nothing of plans
//! and providers.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::api::Stop;
use crate::backend::Backend;
use crate::backend::LocalBackend;
use crate::config;
use crate::config::LoadOptions;
use crate::config::Loaded;
use crate::config::Module;
use crate::config::VariableInput;
use crate::config::VariableValues;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::encryption::EncryptedStore;
use crate::encryption::Encryption;
use crate::encryption::Keyring;
use crate::provider::Environment;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::state::State;
use crate::state::document;
use crate::state::journal::Record;
use crate::state::journal::Recovered;
use crate::state::journal::RunHeader;
use crate::state::store;
use crate::state::store::Clock;
use crate::state::store::Holder;
use crate::state::store::Layout;
use crate::state::store::Ledger;
use crate::state::store::Request;
use crate::state::store::Store;
use crate::state::store::SystemClock;
use crate::state::store::View;

use super::backends::Engine;
use super::backends::Search;
use super::backends::check_names;
use super::encryption::Keys;

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
    pub variables: Vec<(String, String)>,
    /// `--var` and `--var-file` in the order given.
    pub arguments: Vec<VariableInput>,
    /// Variables of the process, which arguments of backends may come from.
    pub environment: Arc<dyn Environment>,
    /// Why the state is changed, if somebody says so (`--reason`).
    pub reason: Option<Arc<str>>,
    /// How the state is encrypted; found when the place is.
    pub encryption: Encryption,
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
            variables: Vec::new(),
            arguments: Vec::new(),
            environment: Arc::new(BTreeMap::new()),
            reason: None,
            encryption: Encryption::default(),
        }
    }
}

impl PlaceOptions {
    /// Loads the configuration of the directory, for its settings.
    fn load(&self) -> Loaded {
        let mut registry = Registry::embedded();
        let load = LoadOptions {
            directory: self.directory.clone(),
            environment: self.variables.clone(),
            arguments: self.arguments.clone(),
            emulate: self.emulated,
            workspace: self.workspace.clone(),
            modules: None,
            placeholders: false,
        };
        config::load(&load, &mut registry, &mut SourceMap::new()).output.unwrap_or_default()
    }

    /// Returns the keys of saved plans that the configuration of the directory names; none that read nothing without.
    pub(super) fn plan_keys(&self) -> Result<Arc<Keyring>, Diagnostics> {
        let loaded = self.load();
        let keys =
            Keys { directory: &self.directory, workspace: &self.workspace, environment: &*self.environment };
        Ok(keys.of_plans(&loaded.config.root, &loaded.variables)?.unwrap_or_default())
    }

    /// Finds the keys that a root module names. Emulated states are encrypted as the real ones are: so it can be tried.
    pub(super) fn with_encryption(
        self,
        known: Option<(&Module, &VariableValues)>,
    ) -> Result<Self, Diagnostics> {
        let Some((module, variables)) = known else { return Ok(self) };
        let keys =
            Keys { directory: &self.directory, workspace: &self.workspace, environment: &*self.environment };
        let encryption = keys.of(module, variables)?;
        Ok(Self { encryption, ..self })
    }

    /// Returns the options of a directory, with everything else as usual.
    #[must_use]
    pub fn of_directory(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), ..Self::default() }
    }
}

/// The place of one state.
#[derive(Debug, Clone)]
pub struct Place {
    options: PlaceOptions,
    engine: Engine,
    /// Whether the engine is remembered for later runs: not that of an emulated run or a test.
    is_remembered: bool,
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

impl OpenState {
    /// Returns the header of this run.
    pub(super) fn header(&self) -> RunHeader {
        let Holder { id, who, host, pid, command, since, reason, job } = self.holder.clone();
        RunHeader {
            id,
            lineage: self.ledger.state(|state| state.lineage.clone()),
            who,
            host,
            pid,
            command,
            reason,
            job,
            plan: None,
            plan_hash: None,
            keeps_prior: true,
            version: env!("CARGO_PKG_VERSION").into(),
            at: since,
        }
    }

    /// Records something as a run of its own, and commits it.
    pub(super) fn record(&self, records: Vec<Record>) -> Result<(), Diagnostic> {
        let all = std::iter::once(Record::Run(self.header())).chain(records).collect();
        self.end(all, "done")
    }

    /// Records the last of a run, and commits it.
    pub(super) fn end(&self, records: Vec<Record>, result: &str) -> Result<(), Diagnostic> {
        let end = Record::End {
            run: Arc::clone(&self.holder.id),
            result: result.into(),
            at: SystemClock::default().now(),
        };
        let all = records.into_iter().chain([end]).collect();
        let written = self.ledger.append(all).wait().and_then(|()| self.ledger.commit());
        written.map(drop).map_err(Diagnostic::from)
    }
}

impl Place {
    /// Finds the place of a state; the configuration is looked at for its `backend` block alone.
    ///
    /// # Errors
    /// If the workspace's name or the backend is not usable.
    pub fn find(options: PlaceOptions) -> Result<Self, Diagnostics> {
        let loaded = options.load();
        Self::with_backend(options, Some((&loaded.config.root, &loaded.variables)))
    }

    /// Finds the place of a state of a root module, whose `backend` block counts, with the values of its variables.
    ///
    /// # Errors
    /// If the workspace's name or the backend is not usable, or an earlier run used another one.
    pub fn with_backend(
        options: PlaceOptions,
        known: Option<(&Module, &VariableValues)>,
    ) -> Result<Self, Diagnostics> {
        store::check_workspace(&options.workspace)
            .map_err(store::StoreError::from)
            .map_err(Diagnostic::from)?;
        let directory = &options.directory;
        // Emulated states stay where they are: a backend is real.
        let engine = if options.rehearsal || options.emulated {
            if let Some(block) = known.and_then(|(module, _)| module.settings.backend.as_ref()) {
                let found = check_names(block);
                if found.has_errors() {
                    return Err(found);
                }
            }
            Engine::of(Arc::new(if options.rehearsal {
                LocalBackend::rehearsal(directory)
            } else {
                LocalBackend::emulated(directory)
            }))
        } else {
            let search = Search {
                directory,
                workspace: &options.workspace,
                environment: &*options.environment,
                known,
            };
            let engine = search.engine()?;
            search.check(&engine)?;
            engine
        };
        let is_remembered = !options.rehearsal && !options.emulated;
        let options = options.with_encryption(known)?;
        Ok(Self { options, engine, is_remembered })
    }

    /// Returns the place of the state of an engine that was found already.
    pub(super) fn on(options: PlaceOptions, engine: Engine) -> Self {
        Self { options, engine, is_remembered: true }
    }

    /// A place for projects that are good for nothing but being shown with their findings.
    pub(super) fn nowhere() -> Self {
        let options = PlaceOptions::default();
        let engine = Engine::of_directory(&options.directory);
        Self { options, engine, is_remembered: false }
    }

    /// Returns the place of a test's state: a file of its own.
    pub(super) fn of_test(file: &Path, emulated: bool) -> Self {
        let options = PlaceOptions { emulated, ..PlaceOptions::default() };
        let engine = Engine::of(Arc::new(LocalBackend::of_file(file)));
        Self { options, engine, is_remembered: false }
    }

    /// Returns whether this is the state of emulated runs.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        self.options.emulated || self.options.rehearsal
    }

    /// Returns the directory of the configuration.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.options.directory
    }

    /// Returns the directory of a rehearsal: the copy of the state, and what the emulators hold.
    ///
    /// # Errors
    /// If the workspace's name is not usable.
    pub(super) fn rehearsal_directory(&self) -> Result<PathBuf, Diagnostic> {
        let root = Layout::rehearsal(&self.options.directory);
        let layout = Layout::within(&root, None, &self.options.workspace).map_err(store::StoreError::from)?;
        Ok(layout.directory().to_owned())
    }

    /// Returns the workspace.
    #[must_use]
    pub fn workspace(&self) -> &str {
        &self.options.workspace
    }

    /// Returns the engine that keeps the state.
    #[must_use]
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.engine.backend
    }

    /// Returns the engine with what is remembered of it.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns the place of another workspace of the same engine.
    #[must_use]
    pub fn of_workspace(&self, workspace: &str) -> Self {
        let options = PlaceOptions { workspace: workspace.to_owned(), ..self.options.clone() };
        Self { options, engine: self.engine.clone(), is_remembered: self.is_remembered }
    }

    /// Returns the place for a run of which somebody says why it is done.
    #[must_use]
    pub fn because(self, reason: Option<&str>) -> Self {
        let options = PlaceOptions { reason: reason.map(Into::into), ..self.options };
        Self { options, ..self }
    }

    /// Returns another place with the settings of this one: in a directory with a configuration, a file, or another
    /// workspace of the same engine, in the order in which the name says it.
    ///
    /// # Errors
    /// If there is none of that name.
    pub(super) fn other(&self, name: &str) -> Result<Self, Diagnostics> {
        // Without the `.` parts in the middle.
        let path: PathBuf = self.options.directory.join(name).components().collect();
        let is_path = name.contains(std::path::is_separator) || name == "." || name == "..";
        if !is_path
            && store::check_workspace(name).is_ok()
            && self.engine.backend.has_workspace(name).map_err(Diagnostic::from)?
        {
            return Ok(self.of_workspace(name));
        }
        if path.is_dir() {
            let workspace = super::workspace::chosen(&path);
            return Self::find(PlaceOptions { directory: path, workspace, ..self.options.clone() });
        }
        if path.is_file() || Path::new(name).extension().is_some_and(|ending| ending == "json") {
            let workspace = Layout::DEFAULT.to_owned();
            let options = PlaceOptions { workspace, ..self.options.clone() };
            let engine = Engine::of(Arc::new(LocalBackend::of_file(path)));
            return Ok(Self { options, engine, is_remembered: false });
        }
        Err(Diagnostic::error(Code::NotFound, format!("there is no state `{name}`"))
            .hint("name a workspace (`queueform workspace list`), a directory with a configuration, or a state file that ends with `.json`")
            .into())
    }

    /// Returns how states and plans are encrypted.
    #[must_use]
    pub fn encryption(&self) -> &Encryption {
        &self.options.encryption
    }

    /// Returns the store.
    ///
    /// # Errors
    /// If the engine cannot keep a workspace of that name.
    pub fn store(&self) -> Result<Box<dyn Store>, Diagnostic> {
        self.store_with(Arc::new(SystemClock::default()))
    }

    fn store_with(&self, clock: Arc<dyn Clock>) -> Result<Box<dyn Store>, Diagnostic> {
        let store = self.engine.backend.store(&self.options.workspace, clock).map_err(Diagnostic::from)?;
        Ok(match &self.options.encryption.state {
            Some(ring) => Box::new(EncryptedStore::new(store, Arc::clone(ring))),
            None => store,
        })
    }

    /// Reads an encrypted state document that lies elsewhere, such as a backup, with the keys of this place.
    pub(super) fn open_document(&self, name: &str, bytes: &[u8]) -> Result<State, Diagnostic> {
        let ring = self.options.encryption.state.clone().unwrap_or_default();
        let what = format!("the state `{name}`");
        let plain = ring.open_state(bytes).map_err(|problem| problem.about(&what))?;
        document::read(&plain)
            .map_err(|error| Diagnostic::error(Code::StateCorrupt, format!("{what} cannot be read: {error}")))
    }

    /// Reads the state without any lock, even while another run writes.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    pub fn view(&self) -> Result<View, Diagnostic> {
        store::view(&*self.store()?).map_err(Diagnostic::from)
    }

    /// Returns who holds the lock, if anybody does.
    ///
    /// # Errors
    /// If the lock cannot be looked at.
    pub fn holder(&self) -> Result<Option<Holder>, Diagnostic> {
        self.store()?.holder().map_err(Diagnostic::from)
    }

    /// Opens the state for writing: takes the lock, waiting for it as the options say unless `stop` comes
    /// first. Blocks.
    ///
    /// # Errors
    /// If another run holds the lock, or the state cannot be read.
    pub fn open(&self, command: &str, stop: &Stop) -> Result<OpenState, Diagnostic> {
        let open = self.open_quietly(command, stop)?;
        if self.is_remembered {
            // A directory that cannot be written to does not keep a run from working on an engine.
            if let Err(found) = self.engine.remember(&self.options.directory) {
                tracing::warn!(why = %found.summary, "the engine of the state is not remembered");
            }
        }
        Ok(open)
    }

    /// Opens the state for writing without remembering its engine for later runs.
    pub(super) fn open_quietly(&self, command: &str, stop: &Stop) -> Result<OpenState, Diagnostic> {
        let clock: Arc<dyn Clock> =
            Arc::new(InterruptedClock { clock: SystemClock::default(), stop: stop.clone() });
        let holder = Holder { reason: self.options.reason.clone(), ..Holder::this_process(command, &*clock) };
        let request =
            Request { holder: holder.clone(), lock: self.options.lock, wait: self.options.lock_timeout };
        let (ledger, recovered) = Ledger::open(&*self.store_with(clock)?, &request)?;
        Ok(OpenState { ledger: Arc::new(ledger), recovered, holder })
    }

    /// Describes the state in a few words, for the header of plans: `local, serial 4`.
    #[must_use]
    pub fn describe(&self, state: &State) -> String {
        let backend = &self.engine.backend;
        let mut text = backend.kind().to_owned();
        if text != "local" {
            text.push_str(&format!(" {}", backend.place()));
        }
        if self.options.workspace != Layout::DEFAULT {
            text.push_str(&format!(", workspace {}", self.options.workspace));
        }
        if self.options.encryption.state.as_ref().is_some_and(|ring| ring.encrypts()) {
            text.push_str(", encrypted");
        }
        if state.serial == 0 {
            text.push_str(", empty");
        } else {
            text.push_str(&format!(", serial {}", state.serial));
        }
        text
    }
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
