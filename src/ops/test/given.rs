//! What a test gives to a run: values of variables, provider configurations.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::addr::ProviderAddr;
use crate::config;
use crate::config::LoadOptions;
use crate::config::MockProvider;
use crate::config::ProviderConfig;
use crate::config::TestFile;
use crate::config::TestRun;
use crate::config::VariableInput;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Name;
use crate::testing::RunReport;
use crate::testing::RunScope;
use crate::testing::undeclared;
use crate::value::Value;

use super::super::files::WorkingFiles;
use super::super::project::ProjectOptions;
use super::course::Course;

/// What is known of a configuration before a test says anything.
#[derive(Debug)]
pub(super) struct Given {
    /// `--var` and `--var-file` that this configuration knows, and the variable files of the directory of tests.
    pub(super) arguments: Vec<VariableInput>,
    /// The values that its variables have by them, by the environment and by default.
    pub(super) values: BTreeMap<Name, Value>,
    /// The names of its variables.
    pub(super) declared: Vec<Name>,
}

/// Returns the directory of the configuration that a run is about.
pub(super) fn directory(options: &ProjectOptions, run: &TestRun) -> PathBuf {
    match &run.source {
        Some(source) => options.directory.join(source.value.trim_start_matches("./")),
        None => options.directory.clone(),
    }
}

impl Given {
    /// Looks at a configuration. What is wrong with it is told when it is run.
    pub(super) fn of(options: &ProjectOptions, file: &TestFile, tests: &Path, directory: &Path) -> Self {
        let load = |arguments: Vec<VariableInput>| {
            let options = LoadOptions { directory: directory.to_path_buf(), arguments, ..options.load() };
            config::load(&options, &mut Registry::embedded(), &mut SourceMap::new()).output
        };
        let declared: Vec<Name> = load(Vec::new())
            .map(|loaded| loaded.config.root.variables.keys().cloned().collect())
            .unwrap_or_default();
        let is_main = directory == options.directory;
        let mut arguments = Vec::new();
        let in_tests = Path::new(&*file.name).parent() == Some(tests);
        if is_main && in_tests {
            let files = config::test_variable_files(&options.directory.join(tests));
            arguments.extend(files.iter().filter_map(|path| {
                // Paths of arguments start from the configuration.
                path.file_name().map(|name| VariableInput::File(tests.join(name)))
            }));
        }
        arguments.extend(
            options
                .arguments
                .iter()
                .filter(|argument| match argument {
                    VariableInput::Text { name, .. } | VariableInput::Value { name, .. } => {
                        is_main || declared.iter().any(|known| **known == **name)
                    }
                    VariableInput::File(_) => is_main,
                })
                .cloned(),
        );
        let values = load(arguments.clone())
            .map(|loaded| {
                let known = loaded.variables.values.into_iter();
                known.map(|(name, found)| (name, found.value)).collect()
            })
            .unwrap_or_default();
        Self { arguments, values, declared }
    }
}

/// Values of variables that a test gives.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) inputs: Vec<VariableInput>,
    /// All that its expressions see.
    pub(super) all: BTreeMap<Name, Value>,
}

fn literal(argument: &Attribute, value: Value) -> Attribute {
    let expr = Expr { kind: ExprKind::Literal(value), span: argument.expr.span };
    Attribute { name: argument.name.clone(), expr, span: argument.span }
}

