//! `undo`

use std::path::PathBuf;

use clap::Args;

use super::ConsentArgs;
use super::PlanningArgs;

/// `undo`
#[derive(Debug, Args)]
#[command(
    mut_arg("refresh_only", |arg| arg.hide(true)),
    mut_arg("replace", |arg| arg.hide(true)),
    mut_arg("assert", |arg| arg.hide(true)),
    mut_arg("invoke", |arg| arg.hide(true)),
    after_long_help = "Examples:
  queueform undo --dry-run
  queueform undo 7f0c2a1b --out undo.qfplan
  queueform undo --target='dms_rocketmq_topic.topic[\"orders\"]'"
)]
pub(crate) struct UndoArgs {
    /// The run, by the first characters of its id in `state log`; without one, the last that changed objects
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<String>,
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
    /// Only show the plan
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Only write the plan to this file, for `apply FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
