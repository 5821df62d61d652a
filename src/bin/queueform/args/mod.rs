//! The arguments of every command, as clap reads them.

mod emulator;
mod fmt;
mod global;
mod plan;
mod schema;
mod variables;

use clap::Args;
use clap::Parser;
use clap::Subcommand;

pub(crate) use emulator::EmulatorArgs;
pub(crate) use fmt::FmtArgs;
pub(crate) use global::Emulate;
pub(crate) use global::Global;
pub(crate) use plan::Detail;
pub(crate) use plan::PlanArgs;
pub(crate) use plan::PlanningArgs;
pub(crate) use plan::RefreshMode;
pub(crate) use schema::SchemaCheckArgs;
pub(crate) use schema::SchemaCommand;
pub(crate) use schema::SchemaShowArgs;
pub(crate) use variables::Variables;

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
    /// Check the configuration without state and without asking anybody
    Validate(ValidateArgs),
    /// Show what would change, and the calls that would do it
    Plan(Box<PlanArgs>),
    /// Evaluate expressions against the configuration and its state
    Console(ConsoleArgs),
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
}

/// `completion`
#[derive(Debug, Args)]
pub(crate) struct CompletionArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// `version`
#[derive(Debug, Args)]
pub(crate) struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `validate`
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
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
