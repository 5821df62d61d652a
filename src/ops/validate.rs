//! What is wrong with a configuration, without state and without asking anybody.

use crate::config;
use crate::config::LoadOptions;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::source::SourceMap;

/// The findings and the texts they quote.
#[derive(Debug)]
pub struct Validated {
    /// Everything that was found.
    pub diagnostics: Diagnostics,
    /// The texts of the configuration.
    pub sources: SourceMap,
    /// The schemas it was checked against.
    pub registry: Registry,
}

/// Checks a configuration. Variables without a value are no finding: any value may come.
#[must_use]
pub fn validate(options: &LoadOptions) -> Validated {
    let registry = Registry::embedded();
    let mut sources = SourceMap::new();
    let loaded = config::load(options, &registry, &mut sources);
    Validated { diagnostics: loaded.diagnostics, sources, registry }
}
