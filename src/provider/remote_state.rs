//! Reads the outputs of another state: what answers `queueform_remote_state`.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::backend;
use crate::backend::Given;
use crate::backend::Kind;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::encryption::EncryptedStore;
use crate::encryption::Keyring;
use crate::plan::Answer;
use crate::state::Output;
use crate::state::document;
use crate::state::store;
use crate::state::store::Layout;
use crate::state::store::LocalStore;
use crate::state::store::Store;
use crate::state::store::SystemClock;
use crate::value::Marks;
use crate::value::Value;

use super::Environment;
use super::ProviderOptions;

/// Reads the outputs of the state that the arguments name, and returns the arguments with them. Emulated runs read
/// the emulated state of another directory and ask no engine; a file that is named is read as it is.
pub(super) async fn read(arguments: Value, options: &ProviderOptions) -> Answer {
    let reader = Reader {
        directory: options.directory.clone(),
        environment: Arc::clone(&options.environment),
        is_emulated: options.emulate,
        keys: options.remote_states.clone(),
    };
    // Engines block while they wait for their services.
    match tokio::task::spawn_blocking(move || reader.read(&arguments)).await {
        Ok(Ok(value)) => Answer::Data(value),
        Ok(Err(found)) => Answer::Failed(found),
        Err(ended) => Answer::Failed(
            Diagnostic::error(Code::Internal, format!("the other state was not read: {ended}")).into(),
        ),
    }
}

struct Reader {
    directory: PathBuf,
    environment: Arc<dyn Environment>,
    is_emulated: bool,
    keys: Option<Arc<Keyring>>,
}

impl Reader {
    fn read(&self, arguments: &Value) -> Result<Value, Diagnostics> {
        let config = arguments.get("config").map(|config| config.clone().unmark_deep().0);
        let kind = text(Some(arguments), "backend").unwrap_or_else(|| Arc::from("local"));
        if &*kind == "local" {
            let layout = layout(arguments, config.as_ref(), &self.directory, self.is_emulated)?;
            let shown = layout.state().strip_prefix("./").unwrap_or(layout.state()).display().to_string();
            return self.outputs(arguments, Box::new(LocalStore::new(layout)), &shown);
        }
        if self.is_emulated {
            return match arguments.get("defaults") {
                Some(defaults) if !defaults.is_null() => Ok(with_outputs(arguments, members(defaults))),
                _ => Err(Diagnostic::error(
                    Code::NotFound,
                    format!("emulated runs do not ask the backend `{kind}`"),
                )
                .hint("give `defaults`: their values stand for the outputs in emulated runs, and for outputs that are missing in real ones")
                .into()),
            };
        }
        let given = config.as_ref().map(members).unwrap_or_default();
        let given =
            given.into_iter().map(|(name, value)| Given { name, name_span: None, value, value_span: None });
        let variable = |name: &str| self.environment.variable(name);
        let settings = backend::settle((&kind, None), given.collect(), &self.directory, &variable)?;
        let engine = backend::open(&settings)?;
        let workspace = text(Some(arguments), "workspace").unwrap_or_else(|| Arc::from(Layout::DEFAULT));
        let store = engine
            .store(&workspace, Arc::new(SystemClock::default()))
            .map_err(|error| Diagnostics::from(Diagnostic::from(error)))?;
        let shown = match &*workspace {
            Layout::DEFAULT => engine.place(),
            name => format!("{}, workspace {name}", engine.place()),
        };
        // What the engine calls secret stays one, however it was written.
        let arguments = with_secrets(arguments, settings.kind());
        self.outputs(&arguments, store, &shown)
    }

    fn outputs(&self, arguments: &Value, store: Box<dyn Store>, shown: &str) -> Result<Value, Diagnostics> {
        let store = EncryptedStore::new(store, self.keys.clone().unwrap_or_default());
        outputs(arguments, &store, shown, self.is_emulated).map_err(Diagnostics::from)
    }
}

