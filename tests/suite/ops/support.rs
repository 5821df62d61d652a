//! Projects in directories of their own, and states made by hand.

use std::path::Path;
use std::sync::Arc;

use queueform::addr::InstanceAddr;
use queueform::addr::ProviderAddr;
use queueform::api::Stop;
use queueform::diag::Checked;
use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::ops::place::Place as StatePlace;
use queueform::ops::place::PlaceOptions;
use queueform::ops::plan::Planned;
use queueform::ops::plan::now;
use queueform::ops::plan::plan;
use queueform::ops::planfile;
use queueform::ops::planfile::PlanFile;
use queueform::ops::planfile::replan;
use queueform::ops::project::Emulate;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;
use queueform::plan::object_type;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;
use queueform::state::Attributes;
use queueform::state::Instance;
use queueform::state::Object;
use queueform::state::ObjectRef;
use queueform::state::journal::Put;
use queueform::state::journal::Record;
use queueform::state::journal::RunHeader;
use queueform::value::Value;

use crate::support::Place;

/// Options for a directory; nothing of this process is looked at.
pub(super) fn options(place: &Place) -> ProjectOptions {
    ProjectOptions { directory: place.path().to_owned(), ..ProjectOptions::default() }
}

/// The same with emulators.
pub(super) fn emulated(place: &Place) -> ProjectOptions {
    ProjectOptions { emulate: Emulate::Fresh, ..options(place) }
}

/// Opens a project that must be without errors.
pub(super) fn open(options: ProjectOptions) -> Project {
    sound(Project::open(options))
}

/// Returns a project that must be without errors.
pub(super) fn sound(checked: Checked<Project>) -> Project {
    assert!(!checked.diagnostics.has_errors(), "{:#?}", checked.diagnostics);
    checked.output.unwrap()
}

/// Plans everything.
pub(super) async fn planned(project: &Project) -> Planned {
    plan(project, &PlanOptions::normal(), &now(), &Stop::never()).await.unwrap()
}

/// Plans everything, saves the plan and reads it again.
pub(super) async fn saved(project: &Project) -> PlanFile {
    let text = planfile::save(project, &planned(project).await).unwrap();
    PlanFile::parse(&text).unwrap()
}

/// Opens the project of a saved plan and plans it again on the state as it is now.
pub(super) async fn again(file: &PlanFile, options: ProjectOptions) -> Result<Planned, Diagnostics> {
    let project = sound(file.project(options));
    let state = project.place.view().unwrap().recovered.state;
    replan(file, &project, state, None, &Stop::never()).await
}

/// The place of the state of a directory.
pub(super) fn state_of(directory: &Path) -> StatePlace {
    let options = PlaceOptions { directory: directory.to_owned(), ..PlaceOptions::default() };
    StatePlace::find(options).unwrap()
}

/// Writes records into the state of a directory.
pub(super) fn record(place: &Place, records: Vec<Record>) {
    let open = state_of(place.path()).open("test", &Stop::never()).unwrap();
    let header = RunHeader {
        id: "run".into(),
        lineage: open.ledger.state(|state| state.lineage.clone()),
        ..RunHeader::default()
    };
    let all = std::iter::once(Record::Run(header)).chain(records).collect();
    open.ledger.append(all).wait().unwrap();
    open.ledger.commit().unwrap();
}

/// A record that puts a `queueform_data` object into the state, changed as wanted.
pub(super) fn data(addr: &str, input: &str, change: impl FnOnce(&mut Object)) -> Record {
    let registry = Registry::embedded();
    let schema = registry.resource(ResourceKind::Managed, "queueform_data").unwrap();
    let value = Value::object([
        ("id", Value::string("00000000-0000-4000-8000-000000000001")),
        ("input", Value::string(input)),
        ("output", Value::string(input)),
        ("triggers_replace", Value::null()),
    ]);
    let mut object = Object::new(Attributes::encode(&value, &object_type(&schema), None).unwrap());
    change(&mut object);
    let addr: InstanceAddr = addr.parse().unwrap();
    let like =
        Instance::new(ProviderAddr { name: "queueform".into(), alias: None }, 1, schema.digest.to_string());
    Record::Put(Box::new(Put::new(ObjectRef::current(addr), &like, object)))
}

/// The codes of findings.
pub(super) fn codes(found: &Diagnostics) -> Vec<Code> {
    found.iter().map(|one| one.code).collect()
}

/// Everything that findings say.
pub(super) fn said(found: &Diagnostics) -> String {
    found.iter().map(|one| format!("{}\n{}\n{}\n", one.summary, one.detail, one.hints.join("\n"))).collect()
}

/// Shared text.
pub(super) fn text(text: &str) -> Arc<str> {
    Arc::from(text)
}
