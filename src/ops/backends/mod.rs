//! Which engine keeps the states of a directory: the `backend` block, what `init --backend-config` gave, and what an
//! earlier run used.
//!
//! Owns `.queueform/backend.json`, which remembers the engine that was used last, without secrets: a `backend` block that
//! changes must not make a run begin with an empty state by accident.

mod copy;
mod given;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::backend;
use crate::backend::Backend;
use crate::backend::Given;
use crate::backend::LocalBackend;
use crate::backend::Settings;
use crate::config;
use crate::config::Early;
use crate::config::EarlyInputs;
use crate::config::EarlyPlace;
use crate::config::Module;
use crate::config::VariableValues;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::provider::Environment;
use crate::state::store::Layout;
use crate::value::Value;

pub use copy::Copied;
pub(super) use copy::copy_all;
pub use given::read_arguments;

use super::init;

/// The file that remembers the engine.
const RECORD: &str = "backend.json";

/// The form of that file.
const VERSION: u32 = 1;

/// An engine with what is remembered of it.
#[derive(Debug, Clone)]
pub(super) struct Engine {
    /// The engine.
    pub(super) backend: Arc<dyn Backend>,
    /// What `.queueform/backend.json` says of it.
    pub(super) record: Record,
}

/// What is remembered of an engine: never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    /// The kind.
    pub(super) kind: String,
    /// The place, as it is shown and compared.
    pub(super) place: String,
    /// The arguments of the block and of options, as they were.
    arguments: BTreeMap<String, serde_json::Value>,
    /// The arguments that `init --backend-config` gave: they complete the block in later runs.
    given: BTreeMap<String, serde_json::Value>,
}

/// Where an engine is looked for.
#[derive(Clone, Copy)]
pub(super) struct Search<'s> {
    pub(super) directory: &'s Path,
    pub(super) workspace: &'s str,
    pub(super) environment: &'s dyn Environment,
    /// The root module and the values of its variables; none where no configuration counts.
    pub(super) known: Option<(&'s Module, &'s VariableValues)>,
}

