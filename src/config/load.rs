//! Loads a directory: files, declarations, variables, rules.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::addr::ModulePath;
use crate::diag::Checked;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::Config;
use super::Module;
use super::ModuleFinder;
use super::Overlay;
use super::ProviderConfig;
use super::VariableInput;
use super::VariableSource;
use super::VariableValue;
use super::VariableValues;
use super::handover;
use super::placeholders;
use super::provider_sets;
use super::rules;
use super::schemas;
use super::tree;
use super::tree::Known;
use super::tree::Texts;
use super::variables;
use super::written_secrets;

/// Where a configuration and its variables come from.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The directory of the root module.
    pub directory: PathBuf,
    /// `QF_VAR_name` variables of the environment, without the prefix.
    pub environment: Vec<(String, String)>,
    /// `--var` and `--var-file` in the order given.
    pub arguments: Vec<VariableInput>,
    /// Load `emulate.qfvars.hcl` too.
    pub emulate: bool,
    /// The workspace; empty for the default one.
    pub workspace: String,
    /// Finds modules that are not local; without it, none is installed.
    pub modules: Option<Arc<dyn ModuleFinder>>,
    /// Put an empty block in the place of those that `import` blocks name and that are still to be generated.
    pub placeholders: bool,
}

/// A loaded configuration.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The declarations.
    pub config: Config,
    /// The values of its variables.
    pub variables: VariableValues,
}

/// Loads a configuration and reports everything that is wrong with it as far as that can be told without
/// state and without asking a provider. The schemas that provider blocks name are added to the registry. The output is
/// there even with errors, as far as it could be read.
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
    let texts = Texts::Disk(&options.directory);
    let mut root = tree::read(&texts, "", sources, &mut diagnostics);
    root.providers.extend(overlay.providers.clone());
    for (addr, mocked) in &overlay.mocks.providers {
        // It is never called, so nothing needs to be said of it. Where its schemas are still counts.
        let schemas = root.providers.get(addr).and_then(|known| known.schemas.clone());
        let header = mocked.otherwise.span;
        root.providers
            .insert(addr.clone(), ProviderConfig { schemas, ..ProviderConfig::empty(addr, header) });
    }
    let values = variables::gather(&root, &inputs(options), sources, &mut diagnostics);
    let mut loaded = finish(root, values, &texts, options, registry, sources, diagnostics);
    if let Some(loaded) = &mut loaded.output {
        loaded.config.mocks = overlay.mocks.clone();
    }
    loaded
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

/// Loads a configuration whose texts are at hand, by their paths relative to the configuration, with values of its
/// variables. Only variables without such a value are taken from the options.
pub fn load_texts(
    texts: &[(String, String)],
    known: BTreeMap<Name, Value>,
    options: &LoadOptions,
    registry: &mut Registry,
    sources: &mut SourceMap,
) -> Checked<Loaded> {
    let mut diagnostics = Diagnostics::new();
    let texts = Texts::Saved(texts);
    let root = tree::read(&texts, "", sources, &mut diagnostics);
    // Values that the others are given elsewhere are no finding.
    let mut open = Module { partial: true, ..Module::default() };
    open.variables.extend(
        root.variables
            .iter()
            .filter(|(name, _)| !known.contains_key(*name))
            .map(|(name, variable)| (Arc::clone(name), variable.clone())),
    );
    let mut values = variables::gather(&open, &inputs(options), sources, &mut diagnostics);
    for (name, value) in known {
        let source = VariableSource::File("saved plan".to_owned());
        values.values.insert(name, VariableValue { value, source, span: None });
    }
    finish(root, values, &texts, options, registry, sources, diagnostics)
}

fn inputs(options: &LoadOptions) -> variables::Inputs<'_> {
    variables::Inputs {
        directory: &options.directory,
        environment: &options.environment,
        arguments: &options.arguments,
        emulate: options.emulate,
    }
}

/// Loads the modules that the root calls, and applies the rules to all.
fn finish(
    root: Module,
    variables: VariableValues,
    texts: &Texts<'_>,
    options: &LoadOptions,
    registry: &mut Registry,
    sources: &mut SourceMap,
    mut diagnostics: Diagnostics,
) -> Checked<Loaded> {
    let nothing = BTreeMap::<ModulePath, String>::new();
    let known = Known {
        variables: &variables,
        workspace: if options.workspace.is_empty() { "default" } else { &options.workspace },
        finder: options.modules.as_deref().unwrap_or(&nothing),
    };
    let mut config = tree::grow(root, texts, &known, sources, &mut diagnostics);
    provider_sets::expand(&mut config.root, &variables, known.workspace, &mut diagnostics);
    schemas::extend(&config.root, &options.directory, registry, &mut diagnostics);
    written_secrets::hide(&config, registry, sources);
    if options.placeholders {
        placeholders::add(&mut config.root);
    }
    rules::check(&config, registry, &mut diagnostics);
    handover::resolve(&mut config, &mut diagnostics);
    diagnostics.sort();
    Checked::with(Loaded { config, variables }, diagnostics)
}
