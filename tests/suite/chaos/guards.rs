//! A message that comes between plan and apply stops the deletion of its topic: a saved plan is stale, and after
//! the approval the guard that is observed again stops this deletion and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use queueform::api::Stop;
use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::apply::apply;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;
use serde_json::json;

use super::process::Workshop;
use super::remote::Remote;

const ESTATE: &str = r#"
variable "keys" {
  type    = set(string)
  default = ["orders", "idle"]
}

variable "queues" {
  type    = number
  default = 4
}

resource "dms_rocketmq_topic" "topic" {
  for_each        = var.keys
  instance_id     = var.instance
  name            = each.key
  read_queue_num  = 4
  write_queue_num = 4
}

resource "dms_rocketmq_topic" "kept" {
  instance_id     = var.instance
  name            = "kept"
  read_queue_num  = var.queues
  write_queue_num = var.queues
}

resource "dms_rocketmq_consumer_group" "group" {
  instance_id = var.instance
  name        = "billing"
}
"#;

/// What is kept when the topics of `var.keys` go.
fn kept(names: &[&str]) -> Vec<(String, String)> {
    let mut objects = vec![("dms_rocketmq_consumer_group".to_owned(), "billing".to_owned())];
    objects.extend(names.iter().map(|name| ("dms_rocketmq_topic".to_owned(), (*name).to_owned())));
    objects
}

/// A consumer read everything and went away.
fn read_up(remote: &Remote, shop: &Workshop) {
    for topic in ["orders", "idle"] {
        let path = format!("/instances/{}/groups/billing/lag", shop.instance);
        remote.control("PUT", &path, &json!({ "topic": topic, "lag": 0 }));
    }
}

