//! `adopt`

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::ValueEnum;
use queueform::addr::ProviderAddr;

use super::Variables;

/// `adopt`
#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// The type of what is adopted with all its parts, such as an instance; `*` stands for any characters
    #[arg(value_name = "TYPE", required_unless_present = "all", conflicts_with = "all")]
    pub(crate) kind: Option<String>,
    /// Ids of objects of this type; without them, all that there are
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Adopt everything that the provider configurations reach
    #[arg(long)]
    pub(crate) all: bool,
    /// Where objects lie, or which they are, if the service does not list that: an attribute; may be repeated
    #[arg(long = "in", value_name = "NAME=VALUE", value_parser = attribute)]
    pub(crate) scope: Vec<(String, String)>,
    /// Only these types, or objects with such names; `*` stands for any characters; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Vec<String>,
    /// The provider configuration that is asked, such as `dms.west`
    #[arg(long, value_name = "ADDR", value_parser = provider)]
    pub(crate) provider: Option<ProviderAddr>,
    /// How objects are put into files: one for each instance, one more for each prefix that names share, or one for all
    #[arg(long, value_name = "HOW", value_enum, default_value = "instance")]
    pub(crate) group_by: Grouping,
    /// Write the files to this directory instead of beside the configuration
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Print the files instead of writing them
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How objects are put into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Grouping {
    /// One file for each instance
    Instance,
    /// One more for each prefix that names of an instance share
    Prefix,
    /// One file for everything
    None,
}

fn attribute(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.is_empty() => {
            Ok((name.trim().to_owned(), value.to_owned()))
        }
        _ => Err("write `NAME=VALUE`, as in `instance_id=mqtt-cn-0pp1abc`".to_owned()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of what clap reads values with")]
fn provider(text: &str) -> Result<ProviderAddr, String> {
    Ok(match text.split_once('.') {
        Some((name, alias)) => ProviderAddr { name: Arc::from(name), alias: Some(Arc::from(alias)) },
        None => ProviderAddr::default_of(text),
    })
}
