//! From a plan to its file.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;
use sha2::Digest as _;

use crate::addr::Mode;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::plan::Action;
use crate::plan::Change;
use crate::render::Look;
use crate::render::diag;
use crate::render::json;
use crate::render::plan as draw;
use crate::render::plan::PlanView;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::state::Digest;
use crate::state::envelope;
use crate::value::Value;
use crate::value::to_json;
use crate::value::type_to_json;

use super::super::plan::Planned;
use super::super::plan::json as plan_json;
use super::super::project::Project;
use super::decide::decisions;
use super::decide::plan_hash;
use super::decide::short_hash;
use super::decide::subject_of_change;
use super::directory::given_by;
use super::format::FORMAT;
use super::format::KIND;
use super::format::PlanFile;
use super::format::SavedDrawing;
use super::format::SavedOptions;
use super::format::SavedSecret;
use super::format::SavedSource;
use super::format::SavedVariable;
use super::format::SavedView;
use super::format::status_name;
use super::secrets;

/// The endings of configuration files; other texts of a run are variable files and values.
pub(super) const CONFIG: [&str; 2] = [".qf.hcl", ".qf.json"];

/// The widths that a saved plan is drawn for, and the one for what takes many lines.
const WIDTHS: &[usize] = &[60, 80, 100, 120, 160];
const WIDTH: usize = 100;

/// Makes the file of a plan. A plan that is denied or has errors is saved too, to be shown.
///
/// # Errors
/// If a value has no form that can be saved.
pub fn save(project: &Project, planned: &Planned) -> Result<String, Diagnostic> {
    save_for(project, planned, None)
}

/// Makes the file of a plan that is not applied any more after some time.
///
/// # Errors
/// As [`save`].
pub fn save_for(
    project: &Project,
    planned: &Planned,
    lifetime: Option<Duration>,
) -> Result<String, Diagnostic> {
    let mut file = file_of(project, planned)?;
    if let Some(lifetime) = lifetime {
        let made = planned.time.parse::<jiff::Timestamp>().map_err(|error| broken(&error))?;
        let expires: Arc<str> = match made.checked_add(lifetime) {
            Ok(expires) => expires.to_string().into(),
            Err(error) => return Err(broken(&error)),
        };
        if let Some(ours) = file.json.get_mut("queueform").and_then(Json::as_object_mut) {
            ours.insert("expires_at".to_owned(), Json::from(&*expires));
        }
        file.expires = Some(expires);
    }
    let text = envelope::wrap(KIND, FORMAT, &file).map_err(|error| broken(&error))?;
    match &project.place.encryption().plan {
        Some(ring) => ring.seal_plan(text).map_err(|problem| problem.about("the plan")),
        None => Ok(text),
    }
}

/// Writes a saved plan: all of it or nothing, readable for its owner alone.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), Diagnostic> {
    let put = || -> std::io::Result<()> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&partial).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.and_then(|()| std::fs::rename(&partial, path)).inspect_err(|_| {
            // The half of a file is of no use to anybody.
            std::fs::remove_file(&partial).ok();
        })
    };
    put().map_err(|error| {
        Diagnostic::error(Code::FileAccess, format!("cannot write the plan to `{}`: {error}", path.display()))
            .hint("choose another file with `--out FILE`")
    })
}

fn broken(error: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error(Code::Internal, format!("the plan cannot be saved: {error}"))
}

/// Returns the slow digest of a text that may be secret.
pub(super) fn digest(text: &str) -> Result<Digest, Diagnostic> {
    Digest::of(text).map_err(|error| broken(&error))
}