impl Search<'_> {
    /// Returns the engine that the configuration asks for, with the arguments that an earlier `init` was given.
    pub(super) fn engine(self) -> Result<Engine, Diagnostics> {
        let record = Record::read(self.directory)?;
        let given = record.map(|record| record.given).unwrap_or_default();
        self.engine_with(given)
    }

    /// Returns the engine that the configuration asks for, with other arguments beside the block.
    pub(super) fn engine_with(
        self,
        given: BTreeMap<String, serde_json::Value>,
    ) -> Result<Engine, Diagnostics> {
        let Some((module, variables)) = self.known else { return Ok(Engine::of_directory(self.directory)) };
        let Some(block) = &module.settings.backend else { return Ok(Engine::of_directory(self.directory)) };
        let place = EarlyPlace { workspace: self.workspace, directory: ".", files: None };
        let early = Early::new(module, EarlyInputs::Root(variables), place);
        let mut found = Diagnostics::new();
        let mut arguments = Vec::new();
        for argument in &block.arguments {
            let name = &argument.name.value;
            match early.value(&argument.expr, &format!("`{name}` of a backend")) {
                Ok(value) => arguments.push(Given {
                    name: name.to_string().into(),
                    name_span: Some(argument.name.span),
                    value,
                    value_span: Some(argument.expr.span),
                }),
                Err(errors) => found.extend(errors),
            }
        }
        let secrets = backend::kind(&block.kind.value).map_or(&[][..], |kind| kind.arguments);
        for (name, value) in &given {
            if let Some(secret) = secrets.iter().find(|argument| argument.name == name && argument.sensitive)
            {
                found.push(unkept(secret));
            }
            arguments.push(Given {
                name: name.as_str().into(),
                name_span: None,
                value: value_of(value),
                value_span: None,
            });
        }
        if found.has_errors() {
            return Err(found);
        }
        let environment = |name: &str| self.environment.variable(name);
        let settings = backend::settle(
            (&block.kind.value, Some(block.kind.span)),
            arguments,
            self.directory,
            &environment,
        )?;
        let backend = backend::open(&settings)?;
        let record = Record::of(&*backend, &settings, given);
        Ok(Engine { backend, record })
    }

    /// Returns the engine that holds the states now, if it is another one than the configuration asks for.
    pub(super) fn other(self, engine: &Engine) -> Result<Option<Engine>, Diagnostics> {
        match Record::read(self.directory)? {
            Some(old) if old.is_same_place(&engine.record) => Ok(None),
            Some(old) => old.engine(self.directory, self.environment).map(Some),
            None => Ok(forgotten(self.directory, engine).map(|_file| Engine::of_directory(self.directory))),
        }
    }

    /// Makes sure that an engine is the one of earlier runs in this directory.
    pub(super) fn check(self, engine: &Engine) -> Result<(), Diagnostic> {
        let span =
            self.known.and_then(|(module, _)| module.settings.backend.as_ref()).map(|block| block.span);
        let placed = |found: Diagnostic| match span {
            Some(span) => found.at(span, ""),
            None => found,
        };
        let advise = |found: Diagnostic| {
            found.hint("`queueform init --migrate-state` copies the states to the new place").hint(
                "`queueform init --reconfigure` uses the new place as it is and leaves the old one alone",
            )
        };
        let new = &engine.record;
        match Record::read(self.directory)? {
            Some(old) if old.is_same_place(new) => Ok(()),
            Some(old) => Err(advise(placed(
                Diagnostic::error(Code::BackendChanged, "the configuration keeps its states elsewhere now")
                    .detail(format!("Earlier runs kept them in {}, now it is {}.", old.shown(), new.shown())),
            ))),
            None => match forgotten(self.directory, engine) {
                Some(file) => Err(advise(placed(
                    Diagnostic::error(Code::BackendChanged, "there is a state in this directory").detail(
                        format!(
                            "`{}` holds a state, and the configuration keeps its states in {} now.",
                            file.display(),
                            new.shown()
                        ),
                    ),
                ))),
                None => Ok(()),
            },
        }
    }
}

impl Engine {
    /// The engine without a `backend` block.
    pub(super) fn of_directory(directory: &Path) -> Self {
        Self::of(Arc::new(LocalBackend::of_directory(directory)))
    }

    /// An engine that no block asks for.
    pub(super) fn of(backend: Arc<dyn Backend>) -> Self {
        let record = Record {
            version: VERSION,
            kind: backend.kind().to_owned(),
            place: backend.place(),
            arguments: BTreeMap::new(),
            given: BTreeMap::new(),
        };
        Self { backend, record }
    }

    /// Remembers the engine. Files of the directory itself need no record.
    pub(super) fn remember(&self, directory: &Path) -> Result<(), Diagnostic> {
        if self.record == Self::of_directory(directory).record {
            return Record::forget(directory);
        }
        if Record::read(directory).is_ok_and(|old| old.as_ref() == Some(&self.record)) {
            return Ok(());
        }
        self.record.write(directory)
    }
}

impl Record {
    fn of(backend: &dyn Backend, settings: &Settings, given: BTreeMap<String, serde_json::Value>) -> Self {
        Self {
            version: VERSION,
            kind: backend.kind().to_owned(),
            place: backend.place(),
            arguments: settings.recordable(),
            given,
        }
    }

