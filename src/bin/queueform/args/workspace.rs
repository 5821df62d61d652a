//! `workspace …`

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

/// `workspace …`
#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// List the workspaces; a star marks the one that is worked on
    List(WorkspaceListArgs),
    /// Print the name of the workspace that is worked on
    Show,
    /// Make a workspace and work on it from now on
    New(WorkspaceNewArgs),
    /// Work on another workspace from now on
    Select(WorkspaceSelectArgs),
    /// Remove a workspace with its state
    Delete(WorkspaceDeleteArgs),
}

/// `workspace list`
#[derive(Debug, Args)]
pub(crate) struct WorkspaceListArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `workspace new`
#[derive(Debug, Args)]
pub(crate) struct WorkspaceNewArgs {
    /// Its name
    pub(crate) name: String,
    /// Begin with this state instead of an empty one
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
}

/// `workspace select`
#[derive(Debug, Args)]
pub(crate) struct WorkspaceSelectArgs {
    /// Its name
    pub(crate) name: String,
    /// Make it if it is not there
    #[arg(long)]
    pub(crate) or_create: bool,
}

/// `workspace delete`
#[derive(Debug, Args)]
pub(crate) struct WorkspaceDeleteArgs {
    /// Its name
    pub(crate) name: String,
    /// Remove it even if its state manages objects, which are left as they are
    #[arg(long)]
    pub(crate) force: bool,
}
