//! Test files: what `queueform test` runs, as declared. Expressions are kept; nothing here is evaluated.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::addr::Target;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceMap;
use crate::source::Span;
use crate::source::Spanned;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Body;
use crate::syntax::ast::Ident;
use crate::syntax::ast::Reference;
use crate::syntax::parse;

use super::Condition;
use super::MockProvider;
use super::Mocks;
use super::Override;
use super::ProviderConfig;
use super::decode;
use super::decode::Mocked;
use super::files;
use super::json;

/// A file of tests.
#[derive(Debug, Clone)]
pub struct TestFile {
    /// The path as people see it.
    pub name: Arc<str>,
    /// Values of variables for all its runs.
    pub variables: Vec<Attribute>,
    /// Provider configurations that take the place of those of the configuration.
    pub providers: BTreeMap<ProviderAddr, ProviderConfig>,
    /// Providers that are never called.
    pub mocks: BTreeMap<ProviderAddr, MockProvider>,
    /// What stands in for objects and modules.
    pub overrides: Vec<Override>,
    /// Its runs in source order.
    pub runs: Vec<TestRun>,
}

/// A `run` block.
#[derive(Debug, Clone)]
pub struct TestRun {
    /// Its name, unique in the file.
    pub name: Ident,
    /// What is done.
    pub command: TestCommand,
    /// How the plan is made.
    pub plan_options: TestPlanOptions,
    /// Values of variables for this run.
    pub variables: Vec<Attribute>,
    /// The configuration that is run in place of the one beside the tests: a directory.
    pub source: Option<Spanned<String>>,
    /// Provider configurations of the test file by the name they have in the configuration; none given: all of them.
    pub providers: Option<BTreeMap<ProviderAddr, Spanned<ProviderAddr>>>,
    /// What must hold.
    pub assertions: Vec<Condition>,
    /// Checkable objects whose conditions must not hold.
    pub expect_failures: Vec<Reference>,
    /// What stands in for objects and modules, before that of the file.
    pub overrides: Vec<Override>,
    /// Runs with the same key share a state.
    pub state_key: Option<Spanned<String>>,
    /// It may run beside its neighbours.
    pub parallel: bool,
    /// The block's header.
    pub header: Span,
}

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestCommand {
    /// A plan is made and looked at.
    Plan,
    /// A plan is made and carried out.
    Apply,
}

/// The `plan_options` block of a run.
#[derive(Debug, Clone)]
pub struct TestPlanOptions {
    /// Only take over what was found.
    pub refresh_only: bool,
    /// Whether objects are read first.
    pub refresh: bool,
    /// Only these and what they need.
    pub targets: Vec<Target>,
    /// Objects to replace in any case.
    pub replace: Vec<InstanceAddr>,
}

impl Default for TestPlanOptions {
    fn default() -> Self {
        Self { refresh_only: false, refresh: true, targets: Vec::new(), replace: Vec::new() }
    }
}

/// What a test puts into a configuration before it is checked.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    /// Provider configurations; they take the place of those that are declared.
    pub providers: BTreeMap<ProviderAddr, ProviderConfig>,
    /// What stands in for providers, objects and modules.
    pub mocks: Mocks,
}

/// Returns the paths of the test files of a directory: those beside the configuration, then those in the directory
/// of tests, each in lexical order.
#[must_use]
pub fn find_tests(directory: &Path, tests: &Path) -> Vec<std::path::PathBuf> {
    let mut found = files::tests(directory);
    if tests != Path::new(".") && !tests.as_os_str().is_empty() {
        found.extend(files::tests(&directory.join(tests)));
    }
    found
}

/// Returns the variable files of a directory of tests that load by themselves, in the order of their precedence.
#[must_use]
pub fn test_variable_files(tests: &Path) -> Vec<std::path::PathBuf> {
    files::automatic_variable_files(tests, false)
}

/// Reads a test file of a configuration in a directory. Everything that is wrong with it is reported, as far as that can
/// be told without the configuration.
pub fn load_test(
    path: &Path,
    directory: &Path,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<TestFile> {
    let (name, body) = parse(path, sources, diagnostics)?;
    let mut file = decode::decode_test_file(&name, &body, diagnostics);
    for mock in file.mocks.values_mut() {
        let Some(source) = &mock.source else { continue };
        let from = directory.join(source.value.trim_start_matches("./"));
        let paths = files::mocks(&from);
        if paths.is_empty() {
            diagnostics.push(
                Diagnostic::error(Code::FileAccess, format!("there are no mocks in `{}`", from.display()))
                    .at(source.span, "")
                    .hint("files of mocks are called `NAME.qfmock.hcl` or `NAME.qfmock.json`; the path starts from the configuration"),
            );
        }
        for path in paths {
            let Some((_, body)) = parse(&path, sources, diagnostics) else { continue };
            let Mocked { types, overrides } = decode::decode_mocks(&body, diagnostics);
            // What stands in the test file itself comes first.
            mock.types.extend(types);
            mock.overrides.extend(overrides);
        }
    }
    Some(file)
}

/// Reads and parses a file of the form that its name tells.
fn parse(path: &Path, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Option<(Arc<str>, Body)> {
    let source = files::read(path, sources, diagnostics)?;
    let file = sources.get(source)?;
    let (name, text) = (Arc::from(file.name()), Arc::clone(file.text()));
    let parsed = if path.extension().is_some_and(|form| form == "json") {
        json::parse_tests(source, &text)
    } else {
        parse::parse_file(source, &text)
    };
    Some((name, parsed.collect_into(diagnostics)?))
}
