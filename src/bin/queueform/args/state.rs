//! Commands that look at the state, and the few that change it by hand.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use queueform::addr::InstanceAddr;
use queueform::addr::ProviderAddr;
use queueform::ops::state::Selection;

use super::Detail;
use super::Variables;
use super::plan::instance;
use super::plan::selection;

/// `show`
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A saved plan, a state file, or the address of an object; without any, the current state
    #[arg(value_name = "FILE|ADDR")]
    pub(crate) file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// How much of a plan is shown: siblings folded into tables, or every attribute of every object
    #[arg(long, value_name = "DETAIL", value_enum, default_value = "folded", hide_default_value = true)]
    pub(crate) detail: Detail,
    /// List the calls of a plan in their order
    #[arg(long)]
    pub(crate) calls: bool,
}

/// `output`
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// One output; without a name, all of them
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "raw")]
    pub(crate) json: bool,
    /// Print the bare text of one output, even if it is sensitive
    #[arg(long, requires = "name")]
    pub(crate) raw: bool,
}

/// `state …`
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List the addresses of the objects in the state
    #[command(visible_alias = "ls")]
    List(StateListArgs),
    /// Show objects
    Show(StateShowArgs),
    /// Move objects to other addresses, or into another state
    #[command(visible_alias = "move", after_long_help = MV_EXAMPLES)]
    Mv(StateMvArgs),
    /// Forget objects, and leave them as they are
    #[command(visible_alias = "remove")]
    Rm(StateRmArgs),
    /// Put objects under another configuration of their provider
    ReplaceProvider(StateReplaceProviderArgs),
    /// List the runs that changed the state, or tell one of them: objects, calls, request ids
    Log(StateLogArgs),
    /// Print the whole state
    Pull(StatePullArgs),
    /// Replace the whole state
    Push(StatePushArgs),
    /// Write the state anew, as the `encryption` block says: after a change of keys, or to begin or end with it
    Reencrypt,
    /// Decide what became of a call that is in doubt
    Resolve(StateResolveArgs),
    /// Lift the protection that `prevent_destroy` left on an object
    Unprotect(StateUnprotectArgs),
}

