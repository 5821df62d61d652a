//! Workspaces: several states of one configuration, and which of them is worked on.
//!
//! Owns the choice, which is kept in `.queueform/environment`, and the directories of the states. The default
//! workspace is always there.

use std::fs;
use std::io;
use std::path::Path;

use crate::addr::Mode;
use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::state::State;
use crate::state::document;
use crate::state::store::Layout;
use crate::state::store::StoreError;
use crate::state::store::check_workspace;

use super::init;
use super::place::Place;
use super::place::PlaceOptions;

/// The file that names the chosen workspace.
const CHOICE: &str = "environment";

/// Where workspaces are looked for.
#[derive(Debug, Clone)]
pub struct WorkspaceOptions {
    /// The directory, and what its engine is found by; the workspace is the current one.
    pub place: PlaceOptions,
    /// What a variable of the environment chooses, if it does.
    pub forced: Option<String>,
}

/// Returns the workspace that was chosen in a directory: the default one if none was.
#[must_use]
pub fn chosen(directory: &Path) -> String {
    let text = fs::read_to_string(directory.join(init::DATA).join(CHOICE)).unwrap_or_default();
    let name = text.trim();
    if name.is_empty() { Layout::DEFAULT.to_owned() } else { name.to_owned() }
}

impl WorkspaceOptions {
    /// Returns the workspace that is worked on.
    #[must_use]
    pub fn current(&self) -> &str {
        &self.place.workspace
    }

    /// Returns the workspaces that there are, and the current one, sorted.
    ///
    /// # Errors
    /// If the engine that keeps the states cannot be asked.
    pub fn list(&self) -> Result<Vec<String>, Diagnostics> {
        let mut names = Self::names(&self.engine()?)?;
        if !names.iter().any(|name| name == self.current()) {
            names.push(self.current().to_owned());
            names.sort_unstable();
        }
        Ok(names)
    }

    fn engine(&self) -> Result<Place, Diagnostics> {
        Place::find(self.place.clone())
    }

    fn names(engine: &Place) -> Result<Vec<String>, Diagnostic> {
        engine.backend().workspaces().map_err(Diagnostic::from)
    }

    fn has(engine: &Place, name: &str) -> Result<bool, Diagnostic> {
        engine.backend().has_workspace(name).map_err(Diagnostic::from)
    }

    /// A choice would have no effect while the environment makes another.
    fn is_free(&self) -> Result<(), Diagnostic> {
        match &self.forced {
            None => Ok(()),
            Some(name) => Err(Diagnostic::error(
                Code::Usage,
                format!("the workspace is `{name}` because of the variable `QF_WORKSPACE`"),
            )
            .hint("unset `QF_WORKSPACE` to choose a workspace")),
        }
    }

    /// Makes a workspace and chooses it; with a state document, that is its state.
    ///
    /// # Errors
    /// If there is one of that name, the name cannot be one, or nothing can be written.
    pub fn create(&self, name: &str, document: Option<&[u8]>) -> Result<(), Diagnostics> {
        self.is_free()?;
        check_workspace(name).map_err(StoreError::from).map_err(Diagnostic::from)?;
        let engine = self.engine()?;
        if Self::has(&engine, name)? {
            return Err(Diagnostic::error(
                Code::AlreadyExists,
                format!("there is a workspace `{name}` already"),
            )
            .hint(format!("choose it with `queueform workspace select {name}`"))
            .into());
        }
        self.make(&engine, name, document)
    }

    fn make(&self, engine: &Place, name: &str, document: Option<&[u8]>) -> Result<(), Diagnostics> {
        if let Some(bytes) = document {
            document::read_edited(bytes).map_err(|error| {
                Diagnostic::error(Code::StateCorrupt, format!("the state for `{name}` cannot be read"))
                    .detail(error.to_string())
            })?;
        }
        engine.backend().create(name).map_err(Diagnostic::from)?;
        if let Some(bytes) = document {
            super::state::push(&engine.of_workspace(name), bytes, true, &Stop::never())?;
        }
        self.choose(name)?;
        Ok(())
    }

    /// Chooses a workspace; one that is not there is made if that is wanted. Returns whether it was made.
    ///
    /// # Errors
    /// If there is no such workspace, or the choice cannot be written.
    pub fn select(&self, name: &str, or_create: bool) -> Result<bool, Diagnostics> {
        self.is_free()?;
        check_workspace(name).map_err(StoreError::from).map_err(Diagnostic::from)?;
        let engine = self.engine()?;
        if Self::has(&engine, name)? {
            self.choose(name)?;
            return Ok(false);
        }
        if or_create {
            self.make(&engine, name, None)?;
            return Ok(true);
        }
        Err(Diagnostic::error(Code::NotFound, format!("there is no workspace `{name}`"))
            .maybe_hint(did_you_mean(name, Self::names(&engine)?.iter().map(String::as_str)))
            .hint(format!("make it with `queueform workspace new {name}`, or add `--or-create`"))
            .into())
    }

    /// Removes a workspace with its state and history. Objects are not touched: one whose state still manages some
    /// is removed only if that is wanted.
    ///
    /// # Errors
    /// If it is the default or the current one, is not there, manages objects, or is in use.
    pub fn delete(&self, name: &str, force: bool) -> Result<usize, Diagnostics> {
        if name == Layout::DEFAULT {
            return Err(Diagnostic::error(Code::Usage, "the default workspace cannot be deleted")
                .hint("`queueform destroy` deletes what it manages")
                .into());
        }
        if name == self.current() {
            return Err(Diagnostic::error(
                Code::Usage,
                format!("`{name}` is the workspace that is worked on"),
            )
            .hint("choose another one first: `queueform workspace select default`")
            .into());
        }
        check_workspace(name).map_err(StoreError::from).map_err(Diagnostic::from)?;
        let engine = self.engine()?;
        if !Self::has(&engine, name)? {
            return Err(Diagnostic::error(Code::NotFound, format!("there is no workspace `{name}`"))
                .hint("`queueform workspace list` shows what there is")
                .into());
        }
        // The lock keeps runs out; it goes with the state.
        let open = engine.of_workspace(name).open("queueform workspace delete", &Stop::never())?;
        let managed = managed(&open.recovered.state);
        if managed > 0 && !force {
            return Err(Diagnostic::error(
                Code::Usage,
                format!(
                    "workspace `{name}` still manages {managed} {}",
                    if managed == 1 { "object" } else { "objects" }
                ),
            )
            .hint(format!("delete them first: `QF_WORKSPACE={name} queueform destroy`"))
            .hint("with `--force` its state goes and the objects stay, managed by nobody")
            .into());
        }
        engine.backend().delete(name).map_err(Diagnostic::from)?;
        drop(open);
        Ok(managed)
    }

    fn choose(&self, name: &str) -> Result<(), Diagnostic> {
        let directory = &self.place.directory;
        init::prepare(directory)?;
        let path = directory.join(init::DATA).join(CHOICE);
        let temporary = path.with_file_name(format!("{CHOICE}.tmp-{}", std::process::id()));
        fs::write(&temporary, format!("{name}\n"))
            .and_then(|()| fs::rename(&temporary, &path))
            .map_err(|error| failed("write", &path, &error))
    }
}

/// How many objects a state manages.
fn managed(state: &State) -> usize {
    state.objects().filter(|(object, _, _)| object.addr.resource.mode == Mode::Managed).count()
}

fn failed(verb: &str, path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::FileAccess, format!("cannot {verb} `{}`", path.display()))
        .detail(error.to_string())
        .hint("check the owner and the permissions of the directory")
}
