//! Files in the canonical layout.

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceMap;
use crate::syntax::fmt::format;

use super::modules::ignore::Ignored;

/// Names that directories are searched for.
const SUFFIXES: &[&str] = &[".qf.hcl", ".qfvars.hcl", ".qftest.hcl", ".qfmock.hcl"];
/// Directories that are not entered.
const SKIPPED: &[&str] = &[".queueform", ".git", ".terraform"];

/// What to format.
#[derive(Debug, Clone, Default)]
pub struct FmtOptions {
    /// Files and directories; none at all stands for the current directory.
    pub paths: Vec<PathBuf>,
    /// Enter subdirectories.
    pub recursive: bool,
    /// Write the files that change.
    pub write: bool,
}

/// What was formatted.
#[derive(Debug, Clone)]
pub struct Formatted {
    /// The files whose layout was another one, in the order they were found.
    pub changed: Vec<FormattedFile>,
    /// Files that could not be read, parsed or written.
    pub diagnostics: Diagnostics,
    /// The texts that the findings quote.
    pub sources: SourceMap,
}

/// A file whose layout was another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormattedFile {
    /// The path as given or found.
    pub name: String,
    /// What it held.
    pub before: String,
    /// What it holds in the canonical layout.
    pub after: String,
}

/// Formats files, and writes them if asked to. A file with syntax errors is left alone.
#[must_use]
pub fn fmt(options: &FmtOptions) -> Formatted {
    let mut result =
        Formatted { changed: Vec::new(), diagnostics: Diagnostics::new(), sources: SourceMap::new() };
    for path in files(options, &mut result.diagnostics) {
        let name = path.strip_prefix(".").unwrap_or(&path).display().to_string();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                result.diagnostics.push(cannot("read", &name, &error));
                continue;
            }
        };
        if let Some(file) = format_one(&name, text, &mut result) {
            if options.write
                && let Err(error) = replace(&path, &file.after)
            {
                result.diagnostics.push(cannot("write", &name, &error));
            }
            result.changed.push(file);
        }
    }
    result
}

/// Formats a text.
#[must_use]
pub fn fmt_text(name: &str, text: &str) -> Formatted {
    let mut result =
        Formatted { changed: Vec::new(), diagnostics: Diagnostics::new(), sources: SourceMap::new() };
    let changed = format_one(name, text.to_owned(), &mut result);
    result.changed.extend(changed);
    result
}

fn format_one(name: &str, before: String, result: &mut Formatted) -> Option<FormattedFile> {
    let source = result.sources.add(name, before.as_str());
    let after = format(source, &before).collect_into(&mut result.diagnostics)?;
    (after != before).then(|| FormattedFile { name: name.to_owned(), before, after })
}

/// Returns the files that are meant, in a fixed order.
fn files(options: &FmtOptions, diagnostics: &mut Diagnostics) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let here = [PathBuf::from(".")];
    let paths = if options.paths.is_empty() { &here[..] } else { &options.paths };
    for path in paths {
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => {
                let ignored = if options.recursive { Ignored::of(path) } else { Ignored::default() };
                let search = Search { recursive: options.recursive, ignored: &ignored };
                search.enter(path, "", &mut found, diagnostics);
            }
            Ok(_) => found.push(path.clone()),
            Err(error) => diagnostics.push(cannot("read", &path.display().to_string(), &error)),
        }
    }
    found
}

/// How a directory is searched.
#[derive(Debug, Clone, Copy)]
struct Search<'s> {
    recursive: bool,
    /// What `.queueformignore` of the directory that was named leaves out.
    ignored: &'s Ignored,
}

impl Search<'_> {
    /// Looks through a directory, whose path from the one that was named is `below`. One that cannot be read keeps
    /// nobody from looking through the others.
    fn enter(self, directory: &Path, below: &str, found: &mut Vec<PathBuf>, diagnostics: &mut Diagnostics) {
        let entries = match list(directory) {
            Ok(entries) => entries,
            Err(error) => {
                let name = directory.strip_prefix(".").unwrap_or(directory).display().to_string();
                diagnostics.push(cannot("read", if name.is_empty() { "." } else { &name }, &error));
                return;
            }
        };
        for (path, kind) in entries {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let here = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
            if self.ignored.covers(&here, kind.is_dir()) {
                continue;
            }
            if kind.is_dir() {
                // Links to directories are not followed: they may lead round in a circle.
                if self.recursive && !SKIPPED.contains(&name) {
                    self.enter(&path, &here, found, diagnostics);
                }
            } else if SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) && !name.starts_with('.') {
                found.push(path);
            }
        }
    }
}

/// The entries of a directory in lexical order.
fn list(directory: &Path) -> io::Result<Vec<(PathBuf, fs::FileType)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        entries.push((entry.path(), entry.file_type()?));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(entries)
}

/// Writes a file so that it holds the old or the new text at every instant.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // The file itself is replaced, not a link to it.
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let mut file = fs::File::create(&partial)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(permissions)?;
    file.sync_all()?;
    fs::rename(&partial, &path)
}

fn cannot(verb: &str, name: &str, error: &io::Error) -> Diagnostic {
    let found = Diagnostic::error(Code::FileAccess, format!("cannot {verb} `{name}`"));
    match error.kind() {
        io::ErrorKind::InvalidData => found.detail("It is not valid UTF-8.").hint("save the file as UTF-8"),
        _ => found.detail(error.to_string()),
    }
}
