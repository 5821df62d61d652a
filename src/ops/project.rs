//! A directory that is ready to be worked on: configuration, graph, schemas, state and providers together.
//!
//! Owns the way from options to what planning and applying need. Decides nothing; what is wrong is collected,
//! and the texts that findings quote are there even then.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use crate::api;
use crate::config;
use crate::config::Config;
use crate::config::LoadOptions;
use crate::config::Loaded;
use crate::config::Module;
use crate::config::ModuleFinder;
use crate::config::Overlay;
use crate::config::VariableInput;
use crate::config::VariableValues;
use crate::diag::Checked;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::encryption::Encryption;
use crate::eval::Files;
use crate::graph;
use crate::graph::DependencyGraph;
use crate::plan::Query;
use crate::provider::EmulatedEndpoint;
use crate::provider::Environment;
use crate::provider::ProviderOptions;
use crate::provider::Providers;
use crate::render::events::Moment;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::state::store::Layout;

use super::WorkingFiles;
use super::emulated;
use super::emulated::Emulation;
use super::modules::Installed;
use super::place::Place;
use super::place::PlaceOptions;

/// What a project is opened with.
#[derive(Debug, Clone)]
pub struct ProjectOptions {
    /// The directory of the configuration.
    pub directory: PathBuf,
    /// Variables of the process, and programs that print credentials.
    pub environment: Arc<dyn Environment>,
    /// `QF_VAR_name` variables, without the prefix.
    pub variables: Vec<(String, String)>,
    /// `--var` and `--var-file` in the order given.
    pub arguments: Vec<VariableInput>,
    /// Whether the remote systems are emulated.
    pub emulate: Emulate,
    /// Emulators that run already; otherwise they are started in this process.
    pub endpoints: Option<BTreeMap<String, EmulatedEndpoint>>,
    /// The workspace.
    pub workspace: String,
    /// Whether the state's lock is taken (`--lock=false` does not).
    pub lock: bool,
    /// How long to wait for the state's lock.
    pub lock_timeout: Duration,
    /// Calls in flight per endpoint; adaptive if not given.
    pub parallelism: Option<usize>,
    /// Finds modules of git; without it, those that `init` installed.
    pub modules: Option<Arc<dyn ModuleFinder>>,
    /// Put an empty block in the place of those that `import` blocks name and that are still to be generated.
    pub placeholders: bool,
    /// Time of calls and waits. If not given, the machine's; with an emulator, waits last milliseconds.
    pub clock: Option<Arc<dyn api::Clock>>,
}

impl Default for ProjectOptions {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("."),
            environment: Arc::new(BTreeMap::new()),
            variables: Vec::new(),
            arguments: Vec::new(),
            emulate: Emulate::No,
            endpoints: None,
            workspace: Layout::DEFAULT.to_owned(),
            lock: true,
            lock_timeout: Duration::ZERO,
            parallelism: None,
            modules: None,
            placeholders: false,
            clock: None,
        }
    }
}

/// Whether the remote systems are emulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Emulate {
    /// The real systems are called.
    #[default]
    No,
    /// Emulators are called, which hold what earlier emulated runs left in them.
    Fresh,
    /// Emulators are called, filled from the real state first.
    State,
}

/// A directory that is ready to be worked on.
#[derive(Debug)]
pub struct Project {
    /// The configuration.
    pub config: Config,
    /// The values of its variables.
    pub variables: VariableValues,
    /// Its dependency graph.
    pub graph: DependencyGraph,
    /// All schemas.
    pub registry: Arc<Registry>,
    /// The texts of the configuration.
    pub sources: SourceMap,
    /// Where the state is kept.
    pub place: Place,
    /// What it was opened with.
    pub options: ProjectOptions,
    /// Told what is looked at while a plan is made.
    pub watcher: Watcher,
    files: Option<WorkingFiles>,
    remote: OnceLock<Remote>,
}

/// Told what is looked at while a plan is made: the questions of a round when they are asked, and again when
/// they were answered. Does nothing unless it is set.
#[derive(Default)]
pub struct Watcher(Option<Box<Watch>>);

type Watch = dyn Fn(&[Query], Moment) + Send + Sync;

