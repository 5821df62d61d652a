//! Laws of the provider `apsaramq`: what waits is never deleted, and random configurations settle, are imported and leave
//! nothing behind.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::Config;
use proptest::test_runner::RngAlgorithm;
use proptest::test_runner::TestCaseError;
use proptest::test_runner::TestRng;
use proptest::test_runner::TestRunner;
use queueform::api::Stop;
use queueform::apply::End;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::plan::PlanOptions;

use super::rocketmq::Course;
use super::rocketmq::MAIN;
use super::rocketmq::STANDBY;
use super::rocketmq::block;
use super::rocketmq::own;
use crate::engine::actions;
use crate::engine::listed;
use crate::engine::told;

#[tokio::test]
async fn a_message_after_the_approval_stops_the_deletion_in_a_hundred_of_a_hundred_runs() {
    let mut course = Course::new();
    let topic = block("topic", &format!("instance_id = \"{MAIN}\"\nname = \"new\""));
    course.step(&topic, &["create apsaramq_rocketmq_topic.x"], &["POST new"]).await;
    assert!(course.rocketmq().connect(MAIN, "billing", "c@1", &["new"]));
    course.write("");
    let never = Stop::never();
    for run in 0..100 {
        // Everything was read when the plan is made.
        course.rocketmq().drain(MAIN, "billing", "new");
        let project = course.lab.open();
        let ports = ApplyPorts {
            approve: &mut |planned| planned.is_applicable() && course.rocketmq().produce(MAIN, "new", 1),
            events: &mut |_event| {},
            stop: &never,
            abort: &never,
        };
        let request =
            ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
        let outcome = ops::apply::apply(&project, &request, ports).await.unwrap();
        let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{run}: {}", told(&outcome)) };
        let ends: Vec<_> = applied.ends.iter().map(|object| &object.end).collect();
        assert_eq!(ends, [&End::Denied], "{run}");
        assert!(course.rocketmq().broker(MAIN).unwrap().topics.contains_key("new"), "{run}");
    }
    assert!(!course.lab.state().is_empty());
}

