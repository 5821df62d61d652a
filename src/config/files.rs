//! Which files a directory's configuration consists of, and their texts.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::source::read_at_most;

/// Suffix of configuration files.
const CONFIG: &str = ".qf.hcl";

/// Suffix of configuration files in JSON.
const CONFIG_JSON: &str = ".qf.json";

/// Returns whether a file of this name belongs to a configuration.
pub(super) fn is_configuration(name: &str) -> bool {
    name.ends_with(CONFIG) || name.ends_with(CONFIG_JSON)
}

/// Suffix of test files.
const TESTS: &str = ".qftest.hcl";

/// Greatest size of one configuration file in bytes.
const LIMIT: u64 = 256 * 1024 * 1024;

/// Returns the configuration files of a directory in lexical order, read into the source map.
pub(super) fn read_configuration(
    directory: &Path,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Vec<SourceId> {
    let names = match list(directory) {
        Ok(names) => names,
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(
                    Code::FileAccess,
                    format!("cannot read the directory `{}`", directory.display()),
                )
                .detail(error.to_string()),
            );
            return Vec::new();
        }
    };
    let (wanted, others): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| is_configuration(name));
    if wanted.is_empty() {
        diagnostics.push(no_configuration(directory, &others));
    }
    wanted.iter().filter_map(|name| read(&directory.join(name), sources, diagnostics)).collect()
}

/// Returns the names of the variable files that load by themselves, in the order of their precedence.
pub(super) fn automatic_variable_files(directory: &Path, emulate: bool) -> Vec<PathBuf> {
    let names = list(directory).unwrap_or_default();
    let mut found = Vec::new();
    if emulate && names.iter().any(|name| name == "emulate.qfvars.hcl") {
        found.push(directory.join("emulate.qfvars.hcl"));
    }
    for own in ["queueform.qfvars.hcl", "queueform.qfvars.json"] {
        if names.iter().any(|name| name == own) {
            found.push(directory.join(own));
        }
    }
    let automatic = |name: &str| name.ends_with(".auto.qfvars.hcl") || name.ends_with(".auto.qfvars.json");
    found.extend(names.iter().filter(|name| automatic(name)).map(|name| directory.join(name)));
    found
}

/// Returns the test files of a directory in lexical order; none if there is no such directory.
pub(super) fn tests(directory: &Path) -> Vec<PathBuf> {
    let names = list(directory).unwrap_or_default();
    let wanted = names.iter().filter(|name| name.ends_with(TESTS) || name.ends_with(".qftest.json"));
    wanted.map(|name| directory.join(name)).collect()
}

/// Returns the files of mocks of a directory in lexical order; none if there is no such directory.
pub(super) fn mocks(directory: &Path) -> Vec<PathBuf> {
    let names = list(directory).unwrap_or_default();
    let wanted = names.iter().filter(|name| name.ends_with(".qfmock.hcl") || name.ends_with(".qfmock.json"));
    wanted.map(|name| directory.join(name)).collect()
}

/// Reads one file into the source map; what is wrong with it becomes a diagnostic.
pub(super) fn read(path: &Path, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Option<SourceId> {
    let shown = path.strip_prefix("./").unwrap_or(path).display().to_string();
    let size = fs::metadata(path).map_or(0, |meta| meta.len());
    if size > LIMIT {
        diagnostics.push(
            Diagnostic::error(Code::TooLarge, format!("`{shown}` is larger than {} MB", LIMIT / 1024 / 1024))
                .hint("split the file"),
        );
        return None;
    }
    let bytes = match read_at_most(path, LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(Code::FileAccess, format!("cannot read `{shown}`"))
                    .detail(error.to_string()),
            );
            return None;
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(sources.add(shown, text)),
        Err(error) => {
            let line = error
                .as_bytes()
                .iter()
                .take(error.utf8_error().valid_up_to())
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidCharacter,
                    format!("`{shown}` is not valid UTF-8 (line {line})"),
                )
                .hint("save the file as UTF-8"),
            );
            None
        }
    }
}

fn list(directory: &Path) -> std::io::Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(directory)?
        .filter_map(Result::ok)
        .filter(|entry| !entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && !name.ends_with('~') && !name.starts_with('#'))
        .collect();
    names.sort();
    Ok(names)
}

fn no_configuration(directory: &Path, others: &[String]) -> Diagnostic {
    let found = Diagnostic::error(
        Code::NoConfiguration,
        format!("there are no `*{CONFIG}` files in `{}`", directory.display()),
    );
    if let Some(name) = others.iter().find(|name| name.ends_with(".tf")) {
        return found
            .detail(format!("There is `{name}`: Queueform reads its own files, with Terraform's language."))
            .hint("`queueform migrate` converts the files and the state of Terraform")
            .hint(format!("or rename it: `mv {name} {}{CONFIG}`", name.trim_end_matches(".tf")));
    }
    if let Some(name) = others
        .iter()
        .find(|name| name.ends_with(".hcl") && !name.ends_with(".qfvars.hcl") && !name.ends_with(TESTS))
    {
        return found.hint(format!("rename `{name}` to `{}{CONFIG}`", name.trim_end_matches(".hcl")));
    }
    found.hint("create `main.qf.hcl`, or name another directory with `--chdir=DIR`")
}
