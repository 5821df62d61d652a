//! Which runs of a file may go on side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::TestFile;
use crate::config::TestRun;
use crate::syntax::ast::Expr;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::references;

/// Returns the key of the state that a run works on. Runs of the same configuration share one unless they say
/// otherwise.
#[must_use]
pub fn state_key(run: &TestRun) -> Arc<str> {
    match (&run.state_key, &run.source) {
        (Some(key), _) => format!("key {}", key.value).into(),
        (None, Some(source)) => format!("module {}", source.value).into(),
        (None, None) => Arc::from(""),
    }
}

/// Returns the runs of a file by position, in groups that are done one after the other. Runs of a group are marked as
/// parallel, work on different states and do not refer to each other.
#[must_use]
pub fn batches(file: &TestFile) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for (index, run) in file.runs.iter().enumerate() {
        let needs = runs_needed(file, run);
        let fits = |batch: &Vec<usize>| {
            run.parallel
                && batch.iter().filter_map(|other| file.runs.get(*other)).all(|other| {
                    other.parallel
                        && state_key(other) != state_key(run)
                        && !needs.contains(&*other.name.value)
                })
        };
        match batches.last_mut() {
            Some(batch) if fits(batch) => batch.push(index),
            _ => batches.push(vec![index]),
        }
    }
    batches
}

/// Returns the names of the runs that a run refers to.
fn runs_needed(file: &TestFile, run: &TestRun) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut look = |expr: &Expr| {
        references(expr, &mut |reference| {
            if &*reference.root.value == "run"
                && let Some(RefStep::Attr(name) | RefStep::Key(name)) =
                    reference.steps.first().map(|step| &step.value)
            {
                found.insert(name.to_string());
            }
        });
    };
    let given = run.variables.iter().chain(&file.variables);
    let arguments = file.providers.values().flat_map(|provider| provider.arguments.values());
    for attribute in given.chain(arguments) {
        look(&attribute.expr);
    }
    let mocks = file.mocks.values();
    let types = mocks.clone().flat_map(|mock| &mock.types).filter_map(|of| of.defaults.as_ref());
    let overrides = mocks.flat_map(|mock| &mock.overrides).chain(&file.overrides).chain(&run.overrides);
    for values in types.chain(overrides.filter_map(|of| of.values.as_ref())) {
        look(values);
    }
    for assertion in &run.assertions {
        look(&assertion.condition);
        look(&assertion.message);
    }
    found
}
