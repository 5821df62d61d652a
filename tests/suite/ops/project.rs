//! Opening a directory: what is missing, broken, newer or held by others.

use std::time::Duration;

use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::diag::Code;
use queueform::ops::init::InitRequest;
use queueform::ops::init::init;
use queueform::ops::lock;
use queueform::ops::place::Place as StatePlace;
use queueform::ops::place::PlaceOptions;
use queueform::ops::plan::now;
use queueform::ops::plan::plan;
use queueform::ops::project::Project;
use queueform::plan::PlanOptions;

use super::support::codes;
use super::support::data;
use super::support::emulated;
use super::support::open;
use super::support::options;
use super::support::planned;
use super::support::record;
use super::support::said;
use super::support::state_of;
use crate::support::Place;

const ONE: &str = "resource \"queueform_data\" \"a\" {\n  input = \"a\"\n}\n";

#[test]
fn a_directory_without_configuration_says_what_to_do() {
    let found = Project::open(options(&Place::new())).diagnostics;
    assert_eq!(codes(&found), [Code::NoConfiguration]);
    assert!(said(&found).contains("main.qf.hcl"), "{}", said(&found));
    let found = Project::open(options(&Place::with(&[("main.tf", "")]))).diagnostics;
    assert!(said(&found).contains("mv main.tf main.qf.hcl"), "{}", said(&found));
}

#[test]
fn broken_configurations_keep_their_texts() {
    let place = Place::with(&[("main.qf.hcl", "resource \"nothing\" \"a\" {}\n")]);
    let checked = Project::open(options(&place));
    assert!(checked.diagnostics.has_errors());
    assert_eq!(checked.output.unwrap().sources.iter().count(), 1);
}

#[tokio::test]
async fn damaged_and_newer_states_are_refused_and_left_alone() {
    let place = Place::with(&[("main.qf.hcl", ONE)]);
    for (text, code) in [
        ("{ \"version\": 4, \"serial\"", Code::StateCorrupt),
        ("{ \"version\": 5, \"serial\": 1, \"lineage\": \"x\" }", Code::StateTooNew),
    ] {
        place.write("queueform.state.json", text);
        let project = open(options(&place));
        let found = plan(&project, &PlanOptions::normal(), &now(), &Stop::never()).await.unwrap_err();
        assert_eq!(codes(&found), [code]);
        assert_eq!(place.read("queueform.state.json"), text);
    }
}

#[tokio::test]
async fn plans_need_no_lock_and_writers_do() {
    let place = Place::with(&[("main.qf.hcl", ONE)]);
    let state = state_of(place.path());
    assert_eq!(lock::show(&state).unwrap(), None);
    let held = state.open("queueform apply", &Stop::never()).unwrap();
    assert_eq!(lock::show(&state).unwrap().unwrap().command, "queueform apply".into());

    let seen = planned(&open(options(&place))).await;
    assert_eq!(codes(&seen.plan.diagnostics), [Code::StateLocked]);
    assert!(!seen.plan.diagnostics.has_errors());

    let found = state.open("queueform destroy", &Stop::never()).unwrap_err();
    assert_eq!(found.code, Code::StateLocked);
    assert!(found.detail.contains("queueform apply"), "{}", found.detail);

    // Waiting ends with the run.
    let patient = PlaceOptions {
        directory: place.path().to_owned(),
        lock_timeout: Duration::from_mins(10),
        ..PlaceOptions::default()
    };
    let stopper = Stopper::default();
    stopper.stop();
    let found = StatePlace::find(patient).unwrap().open("queueform apply", &stopper.signal()).unwrap_err();
    assert_eq!(found.code, Code::Interrupted);
    drop(held);
    state.open("queueform destroy", &Stop::never()).unwrap();
}

#[tokio::test]
async fn the_header_names_the_state() {
    let place = Place::with(&[("main.qf.hcl", ONE)]);
    assert_eq!(planned(&open(options(&place))).await.state_text, "local, empty");
    record(&place, vec![data("queueform_data.a", "a", |_| {})]);
    assert_eq!(planned(&open(options(&place))).await.state_text, "local, serial 1");
    let mut staging = options(&place);
    staging.workspace = "staging".to_owned();
    assert_eq!(planned(&open(staging)).await.state_text, "local, workspace staging, empty");
    let mut bad = options(&place);
    bad.workspace = "../up".to_owned();
    assert_eq!(codes(&Project::open(bad).diagnostics), [Code::Usage]);
}

#[tokio::test]
async fn emulated_runs_have_a_state_of_their_own() {
    let place = Place::with(&[("main.qf.hcl", ONE)]);
    record(&place, vec![data("queueform_data.a", "a", |_| {})]);
    let project = open(emulated(&place));
    let trial = planned(&project).await;
    assert!(trial.state.is_empty());
    assert!(place.has(".queueform/emulator/data"));
    assert!(
        planned(&open(options(&place)))
            .await
            .plan
            .changes
            .iter()
            .all(|change| { change.action == queueform::plan::Action::NoOp })
    );
}

#[tokio::test]
async fn a_backend_names_the_file_of_the_state() {
    let with =
        |backend: &str| Place::with(&[("main.qf.hcl", &format!("queueform {{\n  {backend}\n}}\n{ONE}"))]);
    let place = with("backend \"local\" {\n    path = \"kept/here.json\"\n  }");
    record(&place, vec![data("queueform_data.a", "a", |_| {})]);
    assert!(place.has("kept/here.json") && !place.has("queueform.state.json"));
    assert_eq!(planned(&open(options(&place))).await.state_text, "local, serial 1");
    for (backend, code) in [
        ("backend \"paper\" {\n  }", Code::InvalidValue),
        ("backend \"local\" {\n    pat = \"x\"\n  }", Code::UnknownArgument),
        ("backend \"local\" {\n    path = [1]\n  }", Code::InvalidValue),
    ] {
        assert_eq!(codes(&Project::open(options(&with(backend))).diagnostics), [code], "{backend}");
    }
}

#[test]
fn init_makes_the_directory_of_working_data() {
    let place = Place::with(&[("main.qf.hcl", ONE)]);
    let checked = init(options(&place), &InitRequest::plain());
    assert!(checked.diagnostics.is_empty(), "{}", said(&checked.diagnostics));
    let made = checked.output.unwrap();
    assert!(made.created);
    assert_eq!(made.providers, [("queueform".to_owned(), 1)]);
    assert_eq!(made.state, "local, empty");
    assert!(made.next.iter().any(|next| next.contains("queueform plan")), "{:?}", made.next);
    assert!(place.read(".queueform/.gitignore").contains('*'));
    assert!(!init(options(&place), &InitRequest::plain()).output.unwrap().created);

    let broken = Place::with(&[("main.qf.hcl", "queueform {\n  required_version = \">= 99\"\n}\n")]);
    let checked = init(options(&broken), &InitRequest::plain());
    assert_eq!(codes(&checked.diagnostics), [Code::RequiredVersion]);
    assert!(!broken.has(".queueform"));
}
