//! Loads a directory: files, declarations, variables, rules.

use std::path::PathBuf;

use crate::diag::Checked;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::syntax::parse;

use super::Config;
use super::Module;
use super::VariableInput;
use super::VariableValues;
use super::decode;
use super::files;
use super::rules;
use super::variables;

/// Where a configuration and its variables come from.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The directory of the root module.
    pub directory: PathBuf,
    /// `QF_VAR_name` variables of the environment, without the prefix.
    pub environment: Vec<(String, String)>,
    /// `--var` and `--var-file` in the order given.
    pub arguments: Vec<VariableInput>,
    /// Load `emulate.qfvars.hcl` too.
    pub emulate: bool,
}

/// A loaded configuration.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The declarations.
    pub config: Config,
    /// The values of its variables.
    pub variables: VariableValues,
}

/// Loads a configuration and reports everything that is wrong with it as far as that can be told without
/// state and without asking a provider. The output is there even with errors, as far as it could be read.
pub fn load(options: &LoadOptions, registry: &Registry, sources: &mut SourceMap) -> Checked<Loaded> {
    let mut diagnostics = Diagnostics::new();
    let mut module = Module::default();
    for source in files::read_configuration(&options.directory, sources, &mut diagnostics) {
        let Some(text) = sources.get(source).map(|file| std::sync::Arc::clone(file.text())) else { continue };
        match parse::parse_file(source, &text).collect_into(&mut diagnostics) {
            Some(body) => decode::decode_file(&body, &mut module, &mut diagnostics),
            None => module.partial = true,
        }
    }
    let inputs = variables::Inputs {
        directory: &options.directory,
        environment: &options.environment,
        arguments: &options.arguments,
        emulate: options.emulate,
    };
    let values = variables::gather(&module, &inputs, sources, &mut diagnostics);
    rules::check(&module, registry, &mut diagnostics);
    diagnostics.sort();
    Checked::with(Loaded { config: Config { root: module }, variables: values }, diagnostics)
}
