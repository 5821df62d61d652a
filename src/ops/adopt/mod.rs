//! `adopt`: writes the configuration of objects that exist and that nobody manages here.
//!
//! Looks, and writes new files; the state is not touched. What is looked at follows from the schemas alone: their lists, their
//! identities, and which type is part of which.

mod selection;
mod visit;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::adopt;
use crate::adopt::File;
use crate::adopt::GroupBy;
use crate::adopt::References;
use crate::api::Stop;
use crate::config::Module;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::Severity;
use crate::plan::PlanMode;
use crate::plan::PlanOptions;
use crate::plan::PlanStatus;
use crate::plan::Refresh;
use crate::plan::Target;
use crate::state::State;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::generate::given;
use super::generate::references;
use super::generate::write_new;
use super::plan::now;
use super::plan::plan_on;
use super::project::Project;

/// What is to be adopted, and how it is written.
#[derive(Debug, Clone)]
pub struct AdoptRequest {
    /// What is looked for.
    pub what: What,
    /// `--in`: attributes that say where objects lie.
    pub scope: Vec<(String, String)>,
    /// `--only`: patterns of types, or of names.
    pub only: Vec<String>,
    /// The provider configuration, if it is not the default one.
    pub provider: Option<ProviderAddr>,
    /// How objects are put into files.
    pub group_by: GroupBy,
    /// Where files are written; the directory of the configuration if not given.
    pub directory: Option<PathBuf>,
    /// Whether anything is written.
    pub write: bool,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Everything of all provider configurations.
    Everything,
    /// All objects of the types that a pattern matches, with their parts.
    Types(String),
    /// These objects, with their parts.
    Objects {
        /// Their type.
        kind: String,
        /// Their ids.
        ids: Vec<String>,
    },
}

/// Why an object that is there is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// The state manages it already.
    Managed,
    /// It belongs to the service itself.
    System,
    /// Its name, or one that it grants access to, is not within `owns`.
    NotOwned,
    /// It never became usable.
    Broken,
    /// The service does not tell its id.
    Nameless,
    /// It is always there, and nothing about it is set.
    Unset,
}

/// An object with its address.
#[derive(Debug, Clone)]
pub struct AdoptedObject {
    /// The address.
    pub addr: InstanceAddr,
    /// The id.
    pub id: Arc<str>,
}

/// What was found and written.
#[derive(Debug, Clone, Default)]
pub struct Adopted {
    /// The files, with the directory if one was named.
    pub files: Vec<File>,
    /// The objects that they stand for.
    pub objects: Vec<AdoptedObject>,
    /// How many objects were left out, by type and reason.
    pub left_out: BTreeMap<(Name, LeftOut), usize>,
    /// Types whose objects cannot be listed, with what would tell which they are.
    pub unlisted: BTreeMap<Name, Vec<Name>>,
    /// What somebody should look at.
    pub notes: Vec<String>,
    /// Where it was looked.
    pub targets: BTreeMap<ProviderAddr, Target>,
    /// How many calls it took.
    pub reads: u64,
}

/// Finds what is to be adopted and writes its configuration.
///
/// # Errors
/// If it is not clear what is meant, something cannot be listed or read, or a file is there already. Nothing is written then.
pub async fn adopt(project: &Project, request: &AdoptRequest, stop: &Stop) -> Result<Adopted, Diagnostics> {
    let selection = selection::select(project, request)?;
    let before = project.place.view()?.recovered.state;
    let options = PlanOptions {
        mode: PlanMode::RefreshOnly,
        refresh: Refresh::None,
        configure: selection.providers.clone(),
        ..PlanOptions::normal()
    };
    let planned = plan_on(project, before, None, &options, &now(), stop).await?;
    if planned.plan.status == PlanStatus::Errored {
        let errors = planned.plan.diagnostics.into_iter();
        return Err(errors.filter(|item| item.severity == Severity::Error).collect());
    }
    let providers = project.providers()?;
    let reads = providers.stats().reads;
    let mut adopted = Adopted { targets: planned.plan.targets.clone(), ..Adopted::default() };
    let managed = managed(&planned.state);
    let mut visit = visit::Visit::new(project, &selection, &managed, &mut adopted);
    visit.run(providers, stop).await?;
    let mut estate = visit.into_estate();
    let directory = request.directory.clone().unwrap_or_default();
    estate.files = taken(&project.options.directory.join(directory));
    adopted.reads = providers.stats().reads.saturating_sub(reads);
    // Another directory has other names, and no addresses yet.
    let (module, references) = match &request.directory {
        None => (project.config.root.clone(), references(&planned.state, &project.registry)),
        Some(_) => (Module::default(), References::default()),
    };
    let document = adopt::document(&module, &estate, &given(&planned.plan), references, request.group_by);
    adopted.notes.extend(document.notes);
    for (kept, addr) in estate.kept.iter().zip(document.addresses) {
        match addr {
            Some(addr) => adopted.objects.push(AdoptedObject { addr, id: Arc::clone(&kept.id) }),
            None => {
                let place = (Arc::clone(&kept.schema.type_name), LeftOut::Unset);
                *adopted.left_out.entry(place).or_default() += 1;
            }
        }
    }
    adopted.files = document.files;
    if let Some(directory) = &request.directory {
        for file in &mut adopted.files {
            file.name = directory.join(&file.name).display().to_string();
        }
    }
    let files: Vec<(PathBuf, String)> =
        adopted.files.iter().map(|file| (PathBuf::from(&file.name), file.text.clone())).collect();
    if request.write {
        write_new(&project.options.directory, &files)?;
    }
    Ok(adopted)
}

/// Names of configuration files that `adopt` has not written.
fn taken(directory: &Path) -> BTreeSet<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return BTreeSet::new() };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.path(), entry.file_name().into_string().ok()?)))
        .filter(|(_, name)| name.ends_with(".qf.hcl"))
        .filter(|(path, _)| {
            let text = std::fs::read(path).unwrap_or_default();
            !text.starts_with(adopt::HEAD.as_bytes())
        })
        .map(|(_, name)| name)
        .collect()
}

/// What the state manages, by provider configuration, type and id.
fn managed(state: &State) -> BTreeSet<(ProviderAddr, Name, String)> {
    let mut managed = BTreeSet::new();
    for (addr, instance) in &state.resources {
        for (_, object) in instance.objects() {
            let id = object.attributes.text("id");
            if let Some(id) = id {
                managed.insert((instance.provider.clone(), Arc::clone(&addr.resource.kind), id));
            }
        }
    }
    managed
}

/// A finding about the command line.
fn usage(text: impl Into<String>, hint: impl Into<String>) -> Diagnostics {
    Diagnostic::error(Code::Usage, text).hint(hint).into()
}

/// Reads a text of an object.
fn text_of(object: &Value, name: &str) -> Option<Arc<str>> {
    let value = object.get(name)?.clone().unmark_deep().0;
    value.as_str().filter(|text| !text.is_empty()).cloned()
}
