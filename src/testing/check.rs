//! What can be told of a test file without running it.

use crate::config::Config;
use crate::config::TestFile;
use crate::config::TestRun;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::references;

use super::Expected;

/// Checks the runs of a file against the configuration under test. What a run of another configuration names is told
/// when it is run.
#[must_use]
pub fn check_file(file: &TestFile, config: &Config) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (index, run) in file.runs.iter().enumerate() {
        earlier_runs(file, index, run, &mut found);
        providers(file, run, &mut found);
        if run.source.is_some() {
            continue;
        }
        if let Err(failed) = Expected::of(&run.expect_failures, &config.root) {
            found.extend(failed);
        }
        let variables = &config.root.variables;
        for attribute in &run.variables {
            let name = &attribute.name.value;
            if !variables.contains_key(name) {
                found.push(
                    undeclared(name, variables.keys().map(|known| &**known))
                        .at(attribute.name.span, "not declared"),
                );
            }
        }
    }
    found
}

/// Says that a run sets a variable that the configuration does not have.
#[must_use]
pub fn undeclared<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Diagnostic {
    let summary = format!("`{name}` is set here, but the configuration has no such variable");
    Diagnostic::warning(Code::UndeclaredVariable, summary).maybe_hint(did_you_mean(name, known))
}

/// A run sees the outputs of the runs above it.
fn earlier_runs(file: &TestFile, index: usize, run: &TestRun, found: &mut Diagnostics) {
    let earlier = || file.runs.iter().take(index).map(|run| &*run.name.value);
    let mut look = |expr: &crate::syntax::ast::Expr| {
        references(expr, &mut |reference| {
            if &*reference.root.value == "run"
                && let Some(step) = reference.steps.first()
                && let RefStep::Attr(name) | RefStep::Key(name) = &step.value
                && !earlier().any(|known| known == &**name)
            {
                let near = did_you_mean(name, earlier());
                found.push(
                    Diagnostic::error(Code::UndeclaredReference, format!("there is no earlier run `{name}`"))
                        .at(step.span, "not declared")
                        .hint(near.unwrap_or_else(|| {
                            "a run sees the outputs of the runs above it in the same file".to_owned()
                        })),
                );
            }
        });
    };
    for attribute in &run.variables {
        look(&attribute.expr);
    }
    for assertion in &run.assertions {
        look(&assertion.condition);
        look(&assertion.message);
    }
}

/// `providers` name configurations of the file.
fn providers(file: &TestFile, run: &TestRun, found: &mut Diagnostics) {
    let known = || file.providers.keys().chain(file.mocks.keys());
    for wanted in run.providers.iter().flat_map(|named| named.values()) {
        if known().any(|addr| *addr == wanted.value) {
            continue;
        }
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
}
