//! `test`

use std::path::PathBuf;

use clap::Args;

use super::Variables;

/// `test`
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Run only this test file, such as `tests/topics.qftest.hcl`; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) filter: Vec<String>,
    /// The directory of test files, beside those that stand by the configuration
    #[arg(long, value_name = "DIR", default_value = "tests", hide_default_value = true)]
    pub(crate) test_directory: PathBuf,
    /// Run against the real services instead of emulators: objects are made there, and destroyed in the end
    #[arg(long, conflicts_with = "emulate")]
    pub(crate) real: bool,
    /// Show the plan, or the state, that each run looks at
    #[arg(long)]
    pub(crate) verbose: bool,
    /// Write a report in the form that `JUnit` writes to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) junit_xml: Option<PathBuf>,
    /// Print a stream of JSON, one event a line
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the stream of JSON that `--json` prints to this file, and print what people read
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) json_into: Option<PathBuf>,
}