    /// Reads what is remembered in a directory, if anything is.
    pub(super) fn read(directory: &Path) -> Result<Option<Self>, Diagnostic> {
        let path = path(directory);
        let wrong = |why: String| {
            Diagnostic::error(Code::FileAccess, format!("`{}` cannot be read", path.display()))
                .detail(why)
                .hint("`queueform init --reconfigure` writes it anew")
        };
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(error.to_string())),
        };
        let record: Self = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        if record.version != VERSION {
            return Err(wrong(format!("It has the form {}, this version knows {VERSION}.", record.version)));
        }
        Ok(Some(record))
    }

    fn write(&self, directory: &Path) -> Result<(), Diagnostic> {
        init::prepare(directory)?;
        let path = path(directory);
        let temporary = path.with_file_name(format!("{RECORD}.tmp-{}", std::process::id()));
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        fs::write(&temporary, format!("{text}\n")).and_then(|()| fs::rename(&temporary, &path)).map_err(
            |error| {
                Diagnostic::error(Code::FileAccess, format!("cannot write `{}`", path.display()))
                    .detail(error.to_string())
                    .hint("check the owner and the permissions of the directory")
            },
        )
    }

    fn forget(directory: &Path) -> Result<(), Diagnostic> {
        let path = path(directory);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Diagnostic::error(Code::FileAccess, format!("cannot remove `{}`", path.display()))
                    .detail(error.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// Returns the engine that is remembered; secrets come from the environment.
    pub(super) fn engine(
        &self,
        directory: &Path,
        environment: &dyn Environment,
    ) -> Result<Engine, Diagnostics> {
        let all = self.arguments.iter().chain(&self.given);
        let given = all.map(|(name, value)| Given {
            name: name.as_str().into(),
            name_span: None,
            value: value_of(value),
            value_span: None,
        });
        let environment = |name: &str| environment.variable(name);
        let settings = backend::settle((&self.kind, None), given.collect(), directory, &environment)?;
        Ok(Engine { backend: backend::open(&settings)?, record: self.clone() })
    }

    fn is_same_place(&self, other: &Self) -> bool {
        self.kind == other.kind && self.place == other.place
    }

    /// Names the place for people.
    pub(super) fn shown(&self) -> String {
        format!("`{}` ({})", self.place, self.kind)
    }
}

/// Checks the names in a `backend` block, without any value and without asking the environment.
pub(super) fn check_names(block: &config::Backend) -> Diagnostics {
    let given = block.arguments.iter().map(|argument| Given {
        name: argument.name.value.to_string().into(),
        name_span: Some(argument.name.span),
        value: Value::null(),
        value_span: None,
    });
    backend::check((&block.kind.value, Some(block.kind.span)), &given.collect::<Vec<_>>())
}

/// Finds a state in the usual files of a directory although an engine keeps them elsewhere.
fn forgotten(directory: &Path, engine: &Engine) -> Option<PathBuf> {
    let usual = LocalBackend::of_directory(directory);
    let is_there = |name: &String| {
        let file = usual.layout(name).ok()?.state().to_owned();
        let is_used =
            engine.backend.kind() == "local" && engine.backend.place() == file.display().to_string();
        (!is_used && file.exists()).then_some(file)
    };
    if engine.backend.kind() == "local" {
        // The other workspaces stay where they are.
        return is_there(&Layout::DEFAULT.to_owned());
    }
    usual.workspaces().unwrap_or_default().iter().find_map(is_there)
}

/// A secret that was given as an option would have to be written down for later runs.
fn unkept(argument: &backend::Argument) -> Diagnostic {
    let name = argument.name;
    let found = Diagnostic::error(
        Code::SensitiveValue,
        format!("`{name}` may hold a secret, so `--backend-config` does not take it"),
    )
    .detail("What that option gives is written down for later runs.");
    match argument.environment.first() {
        Some(variable) => found.hint(format!("set the variable `{variable}`")),
        None => found.hint("write it into the `backend` block, from a sensitive variable"),
    }
}

fn path(directory: &Path) -> PathBuf {
    directory.join(init::DATA).join(RECORD)
}

fn value_of(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::null(),
        serde_json::Value::Bool(flag) => Value::bool(*flag),
        serde_json::Value::Object(fields) => {
            Value::object(fields.iter().map(|(name, value)| (name.as_str(), value_of(value))))
        }
        serde_json::Value::String(text) => Value::string(text.as_str()),
        other => Value::string(other.to_string()),
    }
}
