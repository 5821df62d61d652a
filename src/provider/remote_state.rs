//! Reads the outputs of another state: what answers `queueform_remote_state`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::state::Output;
use crate::state::document;
use crate::state::store;
use crate::state::store::Layout;
use crate::state::store::LocalStore;
use crate::state::store::Store as _;
use crate::value::Marks;
use crate::value::Value;

/// Reads the outputs of the state that the arguments name, and returns the arguments with them. Emulated runs read
/// the emulated state of another directory; a file that is named is read as it is.
pub(super) fn read(arguments: &Value, directory: &Path, is_emulated: bool) -> Result<Value, Diagnostic> {
    let layout = layout(arguments, directory, is_emulated)?;
    let shown = layout.state().strip_prefix("./").unwrap_or(layout.state()).display().to_string();
    let store = LocalStore::new(layout);
    let contents = store.read()?;
    if contents.snapshot.is_none() && contents.journal.is_empty() {
        let found = Diagnostic::error(Code::NotFound, format!("there is no state `{shown}`"));
        return Err(if is_emulated {
            found.hint(
                "emulated runs read emulated states: run `queueform apply --emulate` in that directory first",
            )
        } else {
            found.hint("apply the other configuration first, or correct `path` and `workspace` in `config`")
        });
    }
    // What the journal adds is part of the state; secrets that another tool keeps in clear are in the snapshot alone.
    let state = store::view(&store)?.recovered.state;
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
    let mut all = members(arguments);
    all.insert(Arc::from("outputs"), Value::object(outputs));
    Ok(Value::object(all))
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
fn layout(arguments: &Value, directory: &Path, is_emulated: bool) -> Result<Layout, Diagnostic> {
    let text = |of: Option<&Value>, name: &str| {
        let found = of.and_then(|of| of.get(name)).and_then(Value::as_str).cloned();
        found.filter(|text| !text.is_empty())
    };
    let config = arguments.get("config").map(|config| config.clone().unmark_deep().0);
    let path = text(config.as_ref(), "path");
    let workspaces = text(config.as_ref(), "workspace_dir");
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
