//! Which files belong to a state.

use std::path::Path;
use std::path::PathBuf;

/// The files of the state of one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    base: PathBuf,
    workspace: String,
    state: PathBuf,
}

/// A name is not usable for a workspace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` cannot be the name of a workspace: use letters, digits, `-`, `_` and `.`, starting with a letter or digit"
)]
pub struct WorkspaceError {
    /// The name.
    pub name: String,
}

/// Makes sure that a name can be one of a workspace, on every engine: it is part of file names, keys and addresses.
///
/// # Errors
/// If it cannot.
pub fn check_workspace(name: &str) -> Result<(), WorkspaceError> {
    let sound = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 90
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if sound { Ok(()) } else { Err(WorkspaceError { name: name.to_owned() }) }
}

impl Layout {
    /// The workspace that needs no name.
    pub const DEFAULT: &str = "default";
    const STATE: &str = "queueform.state.json";
    const WORKSPACES: &str = "queueform.state.d";

    /// Returns the files of a workspace of a configuration directory. The state of emulated runs is kept
    /// apart, so that it never touches the real one.
    ///
    /// # Errors
    /// If the workspace's name is not usable.
    pub fn new(directory: &Path, workspace: &str, is_emulated: bool) -> Result<Self, WorkspaceError> {
        if is_emulated {
            Self::within(&Self::emulated(directory), None, workspace)
        } else {
            Self::within(directory, None, workspace)
        }
    }

    /// Returns the files of a workspace below a directory; those of other workspaces than the default one may have a
    /// directory of their own.
    ///
    /// # Errors
    /// If the workspace's name is not usable.
    pub fn within(root: &Path, workspaces: Option<&Path>, workspace: &str) -> Result<Self, WorkspaceError> {
        check_workspace(workspace)?;
        let base = if workspace == Self::DEFAULT {
            root.to_path_buf()
        } else {
            Self::workspaces_of(root, workspaces).join(workspace)
        };
        Ok(Self { state: base.join(Self::STATE), base, workspace: workspace.to_owned() })
    }

    /// Returns the directory of the states of emulated runs.
    #[must_use]
    pub fn emulated(directory: &Path) -> PathBuf {
        directory.join(".queueform").join("emulator")
    }

    /// Returns the directory of copies of states, for rehearsals.
    #[must_use]
    pub fn rehearsal(directory: &Path) -> PathBuf {
        directory.join(".queueform").join("rehearsal")
    }

    fn workspaces_of(root: &Path, workspaces: Option<&Path>) -> PathBuf {
        workspaces.map_or_else(|| root.join(Self::WORKSPACES), Path::to_path_buf)
    }

    /// Returns the layout of a state file of any name (`--state FILE`, a backend's `path`).
    #[must_use]
    pub fn of_file(file: &Path) -> Self {
        let base = file.parent().map(Path::to_path_buf).unwrap_or_default();
        Self { base, workspace: Self::DEFAULT.to_owned(), state: file.to_path_buf() }
    }

    /// Returns the names of the workspaces below a directory: the default one and those that have a directory.
    #[must_use]
    pub fn workspaces(root: &Path, workspaces: Option<&Path>) -> Vec<String> {
        let mut names = vec![Self::DEFAULT.to_owned()];
        let entries = std::fs::read_dir(Self::workspaces_of(root, workspaces));
        for entry in entries.into_iter().flatten().flatten() {
            if entry.path().is_dir()
                && let Ok(name) = entry.file_name().into_string()
                && name != Self::DEFAULT
                && check_workspace(&name).is_ok()
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        names
    }

    /// The workspace.
    #[must_use]
    pub fn workspace(&self) -> &str {
        &self.workspace
    }

    /// The directory of the files.
    #[must_use]
    pub fn directory(&self) -> &Path {
        if self.base.as_os_str().is_empty() { Path::new(".") } else { &self.base }
    }

    fn beside(&self, name: impl FnOnce(&str) -> String) -> PathBuf {
        let file = self.state.file_name().unwrap_or_default().to_string_lossy();
        self.base.join(name(file.strip_suffix(".json").unwrap_or(&file)))
    }

    /// The snapshot: `queueform.state.json`.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The state as it was before the last run: `queueform.state.backup.json`.
    #[must_use]
    pub fn backup(&self) -> PathBuf {
        self.beside(|name| format!("{name}.backup.json"))
    }

    /// The state after it was copied to another engine: `queueform.state.migrated.json`.
    #[must_use]
    pub fn retired(&self) -> PathBuf {
        self.beside(|name| format!("{name}.migrated.json"))
    }

    /// The journal: `queueform.state.journal`.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.beside(|name| format!("{name}.journal"))
    }

    /// The directory of earlier journals: `queueform.state.history`.
    #[must_use]
    pub fn history(&self) -> PathBuf {
        self.beside(|name| format!("{name}.history"))
    }

    /// The lock: `.queueform.state.lock`.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.beside(|name| format!(".{name}.lock"))
    }
}
