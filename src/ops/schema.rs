//! Provider schemas: what there is, and whether files follow the rules.

use std::path::Path;
use std::sync::Arc;

use crate::config;
use crate::config::LoadOptions;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::SchemaFile;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::syntax::parse::parse_file;

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

/// Returns all schemas that a configuration in this directory can use: the built-in ones, and those that its
/// provider blocks name. What is wrong with the configuration is left out.
#[must_use]
pub fn known(directory: &Path) -> Registry {
    let mut registry = Registry::embedded();
    let options = LoadOptions { directory: directory.to_path_buf(), ..LoadOptions::default() };
    drop(config::load(&options, &mut registry, &mut SourceMap::new()));
    registry
}

/// Returns every resource type and data source, in order.
#[must_use]
pub fn all(registry: &Registry) -> Vec<Arc<ResourceSchema>> {
    let mut out = Vec::new();
    for kind in ResourceKind::ALL {
        out.extend(registry.type_names(*kind).filter_map(|name| registry.resource(*kind, name)));
    }
    out
}

/// Returns one type: the resource of that name, otherwise (or if `data`) the data source, the action or the ephemeral
/// resource.
///
/// # Errors
/// If there is no such type.
pub fn find(registry: &Registry, name: &str, data: bool) -> Result<Arc<ResourceSchema>, Diagnostic> {
    let kinds: &[ResourceKind] = if data { &[ResourceKind::Data] } else { ResourceKind::ALL };
    let wanted = ["data.", "action.", "ephemeral."]
        .into_iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
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

/// Checks all schema files below a directory, against each other too. It holds one provider (`provider.hcl` at its
/// top), or a directory for each.
#[must_use]
pub fn check(directory: &Path) -> CheckedSchemas {
    let mut registry = Registry::default();
    let files = match config::read_schemas(directory) {
        Ok(files) => files,
        Err(error) => {
            let summary = format!("cannot read the schemas in `{}`", directory.display());
            let diagnostics = Diagnostic::error(Code::FileAccess, summary).detail(error.to_string()).into();
            return CheckedSchemas { files: 0, diagnostics, registry };
        }
    };
    if files.is_empty() {
        let summary = format!("there are no schema files in `{}`", directory.display());
        let hint = "schemas are `PROVIDER/provider.hcl`, `PROVIDER/TYPE.hcl` and `PROVIDER/data/TYPE.hcl`";
        let diagnostics = Diagnostic::error(Code::InvalidSchema, summary).hint(hint).into();
        return CheckedSchemas { files: 0, diagnostics, registry };
    }
    let own = files.iter().find(|(path, _)| path == "provider.hcl");
    let diagnostics = if let Some((_, text)) = own {
        let shown = directory.display().to_string();
        registry.add_provider_files(&declared(text), shown.trim_end_matches('/'), &files)
    } else {
        let file = |(path, text): &(String, String)| SchemaFile {
            path: path.as_str().into(),
            text: text.as_str().into(),
        };
        registry.add_files(&files.iter().map(file).collect::<Vec<_>>())
    };
    CheckedSchemas { files: files.len(), diagnostics, registry }
}

/// The name of the provider that a file declares, as far as it can be told.
fn declared(text: &str) -> Arc<str> {
    let body = parse_file(SourceId(0), text).output;
    let block = body.and_then(|body| body.blocks.into_iter().find(|block| &*block.kind.value == "provider"));
    let label = block.and_then(|block| block.labels.first().map(|label| Arc::from(&*label.value)));
    label.unwrap_or_else(|| Arc::from("provider"))
}
