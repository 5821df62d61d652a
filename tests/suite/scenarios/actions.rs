//! Actions of DMS end to end: each is run, recorded, not run again by itself, and refused in the service's own words.

use std::time::Duration;

use queueform::emulator::Credentials;
use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;
use queueform::emulator::dms::Status as Phase;
use queueform::ops::apply::ApplyOutcome;
use serde_json::Value;
use serde_json::json;

use super::script::PREAMBLE;
use super::stage::Stage;
use super::stage::allowing;
use super::stage::apply_after;
use crate::engine::listed;
use crate::engine::told;
use crate::support::Place;

/// An id that no instance has.
const NOBODY: &str = "99999999-8888-4777-8666-555555555555";

/// S14: the service's words for what is not there, and the message that is found again.
#[tokio::test]
async fn a_message_is_sent_once() {
    let stage = Stage::new();
    let message = "body = \"tf script test\"\nproperties = { KEYS = \"owner\", TAGS = \"terraform\" }";
    stage.declare(&[
        ("send_message", "lost", &format!("instance_id = \"{NOBODY}\"\ntopic = \"orders\"\n{message}")),
        ("send_message", "nowhere", &format!("topic = \"not_found\"\n{message}")),
        ("send_message", "hello", &format!("topic = \"orders\"\n{message}")),
    ]);
    for (action, said) in [
        ("send_message.lost", "This DMS instance does not exist"),
        ("send_message.nowhere", "Topic does not exist"),
    ] {
        // What was refused was not done: it may be tried again.
        for _ in 0..2 {
            let found = stage.failed(action).await;
            assert!(found.contains(said), "{action}: {found}");
        }
        assert!(!stage.is_recorded(action));
    }
    let sent = stage.run_once("send_message.hello").await;
    let stored = stage.lab.dms().messages(&stage.iid, "orders");
    assert_eq!(stored.len(), 31);
    let message = stored.iter().find(|one| json!(one.id) == sent["msg_id"]).unwrap();
    assert_eq!((message.body.as_str(), message.properties["KEYS"].as_str()), ("tf script test", "owner"));
    assert_eq!(
        (&sent["queue_id"], &sent["queue_offset"], &sent["broker_name"]),
        (&json!(message.queue_id), &json!(message.queue_offset), &json!(message.broker))
    );
    let found = stage
        .data(&format!(
            "data \"dms_rocketmq_messages\" \"sent\" {{\ninstance_id = \"{}\"\ntopic = \"orders\"\nkey = \"owner\"\n\
             start_time = \"0\"\nend_time = \"{}\"\n}}\noutput \"ids\" {{\n\
             value = data.dms_rocketmq_messages.sent.messages[*].msg_id\n}}\n",
            stage.iid,
            stage.lab.dms().now_ms() + 1000,
        ))
        .await;
    assert_eq!(found["ids"], json!([message.id]));
}

