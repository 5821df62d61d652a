//! The arguments of every command, as clap reads them.

mod action;
mod adopt;
mod apply;
mod drift;
mod emulator;
mod examples;
mod fmt;
mod global;
mod inspect;
mod migrate;
mod plan;
mod schema;
mod state;
mod test;
mod undo;
mod variables;
mod workspace;

use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;

pub(crate) use action::ActionCommand;
pub(crate) use action::ActionRunArgs;
pub(crate) use action::ResultFormat;
pub(crate) use adopt::AdoptArgs;
pub(crate) use adopt::Grouping;
pub(crate) use apply::ApplyArgs;
pub(crate) use apply::ConsentArgs;
pub(crate) use apply::DestroyArgs;
pub(crate) use apply::RefreshArgs;
pub(crate) use drift::DriftArgs;
pub(crate) use emulator::EmulatorArgs;
pub(crate) use examples::with_examples;
pub(crate) use fmt::FmtArgs;
pub(crate) use global::Emulate;
pub(crate) use global::Global;
pub(crate) use inspect::GraphArgs;
pub(crate) use inspect::GraphFormat;
pub(crate) use inspect::GraphType;
pub(crate) use inspect::MetadataCommand;
pub(crate) use inspect::MetadataFunctionsArgs;
pub(crate) use inspect::ModulesArgs;
pub(crate) use inspect::ProvidersArgs;
pub(crate) use inspect::ProvidersCommand;
pub(crate) use inspect::ProvidersSchemaArgs;
pub(crate) use migrate::MigrateArgs;
pub(crate) use plan::Detail;
pub(crate) use plan::ExplainArgs;
pub(crate) use plan::PlanArgs;
pub(crate) use plan::PlanCommand;
pub(crate) use plan::PlanningArgs;
pub(crate) use plan::RefreshMode;
pub(crate) use plan::ToldArgs;
pub(crate) use schema::SchemaCheckArgs;
pub(crate) use schema::SchemaCommand;
pub(crate) use schema::SchemaShowArgs;
pub(crate) use state::ForceUnlockArgs;
pub(crate) use state::ImportArgs;
pub(crate) use state::LockCommand;
pub(crate) use state::LockShowArgs;
pub(crate) use state::OutputArgs;
pub(crate) use state::ShowArgs;
pub(crate) use state::StateCommand;
pub(crate) use state::StateListArgs;
pub(crate) use state::StateLogArgs;
pub(crate) use state::StateMvArgs;
pub(crate) use state::StatePullArgs;
pub(crate) use state::StatePushArgs;
pub(crate) use state::StateReplaceProviderArgs;
pub(crate) use state::StateResolveArgs;
pub(crate) use state::StateRmArgs;
pub(crate) use state::StateShowArgs;
pub(crate) use state::StateUnprotectArgs;
pub(crate) use state::TaintArgs;
pub(crate) use test::TestArgs;
pub(crate) use undo::UndoArgs;
pub(crate) use variables::Variables;
pub(crate) use workspace::WorkspaceCommand;
pub(crate) use workspace::WorkspaceNewArgs;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "queueform",
    bin_name = "queueform",
    version,
    about = "Terraform for message queues: plan and apply queues on managed brokers from HCL files",
    args_override_self = true,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Install modules that come from git, prepare the directory, and say what is in it
    Init(InitArgs),
    /// Check the configuration without state and without asking anybody
    Validate(ValidateArgs),
    /// Show what would change, and the calls that would do it
    Plan(Box<PlanArgs>),
    /// Compare the state with what there is, and the configuration with both; changes nothing
    Drift(Box<DriftArgs>),
    /// Do what a plan says: a new one that you approve, or a saved one
    Apply(Box<ApplyArgs>),
    /// Run one-shot operations that `action` blocks declare
    #[command(subcommand)]
    Action(ActionCommand),
    /// Plan the inverse of the last run, or of another one, and do it
    Undo(Box<UndoArgs>),
    /// Delete everything that the state manages
    Destroy(Box<DestroyArgs>),
    /// Show the state, an object of it, or a saved plan
    Show(ShowArgs),
    /// Print the outputs
    Output(OutputArgs),
    /// Take over into the state what was found, as `apply --refresh-only --auto-approve`
    Refresh(Box<RefreshArgs>),
    /// Manage an object that exists already
    Import(ImportArgs),
    /// Write the configuration of what exists: a whole instance with its parts, or everything
    Adopt(Box<AdoptArgs>),
    /// Mark an object to be replaced by the next apply
    Taint(TaintArgs),
    /// Take the mark of `taint` away
    Untaint(TaintArgs),
    /// Look at the objects of the state, move or forget them, and settle what is in doubt
    #[command(subcommand)]
    State(StateCommand),
    /// Work on one of several states of the same configuration
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
    /// Look at the lock of the state
    #[command(subcommand)]
    Lock(LockCommand),
    /// Take the lock of the state away from a run
    ForceUnlock(ForceUnlockArgs),
    /// Evaluate expressions against the configuration and its state
    Console(ConsoleArgs),
    /// Draw what needs what: the configuration, or a saved plan
    Graph(GraphArgs),
    /// Show which blocks need which provider, and how each is configured
    Providers(ProvidersArgs),
    /// List the modules of the configuration, and where each comes from
    Modules(ModulesArgs),
    /// Print what the language knows, for programs
    #[command(subcommand)]
    Metadata(MetadataCommand),
    /// Run the tests of the configuration, against emulators unless told otherwise
    Test(TestArgs),
    /// Convert a configuration of Terraform and its state; the originals are only read
    Migrate(MigrateArgs),
    /// Rewrite configuration files in the canonical layout
    Fmt(FmtArgs),
    /// Look at provider schemas, or check your own
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Serve the built-in emulators of the remote systems on loopback
    Emulator(EmulatorArgs),
    /// Print a script that completes commands and options in your shell
    Completion(CompletionArgs),
    /// Print the version
    Version(VersionArgs),
    /// Say what may come next on a command line, for the scripts of `completion`
    #[command(name = "__complete", hide = true)]
    Complete(CompleteArgs),
}