/// Provider configurations of a run: those with arguments, and those that are mocked.
pub(super) type ForRun<'c> =
    (BTreeMap<ProviderAddr, ProviderConfig>, BTreeMap<ProviderAddr, &'c MockProvider>);

impl Course<'_> {
    /// Evaluates the values of variables: those of the file, then those of the run.
    pub(super) fn values(
        &self,
        run: &TestRun,
        given: &Given,
        report: &mut RunReport,
    ) -> Result<Values, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut values = Values { inputs: Vec::new(), all: given.values.clone() };
        let nothing = BTreeMap::new();
        for (attributes, runs) in [(&self.file.variables, &nothing), (&run.variables, &self.outputs)] {
            let mut own = Vec::new();
            for attribute in attributes {
                match self.value(&attribute.expr, &values.all, runs) {
                    Ok(value) => own.push((attribute, value)),
                    Err(failed) => found.extend(failed),
                }
            }
            for (attribute, value) in own {
                let name = attribute.name.value.to_string();
                let span = attribute.expr.span;
                values.inputs.push(VariableInput::Value { name, value: value.clone(), span });
                values.all.insert(Arc::clone(&attribute.name.value), value);
            }
        }
        for attribute in &run.variables {
            let name = &attribute.name.value;
            if !given.declared.contains(name) && !given.declared.is_empty() {
                let known = given.declared.iter().map(|known| &**known);
                report.diagnostics.push(undeclared(name, known).at(attribute.name.span, "not declared"));
            }
        }
        if found.is_empty() { Ok(values) } else { Err(found) }
    }

    /// Evaluates a value that the test gives. It must be known.
    pub(super) fn value(
        &self,
        expr: &Expr,
        variables: &BTreeMap<Name, Value>,
        runs: &BTreeMap<Name, Value>,
    ) -> Result<Value, Diagnostics> {
        let files = self.files();
        let files = files.as_ref().map(|files| files as &dyn eval::Files);
        let scope = RunScope { inner: None, variables, runs, outputs: None, files };
        let value = eval::evaluate(expr, &scope)?;
        if value.is_wholly_known() {
            return Ok(value);
        }
        let found = Diagnostic::error(Code::InvalidValue, "the value is not known")
            .at(expr.span, "")
            .hint("outputs of a run with `command = plan` may be known only after an apply: use `command = apply` there");
        Err(eval::explain(found, expr, &scope).into())
    }

    fn files(&self) -> Option<WorkingFiles> {
        let home = self.options.environment.variable("HOME");
        WorkingFiles::of_directory(&self.options.directory, home.as_deref()).ok()
    }

    /// Returns the provider configurations that the test gives to a run, their arguments evaluated, and those that are
    /// mocked.
    pub(super) fn providers(
        &self,
        run: &TestRun,
        variables: &BTreeMap<Name, Value>,
    ) -> Result<ForRun<'_>, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut all = BTreeMap::new();
        let known = || self.file.providers.keys().chain(self.file.mocks.keys());
        let chosen: Vec<_> = match &run.providers {
            None => known().map(|addr| (addr, addr)).collect(),
            Some(named) => {
                for wanted in named.values().filter(|wanted| !known().any(|addr| *addr == wanted.value)) {
                    let names: Vec<String> = known().map(ToString::to_string).collect();
                    let name = wanted.value.to_string();
                    found.push(
                        Diagnostic::error(
                            Code::UnknownProviderConfiguration,
                            format!("the test file has no provider configuration `{name}`"),
                        )
                        .at(wanted.span, "not declared")
                        .maybe_hint(did_you_mean(&name, names.iter().map(String::as_str))),
                    );
                }
                named.iter().map(|(addr, wanted)| (addr, &wanted.value)).collect()
            }
        };
        let mut mocked = BTreeMap::new();
        for (addr, from) in chosen {
            if let Some(mock) = self.file.mocks.get(from) {
                mocked.insert(addr.clone(), mock);
            }
            let Some(config) = self.file.providers.get(from) else { continue };
            let mut config = ProviderConfig { addr: addr.clone(), ..config.clone() };
            for argument in config.arguments.values_mut() {
                match self.value(&argument.expr, variables, &self.outputs) {
                    Ok(value) => *argument = literal(argument, value),
                    Err(failed) => found.extend(failed),
                }
            }
            all.insert(addr.clone(), config);
        }
        if found.is_empty() { Ok((all, mocked)) } else { Err(found) }
    }
}
