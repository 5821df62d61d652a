//! What is wrong with a configuration, without state and without asking anybody.

use std::path::Path;

use crate::config;
use crate::config::Config;
use crate::config::LoadOptions;
use crate::diag::Diagnostics;
use crate::eval::Files;
use crate::graph;
use crate::plan;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::testing;

use super::backends::check_names;
use super::files::WorkingFiles;

/// The findings and the texts they quote.
#[derive(Debug)]
pub struct Validated {
    /// Everything that was found.
    pub diagnostics: Diagnostics,
    /// The texts of the configuration.
    pub sources: SourceMap,
    /// The schemas it was checked against.
    pub registry: Registry,
    config: Option<Config>,
}

impl Validated {
    /// Checks the test files of the configuration, too, as far as that can be told without running them.
    pub fn check_tests(&mut self, options: &LoadOptions, tests: &Path) {
        let mut found = Diagnostics::new();
        for path in config::find_tests(&options.directory, tests) {
            let file = config::load_test(&path, &options.directory, &mut self.sources, &mut found);
            if let (Some(file), Some(config)) = (file, &self.config) {
                found.extend(testing::check_file(&file, config));
            }
        }
        self.diagnostics.extend(found);
        self.diagnostics.sort();
    }
}

/// Checks a configuration (`home` is the home directory). Variables without a value are no finding: any value may come.
#[must_use]
pub fn validate(options: &LoadOptions, home: Option<&str>) -> Validated {
    let mut registry = Registry::embedded();
    let mut sources = SourceMap::new();
    let mut diagnostics = Diagnostics::new();
    let loaded = config::load(options, &mut registry, &mut sources).collect_into(&mut diagnostics);
    if let Some(block) = loaded.as_ref().and_then(|loaded| loaded.config.root.settings.backend.as_ref()) {
        diagnostics.extend(check_names(block));
    }
    if let Some(loaded) = &loaded
        && let Some(graph) = graph::build(&loaded.config).collect_into(&mut diagnostics)
    {
        let files = WorkingFiles::of_process(home).ok();
        let files = files.as_ref().map(|files| files as &dyn Files);
        diagnostics.extend(plan::validate(&loaded.config, &graph, &registry, None, files));
        diagnostics.sort();
    }
    let config = loaded.map(|loaded| loaded.config);
    Validated { diagnostics: diagnostics.without_plan(), sources, registry, config }
}
