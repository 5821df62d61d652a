//! Saved plans: what they hold, what makes them stale, what they must not hold.

use std::sync::Arc;

use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::apply::Event;
use queueform::config::VariableInput;
use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::plan::Planned;
use queueform::ops::plan::plan;
use queueform::ops::planfile;
use queueform::ops::planfile::PlanFile;
use queueform::ops::planfile::plan_hash;
use queueform::ops::project::ProjectOptions;
use queueform::ops::show;
use queueform::plan::Action;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;
use queueform::render::Look;
use queueform::schema::Registry;
use queueform::state::envelope;
use queueform::state::journal::Record;

use super::support::again;
use super::support::codes;
use super::support::data;
use super::support::emulated;
use super::support::open;
use super::support::options;
use super::support::planned;
use super::support::record;
use super::support::said;
use super::support::saved;
use super::support::sound;
use super::support::text;
use crate::support::Place;

const TWO: &str = r#"
variable "release" {
  type    = string
  default = "one"
}
resource "queueform_data" "a" {
  input = "a ${var.release}"
}
resource "queueform_data" "b" {
  input = "b"
}
output "release" {
  value = queueform_data.a.output
}
"#;

#[tokio::test]
async fn a_saved_plan_is_shown_and_planned_again_without_the_directory() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    let mut with_variable = options(&place);
    with_variable.variables.push(("release".to_owned(), "two".to_owned()));
    let project = open(with_variable);
    let first = planned(&project).await;
    assert_eq!(first.plan.status, PlanStatus::Complete);
    let path = place.path().join("saved.plan");
    planfile::write(&path, &planfile::save(&project, &first).unwrap()).unwrap();

    // Neither the configuration nor the environment of the plan is there any more.
    std::fs::remove_file(place.path().join("main.qf.hcl")).unwrap();
    let file = PlanFile::read(&path).unwrap();
    assert_eq!(file.hash(), plan_hash(&first.plan));
    assert_eq!(file.short_hash().len(), 8);
    let second = again(&file, options(&place)).await.unwrap();
    assert_eq!(plan_hash(&second.plan), file.hash());
    assert_eq!(second.time, first.time);

    let registry = Registry::embedded();
    let shown = show::file(&path, &queueform::ops::place::PlaceOptions::default()).unwrap();
    let json = shown.json(&registry);
    assert_eq!(json["format_version"], "1.2");
    assert_eq!(json["resource_changes"][0]["change"]["after"]["input"], "a two");
    let human = shown.human(&registry, true, false, Look::plain());
    assert!(human.contains("queueform_data.a") && human.contains("a two"), "{human}");
    assert!(!human.contains('\u{1b}'), "{human}");
    assert!(shown.human(&registry, true, false, Look { colour: true, width: 80 }).contains('\u{1b}'));
}

#[cfg(unix)]
#[tokio::test]
async fn a_saved_plan_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    let project = open(options(&place));
    let path = place.path().join("saved.plan");
    planfile::write(&path, &planfile::save(&project, &planned(&project).await).unwrap()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let found = planfile::write(&place.path().join("none/saved.plan"), "").unwrap_err();
    assert_eq!(found.code, Code::FileAccess);
}

#[tokio::test]
async fn the_hash_covers_decisions_and_not_observations() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    let project = open(options(&place));
    let first = plan(&project, &PlanOptions::normal(), "2026-01-02T03:04:05Z", &Stop::never()).await.unwrap();
    let later = plan(&project, &PlanOptions::normal(), "2027-01-02T03:04:05Z", &Stop::never()).await.unwrap();
    assert_eq!(plan_hash(&first.plan), plan_hash(&later.plan));
    // Files of equal plans are different plans all the same.
    let one = PlanFile::parse(&planfile::save(&project, &first).unwrap()).unwrap();
    let two = PlanFile::parse(&planfile::save(&project, &later).unwrap()).unwrap();
    assert_eq!(one.hash(), two.hash());
    assert_ne!(one.id(), two.id());

    place.write("main.qf.hcl", &TWO.replace("\"b\"\n}", "\"c\"\n}"));
    let other = planned(&open(options(&place))).await;
    assert_ne!(plan_hash(&first.plan), plan_hash(&other.plan));
}

