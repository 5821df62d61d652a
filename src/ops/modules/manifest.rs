//! The manifest: which module comes from which directory of working data. The form is the one that Terraform's
//! tools read.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;

use crate::addr::ModulePath;
use crate::config::MODULES;
use crate::diag::Code;
use crate::diag::Diagnostic;

use super::files;

/// The name of the file there.
const FILE: &str = "modules.json";

/// What is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// By module.
    pub modules: BTreeMap<ModulePath, Entry>,
}

/// One installed module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    /// The names of the module's calls, joined with dots.
    key: String,
    /// The source in its canonical form.
    pub source: String,
    /// The directory of the module, relative to the configuration.
    pub dir: String,
    /// The directory of the repository, which holds it.
    pub package: String,
    /// The commit.
    pub commit: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    modules: Vec<Entry>,
}

impl Entry {
    /// Returns an entry whose key is set when it is written.
    pub(super) fn new(source: String, package: String, directory: &str, commit: String) -> Self {
        let dir = if directory.is_empty() { package.clone() } else { format!("{package}/{directory}") };
        Self { key: String::new(), source, dir, package, commit }
    }
}

impl Manifest {
    /// Reads the manifest of a configuration; without one, nothing is installed.
    pub(super) fn read(directory: &Path) -> Result<Self, Diagnostic> {
        let path = directory.join(MODULES).join(FILE);
        let Some(bytes) = files::read(&path)? else { return Ok(Self::default()) };
        let document: Document = serde_json::from_slice(&bytes).map_err(|error| {
            Diagnostic::error(Code::ModuleLock, format!("`{}` cannot be read", path.display()))
                .detail(error.to_string())
                .hint("remove it and run `queueform init`")
        })?;
        let path = |key: &str| ModulePath(key.split('.').map(Into::into).collect());
        Ok(Self { modules: document.modules.into_iter().map(|entry| (path(&entry.key), entry)).collect() })
    }

    /// Writes the manifest, if it is not so already.
    pub(super) fn write(&self, directory: &Path) -> Result<(), Diagnostic> {
        let path = directory.join(MODULES).join(FILE);
        if self.modules.is_empty() {
            return files::remove(&path).map(|_was_there| ());
        }
        let key = |path: &ModulePath| path.0.iter().map(|name| &**name).collect::<Vec<_>>().join(".");
        let modules =
            self.modules.iter().map(|(path, entry)| Entry { key: key(path), ..entry.clone() }).collect();
        let mut text = serde_json::to_string_pretty(&Document { modules }).map_err(|error| {
            Diagnostic::error(Code::Internal, "the manifest of modules cannot be written")
                .detail(error.to_string())
        })?;
        text.push('\n');
        files::write(&path, text.as_bytes()).map(|_changed| ())
    }
}
