//! `plan`, and what other commands that plan have in common with it.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;
use queueform::addr::InstanceAddr;
use queueform::addr::Mode;
use queueform::addr::Pattern;
use queueform::addr::Target;
use queueform::ops::state::Selection;

use super::Variables;

/// What is planned, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlanningArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Only take over into the state what was found
    #[arg(long)]
    pub(crate) refresh_only: bool,
    /// Which objects are read first: all (`true`), only those that would change (`touched`), none (`false`)
    #[arg(long, value_name = "WHICH", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "true", hide_default_value = true,
          hide_possible_values = true)]
    pub(crate) refresh: RefreshMode,
    /// Replace this object in any case; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = replaceable, conflicts_with = "refresh_only")]
    pub(crate) replace: Vec<InstanceAddr>,
    /// Send again what the service never returns of these objects, such as secrets; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = target)]
    pub(crate) assert: Vec<Target>,
    /// Plan only this and what it needs; `*` stands for any text; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = pattern)]
    pub(crate) target: Vec<Pattern>,
    /// As `--target` for every address in this file, one a line; `#` begins a comment; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) target_file: Vec<PathBuf>,
    /// Leave out this and what depends on it; `*` stands for any text; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = pattern, conflicts_with = "invoke")]
    pub(crate) exclude: Vec<Pattern>,
    /// As `--exclude` for every address in this file, one a line; `#` begins a comment; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "invoke")]
    pub(crate) exclude_file: Vec<PathBuf>,
    /// Accept that a change of these objects loses up to so much; may be repeated
    #[arg(long, value_name = "ADDR=N", value_parser = allowance)]
    pub(crate) allow_data_loss: Vec<(Target, u64)>,
    /// Accept so many deletions, whatever `limits` says
    #[arg(long, value_name = "N")]
    pub(crate) allow_deletes: Option<u64>,
    /// Make the change of this object that is held until it is named, such as a switch of traffic; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = target)]
    pub(crate) confirm: Vec<Target>,
    /// Run only this action, and change nothing else; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = target)]
    pub(crate) invoke: Vec<Target>,
    /// Wait so long (`30m`) for what would put a part of a change off to a later run, such as unread queues
    #[arg(long, value_name = "DURATION", value_parser = super::global::duration)]
    pub(crate) wait_drain: Option<std::time::Duration>,
    /// Calls in flight for each service; without it, as many as the service bears
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) parallelism: Option<u64>,
    /// How much is shown: siblings folded into tables, or every attribute of every object
    #[arg(long, value_name = "DETAIL", value_enum, default_value = "folded", hide_default_value = true)]
    pub(crate) detail: Detail,
    /// List the calls in their order
    #[arg(long)]
    pub(crate) calls: bool,
    #[command(flatten)]
    pub(crate) told: ToldArgs,
}

/// How it is told.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ToldArgs {
    /// Write the stream of JSON that `--json` prints to this file, and print what people read
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) json_into: Option<PathBuf>,
    /// Show warnings in one line each, if there are no errors
    #[arg(long)]
    pub(crate) compact_warnings: bool,
    /// Leave out the lines that tell how reading and applying go on
    #[arg(long)]
    pub(crate) concise: bool,
}

/// `plan`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct PlanArgs {
    #[command(subcommand)]
    pub(crate) command: Option<PlanCommand>,
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    /// Plan to delete everything
    #[arg(long, conflicts_with_all = ["refresh_only", "replace"])]
    pub(crate) destroy: bool,
    /// Write the plan to this file, for `apply FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write the blocks that `import` blocks name and that are missing to this new file, from what exists
    #[arg(long, value_name = "FILE", conflicts_with_all = ["destroy", "refresh_only"])]
    pub(crate) generate_config_out: Option<PathBuf>,
    /// Refuse to apply the file that `--out` writes once it is older than this, such as `2h`
    #[arg(long, value_name = "DURATION", value_parser = super::global::duration, requires = "out")]
    pub(crate) expires: Option<std::time::Duration>,
    /// Exit with status 2 if there are changes
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Print a stream of JSON, one event a line; asks nothing
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plan …`
#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Say why an object changes, or does not: the chain of causes down to the first one
    Explain(Box<ExplainArgs>),
}

/// `plan explain`
#[derive(Debug, Args)]
#[command(after_long_help = EXPLAIN_EXAMPLES)]
pub(crate) struct ExplainArgs {
    /// The object, a resource with all its instances, or a module; `*` stands for any text
    #[arg(value_name = "ADDR", value_parser = pattern)]
    pub(crate) addr: Pattern,
    /// A plan that `plan --out` wrote; without one, a new plan is made
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    /// Explain a plan that deletes everything
    #[arg(long, conflicts_with_all = ["refresh_only", "replace", "file"])]
    pub(crate) destroy: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  queueform plan explain 'dms_rocketmq_topic.topic[\"orders\"]'
  queueform plan explain dms_rocketmq_instance.main saved.qfplan
  queueform plan explain 'module.team[*]' --json";

/// Which objects are read first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RefreshMode {
    /// All
    True,
    /// Those that would change
    Touched,
    /// None
    False,
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Detail {
    /// Siblings with the same change make one table
    Folded,
    /// Every object by itself
    Full,
}

pub(super) fn instance(text: &str) -> Result<InstanceAddr, String> {
    text.parse().map_err(|error| format!("{error}"))
}

/// Reads the address of an object that can be replaced.
fn replaceable(text: &str) -> Result<InstanceAddr, String> {
    let addr = instance(text)?;
    if addr.resource.mode == Mode::Managed {
        Ok(addr)
    } else {
        Err(format!("`{addr}` is {}: only managed resources are replaced", addr.resource.mode.noun()))
    }
}

pub(super) fn target(text: &str) -> Result<Target, String> {
    text.parse().map_err(|error| format!("{error}"))
}

pub(super) fn selection(text: &str) -> Result<Selection, String> {
    text.parse().map_err(|error| format!("{error}"))
}

pub(super) fn pattern(text: &str) -> Result<Pattern, String> {
    text.parse().map_err(|error| format!("{error}"))
}

fn allowance(text: &str) -> Result<(Target, u64), String> {
    let wrong = || "write `ADDR=N`, as in `dms_rocketmq_topic.topic[\"a\"]=20000`".to_owned();
    let (addr, number) = text.rsplit_once('=').ok_or_else(wrong)?;
    Ok((target(addr)?, number.trim().parse().map_err(|_error| wrong())?))
}
