//! What a migration came to.

use crate::diag::Diagnostics;
use crate::source::SourceMap;

use super::Left;

/// What a migration came to.
#[derive(Debug)]
pub struct Migration {
    /// The files, in the order of their directories.
    pub files: Vec<MigratedFile>,
    /// How many resources and data sources were converted.
    pub converted: usize,
    /// How many blocks stay as comments.
    pub left: usize,
    /// The state, if there is one.
    pub state: Option<MigratedState>,
    /// What is left to somebody, with its place.
    pub notes: Diagnostics,
    /// The texts that notes quote.
    pub sources: SourceMap,
    /// Nothing was written.
    pub is_dry: bool,
}

/// A file that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigratedFile {
    /// The file it was made of; none for a new one.
    pub from: Option<String>,
    /// Its path.
    pub to: String,
    /// What it holds.
    pub text: String,
}

/// What became of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigratedState {
    /// The file it was read from.
    pub from: String,
    /// How many objects were taken over.
    pub objects: usize,
    /// How many outputs were taken over.
    pub outputs: usize,
    /// What was not.
    pub left: Vec<Left>,
}
