//! Commands that look at the state, and the few that change it by hand.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use queueform::addr::InstanceAddr;
use queueform::addr::Target;

use super::Detail;
use super::Variables;
use super::plan::instance;
use super::plan::target;

/// `show`
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A saved plan or a state file; without one, the current state
    #[arg(value_name = "FILE")]
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
    List(StateListArgs),
    /// Show one object
    Show(StateShowArgs),
    /// Move objects to other addresses
    Mv(StateMvArgs),
    /// Forget objects, and leave them as they are
    Rm(StateRmArgs),
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

/// `state pull`
#[derive(Debug, Args)]
pub(crate) struct StatePullArgs {
    /// Print the secrets that an encrypted state keeps; without it, their digests
    #[arg(long)]
    pub(crate) show_secrets: bool,
}

/// `state list`
#[derive(Debug, Args)]
pub(crate) struct StateListArgs {
    /// Only these resources and instances
    #[arg(value_name = "ADDR", value_parser = target)]
    pub(crate) addresses: Vec<Target>,
    /// Only the object with this id
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
}

/// `state mv`
#[derive(Debug, Args)]
pub(crate) struct StateMvArgs {
    /// What moves: an instance, a resource with all its instances, or a module
    #[arg(value_name = "FROM", value_parser = target)]
    pub(crate) from: Target,
    /// The new address, which must be free
    #[arg(value_name = "TO", value_parser = target)]
    pub(crate) to: Target,
    /// Only say what would move
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `state rm`
#[derive(Debug, Args)]
pub(crate) struct StateRmArgs {
    /// Resources, instances or modules
    #[arg(value_name = "ADDR", value_parser = target, required = true)]
    pub(crate) addresses: Vec<Target>,
    /// Only say what would be forgotten
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
    /// The object
    #[arg(value_name = "ADDR", value_parser = instance)]
    pub(crate) address: InstanceAddr,
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
    Show,
}