/// Returns what stands for the content of a file: slow digests take short texts.
pub(super) fn content(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn file_of(project: &Project, planned: &Planned) -> Result<PlanFile, Diagnostic> {
    let plan = &planned.plan;
    let hash = plan_hash(plan);
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let mut files = BTreeMap::new();
    for (path, bytes) in project.working_files().map(super::super::WorkingFiles::contents).unwrap_or_default()
    {
        files.insert(path, digest(&content(&bytes))?);
    }
    let (variables, secrets) = variables(project)?;
    Ok(PlanFile {
        id: format!("{}-{unique}", short_hash(&hash)).into(),
        hash,
        time: Arc::clone(&planned.time),
        expires: None,
        workspace: project.place.workspace().to_owned(),
        emulated: project.is_emulated(),
        status: status_name(plan.status).to_owned(),
        options: SavedOptions::of(&planned.options),
        lineage: planned.state.lineage.clone(),
        serial: planned.state.serial,
        modules: project
            .config
            .modules
            .values()
            .filter(|module| !module.is_local())
            .map(|module| (module.path.to_string(), module.directory.clone()))
            .collect(),
        sources: sources(project, planned)?,
        files,
        schemas: project
            .registry
            .written_by_users()
            .iter()
            .map(|(name, digest)| (name.to_string(), digest.to_string()))
            .collect(),
        variables,
        secrets,
        decisions: decisions(plan),
        relied_on: relied_on(&plan.changes, &project.registry),
        view: view(project, planned).map_err(|error| broken(&error))?,
        json: plan_json(project, planned),
    })
}

fn sources(project: &Project, planned: &Planned) -> Result<Vec<SavedSource>, Diagnostic> {
    let secret = secrets::sources_with_secrets(
        &project.config,
        &project.variables,
        &project.registry,
        &project.sources,
        &planned.plan,
    );
    let mut saved = Vec::new();
    for (id, file) in
        project.sources.iter().filter(|(_, file)| CONFIG.iter().any(|ending| file.name().ends_with(ending)))
    {
        let name = relative(file.name(), &project.options.directory);
        let (text, digest) = if secret.contains(&id) {
            (None, Some(digest(&content(file.text().as_bytes()))?))
        } else {
            (Some(file.text().to_string()), None)
        };
        saved.push(SavedSource { name, text, digest });
    }
    Ok(saved)
}

/// Returns the path of a source relative to the configuration, with `/`.
fn relative(name: &str, directory: &Path) -> String {
    let path = Path::new(name);
    let directory = directory.strip_prefix("./").unwrap_or(directory);
    let path = path.strip_prefix(directory).unwrap_or(path);
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

type Variables = (BTreeMap<String, SavedVariable>, BTreeMap<String, SavedSecret>);

fn variables(project: &Project) -> Result<Variables, Diagnostic> {
    let mut plain = BTreeMap::new();
    let mut secrets = BTreeMap::new();
    for (name, variable) in &project.variables.values {
        let value = &variable.value;
        let marks = value.marks_deep();
        if marks.is_none() {
            let ty = type_to_json(&value.ty());
            let value = to_json(value).map_err(|error| broken(&error))?;
            plain.insert(
                name.to_string(),
                SavedVariable { value, ty, given: Some(given_by(&variable.source)) },
            );
        } else {
            let digest = if marks.is_ephemeral() { None } else { Some(digest(&secret_text(value))?) };
            secrets.insert(name.to_string(), SavedSecret { digest });
        }
    }
    Ok((plain, secrets))
}

/// Returns the text of a secret value that its digest is made of.
pub(super) fn secret_text(value: &Value) -> String {
    let (plain, _) = value.clone().unmark_deep();
    to_json(&plain).map_or_else(|_| String::new(), |json| json.to_string())
}

/// Returns the objects that a plan changes, as they are: what may change by itself is left out.
pub(super) fn relied_on(changes: &[Change], registry: &Registry) -> BTreeMap<String, Json> {
    changes
        .iter()
        .filter(|change| change.action != Action::NoOp && change.action != Action::Read)
        .filter(|change| change.addr.resource.mode == Mode::Managed)
        .filter_map(|change| {
            let before = change.before.as_ref()?;
            let schema = registry.resource(ResourceKind::Managed, &change.addr.resource.kind);
            let mut shown = json::shown(before);
            if let (Some(schema), Some(fields)) = (&schema, shown.as_object_mut()) {
                fields.retain(|name, _| schema.attribute(name).is_none_or(|attribute| !attribute.volatile));
            }
            Some((subject_of_change(change), shown))
        })
        .collect()
}

fn view(project: &Project, planned: &Planned) -> Result<SavedView, std::fmt::Error> {
    let look = Look { colour: true, width: WIDTH };
    let draw = |full: bool, calls: bool, width: usize| {
        let look = Look { width, ..look };
        let mut text = String::new();
        let view = PlanView {
            plan: &planned.plan,
            registry: &project.registry,
            sources: &project.sources,
            state: &planned.state_text,
            full,
            calls,
        };
        draw::human(&mut text, &view, look).map(|()| text)
    };
    let mut findings = String::new();
    let sources = (&project.sources, &*project.registry);
    diag::human(&mut findings, &planned.plan.diagnostics, &sources, look)?;
    Ok(SavedView {
        findings,
        short: WIDTHS
            .iter()
            .map(|width| Ok(SavedDrawing { width: *width, text: draw(false, false, *width)? }))
            .collect::<Result<_, std::fmt::Error>>()?,
        short_calls: draw(false, true, WIDTH)?,
        full: draw(true, false, WIDTH)?,
        full_calls: draw(true, true, WIDTH)?,
    })
}