/// `state log`
#[derive(Debug, Args)]
pub(crate) struct StateLogArgs {
    /// A run, by the first characters of its id
    #[arg(value_name = "RUN", conflicts_with_all = ["address", "limit"])]
    pub(crate) run: Option<String>,
    /// Only runs that touched these modules, resources or instances; `*` stands for any text; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = selection)]
    pub(crate) address: Vec<Selection>,
    /// No more runs than this, the newest first
    #[arg(long, value_name = "N", default_value = "20", hide_default_value = true)]
    pub(crate) limit: usize,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `state pull`
#[derive(Debug, Args)]
pub(crate) struct StatePullArgs {
    /// Print the secrets that an encrypted state keeps; without it, their digests
    #[arg(long)]
    pub(crate) show_secrets: bool,
}

/// Examples of `state mv`.
const MV_EXAMPLES: &str = "Examples:
  queueform state mv dms_rocketmq_topic.orders 'dms_rocketmq_topic.topic[\"orders\"]'
  queueform state mv module.billing module.payments
  queueform state mv 'dms_rocketmq_topic.old[\"*\"]' 'dms_rocketmq_topic.topic[\"*\"]' --dry-run
  queueform state mv --pairs moves.txt
  queueform state mv --to-state ../payments dms_rocketmq_topic.payments";

/// `state list`
#[derive(Debug, Args)]
pub(crate) struct StateListArgs {
    /// Only these modules, resources and instances; `*` stands for any text
    #[arg(value_name = "ADDR", value_parser = selection)]
    pub(crate) addresses: Vec<Selection>,
    /// Only the object with this id
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
}

/// `state mv`
#[derive(Debug, Args)]
pub(crate) struct StateMvArgs {
    /// What moves: an instance, a resource with all its instances, or a module; `*` stands for any text
    #[arg(value_name = "FROM", required_unless_present = "pairs")]
    pub(crate) from: Option<String>,
    /// The new address, which must be free; each `*` is what the one at its place in FROM stands for
    #[arg(value_name = "TO", required_unless_present_any = ["pairs", "to_state"])]
    pub(crate) to: Option<String>,
    /// Move everything that this file says, a pair of addresses on each line, at once; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "to"])]
    pub(crate) pairs: Option<PathBuf>,
    /// Move it into another state: a workspace, a directory with a configuration, or a state file
    #[arg(long, value_name = "STATE")]
    pub(crate) to_state: Option<String>,
    /// Only say what would move
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `state rm`
#[derive(Debug, Args)]
pub(crate) struct StateRmArgs {
    /// Resources, instances or modules; `*` stands for any text
    #[arg(value_name = "ADDR", value_parser = selection, required = true)]
    pub(crate) addresses: Vec<Selection>,
    /// Only say what would be forgotten
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `state replace-provider`
#[derive(Debug, Args)]
pub(crate) struct StateReplaceProviderArgs {
    /// The configuration that objects belong to, such as `dms`
    #[arg(value_name = "FROM")]
    pub(crate) from: ProviderAddr,
    /// The one that they shall belong to, such as `dms.west`
    #[arg(value_name = "TO")]
    pub(crate) to: ProviderAddr,
    /// Only these modules, resources and instances; `*` stands for any text
    #[arg(value_name = "ADDR", value_parser = selection)]
    pub(crate) addresses: Vec<Selection>,
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `state push`
#[derive(Debug, Args)]
pub(crate) struct StatePushArgs {
    /// A state document; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Push it even if it is another state, an older one, or if calls are unfinished
    #[arg(long)]
    pub(crate) force: bool,
}

/// `taint` and `untaint`
#[derive(Debug, Args)]
pub(crate) struct TaintArgs {
    /// The object
    #[arg(value_name = "ADDR", value_parser = instance)]
    pub(crate) address: InstanceAddr,
    /// Succeed if there is no such object
    #[arg(long)]
    pub(crate) allow_missing: bool,
}

/// `import`
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The address that the object gets; its block must be there
    #[arg(value_name = "ADDR", value_parser = instance)]
    pub(crate) address: InstanceAddr,
    /// The object; `queueform schema show TYPE` shows the form of the ids of a type
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) variables: Variables,
}

/// `state show`
#[derive(Debug, Args)]
pub(crate) struct StateShowArgs {
    /// A module, a resource or an instance; `*` stands for any text
    #[arg(value_name = "ADDR", value_parser = selection)]
    pub(crate) address: Selection,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `state resolve`
#[derive(Debug, Args)]
pub(crate) struct StateResolveArgs {
    /// The object
    #[arg(value_name = "ADDR", value_parser = instance)]
    pub(crate) address: InstanceAddr,
    /// The call took effect, and this is the id of the object
    #[arg(long, value_name = "ID", required_unless_present = "absent")]
    pub(crate) adopt: Option<String>,
    /// The call took no effect: there is no such object
    #[arg(long, conflicts_with = "adopt")]
    pub(crate) absent: bool,
}

/// `state unprotect`
#[derive(Debug, Args)]
pub(crate) struct StateUnprotectArgs {
    /// The object
    #[arg(value_name = "ADDR", value_parser = instance)]
    pub(crate) address: InstanceAddr,
}

/// `lock …`
#[derive(Debug, Subcommand)]
pub(crate) enum LockCommand {
    /// Show who holds the lock
    Show(LockShowArgs),
}

/// `lock show`
#[derive(Debug, Args)]
pub(crate) struct LockShowArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `force-unlock`
#[derive(Debug, Args)]
pub(crate) struct ForceUnlockArgs {
    /// The id of the lock, as `lock show` and whoever was refused it tell it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Do not ask, and take the lock away even from a living process on this machine
    #[arg(long)]
    pub(crate) force: bool,
}
