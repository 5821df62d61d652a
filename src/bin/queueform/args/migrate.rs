//! `migrate`

use std::path::PathBuf;

use clap::Args;

/// `migrate`
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct MigrateArgs {
    /// Write the files and the state into this directory; without it, beside the originals
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Terraform's state, as `terraform state pull` prints it; `terraform.tfstate` if left out
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Say what would be written, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON document, with the texts of the files
    #[arg(long)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = "\
Examples:
  queueform migrate --dry-run
  queueform migrate
  queueform migrate --state pulled.tfstate --dir ../queues
  queueform --chdir ../infra migrate --dry-run --json

The files of Terraform and its state are only read.";
