//! `schema …`

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

/// `schema …`
#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// List resource types and data sources, or show one: attributes, calls, what changes mean
    Show(SchemaShowArgs),
    /// Check schema files against the rules of the schema language
    Check(SchemaCheckArgs),
}

/// `schema show`
#[derive(Debug, Args)]
pub(crate) struct SchemaShowArgs {
    /// A resource type or data source such as `dms_rocketmq_topic`; without one, all are listed
    #[arg(value_name = "TYPE")]
    pub(crate) type_name: Option<String>,
    /// The data source of that name, where a resource has the same
    #[arg(long)]
    pub(crate) data: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `schema check`
#[derive(Debug, Args)]
pub(crate) struct SchemaCheckArgs {
    /// The directory of a provider, with `provider.hcl` and a file for each type, or one of such directories
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
    /// Print the findings as JSON, as `validate --json` does
    #[arg(long)]
    pub(crate) json: bool,
}
