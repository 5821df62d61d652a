//! Providers that users wrote: `provider "x" { schemas = "./schemas/x" }` names a directory of schema files.

use std::fs;
use std::io;
use std::path::Path;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;

use super::Module;

/// Suffix of schema files.
const SCHEMA: &str = ".hcl";

/// Greatest size of one schema file in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Adds the schemas that provider blocks name. Paths are relative to the configuration.
pub(super) fn extend(
    module: &Module,
    directory: &Path,
    registry: &mut Registry,
    diagnostics: &mut Diagnostics,
) {
    let mut known: Vec<(&str, &str)> = Vec::new();
    for config in module.providers.values() {
        let Some(schemas) = &config.schemas else { continue };
        let (name, path) = (&config.addr.name, schemas.value.as_str());
        if let Some((_, first)) = known.iter().find(|(known, _)| *known == &**name) {
            if *first != path {
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidMetaArgument,
                        format!("provider `{name}` has two directories of schemas"),
                    )
                    .at(schemas.span, "")
                    .hint("name the directory in one of the blocks alone"),
                );
            }
            continue;
        }
        known.push((name, path));
        if registry.is_built_in(name) {
            diagnostics.push(
                Diagnostic::error(Code::InvalidMetaArgument, format!("provider `{name}` is built in"))
                    .at(schemas.span, "its schemas cannot be replaced")
                    .hint("give the provider another name, or remove `schemas`"),
            );
            continue;
        }
        let unreadable = |reason: String| {
            Diagnostic::error(Code::FileAccess, format!("cannot read the schemas of provider `{name}`"))
                .at(schemas.span, "")
                .detail(reason)
                .hint("`schemas` is a directory with `provider.hcl`, relative to the configuration")
        };
        match read(&directory.join(path)) {
            Err(error) => diagnostics.push(unreadable(format!("`{path}`: {error}"))),
            Ok(files) if !files.iter().any(|(path, _)| path == "provider.hcl") => {
                diagnostics.push(unreadable(format!("there is no `provider.hcl` in `{path}`")));
            }
            Ok(files) => {
                let shown = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
                diagnostics.extend(registry.add_provider_files(name, shown, &files));
            }
        }
    }
}

/// Reads the schema files below a directory: paths with `/`, and texts.
///
/// # Errors
/// If the directory or a file cannot be read.
pub fn read(directory: &Path) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    collect(directory, "", &mut files)?;
    Ok(files)
}

fn collect(directory: &Path, below: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        // What a link leads to counts.
        let meta = fs::metadata(&path)?;
        if meta.is_dir() {
            collect(&path, &format!("{below}{name}/"), files)?;
        } else if name.ends_with(SCHEMA) {
            if meta.len() > LIMIT {
                return Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    format!("{below}{name} is too large"),
                ));
            }
            files.push((format!("{below}{name}"), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}
