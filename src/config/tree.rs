//! The tree of modules: where each comes from, and its declarations.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::addr::ModulePath;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;

use super::Config;
use super::Early;
use super::EarlyInputs;
use super::EarlyPlace;
use super::Module;
use super::ModuleCall;
use super::ModuleFinder;
use super::ModuleSource;
use super::VariableValues;
use super::bodies;
use super::decode;
use super::files;
use super::module_source::package_of;

/// How deep modules may be nested.
const DEPTH: usize = 32;

/// What sources of modules are evaluated with, and how those that come from elsewhere are found.
pub(super) struct Known<'k> {
    /// The values of the root module's variables.
    pub variables: &'k VariableValues,
    /// The workspace.
    pub workspace: &'k str,
    /// Finds installed modules.
    pub finder: &'k dyn ModuleFinder,
}

/// Where the texts of modules come from.
pub(super) enum Texts<'t> {
    /// Directories below or beside this one.
    Disk(&'t Path),
    /// Texts by their paths relative to the root module.
    Saved(&'t [(String, String)]),
}

impl Texts<'_> {
    fn read(&self, directory: &str, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Vec<SourceId> {
        match self {
            Self::Disk(root) => {
                let place = if directory.is_empty() { root.to_path_buf() } else { root.join(directory) };
                files::read_configuration(&place, sources, diagnostics)
            }
            Self::Saved(texts) => texts
                .iter()
                .filter(|(path, _)| path.rsplit_once('/').map_or("", |(parent, _)| parent) == directory)
                .map(|(path, text)| sources.add(path.as_str(), text.as_str()))
                .collect(),
        }
    }

    fn has(&self, directory: &str) -> bool {
        match self {
            Self::Disk(root) => root.join(directory).is_dir(),
            Self::Saved(texts) => texts
                .iter()
                .any(|(path, _)| path.rsplit_once('/').map_or("", |(parent, _)| parent) == directory),
        }
    }
}

/// Reads the declarations of one directory.
pub(super) fn read(
    texts: &Texts<'_>,
    directory: &str,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Module {
    let mut module = Module { directory: directory.to_owned(), ..Module::default() };
    let files = texts.read(directory, sources, diagnostics);
    let (bodies, partial) = bodies::read(&files, sources, diagnostics);
    module.partial |= partial;
    for body in &bodies {
        decode::decode_file(body, &mut module, diagnostics);
    }
    module
}

/// Reads every module that the root calls, directly or not. A directory is read once, however often it is called.
pub(super) fn grow(
    root: Module,
    texts: &Texts<'_>,
    known: &Known<'_>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Config {
    let mut config = Config::of_root(root);
    let mut read_already: BTreeMap<String, Module> = BTreeMap::new();
    let mut open = vec![ModulePath::root()];
    while let Some(path) = open.pop() {
        let Some(parent) = config.module(&path) else { continue };
        let mut found: Vec<(Name, Module)> = Vec::new();
        let first = seen_before(&config, parent);
        for (name, call) in &parent.calls {
            let child = path.child(name);
            let mut findings = Diagnostics::new();
            let mut missing = Diagnostics::new();
            let place = place(&config, parent, &child, call, known, &mut missing);
            diagnostics.extend(missing);
            if let Some((directory, source)) = place
                && is_there(texts, &directory, &source, call, &mut findings)
                && !comes_back(&config, &child, &directory, call, &mut findings)
            {
                let module = read_already
                    .entry(directory.clone())
                    .or_insert_with(|| read(texts, &directory, sources, &mut findings))
                    .clone();
                found.push((Arc::clone(name), Module { path: child, source, ..module }));
            }
            // What a directory says is told once.
            if !first {
                diagnostics.extend(findings);
            }
        }
        for (_, module) in found {
            open.push(module.path.clone());
            config.modules.insert(module.path.clone(), module);
        }
    }
    config
}

/// Whether the directory of a module was gone through already, under another path.
fn seen_before(config: &Config, module: &Module) -> bool {
    config.all_modules().any(|other| other.directory == module.directory && other.path < module.path)
}

/// Works out the directory of a called module, relative to the root module's.
fn place(
    config: &Config,
    parent: &Module,
    child: &ModulePath,
    call: &ModuleCall,
    known: &Known<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(String, String)> {
    let expr = call.source.as_ref()?;
    let found = source_of(config, &parent.path, expr, known).and_then(|text| {
        let directory = match ModuleSource::parse(&text)? {
            ModuleSource::Local(path) => within_package(parent, &path)?,
            ModuleSource::Git(source) => known.finder.find(child, &source)?,
        };
        Ok((directory, text.to_string()))
    });
    found.map_err(|found| diagnostics.extend(found.into_iter().map(|item| item.or_at(expr.span)))).ok()
}

/// Evaluates the source of a module, which must be known before anything else is.
fn source_of(
    config: &Config,
    path: &ModulePath,
    expr: &Expr,
    known: &Known<'_>,
) -> Result<Arc<str>, Diagnostics> {
    let mut result = None;
    within(config, path, known, &mut |early| result = Some(early.text(expr, "the source of a module")));
    match result {
        Some(Ok(text)) => Ok(text),
        Some(Err(found)) => Err(found),
        // The caller is not there, which is reported already.
        None => Err(Diagnostics::new()),
    }
}

/// Calls a function with the scope of a module.
fn within(config: &Config, path: &ModulePath, known: &Known<'_>, then: &mut dyn FnMut(&Early<'_>)) {
    let Some(module) = config.module(path) else { return };
    let directory = if module.directory.is_empty() { "." } else { &module.directory };
    let place = EarlyPlace { workspace: known.workspace, directory, files: None };
    let Some((parent, _)) = path.parent() else {
        return then(&Early::new(module, EarlyInputs::Root(known.variables), place));
    };
    let Some(call) = config.call(path) else { return };
    within(config, &parent, known, &mut |caller| {
        then(&Early::new(module, EarlyInputs::Call(caller, &call.arguments), place));
    });
}

/// Returns the directory that a module names beside itself; one that was installed stays within what was fetched.
fn within_package(parent: &Module, path: &str) -> Result<String, Diagnostic> {
    let directory = join(&parent.directory, path);
    match package_of(&parent.directory) {
        Some(package) if directory != package && !directory.starts_with(&format!("{package}/")) => Err(
            Diagnostic::error(Code::ModuleSource, format!("`{path}` leaves the repository of the module"))
                .hint("a module that was fetched can use only what was fetched with it"),
        ),
        _ => Ok(directory),
    }
}

/// Whether a source is a directory relative to the calling module.
pub(super) fn is_local(source: &str) -> bool {
    source == "." || source == ".." || source.starts_with("./") || source.starts_with("../")
}

/// Joins paths with `/` as texts: `.` and `..` are taken out where that is possible.
fn join(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

fn is_there(
    texts: &Texts<'_>,
    directory: &str,
    source: &str,
    call: &ModuleCall,
    diagnostics: &mut Diagnostics,
) -> bool {
    let found = texts.has(directory);
    if !found {
        let span = call.source.as_ref().map_or(call.header, |expr| expr.span);
        diagnostics.push(
            Diagnostic::error(Code::FileAccess, format!("there is no directory `{source}`"))
                .at(call.header, "")
                .at(span, format!("would be `{directory}`"))
                .hint("sources are relative to the directory of the file that names them"),
        );
    }
    found
}

/// A module that calls itself would have no end.
fn comes_back(
    config: &Config,
    child: &ModulePath,
    directory: &str,
    call: &ModuleCall,
    diagnostics: &mut Diagnostics,
) -> bool {
    let mut at = child.parent().map(|(parent, _)| parent);
    let mut depth = 0;
    while let Some(path) = at {
        depth += 1;
        let same = config.module(&path).is_some_and(|module| module.directory == directory);
        if same || depth > DEPTH {
            let text = if same {
                format!("`module.{}` calls the module it stands in", call.name.value)
            } else {
                format!("modules are nested deeper than {DEPTH}")
            };
            let span = call.source.as_ref().map_or(call.header, |expr| expr.span);
            diagnostics.push(
                Diagnostic::error(Code::Cycle, text)
                    .at(span, "")
                    .hint("a module cannot contain itself: name another directory, or use `for_each`"),
            );
            return true;
        }
        at = path.parent().map(|(parent, _)| parent);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_are_joined_as_texts() {
        for (base, path, joined) in [
            ("", "./modules/a", "modules/a"),
            ("modules/a", "../b", "modules/b"),
            ("modules/a", "./sub//x", "modules/a/sub/x"),
            ("", "../common", "../common"),
            ("../common", "../../x", "../../x"),
            ("a", "..", ""),
        ] {
            assert_eq!(join(base, path), joined, "{base} {path}");
        }
    }
}