/// S15: to the beginning without loss; over unread messages only if that is allowed.
#[tokio::test]
async fn offsets_are_reset_and_unread_messages_are_not_skipped() {
    let stage = Stage::new();
    let place = "group = \"billing\"\ntopic = \"orders\"\n";
    let later = stage.lab.dms().now_ms() + 3_600_000;
    stage.declare(&[
        ("reset_consumer_offset", "rewind", &format!("{place}timestamp = \"0\"")),
        ("reset_consumer_offset", "skip", &format!("{place}timestamp = \"-1\"")),
        ("reset_consumer_offset", "later", &format!("{place}timestamp = \"{later}\"")),
        ("reset_consumer_offset", "nobody", "group = \"nobody\"\ntopic = \"orders\"\ntimestamp = \"0\""),
        (
            "reset_consumer_offset",
            "wrong",
            &format!("{place}timestamp = \"-1\"").replace("orders", "nothing"),
        ),
    ]);
    for (action, count) in [("reset_consumer_offset.skip", 12), ("reset_consumer_offset.later", 12)] {
        let said = stage.denied(action).await;
        assert!(said.contains(&format!("{count} unread messages")), "{action}: {said}");
        match stage.lab.apply_with(allowing(action, count - 1)).await {
            ApplyOutcome::Refused(_) => {}
            other => panic!("{}", told(&other)),
        }
    }
    let reset = stage.run_once("reset_consumer_offset.rewind").await;
    let queues = reset["queues"].as_array().unwrap();
    assert!(queues.len() == 4 && queues.iter().all(|queue| queue["offset"] == 0), "{reset}");
    let unread = |stage: &Stage| {
        let group =
            stage.lab.dms().groups(&stage.iid).into_iter().find(|group| group.name == "billing").unwrap();
        30 - group.offsets["orders"].values().flat_map(|of| of.values()).sum::<u64>()
    };
    assert_eq!(unread(&stage), 30);
    // What has been allowed for what is there does not hold for what arrives.
    let outcome = {
        let dms = stage.lab.dms().clone();
        let iid = stage.iid.clone();
        apply_after(&stage.lab, allowing("reset_consumer_offset.skip", 30), &mut move || {
            assert!(dms.produce(&iid, "orders", 5));
        })
        .await
    };
    match outcome {
        ApplyOutcome::Applied(_, applied) if !applied.complete => {
            let said = listed(&applied.diagnostics);
            assert!(said.contains("35 unread messages"), "{said}");
        }
        other => panic!("{}", told(&other)),
    }
    assert_eq!(unread(&stage), 30);
    let outcome = stage.lab.apply_with(allowing("reset_consumer_offset.skip", 35)).await;
    stage.ended("reset_consumer_offset.skip", outcome).await;
    assert_eq!(stage.lab.dms().groups(&stage.iid).len(), 2);
    for (action, said) in [
        ("reset_consumer_offset.nobody", "Group does not exist"),
        ("reset_consumer_offset.wrong", "Topic does not exist"),
    ] {
        let found = stage.denied(action).await;
        assert!(found.contains(said), "{action}: {found}");
    }
}