#[test]
fn a_message_makes_a_saved_plan_that_deletes_its_topic_stale() {
    let remote = Remote::start();
    let instance = remote.seed(&json!({ "name": "shop" }));
    let shop = Workshop::new(&remote, instance, ESTATE);
    shop.apply(&[]).end().with(0);
    read_up(&remote, &shop);
    let without = [("QF_VAR_keys", "[]".to_owned()), ("QF_VAR_queues", "6".to_owned())];
    shop.start(&["plan", "--out=saved.qfplan"], &without).end().with(0);
    let produce = format!("/instances/{}/topics/orders/messages", shop.instance);
    remote.control("POST", &produce, &json!({ "count": 3 }));

    let ended = shop.start(&["apply", "saved.qfplan"], &[]).end().with(1);
    let said = ended.stderr;
    assert!(
        said.contains(r#"dms_rocketmq_topic.topic["orders"]: now denied: 3 unread: billing 3"#),
        "{said}"
    );
    let all = kept(&["idle", "kept", "orders"]);
    assert_eq!(remote.objects(&shop.instance), all);
    assert_eq!(shop.objects(), all);

    // A new plan knows of the messages and is denied; read messages are nothing to lose.
    shop.apply(&without).end().with(3);
    assert_eq!(remote.objects(&shop.instance), all);
    read_up(&remote, &shop);
    shop.apply(&without).end().with(0);
    assert_eq!(remote.objects(&shop.instance), kept(&["kept"]));
    shop.start(&["plan", "--detailed-exitcode"], &without).end().with(0);
}

/// Opens the directory of a workshop in this process.
fn project(remote: &Remote, shop: &Workshop) -> Project {
    let variables = [
        ("endpoint", remote.endpoint()),
        ("instance", shop.instance.clone()),
        ("keys", "[]".to_owned()),
        ("queues", "6".to_owned()),
    ];
    let environment = BTreeMap::from([
        ("SBC_ACCESS_KEY".to_owned(), DEMO_ACCESS_KEY.to_owned()),
        ("SBC_SECRET_KEY".to_owned(), DEMO_SECRET_KEY.to_owned()),
    ]);
    let opened = Project::open(ProjectOptions {
        directory: shop.place.path().to_owned(),
        environment: Arc::new(environment),
        variables: variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        ..ProjectOptions::default()
    });
    assert!(!opened.diagnostics.has_errors(), "{:#?}", opened.diagnostics);
    opened.output.unwrap()
}

#[tokio::test]
async fn a_message_after_the_approval_stops_the_deletion_of_its_topic_alone() {
    let remote = Remote::start();
    let instance = remote.seed(&json!({ "name": "shop" }));
    let shop = Workshop::new(&remote, instance, ESTATE);
    shop.apply(&[]).end().with(0);
    read_up(&remote, &shop);

    let project = project(&remote, &shop);
    let produce = format!("/instances/{}/topics/orders/messages", shop.instance);
    let mut approve = |_: &_| {
        remote.control("POST", &produce, &json!({ "count": 3 }));
        true
    };
    let never = Stop::never();
    let ports = ApplyPorts { approve: &mut approve, events: &mut |_| {}, stop: &never, abort: &never };
    let request = ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
    let outcome = apply(&project, &request, ports).await.unwrap();
    let ApplyOutcome::Applied(_, applied) = outcome else { panic!("{outcome:#?}") };

    let counts = applied.counts();
    assert_eq!(
        (counts.denied, counts.destroyed, counts.changed, counts.failed),
        (1, 1, 1, 0),
        "{applied:#?}"
    );
    let said: String = applied.diagnostics.iter().map(|found| format!("{}\n", found.summary)).collect();
    assert!(
        said.contains(r#"`dms_rocketmq_topic.topic["orders"]` was left alone: 3 unread: billing 3"#),
        "{said}"
    );
    // The rest was done, and the state says so.
    assert_eq!(remote.objects(&shop.instance), kept(&["kept", "orders"]));
    assert_eq!(shop.objects(), kept(&["kept", "orders"]));
}

#[tokio::test]
async fn a_message_after_the_approval_stops_the_deletion_in_a_hundred_of_a_hundred_runs() {
    let remote = Remote::start();
    let instance = remote.seed(&json!({ "name": "shop" }));
    let shop = Workshop::new(&remote, instance, ESTATE);
    shop.apply(&[]).end().with(0);
    let produce = format!("/instances/{}/topics/orders/messages", shop.instance);
    let never = Stop::never();
    let lag = format!("/instances/{}/groups/billing/lag", shop.instance);
    read_up(&remote, &shop);
    for run in 0..100 {
        remote.control("PUT", &lag, &json!({ "topic": "orders", "lag": 0 }));
        let project = project(&remote, &shop);
        let mut approve = |_: &_| {
            remote.control("POST", &produce, &json!({ "count": 1 }));
            true
        };
        let ports = ApplyPorts { approve: &mut approve, events: &mut |_| {}, stop: &never, abort: &never };
        let request =
            ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
        let outcome = apply(&project, &request, ports).await.unwrap();
        let ApplyOutcome::Applied(_, applied) = outcome else { panic!("{run}: {outcome:#?}") };
        assert_eq!((applied.counts().denied, applied.counts().failed), (1, 0), "{run}: {applied:#?}");
    }
    assert_eq!(remote.objects(&shop.instance), kept(&["kept", "orders"]));
}

#[test]
fn what_cannot_be_observed_is_not_deleted() {
    let remote = Remote::start();
    let instance = remote.seed(&json!({ "name": "shop" }));
    let shop = Workshop::new(&remote, instance, ESTATE);
    shop.apply(&[]).end().with(0);
    read_up(&remote, &shop);
    let without = [("QF_VAR_keys", "[]".to_owned())];

    // Not observed while planning: denied.
    let broken =
        json!([{ "fault": "status", "status": 403, "method": "GET", "path": "/groups/billing/topics" }]);
    remote.control("POST", "/faults", &broken);
    let said = shop.apply(&without).end().with(3);
    let said = format!("{}{}", said.stdout, said.stderr);
    let said: Vec<&str> = said.split_whitespace().collect();
    assert!(said.join(" ").contains("could not be observed, which counts as not safe"), "{said:?}");
    assert_eq!(remote.objects(&shop.instance), kept(&["idle", "kept", "orders"]));
    remote.control("DELETE", "/faults", &json!(null));

    // Observed while planning, not any more immediately before the call: left alone.
    shop.start(&["plan", "--out=saved.qfplan"], &without).end().with(0);
    let project = project(&remote, &shop);
    let mut approve = |_: &_| {
        remote.control("POST", "/faults", &broken);
        true
    };
    let never = Stop::never();
    let ports = ApplyPorts { approve: &mut approve, events: &mut |_| {}, stop: &never, abort: &never };
    let request = ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = runtime.block_on(apply(&project, &request, ports)).unwrap();
    let ApplyOutcome::Applied(_, applied) = outcome else { panic!("{outcome:#?}") };
    assert_eq!((applied.counts().denied, applied.counts().destroyed), (2, 0), "{applied:#?}");
    assert_eq!(remote.objects(&shop.instance), kept(&["idle", "kept", "orders"]));
}
