//! `migrate`: a configuration of Terraform and its state as ours. The originals are only read.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::migrate::Companion;
use crate::migrate::Companions;
use crate::migrate::Converter;
use crate::migrate::MigratedFile;
use crate::migrate::MigratedState;
use crate::migrate::Migration;
use crate::migrate::Module;
use crate::migrate::Tables;
use crate::migrate::TerraformState;
use crate::migrate::as_native;
use crate::migrate::calls;
use crate::migrate::convert_state;
use crate::migrate::provider_blocks;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::state::Lineage;
use crate::syntax::parse::parse_file;

use super::place::Place;
use super::place::PlaceOptions;
use super::state;

/// The state that Terraform keeps beside a configuration.
const STATE: &str = "terraform.tfstate";

/// The file with what stands for objects of other providers.
const STANDINS: &str = "from-terraform.qf.hcl";

/// The file with provider blocks that Terraform did not need.
const PROVIDERS: &str = "providers.qf.hcl";

/// Most directories of modules.
const MOST_MODULES: usize = 1000;

/// What is migrated.
#[derive(Debug, Clone)]
pub struct MigrateRequest {
    /// The directory of Terraform's configuration.
    pub directory: PathBuf,
    /// Where ours goes; beside the other one if left out.
    pub into: Option<PathBuf>,
    /// Terraform's state; `terraform.tfstate` in the directory, if that exists.
    pub state: Option<PathBuf>,
    /// Write nothing.
    pub dry_run: bool,
    /// How the place of our state is found.
    pub place: PlaceOptions,
}

/// Migrates a configuration and its state.
///
/// # Errors
/// If there is nothing to migrate, something cannot be read, a file would be overwritten, or there is a state already.
pub fn migrate(request: &MigrateRequest) -> Result<Migration, (Diagnostics, SourceMap)> {
    let mut sources = SourceMap::new();
    match run(request, &mut sources) {
        Ok(migration) => Ok(Migration { sources, ..migration }),
        Err(found) => Err((found, sources)),
    }
}

fn run(request: &MigrateRequest, sources: &mut SourceMap) -> Result<Migration, Diagnostics> {
    let tables = Tables::embedded()?;
    let (state_name, terraform) = terraform_state(request)?;
    let mut notes = Diagnostics::new();
    let directories = modules(&request.directory, &tables, sources)?;
    let converter = Converter { tables: &tables, state: terraform.as_ref() };
    let mut migration = Migration {
        files: Vec::new(),
        converted: 0,
        left: 0,
        state: None,
        notes: Diagnostics::new(),
        sources: SourceMap::new(),
        is_dry: request.dry_run,
    };
    let (mut used, mut configured) = (BTreeSet::new(), BTreeSet::new());
    let mut companions = Companions::new();
    for (directory, found) in &directories {
        let files = converter.module(&found.module, &mut notes);
        migration.converted += files.converted;
        migration.left += files.left;
        used.extend(files.providers);
        configured.extend(files.configured);
        for found_here in &files.companions {
            for address in &found.module.addresses {
                let Companion { kind, name, block, keys } = found_here.clone();
                companions.insert((address.clone(), kind, name, block), keys);
            }
        }
        for ((_, name), text) in found.names.iter().zip(files.texts) {
            let Some(text) = text else { continue };
            let to = directory.join(renamed(name, &found.names));
            migration.files.push(MigratedFile {
                from: Some(shown(&directory.join(name))),
                to: shown(&to),
                text,
            });
        }
        if let Some(text) = files.standins {
            migration.files.push(MigratedFile { from: None, to: shown(&directory.join(STANDINS)), text });
        }
    }
    if notes.has_errors() {
        return Err(notes);
    }
    let missing: BTreeSet<String> = used.difference(&configured).cloned().collect();
    if let Some(text) = provider_blocks(&tables, &missing) {
        migration.files.push(MigratedFile { from: None, to: PROVIDERS.to_owned(), text });
    }
    migration.files.extend(variable_files(&request.directory)?);
    let root = request.into.as_ref().unwrap_or(&request.directory);
    let mut document = None;
    if let Some(terraform) = &terraform {
        let lineage = Lineage::random().0;
        let registry = Registry::embedded();
        let converted = convert_state(terraform, &tables, &registry, &lineage, &companions, &mut notes);
        document = Some(converted.document.to_string());
        migration.state = Some(MigratedState {
            from: state_name,
            objects: converted.objects,
            outputs: converted.outputs,
            left: converted.left,
        });
    }
    notes.sort();
    migration.notes = notes;
    refuse_overwriting(root, &migration.files)?;
    if request.dry_run {
        return Ok(migration);
    }
    for file in &migration.files {
        write(&root.join(&file.to), &file.text)
            .map_err(|error| cannot("write", &root.join(&file.to), &error))?;
    }
    if let Some(document) = document {
        let place = Place::find(PlaceOptions { directory: root.clone(), ..request.place.clone() })?;
        let is_empty = place.view()?.recovered.state.lineage.0.is_empty();
        if !is_empty {
            return Err(Diagnostic::error(Code::StateMoved, "there is a state here already")
                .detail("The configuration was written, and the state was left as it is.")
                .hint("migrate into another directory with `--dir`, or into a new workspace")
                .into());
        }
        state::push(&place, document.as_bytes(), false, &Stop::never())?;
    }
    Ok(migration)
}

/// Reads Terraform's state, if there is one.
fn terraform_state(request: &MigrateRequest) -> Result<(String, Option<TerraformState>), Diagnostic> {
    let beside = request.directory.join(STATE);
    let path = match &request.state {
        Some(path) => path.clone(),
        None if beside.exists() => beside,
        None => return Ok((String::new(), None)),
    };
    let name = shown(&path);
    let text = fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))?;
    let state = TerraformState::read(&name, &text)?;
    Ok((name, Some(state)))
}