/// A configuration that a few random numbers stand for, with the ids of its objects for imports; those that only the
/// service knows are left out.
fn configuration(numbers: &[u8]) -> (String, Vec<(String, String)>) {
    let mut numbers = numbers.iter().copied();
    let mut pick = |words: &[&str]| {
        let at = usize::from(numbers.next().unwrap_or(0)) % words.len();
        words[at].to_owned()
    };
    let (mut text, mut ids) = (String::new(), Vec::new());
    let mut add = |kind: &str, name: &str, body: &str, id: Option<String>| {
        write!(text, "{}", block(kind, body).replace("\"x\" {", &format!("\"{name}\" {{"))).unwrap();
        if let Some(id) = id {
            ids.push((format!("apsaramq_rocketmq_{kind}.{name}"), id));
        }
    };
    for (place, id) in [MAIN, STANDBY].into_iter().enumerate() {
        let name = pick(&["t", "T-1_x", "topic_of_its_own"]);
        let more = pick(&[
            "",
            "message_type = \"FIFO\"",
            "message_type = \"DELAY\"\nremark = \"a b+*~\"",
            "message_type = \"TRANSACTION\"\nmax_send_tps = 7",
            "message_type = \"LITE\"\nlite_topic_expiration = 30",
            "message_type = \"LITE\"\nlite_topic_expiration = -1",
            "remark = \"ü\"\nmax_send_tps = 1000",
        ]);
        let body = format!("instance_id = \"{id}\"\nname = \"{name}\"\n{more}");
        add("topic", &format!("t{place}"), &body, Some(format!("{id}/{name}")));

        let group = pick(&["g", "G-1_x"]);
        let order = pick(&[
            "delivery_order_type = \"Concurrently\"\nretry = { policy = \"DefaultRetryPolicy\" }",
            "delivery_order_type = \"Concurrently\"\nretry = { policy = \"DefaultRetryPolicy\", max_times = 3 }",
            "delivery_order_type = \"Concurrently\"\nretry = { policy = \"DefaultRetryPolicy\", max_times = 5, dead_letter_topic = \"refunds\" }",
            "delivery_order_type = \"Orderly\"\nretry = { policy = \"FixedRetryPolicy\", fixed_interval_seconds = 600 }",
            "delivery_order_type = \"Orderly\"\nretry = { policy = \"FixedRetryPolicy\", max_times = 2, fixed_interval_seconds = 3 }",
        ]);
        let more = pick(&["", "remark = \"x\"", "max_receive_tps = 9"]);
        let body = format!("instance_id = \"{id}\"\ngroup_id = \"{group}\"\n{order}\n{more}");
        add("consumer_group", &format!("g{place}"), &body, Some(format!("{id}/{group}")));

        let user = pick(&["app", "a.b-c"]);
        let more = pick(&["", "status = \"DISABLE\"", "remark = \"r + *\"", "password_version = 4"]);
        let body = format!("instance_id = \"{id}\"\nusername = \"{user}\"\npassword = \"s3 e+c\"\n{more}");
        add("account", &format!("u{place}"), &body, Some(format!("{id}/{user}")));

        let (kind, resource, rights) = match pick(&["Topic", "Group"]).as_str() {
            "Topic" => ("Topic", "orders", pick(&["[\"Pub\"]", "[\"Sub\"]", "[\"Sub\", \"Pub\"]"])),
            _ => ("Group", "billing", "[\"Sub\"]".to_owned()),
        };
        let decision = pick(&["Allow", "Deny"]);
        let from = pick(&[
            "",
            "ip_whitelists = [\"10.0.0.0/8\"]",
            "ip_whitelists = [\"192.0.2.1\", \"10.1.0.0/16\"]",
        ]);
        let body = format!(
            "instance_id = \"{id}\"\nusername = apsaramq_rocketmq_account.u{place}.username\nresource_type = \"{kind}\"\n\
             resource_name = \"{resource}\"\nactions = {rights}\ndecision = \"{decision}\"\n{from}"
        );
        add("acl", &format!("a{place}"), &body, Some(format!("{id}/{user}/{kind}/{resource}")));
    }
    // The other half of the plan: an instance of its own, or one elsewhere that is reached in one of two ways.
    let (sides, first) = match pick(&["one", "two"]).as_str() {
        "one" => ("ACTIVE_PASSIVE", "ACTIVE"),
        _ => ("ACTIVE_ACTIVE", "PASSIVE"),
    };
    let second = if first == "ACTIVE" { "PASSIVE" } else { "ACTIVE" };
    let marked = pick(&["", ", message_property = { key = \"from\", value = \"main\" }"]);
    let reach = pick(&[
        "network_type = \"TCP_INTERNET\"",
        "network_type = \"TCP_VPC\", vpc_id = \"vpc-1\", vswitch_id = \"vsw-1\", security_group_id = \"sg-1\"",
    ]);
    let login = pick(&[
        "auth_type = \"NO_AUTH\"",
        "auth_type = \"ACL_AUTH\", username = \"u\", password = \"p\", password_version = 1",
    ]);
    let elsewhere = format!(
        "{{ type = \"EXTERNAL_ROCKETMQ\", region_id = \"cn-beijing\", role = \"{second}\", {login}, \
         endpoint_url = \"ns.example.com:9876\", {reach}, consumer_group_id = \"replicator\" }}"
    );
    let other = match pick(&["own", "external"]).as_str() {
        "own" => own(STANDBY, second, ""),
        _ => elsewhere,
    };
    let mut members = [own(MAIN, first, &marked), other];
    if pick(&["so", "turned"]) == "turned" {
        members.reverse();
    }
    let more = pick(&["", "description = \"d\"", "sync_checkpoint_enabled = true"]);
    let body =
        format!("name = \"dr\"\ntype = \"{sides}\"\ninstances = [\n{}\n]\n{more}", members.join(",\n"));
    add("disaster_recovery_plan", "p", &body, None);
    (text, ids)
}

async fn check(before: &[u8], after: &[u8]) -> Result<(), String> {
    let mut course = Course::new();
    let untouched = [MAIN, STANDBY].map(|id| course.rocketmq().broker(id).unwrap());
    let ((first, _), (second, ids)) = (configuration(before), configuration(after));
    course.write(&first);
    let planned = course.lab.plan().await;
    if !planned.is_applicable() || actions(&planned).len() != 9 {
        return Err(format!("{first}\n{}", listed(&planned.plan.diagnostics)));
    }
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
    course.write(&second);
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
    let plans = course.rocketmq().plans();
    let [plan] = plans.as_slice() else { return Err(format!("plans: {plans:#?}")) };
    let plan = ("apsaramq_rocketmq_disaster_recovery_plan.p".to_owned(), plan.id.to_string());
    let objects: Vec<(&str, &str)> =
        ids.iter().chain([&plan]).map(|(addr, id)| (addr.as_str(), id.as_str())).collect();
    course.import(&second, &objects).await;
    course.apply_with(PlanOptions::destroy()).await;
    if !course.lab.state().is_empty() || !course.rocketmq().plans().is_empty() {
        return Err("something is left in the state, or a plan".to_owned());
    }
    for before in untouched {
        let id = before.instance.id.clone();
        let left = course.rocketmq().broker(&id).unwrap();
        let same = left.topics.keys().eq(before.topics.keys())
            && left.groups.keys().eq(before.groups.keys())
            && left.accounts.keys().eq(before.accounts.keys());
        if !same || !left.acls.is_empty() {
            return Err(format!("left: {left:#?}"));
        }
    }
    Ok(())
}

#[test]
fn random_configurations_settle_are_imported_and_leave_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { cases: 12, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let numbers = || vec(any::<u8>(), 32);
    TestRunner::new_with_rng(config, seed)
        .run(&(numbers(), numbers()), |(before, after)| {
            runtime.block_on(check(&before, &after)).map_err(TestCaseError::fail)
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