#[tokio::test]
async fn a_change_of_what_is_planned_makes_it_stale_and_other_changes_do_not() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    record(&place, vec![data("queueform_data.b", "b", |_| {})]);
    let file = saved(&open(options(&place))).await;

    // Another object, and a new serial.
    record(&place, vec![Record::Step { plan: text("other"), step: 1 }]);
    again(&file, options(&place)).await.unwrap();

    record(&place, vec![data("queueform_data.a", "somebody else's", |_| {})]);
    let found = again(&file, options(&place)).await.unwrap_err();
    assert_eq!(codes(&found), [Code::PlanStale]);
    let said = said(&found);
    assert!(said.contains("queueform_data.a: planned to create, now to update"), "{said}");
    assert!(!said.contains("queueform_data.b"), "{said}");
    assert!(said.contains("queueform plan --out FILE"), "{said}");
}

#[tokio::test]
async fn an_object_that_is_not_what_the_plan_relies_on_makes_it_stale() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    record(&place, vec![data("queueform_data.a", "old", |_| {}), data("queueform_data.b", "b", |_| {})]);
    let file = saved(&open(options(&place))).await;
    record(&place, vec![data("queueform_data.a", "older", |_| {})]);
    let found = again(&file, options(&place)).await.unwrap_err();
    let said = said(&found);
    assert!(said.contains("`input` was \"old\", is \"older\""), "{said}");
}

#[tokio::test]
async fn an_interrupted_apply_goes_on_and_a_finished_one_is_refused() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    let file = saved(&open(options(&place))).await;
    let step = Record::Step { plan: Arc::clone(file.id()), step: 0 };
    record(&place, vec![data("queueform_data.b", "b", |_| {}), step]);
    let rest = again(&file, options(&place)).await.unwrap();
    let open: Vec<String> = rest
        .plan
        .changes
        .iter()
        .filter(|change| change.action != Action::NoOp)
        .map(|change| change.addr.to_string())
        .collect();
    assert_eq!(open, ["queueform_data.a"]);

    record(&place, vec![data("queueform_data.a", "a one", |_| {})]);
    record(&place, vec![Record::Complete { plan: Arc::clone(file.id()) }]);
    let found = again(&file, options(&place)).await.unwrap_err();
    assert_eq!(codes(&found), [Code::PlanStale]);
    assert!(said(&found).contains("was applied already"), "{}", said(&found));
}

#[tokio::test]
async fn a_resumed_plan_does_nothing_that_was_not_planned() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    let file = saved(&open(options(&place))).await;
    let step = Record::Step { plan: Arc::clone(file.id()), step: 0 };
    record(&place, vec![data("queueform_data.b", "b", |_| {}), data("queueform_data.c", "c", |_| {}), step]);
    let found = again(&file, options(&place)).await.unwrap_err();
    assert!(
        said(&found).contains("queueform_data.c: not in the saved plan, now to delete"),
        "{}",
        said(&found)
    );
}

#[tokio::test]
async fn a_plan_for_another_state_is_refused() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    record(&place, vec![data("queueform_data.b", "b", |_| {})]);
    let file = saved(&open(options(&place))).await;
    std::fs::remove_file(place.path().join("queueform.state.json")).unwrap();
    record(&place, vec![data("queueform_data.b", "b", |_| {})]);
    let found = again(&file, options(&place)).await.unwrap_err();
    assert!(said(&found).contains("another state"), "{}", said(&found));
}

#[tokio::test]
async fn a_denied_plan_is_saved_and_shown_and_not_applied() {
    let place = Place::with(&[("main.qf.hcl", "")]);
    record(&place, vec![data("queueform_data.a", "a", |object| object.prevent_destroy = true)]);
    let project = open(options(&place));
    let denied = planned(&project).await;
    assert_eq!(denied.plan.status, PlanStatus::Denied);
    let file = PlanFile::parse(&planfile::save(&project, &denied).unwrap()).unwrap();
    assert!(!file.is_applicable());
    assert_eq!(file.status(), "denied");
    assert_eq!(file.json()["applyable"], false);
    let human = file.human(false, false, Look::plain());
    assert!(human.contains("queueform_data.a") && human.contains("cannot be applied"), "{human}");
    let found = again(&file, options(&place)).await.unwrap_err();
    assert_eq!(codes(&found), [Code::PlanFile]);
    assert!(said(&found).contains("it is denied"), "{}", said(&found));
}

