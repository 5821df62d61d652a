//! The courses of resources: create, change, take over, destroy.

use queueform::api::Stopper;
use queueform::apply::Event;
use queueform::apply::Verb;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::apsarastack::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;

use super::course::Course;
use super::course::INST;
use super::course::SHOP;
use crate::engine::told;

const ALL: [&str; 5] = [
    "create apsarastack_mq_group.billing",
    "create apsarastack_mq_instance.shop",
    "create apsarastack_mq_topic.orders",
    "create apsarastack_mq_topic_authorization.partner",
    "create apsarastack_mq_topic_authorization.user",
];

#[tokio::test]
async fn an_instance_with_everything_comes_changes_and_goes() {
    let mut course = Course::new();
    let created = [
        "empower/create",
        "empower/createBySub",
        "group/consumerUpdate",
        "group/create",
        "instance/create",
        "topic/create",
        "topic/update",
    ];
    course.step(SHOP, &ALL, &created).await;
    let space = course.store().spaces().remove(0);
    assert_eq!((space.instance.max_send_tps, space.instance.max_receive_tps), (500, 600));
    assert_eq!((space.topics["orders"].order_type, space.topics["orders"].perm), (1, 4));
    assert_eq!(space.topics["orders"].remark, "hello world/测试+1");
    assert!(!space.groups["GID_billing"].read_enabled);
    let relations: Vec<i64> = space.grants.values().map(|grant| grant.relation).collect();
    assert_eq!(relations, [6, 2]);

    // What can be changed is changed in place.
    for (from, to, action, calls) in [
        ("\"shop\"\n      cluster", "\"market\"\n      cluster", "instance.shop", &["instance/update"][..]),
        ("\"made here\"", "\"\"", "instance.shop", &["instance/update"]),
        ("\"read_only\"", "\"write_only\"", "topic.orders", &["topic/update"]),
        ("permission   = \"read_only\"", "", "topic.orders", &["topic/update"]),
        ("read_enabled = false", "read_enabled = true", "group.billing", &["group/consumerUpdate"]),
        (
            "\"publish\"",
            "\"subscribe\"",
            "topic_authorization.partner",
            &["empower/create", "empower/delete"],
        ),
        ("\"both\"", "\"publish\"", "topic_authorization.user", &["empower/createBySub", "empower/delete"]),
    ] {
        let changed = SHOP.replace(from, to);
        assert_ne!(changed, SHOP, "{from}");
        let action = format!("update apsarastack_mq_{action}");
        course.step(&changed, &[&action], calls).await;
        course.step(SHOP, &[&action], calls).await;
    }
    let ids = course.ids();
    assert_eq!(ids.len(), 5);
    course.import(SHOP, &ids).await;
    course.destroy().await;
}

#[tokio::test]
async fn everything_else_makes_a_new_object() {
    let mut course = Course::new();
    course.apply(SHOP).await;
    for (from, to, what) in [
        ("\"GID_billing\"", "\"GID_audit\"", "group.billing"),
        ("\"reads\"", "\"reads all\"", "group.billing"),
        ("\"partition_ordered\"", "\"transaction\"", "topic.orders"),
        ("\"hello world/测试+1\"", "\"other\"", "topic.orders"),
        ("\"9007199254740993\"", "\"9007199254740994\"", "topic_authorization.partner"),
        ("\"ram_user\"", "\"account\"", "topic_authorization.user"),
        ("cluster1", "cluster2", "instance.shop"),
        ("= 500", "= 501", "instance.shop"),
        ("= 600", "= 601", "instance.shop"),
        ("= 20", "= 21", "instance.shop"),
        ("topic_capacity  = 20", "namespaced = false\n topic_capacity = 20", "instance.shop"),
    ] {
        let changed = SHOP.replace(from, to);
        assert_ne!(changed, SHOP, "{from}");
        course.write(&changed);
        let found = crate::engine::actions(&course.lab.plan().await);
        assert!(found.contains(&format!("replace apsarastack_mq_{what}")), "{from}: {found:?}");
        course.lab.converge().await;
        course.settled().await;
        course.write(SHOP);
        course.lab.converge().await;
        course.settled().await;
    }
    course.destroy().await;
}