/// S16 and S18: dead letters are exported, and given to their group once more.
#[tokio::test]
async fn dead_letters_are_exported_and_resent() {
    let stage = Stage::new();
    let dead = stage.lab.dms().messages(&stage.iid, "%DLQ%billing");
    let (first, second) = (&dead[0].id, &dead[1].id);
    stage.declare(&[
        ("export_dead_letters", "lost", &format!("instance_id = \"{NOBODY}\"\ngroup = \"billing\"")),
        ("export_dead_letters", "none", "group = \"audit\""),
        (
            "export_dead_letters",
            "two",
            &format!("group = \"billing\"\nmsg_ids = [\"{first}\", \"{second}\"]"),
        ),
        ("resend_dead_letters", "one", &format!("group = \"billing\"\nmsg_ids = [\"{first}\"]")),
        (
            "resend_dead_letters",
            "mixed",
            &format!("group = \"billing\"\nmsg_ids = [\"{second}\", \"missing\"]"),
        ),
    ]);
    for (action, said) in [
        ("export_dead_letters.lost", "This DMS instance does not exist"),
        (
            "export_dead_letters.none",
            "Query topic failed. No topic route info in name server for topic: %DLQ%audit",
        ),
    ] {
        let found = stage.failed(action).await;
        assert!(found.contains(said), "{action}: {found}");
    }
    let exported = stage.run("export_dead_letters.two").await;
    let messages = exported["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2, "{exported}");
    assert!(messages.iter().all(|one| one["body"] == "dead" && one["properties"].is_object()), "{exported}");
    // Reading again is harmless, and it is read again.
    let again = stage.run("export_dead_letters.two").await;
    assert_eq!(again, exported);
    let sent = stage.run_once("resend_dead_letters.one").await;
    assert_eq!(
        sent["results"],
        json!([{ "msg_id": first, "error_code": "DMS.00000000", "error_message": "Success." }])
    );
    assert_eq!(stage.lab.dms().messages(&stage.iid, "%RETRY%billing").len(), 1);
    let said = stage.failed("resend_dead_letters.mixed").await;
    assert!(said.contains("1 of 2 messages failed: missing (DMS.00400800)"), "{said}");
    // It was run, and not as it should have been: that is said, and it is not run once more.
    let said = stage.denied("resend_dead_letters.mixed").await;
    assert!(said.contains("did not end as it should: 1 of 2 messages failed: missing"), "{said}");
    assert_eq!(stage.lab.dms().messages(&stage.iid, "%RETRY%billing").len(), 2);
}

/// S18: the file has one message a line, and what it holds is nowhere else.
#[test]
fn dead_letters_are_written_to_a_file_line_by_line() {
    let stage = Stage::new();
    let dead = stage.lab.dms().messages(&stage.iid, "%DLQ%billing");
    let keys = Credentials::default();
    let provider = format!(
        "provider \"dms\" {{\ncloud = \"huawei\"\nregion = {:?}\nproject_id = {:?}\naccess_key = {:?}\nsecret_key = {:?}\nendpoint = {:?}\n}}\n",
        keys.region,
        keys.project_id,
        keys.access_key,
        keys.secret_key,
        stage.lab.emulator.endpoint(System::Dms),
    );
    let block = stage.blocks(&[("export_dead_letters", "all", "group = \"billing\"")]);
    let place = Place::with(&[("main.qf.hcl", &format!("{provider}{block}"))]);
    let export = |file: &str| {
        let addr = "action.dms_rocketmq_export_dead_letters.all";
        place.run(&["action", "run", addr, "--out-file", file]).success()
    };
    let told = export("dead.ndjson");
    let lines: Vec<Value> =
        place.read("dead.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = lines.iter().map(|line| line["msg_id"].as_str().unwrap()).collect();
    assert_eq!(ids, dead.iter().map(|one| one.id.as_str()).collect::<Vec<_>>());
    assert!(lines.iter().all(|line| line["body"] == "dead"), "{lines:?}");
    assert!(!told.contains("\"body\": \"dead\""), "{told}");
    let state = place.run(&["state", "pull"]).success();
    assert!(state.contains("export_dead_letters") && !state.contains("\"dead\""), "{state}");
    assert!(!export("dead.json").is_empty());
    let whole: Value = serde_json::from_str(&place.read("dead.json")).unwrap();
    assert_eq!(whole["messages"], json!(lines));
}

/// S17: a consumer that is online consumes once more.
#[tokio::test]
async fn consumption_is_verified_with_a_consumer_that_is_online() {
    let stage = Stage::new();
    let message = &stage.lab.dms().messages(&stage.iid, "orders")[3].id;
    let place = format!("group = \"billing\"\ntopic = \"orders\"\nmsg_ids = [\"{message}\"]\n");
    let consumers = format!(
        "data \"dms_rocketmq_consumers\" \"billing\" {{\ninstance_id = \"{}\"\ngroup = \"billing\"\n}}\n",
        stage.iid
    );
    let blocks = stage.blocks(&[
        (
            "verify_consumption",
            "one",
            &format!("{place}client_id = data.dms_rocketmq_consumers.billing.client_ids[0]"),
        ),
        ("verify_consumption", "offline", &format!("{place}client_id = \"nobody\"")),
    ]);
    stage.lab.write(&format!("{PREAMBLE}{consumers}{blocks}"));
    let found = stage.run_once("verify_consumption.one").await;
    assert_eq!((&found["client_id"], &found["results"][0]["msg_id"]), (&json!("billing-1"), &json!(message)));
    let said = stage.failed("verify_consumption.offline").await;
    assert!(said.contains("DMS.50050004"), "{said}");
}

/// S19 and S21: nodes are restarted and consumers diagnosed; both are waited for.
#[tokio::test]
async fn nodes_are_restarted_and_groups_diagnosed() {
    let stage = Stage::new();
    let nodes = format!(
        "data \"dms_rocketmq_nodes\" \"all\" {{\ninstance_id = \"{iid}\"\n}}\n\
         data \"dms_rocketmq_consumers\" \"billing\" {{\ninstance_id = \"{iid}\"\ngroup = \"billing\"\n}}\n",
        iid = stage.iid
    );
    let blocks = stage.blocks(&[
        ("restart_nodes", "first", "node_ids = slice(data.dms_rocketmq_nodes.all.ids, 0, 2)"),
        (
            "diagnose_group",
            "billing",
            "group = \"billing\"\nnode_ids = data.dms_rocketmq_consumers.billing.client_ids",
        ),
        ("diagnose_group", "nobody", "group = \"nobody\"\nnode_ids = [\"x\"]"),
    ]);
    stage.lab.write(&format!("{PREAMBLE}{nodes}{blocks}"));
    let restarted = stage.run_once("restart_nodes.first").await;
    assert_eq!(restarted["node_ids"], json!(["broker-0-0", "broker-0-1"]));
    assert_eq!(stage.lab.dms().instances()[0].status, Phase::Running);
    let report = stage.run_once("diagnose_group.billing").await;
    let said = stage.failed("diagnose_group.nobody").await;
    assert!(said.contains("Group does not exist"), "{said}");
    let found = stage
        .data(&format!(
            "data \"dms_rocketmq_diagnosis\" \"one\" {{\nreport_id = {}\n}}\noutput \"status\" {{\n\
             value = data.dms_rocketmq_diagnosis.one.status\n}}\n",
            report["report_id"]
        ))
        .await;
    assert_eq!(found["status"], "finished");
}

/// S22: out of the recycle bin, with everything that was in it.
#[tokio::test]
async fn a_deleted_instance_is_restored() {
    let stage = Stage::new();
    let policy = "resource \"dms_rocketmq_recycle_policy\" \"project\" {\nretention_days = 3\n}\n";
    let blocks = stage.blocks(&[
        ("restore_instance", "unknown", &format!("instance_id = \"{NOBODY}\"")),
        ("restore_instance", "back", ""),
        ("delete_instances", "old", &format!("instance_ids = [\"{}\"]", stage.iid)),
        ("delete_instances", "unknown", &format!("instance_ids = [\"{NOBODY}\"]")),
    ]);
    stage.lab.write(&format!("{PREAMBLE}{policy}{blocks}"));
    stage.lab.converge().await;
    let said = stage.failed("restore_instance.unknown").await;
    assert!(said.contains("This DMS instance does not exist"), "{said}");
    let said = stage.failed("delete_instances.unknown").await;
    assert!(said.contains(NOBODY), "{said}");
    let gone = stage.run_once("delete_instances.old").await;
    assert_eq!(gone["results"], json!([{ "instance": stage.iid, "result": "success" }]));
    stage.lab.dms().advance(Duration::from_secs(600));
    assert!(stage.lab.dms().instances().is_empty());
    let back = stage.run_once("restore_instance.back").await;
    assert!(back["job_id"].is_string(), "{back}");
    assert_eq!(stage.lab.dms().topics(&stage.iid).len(), 2);
    assert_eq!(stage.lab.dms().messages(&stage.iid, "orders").len(), 30);
}

/// Many objects with one call each, guarded by what they hold; jobs are waited for.
#[tokio::test]
async fn topics_and_groups_are_changed_and_deleted_by_the_batch() {
    let stage = Stage::new();
    stage.declare(&[
        ("delete_topics", "idle", "names = [\"idle\"]"),
        ("delete_topics", "all", "names = [\"idle\", \"orders\"]"),
        ("delete_consumer_groups", "audit", "names = [\"audit\"]"),
        (
            "update_consumer_groups",
            "retries",
            "groups = [for name in [\"audit\", \"billing\"] : { name = name, enabled = true, broadcast = false, \
             retry_max_times = 3 }]",
        ),
        (
            "update_consumer_groups",
            "nobody",
            "groups = [{ name = \"nobody\", enabled = true, broadcast = false, retry_max_times = 3 }]",
        ),
    ]);
    let changed = stage.run_once("update_consumer_groups.retries").await;
    let job = changed["job_id"].as_str().unwrap().to_owned();
    let groups = stage.lab.dms().groups(&stage.iid);
    assert!(groups.iter().all(|group| group.retry_max_time == 3), "{groups:?}");
    let said = stage.failed("update_consumer_groups.nobody").await;
    assert!(said.contains("Group does not exist"), "{said}");
    stage.run_once("delete_consumer_groups.audit").await;
    assert_eq!(stage.lab.dms().groups(&stage.iid).len(), 1);
    stage.run_once("delete_topics.idle").await;
    let said = stage.denied("delete_topics.all").await;
    assert!(said.contains("30 messages are stored"), "{said}");
    let outcome = stage.lab.apply_with(allowing("delete_topics.all", 30)).await;
    stage.ended("delete_topics.all", outcome).await;
    assert!(stage.lab.dms().topics(&stage.iid).is_empty());

    stage.declare(&[
        ("wait_job", "change", &format!("job_id = \"{job}\"")),
        ("wait_job", "nothing", "job_id = \"ff808082891e9d8501891ea01a300004\""),
    ]);
    // Blocks that are gone take their records with them.
    stage.lab.converge().await;
    assert!(stage.lab.state().is_empty());
    assert_eq!(stage.run("wait_job.change").await["status"], "SUCCESS");
    assert!(stage.failed("wait_job.nothing").await.contains("DMS."));
}

/// Tags of an instance that is managed elsewhere.
#[tokio::test]
async fn tags_are_added_and_removed() {
    let stage = Stage::new();
    let tags = |stage: &Stage| stage.lab.dms().instances()[0].tags.clone().into_iter().collect::<Vec<_>>();
    stage.declare(&[
        ("add_tags", "owner", "tags = { owner = \"orders\", env = \"test\" }"),
        ("remove_tags", "owner", "tags = { owner = \"orders\" }"),
    ]);
    stage.run_once("add_tags.owner").await;
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(tags(&stage), [pair("env", "test"), pair("owner", "orders")]);
    stage.run_once("remove_tags.owner").await;
    assert_eq!(tags(&stage), [pair("env", "test")]);
}

/// What is left over: failed instances, reports, records of tasks; and the protocols of an instance.
#[tokio::test]
async fn leftovers_are_deleted_and_protocols_switched() {
    let stage = Stage::new();
    let dms = stage.lab.dms();
    let broken = dms.seed_instance(&InstanceSeed::new("broken"));
    assert!(dms.set_status(&broken, Phase::CreateFailed));
    let report = dms.diagnose(&stage.iid, "billing").unwrap();
    dms.advance(Duration::from_secs(600));
    stage.declare(&[
        ("delete_failed_instances", "all", "engine = \"reliability\""),
        ("delete_diagnoses", "old", &format!("report_ids = [\"{report}\"]")),
        ("switch_tls", "both", "tls_mode = \"PERMISSIVE\""),
        ("switch_tls", "wrong", &format!("instance_id = \"{NOBODY}\"\ntls_mode = \"SSL\"")),
    ]);
    stage.run_once("delete_diagnoses.old").await;
    assert!(stage.lab.dms().broker(&stage.iid).unwrap().reports.is_empty());
    let switched = stage.run_once("switch_tls.both").await;
    let instance = stage.lab.dms().instance_named("busy").unwrap();
    assert_eq!((instance.tls_mode.as_str(), instance.status), ("PERMISSIVE", Phase::Running));
    let said = stage.failed("switch_tls.wrong").await;
    assert!(said.contains("This DMS instance does not exist"), "{said}");
    stage.run_once("delete_failed_instances.all").await;
    stage.lab.dms().advance(Duration::from_secs(600));
    let names: Vec<String> = stage.lab.dms().instances().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["busy"]);

    // The job of the switch leaves a record behind, which is deleted once it is over.
    let job = switched["job_id"].as_str().unwrap();
    stage.declare(&[
        ("wait_job", "switch", &format!("job_id = \"{job}\"")),
        ("delete_background_task", "switch", &format!("task_id = \"{job}\"")),
    ]);
    stage.lab.converge().await;
    assert_eq!(stage.run("wait_job.switch").await["status"], "SUCCESS");
    stage.run_once("delete_background_task.switch").await;
    let said = stage.failed("wait_job.switch").await;
    assert!(said.contains("DMS."), "{said}");
}

/// Messages that arrive while a plan is looked at were not allowed to be lost.
#[tokio::test]
async fn topics_are_not_deleted_with_messages_that_arrive_meanwhile() {
    let stage = Stage::new();
    stage.declare(&[("delete_topics", "all", "names = [\"idle\", \"orders\"]")]);
    let (dms, iid) = (stage.lab.dms().clone(), stage.iid.clone());
    let mut meanwhile = move || assert!(dms.produce(&iid, "idle", 7));
    let outcome = apply_after(&stage.lab, allowing("delete_topics.all", 30), &mut meanwhile).await;
    let ApplyOutcome::Applied(_, applied) = outcome else { panic!("{}", told(&outcome)) };
    let said = listed(&applied.diagnostics);
    assert!(!applied.complete && said.contains("37 messages are stored"), "{said}");
    assert_eq!(stage.lab.dms().topics(&stage.iid).len(), 2);
    assert!(!stage.is_recorded("delete_topics.all"));
}
