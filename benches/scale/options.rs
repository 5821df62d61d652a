//! What is measured.

use std::path::PathBuf;

use clap::Parser;
use clap::ValueEnum;

/// Measures what planning and applying cost
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Numbers of objects, separated by commas
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 5_000, 10_000])]
    pub(crate) objects: Vec<usize>,
    /// A: a few blocks with `for_each`; B: one block for each object
    #[arg(long, value_delimiter = ',', default_values = ["a", "b"])]
    pub(crate) shapes: Vec<Shape>,
    /// What to measure: start, validate, data, dms, chain, fan, estate
    #[arg(long, value_delimiter = ',', default_values = ["start", "validate", "data", "dms", "chain", "fan", "estate"])]
    pub(crate) only: Vec<String>,
    /// Milliseconds that the emulator waits before it answers, for `dms`
    #[arg(long, value_delimiter = ',', default_values_t = [0, 50])]
    pub(crate) latency: Vec<u64>,
    /// Milliseconds that the emulator waits before it answers, for `estate`
    #[arg(long, default_value_t = 100)]
    pub(crate) estate_latency: u64,
    /// Most objects that are measured with latency: an apply takes as long as its calls
    #[arg(long, default_value_t = 1_000)]
    pub(crate) late_objects: usize,
    /// Most objects that Terraform plans, where it is installed; 0 leaves it out
    #[arg(long, default_value_t = 5_000)]
    pub(crate) terraform_plan: usize,
    /// Most objects that Terraform applies: the time it needs grows with the square
    #[arg(long, default_value_t = 1_000)]
    pub(crate) terraform_apply: usize,
    /// Most objects of a chain, each of which brings what it needs into the state
    #[arg(long, default_value_t = 5_000)]
    pub(crate) chain_objects: usize,
    /// Write the configurations to this directory and keep them
    #[arg(long)]
    pub(crate) keep: Option<PathBuf>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// How a configuration is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// A few blocks with `for_each`.
    A,
    /// One block for each object.
    B,
}

impl Shape {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

impl Options {
    pub(crate) fn wants(&self, what: &str) -> bool {
        self.only.iter().any(|only| only == what)
    }
}