/// Marks the arguments of an engine that are secrets.
fn with_secrets(arguments: &Value, kind: &Kind) -> Value {
    let mut all = members(arguments);
    if let Some(config) = all.get_mut("config") {
        let mut given = members(config);
        for argument in kind.arguments.iter().filter(|argument| argument.sensitive) {
            if let Some(value) = given.get_mut(argument.name) {
                *value = value.clone().mark(Marks::SENSITIVE);
            }
        }
        *config = Value::object(given);
    }
    Value::object(all)
}

fn with_outputs(arguments: &Value, outputs: BTreeMap<Arc<str>, Value>) -> Value {
    let mut all = members(arguments);
    all.insert(Arc::from("outputs"), Value::object(outputs));
    Value::object(all)
}

fn text(of: Option<&Value>, name: &str) -> Option<Arc<str>> {
    let found = of.and_then(|of| of.get(name)).and_then(Value::as_str).cloned();
    found.filter(|text| !text.is_empty())
}

/// Reads the outputs out of a store.
fn outputs(
    arguments: &Value,
    store: &dyn Store,
    shown: &str,
    is_emulated: bool,
) -> Result<Value, Diagnostic> {
    let contents = store.read()?;
    if contents.snapshot.is_none() && contents.journal.is_empty() {
        let found = Diagnostic::error(Code::NotFound, format!("there is no state `{shown}`"));
        return Err(if is_emulated {
            found.hint(
                "emulated runs read emulated states: run `queueform apply --emulate` in that directory first",
            )
        } else {
            found.hint("apply the other configuration first, or correct `config` and `workspace`")
        });
    }
    // What the journal adds is part of the state; secrets that another tool keeps in clear are in the snapshot alone.
    let state = store::view(store)?.recovered.state;
    let plain = contents.snapshot.and_then(|bytes| document::read(&bytes).ok()).map(|state| state.outputs);
    let mut outputs: BTreeMap<Arc<str>, Value> = match arguments.get("defaults") {
        Some(defaults) => members(defaults),
        None => BTreeMap::new(),
    };
    for (name, output) in &state.outputs {
        let written = plain.as_ref().and_then(|plain| plain.get(name));
        if let Some(value) = value(name, output, written)? {
            outputs.insert(Arc::clone(name), value);
        }
    }
    Ok(with_outputs(arguments, outputs))
}

/// Returns the value of an output; none if it is a secret that is not stored.
fn value(name: &str, output: &Output, written: Option<&Output>) -> Result<Option<Value>, Diagnostic> {
    if output.is_stored() {
        return Ok(Some(output.value(name)?));
    }
    let written = written.filter(|written| written.is_stored()).and_then(|written| written.value(name).ok());
    Ok(written.filter(|value| output.is_value(value)).map(|value| value.mark(Marks::SENSITIVE)))
}

/// Finds the files of the state.
fn layout(
    arguments: &Value,
    config: Option<&Value>,
    directory: &Path,
    is_emulated: bool,
) -> Result<Layout, Diagnostic> {
    let path = text(config, "path");
    let workspaces = text(config, "workspace_dir");
    let workspace = text(Some(arguments), "workspace").unwrap_or_else(|| Arc::from(Layout::DEFAULT));
    let usage = |error: store::WorkspaceError| Diagnostic::error(Code::InvalidValue, error.to_string());
    let place = path.as_deref().map_or_else(|| directory.to_owned(), |path| directory.join(path));
    let is_directory = path.is_none() || place.is_dir();
    if let Some(workspaces) = workspaces.filter(|_| &*workspace != Layout::DEFAULT) {
        // Its name must be one.
        Layout::new(directory, &workspace, false).map_err(usage)?;
        let name = Path::new(&*workspaces).join(&*workspace).join("queueform.state.json");
        return Ok(Layout::of_file(&directory.join(name)));
    }
    if is_directory {
        return Layout::new(&place, &workspace, is_emulated).map_err(usage);
    }
    if &*workspace == Layout::DEFAULT {
        return Ok(Layout::of_file(&place));
    }
    Layout::new(place.parent().unwrap_or(directory), &workspace, false).map_err(usage)
}

fn members(value: &Value) -> BTreeMap<Arc<str>, Value> {
    value
        .fields()
        .map(|fields| fields.iter().map(|(name, value)| (Arc::clone(name), value.clone())).collect())
        .unwrap_or_default()
}
