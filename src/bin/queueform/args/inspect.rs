//! `graph`, `providers`, `modules` and `metadata`

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use super::Variables;

/// `graph`
#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// What is drawn; `resources` of the configuration, or `plan` if a plan is given
    #[arg(long = "type", value_name = "TYPE", value_enum)]
    pub(crate) kind: Option<GraphType>,
    /// In which language
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = GraphFormat::Dot)]
    pub(crate) format: GraphFormat,
    /// Draw this saved plan
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// Has no effect: cycles are always drawn, in red
    #[arg(long, hide = true)]
    pub(crate) draw_cycles: bool,
}

/// What a graph is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphType {
    /// Resources, and which of them need which
    Resources,
    /// Everything that is declared: variables, locals, providers, modules, outputs too
    Config,
    /// The changes of a saved plan, and which waits for which
    Plan,
    /// The steps of a saved plan with their calls, and which waits for which
    Steps,
}

/// The language of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Graphviz
    Dot,
    /// Mermaid, which many pages draw by themselves
    Mermaid,
    /// Nodes, edges and cycles as JSON
    Json,
}

/// `providers`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ProvidersArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ProvidersCommand>,
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `providers …`
#[derive(Debug, Subcommand)]
pub(crate) enum ProvidersCommand {
    /// Print the schemas of all providers as JSON, in the format of Terraform
    Schema(ProvidersSchemaArgs),
}

/// `providers schema`
#[derive(Debug, Args)]
pub(crate) struct ProvidersSchemaArgs {
    /// Print JSON; there is no other form, `schema show` prints pages for people
    #[arg(long, required = true)]
    pub(crate) json: bool,
    /// Only this provider, such as `dms`
    #[arg(value_name = "PROVIDER")]
    pub(crate) provider: Option<String>,
}

/// `modules`
#[derive(Debug, Args)]
pub(crate) struct ModulesArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `metadata …`
#[derive(Debug, Subcommand)]
pub(crate) enum MetadataCommand {
    /// Print the signatures of all functions as JSON, in the format of Terraform
    Functions(MetadataFunctionsArgs),
}

/// `metadata functions`
#[derive(Debug, Args)]
pub(crate) struct MetadataFunctionsArgs {
    /// Print JSON; there is no other form, the console prints `help FUNCTION`
    #[arg(long, required = true)]
    pub(crate) json: bool,
}
