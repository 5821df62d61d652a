//! Loads a directory: files, declarations, variables, rules.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diag::Checked;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::syntax::ast::Name;
use crate::syntax::parse;
use crate::value::Value;

use super::Config;
use super::Module;
use super::Overlay;
use super::VariableInput;
use super::VariableSource;
use super::VariableValue;
use super::VariableValues;
use super::decode;
use super::files;
use super::rules;
use super::schemas;
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
/// state and without asking a provider. The schemas that provider blocks name are added to the registry. The output is there even with errors, as far as it could be read.
pub fn load(options: &LoadOptions, registry: &mut Registry, sources: &mut SourceMap) -> Checked<Loaded> {
    load_over(options, &Overlay::default(), registry, sources)
}

fn load_over(
    options: &LoadOptions,
    overlay: &Overlay,
    registry: &mut Registry,
    sources: &mut SourceMap,
) -> Checked<Loaded> {
    let mut diagnostics = Diagnostics::new();
    let mut module = Module::default();
    for source in files::read_configuration(&options.directory, sources, &mut diagnostics) {
        let Some(text) = sources.get(source).map(|file| Arc::clone(file.text())) else { continue };
        match parse::parse_file(source, &text).collect_into(&mut diagnostics) {
            Some(body) => decode::decode_file(&body, &mut module, &mut diagnostics),
            None => module.partial = true,
        }
    }
    module.providers.extend(overlay.providers.clone());
    let inputs = variables::Inputs {
        directory: &options.directory,
        environment: &options.environment,
        arguments: &options.arguments,
        emulate: options.emulate,
    };
    let values = variables::gather(&module, &inputs, sources, &mut diagnostics);
    schemas::extend(&module, &options.directory, registry, &mut diagnostics);
    rules::check(&module, registry, &mut diagnostics);
    diagnostics.sort();
    Checked::with(Loaded { config: Config { root: module }, variables: values }, diagnostics)
}

/// Loads a configuration as [`load`] does, with what a test puts into it before it is checked.
pub fn load_for_test(
    options: &LoadOptions,
    overlay: &Overlay,
    registry: &mut Registry,
    sources: &mut SourceMap,
) -> Checked<Loaded> {
    load_over(options, overlay, registry, sources)
}

/// Loads a configuration whose texts are at hand, by name, with values of its variables. Only variables without
/// such a value are taken from the options.
pub fn load_texts(
    texts: &[(String, String)],
    known: BTreeMap<Name, Value>,
    options: &LoadOptions,
    registry: &mut Registry,
    sources: &mut SourceMap,
) -> Checked<Loaded> {
    let mut diagnostics = Diagnostics::new();
    let mut module = Module::default();
    for (name, text) in texts {
        let source = sources.add(name.as_str(), text.as_str());
        match parse::parse_file(source, text).collect_into(&mut diagnostics) {
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
    // Values that the others are given elsewhere are no finding.
    let mut open = Module { partial: true, ..Module::default() };
    open.variables.extend(
        module
            .variables
            .iter()
            .filter(|(name, _)| !known.contains_key(*name))
            .map(|(name, variable)| (Arc::clone(name), variable.clone())),
    );
    let mut values = variables::gather(&open, &inputs, sources, &mut diagnostics);
    for (name, value) in known {
        let source = VariableSource::File("saved plan".to_owned());
        values.values.insert(name, VariableValue { value, source, span: None });
    }
    schemas::extend(&module, &options.directory, registry, &mut diagnostics);
    rules::check(&module, registry, &mut diagnostics);
    diagnostics.sort();
    Checked::with(Loaded { config: Config { root: module }, variables: values }, diagnostics)
}
