//! States in a directory of this machine: the backend of a configuration without a `backend` block.

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diag::Diagnostics;
use crate::state::store::Clock;
use crate::state::store::Layout;
use crate::state::store::LocalStore;
use crate::state::store::Store;
use crate::state::store::StoreError;

use super::Argument;
use super::ArgumentKind;
use super::Backend;
use super::LockState;
use super::Settings;

/// The arguments.
pub(super) const ARGUMENTS: &[Argument] = &[
    Argument {
        name: "path",
        kind: ArgumentKind::Text,
        required: false,
        environment: &[],
        sensitive: false,
        description: "The file of the state of the default workspace, relative to the configuration. `queueform.state.json` beside the configuration if it is not given.",
    },
    Argument {
        name: "workspace_dir",
        kind: ArgumentKind::Text,
        required: false,
        environment: &[],
        sensitive: false,
        description: "The directory of the states of other workspaces, one directory for each. `queueform.state.d` beside the configuration if it is not given.",
    },
];

/// States in a directory.
#[derive(Debug, Clone)]
pub struct LocalBackend {
    root: PathBuf,
    file: Option<PathBuf>,
    workspaces: Option<PathBuf>,
}

#[expect(clippy::unnecessary_wraps, reason = "the engines have one form, and most can fail")]
pub(super) fn configure(settings: &Settings) -> Result<Arc<dyn Backend>, Diagnostics> {
    Ok(Arc::new(LocalBackend {
        root: settings.directory().to_owned(),
        file: settings.path("path"),
        workspaces: settings.path("workspace_dir"),
    }))
}

impl LocalBackend {
    /// Returns the backend of a directory with files of the usual names.
    #[must_use]
    pub fn of_directory(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), file: None, workspaces: None }
    }

    /// Returns the backend of one file.
    #[must_use]
    pub fn of_file(file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        let root = file.parent().map(Path::to_path_buf).unwrap_or_default();
        Self { root, file: Some(file), workspaces: None }
    }

    /// Returns the backend that keeps the states of emulated runs of a configuration.
    #[must_use]
    pub fn emulated(directory: &Path) -> Self {
        Self::of_directory(Layout::emulated(directory))
    }

    /// Returns the backend that keeps the copies of a configuration's states for rehearsals.
    #[must_use]
    pub fn rehearsal(directory: &Path) -> Self {
        Self::of_directory(Layout::rehearsal(directory))
    }

    /// Returns the files of a workspace.
    ///
    /// # Errors
    /// If the workspace's name is not usable.
    pub fn layout(&self, workspace: &str) -> Result<Layout, StoreError> {
        let layout = Layout::within(&self.root, self.workspaces.as_deref(), workspace)?;
        Ok(match &self.file {
            Some(file) if workspace == Layout::DEFAULT => Layout::of_file(file),
            _ => layout,
        })
    }

    fn change(
        &self,
        workspace: &str,
        doing: &'static str,
        change: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let layout = self.layout(workspace)?;
        let directory = layout.directory();
        change(directory).map_err(|source| StoreError::Io {
            doing,
            place: directory.display().to_string().into(),
            source: Arc::new(source),
        })
    }
}

impl Backend for LocalBackend {
    fn kind(&self) -> &'static str {
        "local"
    }

    fn place(&self) -> String {
        match self.layout(Layout::DEFAULT) {
            Ok(layout) => layout.state().display().to_string(),
            Err(_) => self.root.display().to_string(),
        }
    }

    fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        Ok(Layout::workspaces(&self.root, self.workspaces.as_deref()))
    }

    fn store(&self, workspace: &str, clock: Arc<dyn Clock>) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(LocalStore::new(self.layout(workspace)?).with_clock(clock)))
    }

    fn create(&self, workspace: &str) -> Result<(), StoreError> {
        self.change(workspace, "make", |directory| std::fs::create_dir_all(directory))
    }

    fn delete(&self, workspace: &str) -> Result<(), StoreError> {
        self.change(workspace, "remove", |directory| std::fs::remove_dir_all(directory))
    }

    fn lock_state(&self, workspace: &str) -> Result<LockState, StoreError> {
        let holder = LocalStore::new(self.layout(workspace)?).holder()?;
        Ok(holder.map_or(LockState::Free, |holder| LockState::Ours(Box::new(holder))))
    }

    fn break_lock(&self, workspace: &str, _id: &str) -> Result<(), StoreError> {
        // A run compares its lock with the file before each write.
        let lock = self.layout(workspace)?.lock();
        std::fs::remove_file(&lock).map_err(|source| StoreError::Io {
            doing: "remove",
            place: lock.display().to_string().into(),
            source: Arc::new(source),
        })
    }

    fn retire(&self, workspace: &str) -> Result<Option<String>, StoreError> {
        let layout = self.layout(workspace)?;
        let (state, kept) = (layout.state(), layout.retired());
        let name = || Arc::from(state.display().to_string());
        std::fs::rename(state, &kept).map_err(|source| StoreError::Io {
            doing: "rename",
            place: name(),
            source: Arc::new(source),
        })?;
        Ok(Some(kept.display().to_string()))
    }
}