#[tokio::test]
async fn files_that_are_no_sound_plans_are_named() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    let project = open(options(&place));
    let text = planfile::save(&project, &planned(&project).await).unwrap();
    let newer = envelope::wrap("plan", 99, &serde_json::json!({})).unwrap();
    let odd = envelope::wrap("plan", 1, &serde_json::json!({ "id": "x" })).unwrap();
    let cases: &[(&str, &[u8], &str)] = &[
        (
            "changed",
            text.replace("queueform_data.a", "queueform_data.x").leak().as_bytes(),
            "changed or cut off",
        ),
        ("cut", text.get(..text.len() / 2).unwrap().as_bytes(), "changed or cut off"),
        ("terraform", b"PK\x03\x04\xff\xfe", "not a plan saved by Queueform"),
        ("json", b"{\"format_version\":\"1.2\"}", "not a plan saved by Queueform"),
        ("empty", b"", "not a plan saved by Queueform"),
        ("newer", newer.as_bytes(), "newer format"),
        ("odd", odd.as_bytes(), "cannot be used"),
    ];
    for (name, bytes, expected) in cases {
        let path = place.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let found = PlanFile::read(&path).unwrap_err();
        assert_eq!(found.code, Code::PlanFile, "{name}");
        assert!(found.summary.contains(expected), "{name}: {}", found.summary);
        assert!(!found.hints.is_empty(), "{name}");
    }
    let found = PlanFile::read(&place.path().join("missing")).unwrap_err();
    assert_eq!(found.code, Code::PlanFile);
}

#[tokio::test]
async fn emulated_and_real_plans_are_not_mixed_up() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    let real = saved(&open(options(&place))).await;
    let trial = saved(&open(emulated(&place))).await;
    assert!(trial.is_emulated() && !real.is_emulated());
    again(&trial, emulated(&place)).await.unwrap();
    for (file, options, expected) in
        [(&real, emulated(&place), "leave `--emulate` out"), (&trial, options(&place), "add `--emulate`")]
    {
        let checked = file.project(options);
        assert_eq!(codes(&checked.diagnostics), [Code::PlanFile]);
        assert!(said(&checked.diagnostics).contains(expected), "{}", said(&checked.diagnostics));
    }
    let mut other = options(&place);
    other.workspace = "staging".to_owned();
    assert_eq!(codes(&real.project(other).diagnostics), [Code::PlanFile]);
}

/// A configuration in which a secret comes in every way it can.
const SECRETS: &str = r#"
provider "dms" {
  cloud  = "sbercloud"
  region = "ru-moscow-1"
}
variable "secret" {
  type      = string
  sensitive = true
}
variable "passing" {
  type      = string
  ephemeral = true
  default   = "nothing"
}
resource "dms_rocketmq_instance" "main" {
  name               = "main"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
  enable_acl         = true
}
resource "dms_rocketmq_user" "app" {
  instance_id        = dms_rocketmq_instance.main.id
  access_key         = "orders-api"
  secret_key         = var.secret
  secret_key_version = 1
}
resource "queueform_data" "note" {
  input = "the secret is ${var.secret}"
}
output "secret" {
  value     = "it is ${var.secret}"
  sensitive = true
}
"#;

/// A file with secrets in clear.
const WRITTEN: &str = r#"
resource "dms_rocketmq_user" "written" {
  instance_id        = dms_rocketmq_instance.main.id
  access_key         = "billing-worker"
  secret_key         = local.written
  secret_key_version = 1
}
locals {
  written = "Canary-Written-2"
}
"#;

fn with_secret(options: ProjectOptions, value: &str) -> ProjectOptions {
    let given = VariableInput::Text { name: "secret".to_owned(), text: value.to_owned() };
    ProjectOptions { arguments: vec![given], ..options }
}

