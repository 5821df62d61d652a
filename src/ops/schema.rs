//! Provider schemas: what there is, and whether files follow the rules.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::SchemaFile;

/// The result of checking a directory of schemas.
#[derive(Debug)]
pub struct CheckedSchemas {
    /// How many files were read.
    pub files: usize,
    /// What is wrong with them.
    pub diagnostics: Diagnostics,
    /// Holds the texts that the findings quote.
    pub registry: Registry,
}

/// Returns every embedded resource type and data source, in order.
#[must_use]
pub fn all() -> Vec<Arc<ResourceSchema>> {
    let registry = Registry::embedded();
    let mut out = Vec::new();
    for kind in [ResourceKind::Managed, ResourceKind::Data] {
        out.extend(registry.type_names(kind).filter_map(|name| registry.resource(kind, name)));
    }
    out
}

/// Returns one embedded type: the resource of that name, otherwise (or if `data`) the data source.
///
/// # Errors
/// If there is no such type.
pub fn find(name: &str, data: bool) -> Result<Arc<ResourceSchema>, Diagnostic> {
    let registry = Registry::embedded();
    let kinds: &[ResourceKind] =
        if data { &[ResourceKind::Data] } else { &[ResourceKind::Managed, ResourceKind::Data] };
    let wanted = name.strip_prefix("data.").unwrap_or(name);
    if let Some(found) = kinds.iter().find_map(|kind| registry.resource(*kind, wanted)) {
        return Ok(found);
    }
    let known = kinds.iter().flat_map(|kind| registry.type_names(*kind)).map(|name| &**name);
    Err(Diagnostic::error(
        Code::UnknownResourceType,
        format!("there is no resource type or data source `{name}`"),
    )
    .hint(did_you_mean(wanted, known).unwrap_or_else(|| "`queueform schema show` lists them".to_owned())))
}

/// Checks all schema files below a directory, against each other too.
#[must_use]
pub fn check(directory: &Path) -> CheckedSchemas {
    let mut registry = Registry::default();
    let mut files = Vec::new();
    if let Err(error) = read(directory, "", &mut files) {
        let summary = format!("cannot read the schemas in `{}`", directory.display());
        let diagnostics = Diagnostic::error(Code::FileAccess, summary).detail(error.to_string()).into();
        return CheckedSchemas { files: 0, diagnostics, registry };
    }
    if files.is_empty() {
        let summary = format!("there are no schema files in `{}`", directory.display());
        let hint = "schemas are `PROVIDER/provider.hcl`, `PROVIDER/TYPE.hcl` and `PROVIDER/data/TYPE.hcl`";
        let diagnostics = Diagnostic::error(Code::InvalidSchema, summary).hint(hint).into();
        return CheckedSchemas { files: 0, diagnostics, registry };
    }
    let diagnostics = registry.add_files(&files);
    CheckedSchemas { files: files.len(), diagnostics, registry }
}

fn read(directory: &Path, below: &str, files: &mut Vec<SchemaFile>) -> io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{below}{name}/"), files)?;
        } else if name.ends_with(".hcl") {
            let text = fs::read_to_string(entry.path())?;
            files.push(SchemaFile { path: Arc::from(format!("{below}{name}")), text: Arc::from(text) });
        }
    }
    Ok(())
}