/// The files of one directory, by their names.
struct Found {
    module: Module,
    names: Vec<(usize, String)>,
}

/// Finds the modules of a configuration: the root, and what lies below relative sources.
fn modules(
    root: &Path,
    tables: &Tables,
    sources: &mut SourceMap,
) -> Result<BTreeMap<PathBuf, Found>, Diagnostics> {
    let mut found: BTreeMap<PathBuf, Found> = BTreeMap::new();
    let mut open = vec![(PathBuf::new(), String::new())];
    while let Some((directory, address)) = open.pop() {
        if let Some(known) = found.get_mut(&directory) {
            if !known.module.addresses.contains(&address) && known.module.addresses.len() < MOST_MODULES {
                known.module.addresses.push(address.clone());
                let inner = inner_calls(&known.module, &directory, &address);
                open.extend(inner);
            }
            continue;
        }
        let mut module = Module { addresses: vec![address.clone()], files: Vec::new() };
        let mut names = Vec::new();
        for name in list(&root.join(&directory))? {
            let path = root.join(&directory).join(&name);
            let is_json = name.ends_with(".tf.json");
            if !(is_json || name.ends_with(".tf")) || name.starts_with('.') {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))?;
            let written = shown(&directory.join(&name));
            let source = sources.add(written.as_str(), text.as_str());
            // What is told of a file in JSON is told of its native form.
            let (source, text) = if is_json {
                let native = as_native(tables, source, &text)?;
                (sources.add(format!("{written} as HCL"), native.as_str()), native)
            } else {
                (source, text)
            };
            names.push((module.files.len(), name));
            module.files.push((source, text));
        }
        if module.files.is_empty() && directory.as_os_str().is_empty() {
            return Err(Diagnostic::error(
                Code::NoConfiguration,
                format!("there are no `*.tf` files in `{}`", root.display()),
            )
            .hint("run it in the directory of Terraform's configuration, or name it with `--chdir=DIR`")
            .into());
        }
        if found.len() >= MOST_MODULES {
            return Err(Diagnostic::error(
                Code::TooLarge,
                format!("there are more than {MOST_MODULES} modules"),
            )
            .into());
        }
        open.extend(inner_calls(&module, &directory, &address));
        found.insert(directory, Found { module, names });
    }
    Ok(found)
}

/// Returns the modules that a module calls: their directories and addresses.
fn inner_calls(module: &Module, directory: &Path, address: &str) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    for (source, text) in &module.files {
        let Some(body) = parse_file(*source, text).output else { continue };
        for (name, path) in calls(&body) {
            let prefix = if address.is_empty() { String::new() } else { format!("{address}.") };
            all.push((joined(directory, &path), format!("{prefix}module.{name}")));
        }
    }
    all
}

/// Joins paths by their names alone: `a/b` and `../c` are `a/c`.
fn joined(directory: &Path, path: &str) -> PathBuf {
    let mut parts: Vec<Component<'_>> = directory.components().collect();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(parts.last(), Some(Component::Normal(_))) => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.into_iter().collect()
}

/// Files with values of variables, as they are but for their names.
fn variable_files(root: &Path) -> Result<Vec<MigratedFile>, Diagnostic> {
    let mut found = Vec::new();
    for name in list(root)? {
        let to = match name.as_str() {
            "terraform.tfvars" => "queueform.qfvars.hcl".to_owned(),
            "terraform.tfvars.json" => "queueform.qfvars.json".to_owned(),
            other => match (other.strip_suffix(".tfvars"), other.strip_suffix(".tfvars.json")) {
                (Some(stem), _) => format!("{stem}.qfvars.hcl"),
                (None, Some(stem)) => format!("{stem}.qfvars.json"),
                (None, None) => continue,
            },
        };
        let path = root.join(&name);
        let text = fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))?;
        found.push(MigratedFile { from: Some(name), to, text });
    }
    Ok(found)
}

/// The names of the files of a directory, in order.
fn list(directory: &Path) -> Result<Vec<String>, Diagnostic> {
    let shown = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let entries = fs::read_dir(shown).map_err(|error| cannot("read", shown, &error))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| cannot("read", shown, &error))?;
        if entry.path().is_file()
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The name of a file here; `all` are those of its directory.
fn renamed(name: &str, all: &[(usize, String)]) -> String {
    match name.strip_suffix(".tf.json") {
        // There is one of the same name that is not in JSON.
        Some(stem) if all.iter().any(|(_, other)| *other == format!("{stem}.tf")) => {
            format!("{stem}-json.qf.hcl")
        }
        Some(stem) => format!("{stem}.qf.hcl"),
        None => format!("{}.qf.hcl", name.strip_suffix(".tf").unwrap_or(name)),
    }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// A file that is there and says something else is not overwritten.
fn refuse_overwriting(root: &Path, files: &[MigratedFile]) -> Result<(), Diagnostics> {
    let mut found = Diagnostics::new();
    for file in files {
        let path = root.join(&file.to);
        if path.exists() && !fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
            found.push(
                Diagnostic::error(Code::FileAccess, format!("`{}` exists already", shown(&path)))
                    .detail("Nothing was written.")
                    .hint("move it away, or write into another directory with `--dir`"),
            );
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Writes a new file as a whole.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let mut file = fs::File::create(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, path)
}

fn cannot(verb: &str, path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::FileAccess, format!("cannot {verb} `{}`", path.display()))
        .detail(error.to_string())
}
