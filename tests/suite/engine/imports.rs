//! Objects that exist already become managed, and nothing else happens to them.

use queueform::addr::Target;
use queueform::addr::ValuePath;
use queueform::api::Stop;
use queueform::diag::Code;
use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::Action;
use queueform::plan::PlanOptions;
use queueform::plan::Refresh;

use super::crashes::apply_dying;
use super::crashes::settle;
use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::actions;
use super::lab::listed;
use super::lab::topics;

/// Objects of every kind that has something of its own: values that are never returned, secrets.
fn estate() -> String {
    format!(
        r#"
        {}
        resource "dms_rocketmq_consumer_group" "group" {{
          instance_id = "{INSTANCE}"
          name        = "billing"
        }}
        resource "dms_rocketmq_user" "user" {{
          instance_id        = "{INSTANCE}"
          access_key         = "application"
          secret_key         = "Very-secret-1"
          secret_key_version = 1
        }}
        "#,
        topics(&["alpha", "beta"])
    )
}

fn imports() -> String {
    format!(
        r#"
        import {{
          for_each = toset(["alpha", "beta"])
          to       = dms_rocketmq_topic.topic[each.key]
          id       = "{INSTANCE}/${{each.key}}"
        }}
        import {{
          to       = dms_rocketmq_consumer_group.group
          identity = {{ instance_id = "{INSTANCE}", name = "billing" }}
        }}
        import {{
          to = dms_rocketmq_user.user
          id = "{INSTANCE}/application"
        }}
        "#
    )
}

/// A lab whose objects exist and are not managed.
async fn unmanaged() -> Lab {
    let lab = Lab::new(&estate());
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.converge().await;
    lab.forget_all();
    lab
}

impl Lab {
    fn forget_all(&self) {
        let place = self.open().place;
        let all: Vec<_> =
            self.state().resources.keys().cloned().map(|addr| Target::Instance(addr).into()).collect();
        ops::state::remove(&place, &all, false, &Stop::never()).unwrap();
    }
}

#[tokio::test]
async fn what_is_as_configured_is_imported_without_a_change() {
    let lab = unmanaged().await;
    lab.write(&(estate() + &imports()));
    let before = lab.calls().len();
    let planned = lab.plan().await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
    assert_eq!(actions(&planned), Vec::<String>::new());
    assert!(planned.has_changes());
    let imported = planned.plan.changes.iter().filter(|change| change.importing.is_some()).count();
    assert_eq!(imported, 4);
    let user = planned
        .plan
        .changes
        .iter()
        .find(|change| change.addr.to_string() == "dms_rocketmq_user.user")
        .unwrap();
    assert!(user.unverified.contains(&ValuePath::attr("secret_key_version")), "{:?}", user.unverified);

    let ApplyOutcome::Applied(_, applied) = lab.apply().await else { panic!("nothing was applied") };
    assert!(applied.complete, "{}", listed(&applied.diagnostics));
    assert_eq!(applied.counts().imported, 4);
    assert!(lab.calls().iter().skip(before).all(|call| call.method == "GET"));
    lab.settled().await;
    // Done imports may stay or go.
    lab.write(&estate());
    lab.settled().await;
    // What the service does not return is known from now on.
    lab.write(&estate().replace("secret_key_version = 1", "secret_key_version = 2"));
    assert_eq!(actions(&lab.plan().await), ["update dms_rocketmq_user.user"]);
}

#[tokio::test]
async fn what_differs_is_changed_behind_its_import() {
    let lab = unmanaged().await;
    lab.write(&(estate() + &imports()).replace("write_queue_num = 8", "write_queue_num = 4"));
    let planned = lab.plan().await;
    assert_eq!(
        actions(&planned),
        ["update dms_rocketmq_topic.topic[\"alpha\"]", "update dms_rocketmq_topic.topic[\"beta\"]"]
    );
    let done = lab.converge().await;
    assert_eq!((done.counts().imported, done.counts().changed), (4, 2));
    lab.settled().await;
}

#[tokio::test]
async fn a_command_imports_and_changes_nothing() {
    let lab = unmanaged().await;
    let project = lab.open();
    let addr = "dms_rocketmq_topic.topic[\"alpha\"]";
    let id = format!("{INSTANCE}/alpha");
    let stop = Stop::never();
    ops::import::import(&project, addr.parse().unwrap(), &id, &stop).await.unwrap();
    let names: Vec<String> = lab.state().resources.keys().map(ToString::to_string).collect();
    assert_eq!(names, [addr]);
    assert!(!lab.state().pins.is_empty());
    let twice = ops::import::import(&project, addr.parse().unwrap(), &id, &stop).await.unwrap_err();
    assert_eq!(twice.iter().map(|item| item.code).collect::<Vec<_>>(), [Code::AlreadyManaged]);
    let other = "dms_rocketmq_topic.topic[\"beta\"]";
    let other = ops::import::import(&project, other.parse().unwrap(), &id, &stop).await.unwrap_err();
    assert_eq!(other.iter().map(|item| item.code).collect::<Vec<_>>(), [Code::AlreadyManaged]);
    assert!(listed(&other).contains("as `dms_rocketmq_topic.topic[\"alpha\"]`"), "{}", listed(&other));
}