fn topic(kind: &str) -> String {
    format!(
        "resource \"apsarastack_mq_topic\" \"a\" {{\n  instance_id = \"{INST}\"\n  name = \"a\"\n  message_type = \"{kind}\"\n}}\n"
    )
}

#[tokio::test]
async fn a_replaced_topic_waits_until_its_name_is_free() {
    let mut course = Course::seeded(InstanceSeed::new("main"));
    course.apply(&topic("normal")).await;
    course.write(&topic("delay"));
    course.lab.converge().await;
    let refused = course.lab.emulator.store().calls(System::ApsaraStack);
    let refused =
        refused.iter().filter(|call| call.error_code.as_deref() == Some("BIZ_TOPIC_EXISTED")).count();
    assert_eq!(refused, 1);
    course.settled().await;
    // The same in another run: what was deleted a moment ago is not yet free.
    course.write("");
    course.lab.converge().await;
    course.apply(&topic("normal")).await;
    assert_eq!(course.store().topics(INST)[0].order_type, 0);
    course.destroy().await;
}

#[tokio::test]
async fn a_topic_that_is_there_is_never_taken_over_silently() {
    let course = Course::seeded(InstanceSeed::new("main").topic("a").group("GID_a"));
    let group = format!(
        "resource \"apsarastack_mq_group\" \"a\" {{\n  instance_id = \"{INST}\"\n  group_id = \"GID_a\"\n}}\n"
    );
    for (configuration, code) in [(topic("normal"), "BIZ_TOPIC_EXISTED"), (group, "BIZ_SUBSCRIPTION_EXISTED")]
    {
        course.write(&configuration);
        let outcome = course.lab.apply().await;
        let text = match &outcome {
            ApplyOutcome::Applied(_, applied) => {
                assert!(!applied.complete);
                told(&outcome)
            }
            ApplyOutcome::Refused(_) => told(&outcome),
            _ => panic!("{}", told(&outcome)),
        };
        assert!(text.contains(code) || text.contains("exists"), "{text}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_into() {
    for fault in [Fault::DropAfterCommit, Fault::DropBeforeCommit] {
        let course = Course::new();
        let rule = FaultRule::new(fault.clone()).on("GET", "/create").times(1);
        let instance = SHOP.split("    resource \"apsarastack_mq_topic\"").next().unwrap();
        course.write(instance);
        course.lab.emulator.store().add_fault(System::ApsaraStack, rule);
        // The first run may end in doubt; the next one finds out.
        course.lab.apply().await;
        course.lab.apply().await;
        course.settled().await;
        assert_eq!(course.store().instances().len(), 1, "{fault:?}");
        let creates = course.lab.emulator.store().creates(System::ApsaraStack);
        assert_eq!(creates["instance/shop"], 1, "{fault:?}");
        course.destroy().await;
    }
}

#[tokio::test]
async fn the_one_instance_without_a_namespace_is_left_out_of_calls() {
    let mut course = Course::new();
    let legacy = course.store().seed_instance(&InstanceSeed::new("legacy").without_namespace());
    let configuration = r#"
        resource "apsarastack_mq_topic" "a" {
          instance_id  = "-"
          name         = "a"
          message_type = "normal"
        }
        resource "apsarastack_mq_group" "a" {
          instance_id = "-"
          group_id    = "GID_a"
        }
    "#;
    course.apply(configuration).await;
    assert_eq!((course.store().topics(&legacy).len(), course.store().groups(&legacy).len()), (1, 1));
    assert!(
        course
            .lab
            .emulator
            .store()
            .calls(System::ApsaraStack)
            .iter()
            .all(|call| !call.query.contains("instanceId"))
    );
    let ids = course.ids();
    assert_eq!(ids[1].1, "-/a");
    course.import(configuration, &ids).await;
    course.write("");
    course.lab.converge().await;
    assert_eq!(course.store().count(), 1);
}

#[tokio::test]
async fn changing_calls_can_be_sent_as_post() {
    for (block, method) in [
        ("provider \"apsarastack\" {}\n", "GET"),
        ("provider \"apsarastack\" {\n  write_method = \"POST\"\n  platform = \"\"\n}\n", "POST"),
    ] {
        let mut course = Course::with(block);
        course.apply(SHOP).await;
        course.destroy().await;
        let calls = course.lab.emulator.store().calls(System::ApsaraStack);
        assert!(calls.iter().all(|call| call.method == if call.mutating { method } else { "GET" }));
        assert!(calls.iter().all(|call| call.query.contains("_platform=onsConsole") == (method == "GET")));
    }
}

#[tokio::test]
async fn what_the_service_would_refuse_is_refused_by_the_plan() {
    let course = Course::new();
    for (from, to, what) in [
        ("\"shop\"\n      cluster", "\"ab\"\n      cluster", "3"),
        ("\"orders\"\n      message", "\"CID_orders\"\n      message", "BIZ_FIELD_CHECK_INVALID"),
        ("\"orders\"\n      message", "\"or ders\"\n      message", "[A-Za-z0-9_-]"),
        ("\"GID_billing\"", "\"billing\"", "ID[_-]"),
        ("\"GID_billing\"", "\"CID_billing\"", "BIZ_FIELD_CHECK_INVALID"),
        ("\"partition_ordered\"", "\"ordered\"", "partition_ordered"),
        ("\"42\"", "\"forty-two\"", "[0-9]{1,19}"),
        ("\"both\"", "\"all\"", "both"),
        ("= 500", "= 0", "1"),
    ] {
        let changed = SHOP.replace(from, to);
        assert_ne!(changed, SHOP, "{from}");
        let text = course.refused(&changed).await;
        assert!(text.contains(what), "{to}: {text}");
    }
    assert_eq!(course.store().count(), 0);
}

#[tokio::test]
async fn what_others_change_is_seen_where_it_is_returned() {
    let mut course = Course::new();
    course.apply(SHOP).await;
    let id = course.store().instances()[0].id.clone();
    // Nobody returns these two.
    course.store().edit_topic(&id, "orders", |topic| topic.perm = 6);
    course.store().edit_group(&id, "GID_billing", |group| group.read_enabled = true);
    course.settled().await;
    course.store().edit_instance(&id, |instance| instance.name = "renamed".to_owned());
    assert!(course.store().remove_grant(&id, "orders", "42"));
    course
        .step(
            SHOP,
            &["update apsarastack_mq_instance.shop", "create apsarastack_mq_topic_authorization.user"],
            &["empower/createBySub", "instance/update"],
        )
        .await;
    assert!(course.store().remove_group(&id, "GID_billing"));
    course
        .step(SHOP, &["create apsarastack_mq_group.billing"], &["group/consumerUpdate", "group/create"])
        .await;
    course.destroy().await;
}

#[tokio::test]
async fn plans_say_what_no_operation_returns() {
    let mut course = Course::new();
    course.write(SHOP);
    let names = |planned: &queueform::ops::plan::Planned| -> Vec<String> {
        let of = planned.plan.changes.iter();
        of.flat_map(|change| {
            change.not_read_back.iter().map(|path| format!("{} {path}", change.addr.resource.name))
        })
        .collect()
    };
    let mut found = names(&course.lab.plan().await);
    found.sort();
    assert_eq!(found, ["billing read_enabled", "orders permission"]);
    course.apply(SHOP).await;
    course.write(
        &SHOP
            .replace("\"read_only\"", "\"write_only\"")
            .replace("\"shop\"\n      cluster", "\"market\"\n      cluster"),
    );
    assert_eq!(names(&course.lab.plan().await), ["orders permission"]);
}

fn instance(name: &str, more: &str) -> String {
    format!(
        "resource \"apsarastack_mq_instance\" \"{name}\" {{\n  name = \"{name}\"\n  cluster = \"cluster1\"\n  max_send_tps = 1\n  max_receive_tps = 1\n  {more}\n}}\n"
    )
}

#[tokio::test]
async fn taken_names_and_full_places_are_refused_by_the_plan() {
    let course = Course::new();
    course.store().seed_instance(&InstanceSeed::new("legacy").without_namespace());
    course.store().seed_instance(&InstanceSeed::new("full").id(INST).topic_capacity(1).topic("one"));
    for (configuration, what) in [
        (instance("full", ""), "another instance of the region is called `full`"),
        (
            instance("two", "namespaced = false"),
            "not enough room for instances without a namespace in `apsarastack`: the plan adds 1, and 0 of 1 are left",
        ),
        (instance("new", "").replace("cluster1", "cluster9"), "there are cluster1, cluster2"),
        (topic("normal"), "BXmain`: the plan adds 1, and 0 of 1 are left"),
    ] {
        let text = course.refused(&configuration).await;
        assert!(text.contains(what) && text.contains("BIZ_FIELD_CHECK_INVALID"), "{text}");
    }
    for n in 0..498 {
        course.store().seed_instance(&InstanceSeed::new(&format!("shop-{n}")));
    }
    let text = course.refused(&instance("one-more", "")).await;
    assert!(
        text.contains(
            "not enough room for instances in `apsarastack`: the plan adds 1, and 0 of 500 are left"
        ),
        "{text}"
    );
}

#[tokio::test]
async fn an_instance_takes_the_name_that_another_gives_up_in_the_next_run() {
    let mut course = Course::new();
    course.apply(&instance("one", "")).await;
    // Its own name is no obstacle.
    course.apply(&instance("one", "remark = \"x\"")).await;
    course.destroy().await;
}

/// How long a replacement waits is the configuration's word, and nothing that the service knows.
#[tokio::test]
async fn the_wait_of_a_replacement_can_be_changed() {
    let mut course = Course::seeded(InstanceSeed::new("main"));
    let delayed = |kind: &str, seconds: u32| {
        topic(kind).replace("message_type", &format!("recreate_delay = {seconds}\n  message_type"))
    };
    course.apply(&topic("normal")).await;
    course.step(&delayed("normal", 0), &["update apsarastack_mq_topic.a"], &[]).await;
    // Creating is tried again while the name is held.
    let calls = ["topic/create", "topic/delete"];
    course.step(&delayed("delay", 0), &["replace apsarastack_mq_topic.a"], &calls).await;
    let refused = course.refused(&delayed("delay", 1801)).await;
    assert!(refused.contains("`recreate_delay` must be between 0 and 1800"), "{refused}");
    course.destroy().await;
}

#[tokio::test]
async fn a_run_that_is_stopped_in_the_cool_down_is_taken_up_by_the_next() {
    let mut course = Course::seeded(InstanceSeed::new("main"));
    course.apply(&topic("normal")).await;
    course.write(&topic("delay"));
    let stopper = Stopper::default();
    let mut events = |event| {
        if matches!(&event, Event::Completed { subject, .. } if subject.verb == Verb::Delete) {
            stopper.stop();
        }
    };
    let outcome = course.lab.run(PlanOptions::normal(), &stopper, &mut events).await;
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    assert!(!applied.complete);
    assert!(course.store().topics(INST).is_empty());
    course.lab.converge().await;
    course.settled().await;
    assert_eq!(course.store().topics(INST)[0].order_type, 5);
    course.destroy().await;
}
