//! `plan --generate-config-out FILE`: writes the blocks that `import` blocks name and that nobody has written yet.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::addr::ProviderAddr;
use crate::adopt;
use crate::adopt::Found;
use crate::adopt::Generated;
use crate::adopt::References;
use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::Severity;
use crate::plan::Plan;
use crate::plan::PlanOptions;
use crate::plan::PlanStatus;
use crate::plan::Refresh;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::state::State;
use crate::value::Value;

use super::plan::now;
use super::plan::plan;
use super::project::Project;

/// Looks for the objects of all imports that have no block, and writes their blocks into a new file of the configuration.
/// The project is opened with placeholders. Nothing is written if no block is missing.
///
/// # Errors
/// If the file is there already or is none of the configuration, an object cannot be found, or the file cannot be written.
pub async fn generate(project: &Project, path: &Path, stop: &Stop) -> Result<Option<Generated>, Diagnostics> {
    refuse(&project.options.directory, path)?;
    if !project.config.root.resources.values().any(|resource| resource.is_placeholder) {
        return Ok(None);
    }
    // What the state has is compared by the plan that follows.
    let options = PlanOptions { refresh: Refresh::None, ..PlanOptions::normal() };
    let planned = plan(project, &options, &now(), stop).await?;
    if planned.plan.status == PlanStatus::Errored {
        let errors = planned.plan.diagnostics.into_iter();
        return Err(errors.filter(|item| item.severity == Severity::Error).collect());
    }
    let found = found(project, &planned.plan);
    if found.is_empty() {
        return Ok(None);
    }
    let references = references(&planned.state, &project.registry);
    let generated = adopt::generate(&project.config.root, &found, &given(&planned.plan), references);
    write_new(&project.options.directory, &[(path.to_path_buf(), generated.text.clone())])?;
    Ok(Some(generated))
}

/// The objects that were found for placeholders.
fn found(project: &Project, plan: &Plan) -> Vec<Found> {
    let changes = plan.changes.iter().filter(|change| {
        let resource = project.config.resource(&change.addr.resource);
        resource.is_some_and(|resource| resource.is_placeholder)
    });
    changes
        .filter_map(|change| {
            let schema = project.registry.resource(ResourceKind::Managed, &change.addr.resource.kind)?;
            Some(Found {
                addr: change.addr.clone(),
                schema,
                provider: change.provider.clone(),
                id: change.importing.as_deref()?.into(),
                value: change.after.clone()?,
            })
        })
        .collect()
}

/// Returns what the state manages, to be referred to.
pub(super) fn references(state: &State, registry: &Registry) -> References {
    let mut references = References::default();
    for (addr, instance) in &state.resources {
        let Some(schema) = registry.resource(ResourceKind::Managed, &addr.resource.kind) else { continue };
        let value = instance.current.as_ref().and_then(|object| object.value(&schema.object_type).ok());
        let id = value.as_ref().and_then(|value| value.get("id")).and_then(Value::as_str);
        if let Some(id) = id {
            references.add(&schema, addr, id);
        }
    }
    references
}

/// Returns the arguments of the provider configurations that a plan has set up.
pub(super) fn given(plan: &Plan) -> BTreeMap<ProviderAddr, Value> {
    plan.targets.iter().map(|(addr, target)| (addr.clone(), target.value())).collect()
}

/// Refuses a file that is there, and one that would not be read.
fn refuse(directory: &Path, path: &Path) -> Result<(), Diagnostic> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stands_in = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    let is_here = directory.join(stands_in).canonicalize().ok() == directory.canonicalize().ok();
    if !is_here || !name.ends_with(".qf.hcl") || name == ".qf.hcl" {
        let shown = path.display();
        return Err(Diagnostic::error(
            Code::Usage,
            format!("`{shown}` would be no file of the configuration"),
        )
        .hint("name a file beside the others that ends in `.qf.hcl`, such as `generated.qf.hcl`"));
    }
    let path = directory.join(path);
    if path.symlink_metadata().is_ok() { Err(exists(&path)) } else { Ok(()) }
}

fn exists(path: &Path) -> Diagnostic {
    let shown = path.strip_prefix(".").unwrap_or(path).display();
    Diagnostic::error(Code::FileAccess, format!("`{shown}` exists already"))
        .detail("Generated configuration is never written over what somebody has written.")
        .hint("name another file, or move this one away")
}

/// Writes files that are not there yet, all or none of them; paths are relative to the directory.
pub(super) fn write_new(directory: &Path, files: &[(PathBuf, String)]) -> Result<(), Diagnostic> {
    if let Some((path, _)) = files.iter().find(|(path, _)| directory.join(path).symlink_metadata().is_ok()) {
        return Err(exists(path));
    }
    let mut written: Vec<PathBuf> = Vec::new();
    for (path, text) in files {
        let full = directory.join(path);
        let put = || -> std::io::Result<()> {
            if let Some(parent) = full.parent() {
                std::fs::create_dir_all(parent)?;
            }
            let mut file = OpenOptions::new().write(true).create_new(true).open(&full)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        let Err(error) = put() else {
            written.push(full);
            continue;
        };
        if error.kind() != ErrorKind::AlreadyExists {
            written.push(full);
        }
        for path in written {
            // A part of it is of no use to anybody.
            std::fs::remove_file(path).ok();
        }
        return Err(match error.kind() {
            ErrorKind::AlreadyExists => exists(path),
            _ => Diagnostic::error(Code::FileAccess, format!("cannot write `{}`: {error}", path.display())),
        });
    }
    Ok(())
}
