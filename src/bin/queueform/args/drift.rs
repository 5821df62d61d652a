//! `drift`

use clap::Args;
use queueform::addr::Pattern;

use super::Detail;
use super::Variables;

/// `drift`
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct DriftArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Look only at this and what it needs; `*` stands for any text; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = super::plan::pattern)]
    pub(crate) target: Vec<Pattern>,
    /// Do not tell what this pattern matches: `ADDR` or `ADDR.attribute`, with `*` for any run of characters; may be
    /// repeated, and `drift { ignore = […] }` in the `queueform` block does it for good
    #[arg(long, value_name = "PATTERN")]
    pub(crate) ignore: Vec<String>,
    /// List the objects that exist and are not managed, too
    #[arg(long)]
    pub(crate) unmanaged: bool,
    /// Calls in flight for each service; without it, as many as the service bears
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) parallelism: Option<u64>,
    /// How much is shown: siblings folded into tables, or every attribute of every object
    #[arg(long, value_name = "DETAIL", value_enum, default_value = "folded", hide_default_value = true)]
    pub(crate) detail: Detail,
    /// Print one JSON document; asks nothing
    #[arg(long)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = "\
Examples:
  queueform drift
  queueform drift --unmanaged --json
  queueform drift --target 'dms_rocketmq_topic.orders[\"created\"]'
  queueform drift --ignore '*.tags[\"cost-center\"]' --ignore 'module.legacy.*'

Exit status: 0 no drift, 2 drift, 4 no drift but pending changes, 6 both, 1 an error.";