#[tokio::test]
async fn mistaken_ids_are_explained() {
    let lab = unmanaged().await;
    for (id, code, hint) in [
        ("orders", Code::InvalidImport, "<instance_id>/<name>"),
        (&*format!("{INSTANCE}/nothing"), Code::NotFound, "<instance_id>/<name>"),
        ("22222222-2222-4333-8444-555555555555/alpha", Code::NotFound, "account"),
    ] {
        lab.write(&format!(
            "{}\nlocals {{\n  id = \"{id}\"\n}}\nimport {{\n  to = dms_rocketmq_topic.topic[\"alpha\"]\n  id = local.id\n}}\n",
            topics(&["alpha"])
        ));
        let planned = lab.plan().await;
        let errors: Vec<_> = planned.plan.diagnostics.iter().filter(|item| item.is_error()).collect();
        assert_eq!(errors.len(), 1, "{}", listed(&planned.plan.diagnostics));
        assert_eq!(errors[0].code, code, "{}", listed(&planned.plan.diagnostics));
        assert!(errors[0].hints.iter().any(|text| text.contains(hint)), "{:?}", errors[0].hints);
        let touches = |action: Action| action != Action::NoOp;
        assert!(!planned.plan.changes.iter().any(|change| touches(change.action)), "{:?}", actions(&planned));
    }
}

#[tokio::test]
async fn an_object_is_imported_only_once() {
    let lab = unmanaged().await;
    lab.write(&(estate() + &imports()));
    lab.converge().await;
    let twin = format!(
        r#"
        resource "dms_rocketmq_topic" "twin" {{
          instance_id = "{INSTANCE}"
          name        = "alpha"
        }}
        import {{
          to = dms_rocketmq_topic.twin
          id = "{INSTANCE}/alpha"
        }}
        "#
    );
    lab.write(&(estate() + &twin));
    let planned = lab.plan().await;
    let codes: Vec<Code> =
        planned.plan.diagnostics.iter().filter(|item| item.is_error()).map(|item| item.code).collect();
    assert_eq!(codes, [Code::AlreadyManaged], "{}", listed(&planned.plan.diagnostics));
}

#[tokio::test]
async fn only_what_a_change_touches_is_refreshed() {
    let lab = Lab::new(&estate());
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    let dependent = |name: &str| {
        estate().replace(
            "resource \"dms_rocketmq_consumer_group\" \"group\" {",
            &format!(
                "resource \"queueform_data\" \"note\" {{\n  input = [\"{name}\", dms_rocketmq_user.user.id]\n}}\nresource \"dms_rocketmq_consumer_group\" \"group\" {{"
            ),
        )
    };
    lab.write(&dependent("one"));
    lab.converge().await;
    let touched = PlanOptions { refresh: Refresh::Touched, ..PlanOptions::normal() };
    let before = lab.calls().len();
    let planned = lab.plan_with(&touched).await;
    assert_eq!(planned.plan.effort.refreshed, 0);
    assert_eq!(lab.calls().len(), before);
    // The note changes, and needs the user.
    lab.write(&dependent("two"));
    let planned = lab.plan_with(&touched).await;
    assert_eq!(actions(&planned), ["update queueform_data.note"]);
    assert_eq!(planned.plan.effort.refreshed, 2);
}

/// Moves one topic and imports another, and changes both.
fn moved_and_imported() -> String {
    format!(
        r#"
        {}
        moved {{
          from = dms_rocketmq_topic.topic
          to   = dms_rocketmq_topic.renamed
        }}
        import {{
          to = dms_rocketmq_topic.renamed["beta"]
          id = "{INSTANCE}/beta"
        }}
        "#,
        topics(&["alpha", "beta"]).replace("\"topic\"", "\"renamed\"").replace("= 8", "= 16")
    )
}

#[tokio::test]
async fn every_boundary_of_moves_and_imports_can_be_the_last() {
    for writes in 0.. {
        assert!(writes < 100, "it never gets through");
        let lab = Lab::new(&topics(&["alpha", "beta"]));
        lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
        lab.converge().await;
        let beta = "dms_rocketmq_topic.topic[\"beta\"]".parse().unwrap();
        ops::state::remove(&lab.open().place, &[beta], false, &Stop::never()).unwrap();
        lab.write(&moved_and_imported());
        let whole = apply_dying(&lab, writes).await;
        let names: Vec<String> = lab.state().resources.keys().map(ToString::to_string).collect();
        let moved = names.iter().any(|name| name == "dms_rocketmq_topic.renamed[\"alpha\"]");
        assert_eq!(
            moved,
            !names.iter().any(|name| name == "dms_rocketmq_topic.topic[\"alpha\"]"),
            "{names:?}"
        );
        settle(&lab, &format!("{writes} writes")).await;
        let names: Vec<String> = lab.state().resources.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["dms_rocketmq_topic.renamed[\"alpha\"]", "dms_rocketmq_topic.renamed[\"beta\"]"]);
        let creates = lab.emulator.store().creates(System::Dms);
        assert!(creates.values().all(|count| *count == 1), "{writes} writes: {creates:?}");
        assert!(lab.dms().topics(INSTANCE).iter().all(|topic| topic.write_queues() == 16), "{writes} writes");
        if whole {
            break;
        }
    }
}