impl Watcher {
    /// Watches with a function.
    pub fn new(watch: impl Fn(&[Query], Moment) + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(watch)))
    }

    /// Returns true if somebody watches.
    pub(super) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Returns the questions that must be kept to be told when they were answered.
    pub(super) fn asked(&self, queries: &[Query]) -> Vec<Query> {
        match &self.0 {
            Some(watch) => {
                watch(queries, Moment::Asked);
                queries.to_vec()
            }
            None => Vec::new(),
        }
    }

    /// Tells that questions were answered.
    pub(super) fn answered(&self, queries: &[Query]) {
        if let Some(watch) = &self.0 {
            watch(queries, Moment::Answered);
        }
    }
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watcher").field(&self.0.is_some()).finish()
    }
}

/// The way to the remote systems.
#[derive(Debug)]
struct Remote {
    providers: Providers,
    emulation: Option<Emulation>,
}

impl ProjectOptions {
    /// Returns what the configuration is loaded with.
    #[must_use]
    pub fn load(&self) -> LoadOptions {
        LoadOptions {
            directory: self.directory.clone(),
            environment: self.variables.clone(),
            arguments: self.arguments.clone(),
            // A rehearsal is about the real estate, with the values of the real one.
            emulate: self.emulate == Emulate::Fresh,
            workspace: self.workspace.clone(),
            modules: Some(self.modules.clone().unwrap_or_else(|| Arc::new(Installed::of(&self.directory)))),
            placeholders: self.placeholders,
        }
    }

    /// Returns what the place of the state is found by.
    #[must_use]
    pub fn place(&self) -> PlaceOptions {
        PlaceOptions {
            directory: self.directory.clone(),
            workspace: self.workspace.clone(),
            emulated: self.emulate == Emulate::Fresh,
            rehearsal: self.emulate == Emulate::State,
            lock: self.lock,
            lock_timeout: self.lock_timeout,
            variables: self.variables.clone(),
            arguments: self.arguments.clone(),
            environment: Arc::clone(&self.environment),
            reason: None,
            encryption: Encryption::default(),
        }
    }
}

impl Project {
    /// Loads a directory. The project is there even with errors, so that they can be drawn; with errors it
    /// is good for nothing else. Nothing is written, and no remote system is called yet.
    pub fn open(options: ProjectOptions) -> Checked<Self> {
        let mut registry = Registry::embedded();
        let mut sources = SourceMap::new();
        let loaded = config::load(&options.load(), &mut registry, &mut sources);
        Self::assemble(options, Arc::new(registry), sources, loaded)
    }

    /// Loads a directory for `init`, which decides where its state is: an earlier run may have kept it elsewhere.
    pub(super) fn open_for_init(
        options: ProjectOptions,
        find: impl FnOnce(PlaceOptions, Option<(&Module, &VariableValues)>) -> Result<Place, Diagnostics>,
    ) -> Checked<Self> {
        let mut registry = Registry::embedded();
        let mut sources = SourceMap::new();
        let loaded = config::load(&options.load(), &mut registry, &mut sources);
        Self::assemble_at(options, Arc::new(registry), sources, loaded, find)
    }

    /// Loads a directory for a test, behind texts that are loaded already, with what the test puts into it. Its state
    /// is at another place.
    pub(super) fn open_for_test(
        options: ProjectOptions,
        overlay: &Overlay,
        mut sources: SourceMap,
        place: Place,
    ) -> Checked<Self> {
        let mut registry = Registry::embedded();
        let mut loaded = config::load_for_test(&options.load(), overlay, &mut registry, &mut sources);
        if let Some(loaded) = &mut loaded.output {
            // A test has a state of its own, wherever the configuration keeps the real one.
            loaded.config.root.settings.backend = None;
            loaded.config.root.settings.encryption = None;
        }
        let mut opened = Self::assemble(options, Arc::new(registry), sources, loaded);
        if let Some(project) = &mut opened.output {
            project.place = place;
        }
        opened
    }

    /// Makes a project of a configuration that was loaded already.
    pub(super) fn assemble(
        options: ProjectOptions,
        registry: Arc<Registry>,
        sources: SourceMap,
        loaded: Checked<Loaded>,
    ) -> Checked<Self> {
        Self::assemble_at(options, registry, sources, loaded, Place::with_backend)
    }