/// `completion`
#[derive(Debug, Args)]
pub(crate) struct CompletionArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// `__complete`
#[derive(Debug, Args)]
pub(crate) struct CompleteArgs {
    /// The shell
    pub(crate) shell: String,
    /// The words of the command line behind the program; bash gives the line as it stands
    #[arg(last = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<String>,
}

/// `version`
#[derive(Debug, Args)]
pub(crate) struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `init`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Take the newest commits of modules instead of those of the lock file
    #[arg(long)]
    pub(crate) upgrade: bool,
    /// Refuse what would change `.queueform.lock.hcl`
    #[arg(long, value_name = "MODE", value_enum)]
    pub(crate) lockfile: Option<LockfileMode>,
    /// An argument of the backend beside its block, or a file of them; secrets belong into the environment
    #[arg(long, value_name = "NAME=VALUE|FILE")]
    pub(crate) backend_config: Vec<String>,
    /// Copy the states to the backend that the configuration asks for
    #[arg(long, conflicts_with = "reconfigure")]
    pub(crate) migrate_state: bool,
    /// With `--migrate-state`: overwrite other states that are at the new place
    #[arg(long, requires = "migrate_state")]
    pub(crate) force_copy: bool,
    /// Use the backend that the configuration asks for as it is, and leave states elsewhere alone
    #[arg(long)]
    pub(crate) reconfigure: bool,
    /// Print a stream of JSON objects, one on a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// What may happen to the lock file of modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LockfileMode {
    /// It must not change
    Readonly,
}

/// `validate`
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Leave out test files
    #[arg(long)]
    pub(crate) no_tests: bool,
    /// The directory of test files, beside those that stand by the configuration
    #[arg(long, value_name = "DIR", default_value = "tests", hide_default_value = true)]
    pub(crate) test_directory: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `console`
#[derive(Debug, Args)]
pub(crate) struct ConsoleArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Print one JSON object for each expression: `value`, `type`, `sensitive`, `unknown`, or `error`
    #[arg(long)]
    pub(crate) json: bool,
    /// Read each expression as one JSON string on a line of its own
    #[arg(long)]
    pub(crate) json_input: bool,
}
