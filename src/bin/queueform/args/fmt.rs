//! `fmt`

use std::path::PathBuf;

use clap::ArgAction;
use clap::Args;

/// `fmt`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub(crate) struct FmtArgs {
    /// Files and directories; `-` reads standard input and writes standard output. Without any: the current
    /// directory
    pub(crate) paths: Vec<PathBuf>,
    /// Change nothing, and exit with status 3 if a file is in another layout
    #[arg(long)]
    pub(crate) check: bool,
    /// Show what changes
    #[arg(long)]
    pub(crate) diff: bool,
    /// Go into subdirectories too
    #[arg(long)]
    pub(crate) recursive: bool,
    /// Write the files; `--write=false` only lists or shows them
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value_t = true, hide_default_value = true)]
    pub(crate) write: bool,
    /// List the files that are in another layout; `--list=false` does not
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value_t = true, hide_default_value = true)]
    pub(crate) list: bool,
}
