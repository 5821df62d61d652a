//! `action`

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;
use queueform::addr::Target;

use super::ConsentArgs;
use super::PlanningArgs;

/// `action`
#[derive(Debug, Subcommand)]
pub(crate) enum ActionCommand {
    /// Plan one action, ask, run it, and record and print its results
    Run(Box<ActionRunArgs>),
}

/// `action run`
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ActionRunArgs {
    /// The action, such as `action.dms_rocketmq_send_message.hello`
    #[arg(value_name = "ADDR", value_parser = super::plan::target)]
    pub(crate) addr: Target,
    /// Run it although a run with the same arguments is recorded, or an earlier run was cut off
    #[arg(long)]
    pub(crate) again: bool,
    /// Write the results to this file, readable for its owner alone
    #[arg(long, value_name = "FILE")]
    pub(crate) out_file: Option<PathBuf>,
    /// The form of the file: the whole result, or one element a line; by the name of the file if left out
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<ResultFormat>,
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

/// The form of a file with results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResultFormat {
    /// One JSON object with all results
    Json,
    /// One element of the list of results a line
    Ndjson,
}

const EXAMPLES: &str = "\
Examples:
  queueform action run action.dms_rocketmq_reset_consumer_offset.billing
  queueform action run action.dms_rocketmq_export_dead_letters.billing --out-file dead.ndjson
  queueform action run 'action.dms_rocketmq_send_message.hello[0]' --again --auto-approve";
