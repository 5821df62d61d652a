//! `apply` and `destroy`

use std::path::PathBuf;

use clap::Args;

use super::PlanningArgs;

/// `apply`
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// A plan that `plan --out` wrote; it is applied without asking
    #[arg(value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    /// Delete everything, as `destroy`
    #[arg(long, conflicts_with_all = ["refresh_only", "replace", "plan"])]
    pub(crate) destroy: bool,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
    /// Refuse any other plan than the one with this fingerprint
    #[arg(long, value_name = "HASH")]
    pub(crate) expect_plan: Option<String>,
}

/// `destroy`
#[derive(Debug, Args)]
pub(crate) struct DestroyArgs {
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

/// `refresh`
#[derive(Debug, Args)]
pub(crate) struct RefreshArgs {
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    /// Print a stream of JSON, one event a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whether somebody is asked, and how it is told.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConsentArgs {
    /// Do not ask
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// Exit with status 2 if something was changed
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Print a stream of JSON, one event a line; asks nothing
    #[arg(long)]
    pub(crate) json: bool,
    /// Why this is done; `state log` and the lock tell it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}