    fn assemble_at(
        options: ProjectOptions,
        registry: Arc<Registry>,
        sources: SourceMap,
        loaded: Checked<Loaded>,
        find: impl FnOnce(PlaceOptions, Option<(&Module, &VariableValues)>) -> Result<Place, Diagnostics>,
    ) -> Checked<Self> {
        let mut diagnostics = Diagnostics::new();
        let loaded = loaded
            .collect_into(&mut diagnostics)
            .unwrap_or_else(|| Loaded { config: Config::default(), variables: VariableValues::default() });
        let built = graph::build(&loaded.config);
        // Loading reports cycles too.
        let silent = diagnostics.has_errors();
        let graph = if silent { built.output } else { built.collect_into(&mut diagnostics) };
        let known = Some((&loaded.config.root, &loaded.variables));
        let place = match find(options.place(), known) {
            Ok(place) => place,
            Err(found) => {
                diagnostics.extend(found);
                Place::nowhere()
            }
        };
        if options.emulate == Emulate::State && !diagnostics.has_errors() {
            let real = PlaceOptions { rehearsal: false, ..options.place() };
            match Place::with_backend(real, known)
                .and_then(|real| emulated::rehearse(&real, &place).map_err(Diagnostics::from))
            {
                Ok(found) | Err(found) => diagnostics.extend(found),
            }
        }
        let home = options.environment.variable("HOME");
        let files = WorkingFiles::of_directory(&options.directory, home.as_deref()).ok();
        let project = Self {
            config: loaded.config,
            variables: loaded.variables,
            graph: graph.unwrap_or_default(),
            registry,
            sources,
            place,
            options,
            watcher: Watcher::default(),
            files,
            remote: OnceLock::new(),
        };
        Checked::with(project, diagnostics)
    }

    /// Returns the project for a run of which somebody says why it is done.
    #[must_use]
    pub fn because(mut self, reason: Option<&str>) -> Self {
        self.place = self.place.because(reason);
        self
    }

    /// Returns the files that expressions may read.
    #[must_use]
    pub fn files(&self) -> Option<&dyn Files> {
        self.files.as_ref().map(|files| files as &dyn Files)
    }

    /// Returns the files and what was read of them so far.
    #[must_use]
    pub fn working_files(&self) -> Option<&WorkingFiles> {
        self.files.as_ref()
    }

    /// Returns what a project for another run right after this one is opened with: emulators that run already are
    /// used again.
    #[must_use]
    pub fn again(&self) -> ProjectOptions {
        let emulation = self.remote.get().and_then(|remote| remote.emulation.as_ref());
        let running = emulation.map(|emulation| emulation.endpoints.clone());
        ProjectOptions {
            endpoints: running.or_else(|| self.options.endpoints.clone()),
            ..self.options.clone()
        }
    }

    /// Returns whether the remote systems are emulated.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        self.options.emulate != Emulate::No
    }

    /// Where the emulators keep what they hold.
    fn emulator_data(&self) -> Result<PathBuf, Diagnostic> {
        let directory = match self.options.emulate {
            Emulate::State => self.place.rehearsal_directory()?,
            Emulate::Fresh | Emulate::No => Layout::emulated(&self.options.directory),
        };
        Ok(directory.join(emulated::DATA))
    }

    /// Returns the way to the remote systems; the first call starts the emulators if they are asked for.
    ///
    /// # Errors
    /// If an emulator does not start.
    pub fn providers(&self) -> Result<&Providers, Diagnostic> {
        if let Some(remote) = self.remote.get() {
            return Ok(&remote.providers);
        }
        let emulation = match (self.is_emulated(), &self.options.endpoints) {
            (true, None) => Some(emulated::start(&self.emulator_data()?)?),
            _ => None,
        };
        let clock = self.options.clock.clone().unwrap_or_else(|| {
            let pace = if self.is_emulated() { emulated::PACE } else { 1.0 };
            Arc::new(api::SystemClock::scaled(pace))
        });
        let providers = Providers::new(
            Arc::clone(&self.registry),
            ProviderOptions {
                environment: Arc::clone(&self.options.environment),
                emulated: match (&emulation, &self.options.endpoints) {
                    (Some(found), _) => found.endpoints.clone(),
                    (None, Some(found)) if self.is_emulated() => found.clone(),
                    (None, _) => BTreeMap::new(),
                },
                emulate: self.is_emulated(),
                clock,
                parallelism: self.options.parallelism,
                directory: self.options.directory.clone(),
                remote_states: self.place.encryption().remote_state.clone(),
            },
        );
        Ok(&self.remote.get_or_init(|| Remote { providers, emulation }).providers)
    }
}