#[tokio::test]
async fn no_secret_is_in_a_saved_plan() {
    let place = Place::with(&[
        ("main.qf.hcl", SECRETS),
        ("written.qf.hcl", WRITTEN),
        ("default.qf.hcl", "variable \"d\" {\n  default = \"Canary-Default-3\"\n  sensitive = true\n}\n"),
    ]);
    let project = open(with_secret(emulated(&place), "Canary-Given-1"));
    let first = planned(&project).await;
    assert_eq!(first.plan.status, PlanStatus::Complete, "{}", said(&first.plan.diagnostics));
    let saved = planfile::save(&project, &first).unwrap();
    drop(project);
    assert!(!saved.contains("Canary"), "{}", saved.split("Canary").next().unwrap().len());
    let file = PlanFile::parse(&saved).unwrap();
    assert_eq!(file.secret_variables().collect::<Vec<_>>(), ["d", "passing", "secret"]);

    again(&file, with_secret(emulated(&place), "Canary-Given-1")).await.unwrap();

    let found = file.project(emulated(&place)).diagnostics;
    assert_eq!(codes(&found), [Code::MissingVariable]);
    assert!(said(&found).contains("QF_VAR_secret"), "{}", said(&found));

    let found = file.project(with_secret(emulated(&place), "Canary-Other-1")).diagnostics;
    assert_eq!(codes(&found), [Code::PlanStale]);
    assert!(!said(&found).contains("Canary"), "{}", said(&found));

    place.write("written.qf.hcl", &WRITTEN.replace("-2", "-4"));
    let found = file.project(with_secret(emulated(&place), "Canary-Given-1")).diagnostics;
    assert_eq!(codes(&found), [Code::PlanStale]);
    assert!(said(&found).contains("`written.qf.hcl` was changed"), "{}", said(&found));
}

#[tokio::test]
async fn other_variables_cannot_be_set_again() {
    let place = Place::with(&[("main.qf.hcl", TWO)]);
    let file = saved(&open(options(&place))).await;
    let given = VariableInput::Text { name: "release".to_owned(), text: "three".to_owned() };
    let found = file.project(ProjectOptions { arguments: vec![given], ..options(&place) }).diagnostics;
    assert_eq!(codes(&found), [Code::Usage]);
}

#[tokio::test]
async fn a_changed_file_that_expressions_read_makes_it_stale() {
    let place = Place::with(&[
        ("main.qf.hcl", "resource \"queueform_data\" \"a\" {\n  input = file(\"note.txt\")\n}\n"),
        ("note.txt", "first"),
    ]);
    let file = saved(&open(options(&place))).await;
    again(&file, options(&place)).await.unwrap();
    place.write("note.txt", "second");
    let found = file.project(options(&place)).diagnostics;
    assert_eq!(codes(&found), [Code::PlanStale]);
    assert!(said(&found).contains("`note.txt` was changed"), "{}", said(&found));
}

/// Carries out a saved plan with emulators, until the first object of a type was made if one is given.
async fn apply(place: &Place, file: &PlanFile, until: Option<&str>) -> Result<ApplyOutcome, Diagnostics> {
    let project = sound(file.project(with_secret(emulated(place), "Canary-Given-1")));
    let stopper = Stopper::default();
    let (stop, abort) = (stopper.signal(), Stop::never());
    let mut events = |event: Event| {
        if event.name() == "apply_complete"
            && let (Some(kind), Some(subject)) = (until, event.subject())
            && &*subject.addr.resource.kind == kind
        {
            stopper.stop();
        }
    };
    let mut approve = |_: &Planned| true;
    let ports = ApplyPorts { approve: &mut approve, events: &mut events, stop: &stop, abort: &abort };
    planfile::apply_saved(file, &project, "queueform apply", ports).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_plan_is_applied_once_even_if_it_takes_two_runs() {
    let place = Place::with(&[("main.qf.hcl", SECRETS)]);
    let project = open(with_secret(emulated(&place), "Canary-Given-1"));
    let file = saved(&project).await;
    drop(project);

    let Ok(ApplyOutcome::Applied(_, first)) = apply(&place, &file, Some("dms_rocketmq_instance")).await
    else {
        panic!("the first run did nothing");
    };
    assert!(!first.complete, "{first:#?}");

    let outcome = apply(&place, &file, None).await;
    let Ok(ApplyOutcome::Applied(rest, second)) = outcome else { panic!("{}", said(&outcome.unwrap_err())) };
    assert!(second.complete, "{second:#?}");
    let still =
        rest.plan.changes.iter().find(|change| &*change.addr.resource.kind == "dms_rocketmq_instance");
    assert_eq!(still.unwrap().action, Action::NoOp);

    let found = apply(&place, &file, None).await.unwrap_err();
    assert!(said(&found).contains("was applied already"), "{}", said(&found));

    let project = open(with_secret(emulated(&place), "Canary-Given-1"));
    let after = planned(&project).await;
    assert!(!after.has_changes(), "{:#?}", after.plan.changes);
}
