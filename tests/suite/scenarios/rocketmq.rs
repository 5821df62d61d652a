//! `ApsaraMQ` for `RocketMQ`: every resource is made, changed, imported and destroyed, and what would be lost is guarded.

use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::apply::End;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::emulator::rocketmq::Handle;
use queueform::emulator::rocketmq::InstanceSeed;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::plan::PlanOptions;

use super::script::steps;
use crate::engine::Lab;
use crate::engine::actions;
use crate::engine::listed;
use crate::engine::told;

pub(super) const MAIN: &str = "rmq-cn-main0000001";
pub(super) const STANDBY: &str = "rmq-cn-standby0001";

/// A course of one configuration beside two instances that exist.
pub(super) struct Course {
    pub(super) lab: Lab,
    seen: u64,
}

impl Course {
    pub(super) fn new() -> Self {
        let course = Self { lab: Lab::new(""), seen: 0 };
        for (id, region) in [(MAIN, "cn-hangzhou"), (STANDBY, "cn-beijing")] {
            let seed =
                InstanceSeed::new(id).id(id).region(region).topic("orders").topic("refunds").group("billing");
            course.rocketmq().seed_instance(&seed);
        }
        course
    }

    pub(super) fn rocketmq(&self) -> &Handle {
        self.lab.emulator.store().rocketmq()
    }

    pub(super) fn write(&mut self, blocks: &str) {
        self.lab.write(&format!("provider \"apsaramq\" {{\n  region = \"cn-hangzhou\"\n}}\n{blocks}"));
        self.seen = self.all().last().map_or(0, |call| call.0);
    }

    fn all(&self) -> Vec<(u64, String)> {
        let calls = self.lab.emulator.store().calls(System::ApsaramqRocketmq).into_iter();
        calls
            .filter(|call| call.mutating && call.committed)
            .map(|call| {
                let last = call.path.rsplit('/').next().unwrap_or_default().to_owned();
                (call.sequence, format!("{} {last}", call.method))
            })
            .collect()
    }

    /// The calls since the configuration was written that changed something, with the ends of their paths.
    pub(super) fn writes(&self) -> Vec<String> {
        let new = self.all().into_iter().filter(|(sequence, _)| *sequence > self.seen);
        new.map(|(_, call)| call).collect()
    }

    pub(super) async fn apply_with(&self, options: PlanOptions) {
        match self.lab.apply_with(options).await {
            ApplyOutcome::Unchanged(_) => {}
            ApplyOutcome::Applied(_, applied) if applied.complete => {}
            other => panic!("{}", told(&other)),
        }
    }

    /// Plans, compares, applies, compares, and plans again with nothing to do.
    pub(super) async fn step(&mut self, blocks: &str, wanted: &[&str], calls: &[&str]) {
        self.write(blocks);
        let planned = self.lab.plan().await;
        assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
        assert_eq!(actions(&planned), wanted, "{blocks}");
        self.apply_with(PlanOptions::normal()).await;
        assert_eq!(self.writes(), calls, "{blocks}");
        // A plan runs with its first item: the next run records that, and sends nothing.
        self.apply_with(PlanOptions::normal()).await;
        assert_eq!(self.writes(), calls, "{blocks}");
        self.lab.settled().await;
    }

    /// Takes everything over into a blank state: nothing is sent, and nothing is left to do.
    pub(super) async fn import(&mut self, blocks: &str, objects: &[(&str, &str)]) {
        std::fs::remove_dir_all(self.lab.path().join(".queueform")).unwrap();
        let imports = objects.iter().map(|(to, id)| format!("import {{\n  to = {to}\n  id = \"{id}\"\n}}\n"));
        self.write(&format!("{blocks}\n{}", imports.collect::<String>()));
        let planned = self.lab.plan().await;
        assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
        assert_eq!((actions(&planned), steps(&planned)), (Vec::new(), Vec::new()), "{blocks}");
        self.apply_with(PlanOptions::normal()).await;
        assert_eq!(self.writes(), [""; 0]);
        self.write(blocks);
        self.lab.settled().await;
    }

    async fn destroy(&mut self, calls: &[&str]) {
        self.seen = self.all().last().map_or(0, |call| call.0);
        self.apply_with(PlanOptions::destroy()).await;
        assert_eq!(self.writes(), calls);
        assert!(self.lab.state().is_empty());
    }

    /// What the plan of a configuration says is wrong with it.
    pub(super) async fn refused(&mut self, blocks: &str) -> String {
        self.write(blocks);
        let planned = self.lab.plan().await;
        assert!(!planned.is_applicable(), "{blocks}");
        listed(&planned.plan.diagnostics)
    }
}

pub(super) fn block(kind: &str, body: &str) -> String {
    format!("resource \"apsaramq_rocketmq_{kind}\" \"x\" {{\n{body}\n}}\n")
}

#[tokio::test]
async fn a_topic_is_changed_in_place_or_made_anew() {
    let mut course = Course::new();
    let topic = |more: &str| block("topic", &format!("instance_id = \"{MAIN}\"\nname = \"new\"\n{more}"));
    course.step(&topic(""), &["create apsaramq_rocketmq_topic.x"], &["POST new"]).await;
    let update = ["update apsaramq_rocketmq_topic.x"];
    course.step(&topic("remark = \"a b\""), &update, &["PATCH new"]).await;
    course.step(&topic("remark = \"a b\"\nmax_send_tps = 10"), &update, &["PATCH new"]).await;
    course
        .import(
            &topic("remark = \"a b\"\nmax_send_tps = 10"),
            &[("apsaramq_rocketmq_topic.x", &format!("{MAIN}/new"))],
        )
        .await;
    let replace = ["replace apsaramq_rocketmq_topic.x"];
    course.step(&topic("message_type = \"FIFO\""), &replace, &["DELETE new", "POST new"]).await;
    let lite = topic("message_type = \"LITE\"\nlite_topic_expiration = 60");
    course.step(&lite, &replace, &["DELETE new", "POST new"]).await;
    course.step(&lite.replace("60", "15"), &update, &["PATCH new"]).await;
    course.destroy(&["DELETE new"]).await;
    for (body, said) in [
        ("message_type = \"LITE\"\nlite_topic_expiration = 15", "expires after 30 to 720 minutes"),
        ("lite_topic_expiration = 60", "is for message type `LITE`"),
        ("max_send_tps = 0", "must be between 1 and"),
    ] {
        let found = course.refused(&topic(body)).await;
        assert!(found.contains(said), "{found}");
    }
    course.rocketmq().set(|settings| settings.topic_quota = 2);
    let found = course.refused(&topic("")).await;
    assert!(found.contains("Topic.QuotaExceeded"), "{found}");
}

#[tokio::test]
async fn a_message_between_plan_and_apply_stops_the_deletion() {
    let mut course = Course::new();
    let topic = block("topic", &format!("instance_id = \"{MAIN}\"\nname = \"new\""));
    course.step(&topic, &["create apsaramq_rocketmq_topic.x"], &["POST new"]).await;
    assert!(course.rocketmq().connect(MAIN, "billing", "c@1", &["new"]));
    course.write("");
    let project = course.lab.open();
    let ports = ApplyPorts {
        approve: &mut |planned| planned.is_applicable() && course.rocketmq().produce(MAIN, "new", 3),
        events: &mut |_event| {},
        stop: &Stopper::default().signal(),
        abort: &Stop::never(),
    };
    let request = ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
    let outcome = ops::apply::apply(&project, &request, ports).await.unwrap();
    let ApplyOutcome::Applied(_, applied) = &outcome else { panic!("{}", told(&outcome)) };
    assert_eq!(applied.ends.iter().map(|object| &object.end).collect::<Vec<_>>(), [&End::Denied]);
    assert!(course.rocketmq().broker(MAIN).unwrap().topics.contains_key("new"));
    // What waits is seen by the next plan already.
    let planned = course.lab.plan().await;
    assert!(!planned.is_applicable());
    assert!(course.rocketmq().drain(MAIN, "billing", "new"));
    course.apply_with(PlanOptions::normal()).await;
    assert!(!course.rocketmq().broker(MAIN).unwrap().topics.contains_key("new"));
}

/// A group that has read the topic once is behind in it, although it does not subscribe now.
#[tokio::test]
async fn unread_messages_of_a_group_without_subscriptions_are_seen() {
    let mut course = Course::new();
    let topic = block("topic", &format!("instance_id = \"{MAIN}\"\nname = \"new\""));
    course.step(&topic, &["create apsaramq_rocketmq_topic.x"], &["POST new"]).await;
    assert!(course.rocketmq().set_lag(MAIN, "billing", "new", 5));
    assert!(course.rocketmq().edit_group(MAIN, "billing", |group| group.subscriptions.clear()));
    course.write("");
    let planned = course.lab.plan().await;
    let guards = planned.plan.changes.iter().flat_map(|change| &change.guards);
    let said: Vec<&str> = guards.map(|guard| guard.message.as_str()).collect();
    assert!(
        !planned.is_applicable() && said.iter().any(|one| one.starts_with("5 unread: billing 5")),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_group_keeps_its_retry_policy_through_every_change() {
    let mut course = Course::new();
    let group = |retry: &str, more: &str| {
        block(
            "consumer_group",
            &format!(
                "instance_id = \"{MAIN}\"\ngroup_id = \"new\"\ndelivery_order_type = \"Concurrently\"\nretry = {retry}\n{more}"
            ),
        )
    };
    let plain = "{ policy = \"DefaultRetryPolicy\" }";
    course.step(&group(plain, ""), &["create apsaramq_rocketmq_consumer_group.x"], &["POST new"]).await;
    let update = ["update apsaramq_rocketmq_consumer_group.x"];
    let dead = "{ policy = \"DefaultRetryPolicy\", max_times = 3, dead_letter_topic = \"refunds\" }";
    course.step(&group(dead, ""), &update, &["PATCH new"]).await;
    course.step(&group(dead, "remark = \"r\"\nmax_receive_tps = 5"), &update, &["PATCH new"]).await;
    let retry = course.rocketmq().broker(MAIN).unwrap().groups["new"].retry.clone();
    assert_eq!((retry.max_times, retry.dead_letter_topic.as_deref()), (3, Some("refunds")));
    let whole = group(dead, "remark = \"r\"\nmax_receive_tps = 5");
    course.import(&whole, &[("apsaramq_rocketmq_consumer_group.x", &format!("{MAIN}/new"))]).await;
    let ordered = group("{ policy = \"FixedRetryPolicy\", fixed_interval_seconds = 7 }", "")
        .replace("Concurrently", "Orderly");
    course.step(&ordered, &["replace apsaramq_rocketmq_consumer_group.x"], &["DELETE new", "POST new"]).await;
    course.destroy(&["DELETE new"]).await;
    let found = course.refused(&group("{ policy = \"FixedRetryPolicy\" }", "")).await;
    assert!(found.contains("read concurrently have `DefaultRetryPolicy`"), "{found}");
    let found = course.refused(&group("{ policy = \"Other\" }", "")).await;
    assert!(found.contains("`retry.policy` must be one of"), "{found}");
}

#[tokio::test]
async fn accounts_and_their_rules() {
    let mut course = Course::new();
    let account = |more: &str| {
        block(
            "account",
            &format!("instance_id = \"{MAIN}\"\nusername = \"app\"\npassword = \"s3 e+c\"\n{more}"),
        )
    };
    let update = ["update apsaramq_rocketmq_account.x"];
    course
        .step(&account("password_version = 1"), &["create apsaramq_rocketmq_account.x"], &["POST accounts"])
        .await;
    course.step(&account("password_version = 1\nstatus = \"DISABLE\""), &update, &["PATCH app"]).await;
    let changed = account("password_version = 2\nremark = \"r\"").replace("s3 e+c", "another");
    course.step(&changed, &update, &["PATCH app"]).await;
    let stored = course.rocketmq().broker(MAIN).unwrap().accounts["app"].clone();
    assert_eq!((stored.password.as_str(), stored.status.as_str()), ("another", "ENABLE"));
    let state = std::fs::read_to_string(course.lab.path().join(".queueform/emulator/queueform.state.json"));
    assert!(!state.is_ok_and(|state| state.contains("another")), "the password is in the state");
    let rule = |actions: &str, decision: &str| {
        format!(
            "{changed}{}",
            block(
                "acl",
                &format!(
                    "instance_id = \"{MAIN}\"\nusername = apsaramq_rocketmq_account.x.username\nresource_type = \"Topic\"\n\
                     resource_name = \"orders\"\nactions = {actions}\ndecision = \"{decision}\""
                ),
            )
        )
    };
    course
        .step(&rule("[\"Pub\", \"Sub\"]", "Allow"), &["create apsaramq_rocketmq_acl.x"], &["POST app"])
        .await;
    course.rocketmq().set(|settings| settings.joined_actions = true);
    course.lab.settled().await;
    course.step(&rule("[\"Sub\"]", "Deny"), &["update apsaramq_rocketmq_acl.x"], &["PATCH app"]).await;
    let objects = [
        ("apsaramq_rocketmq_account.x", format!("{MAIN}/app")),
        ("apsaramq_rocketmq_acl.x", format!("{MAIN}/app/Topic/orders")),
    ];
    let objects: Vec<(&str, &str)> = objects.iter().map(|(to, id)| (*to, id.as_str())).collect();
    course.import(&rule("[\"Sub\"]", "Deny"), &objects).await;
    course.destroy(&["DELETE app", "DELETE app"]).await;
}

#[tokio::test]
async fn a_whitelist_is_the_whole_list() {
    let mut course = Course::new();
    course.rocketmq().edit_instance(MAIN, |instance| instance.ip_whitelist = vec!["192.0.2.1".to_owned()]);
    let list =
        |entries: &str| block("ip_whitelist", &format!("instance_id = \"{MAIN}\"\nentries = {entries}"));
    let shown = |course: &Course| course.rocketmq().broker(MAIN).unwrap().instance.ip_whitelist;
    let both = ["POST whitelist", "DELETE whitelist"];
    course.step(&list("[\"10.0.0.0/8\"]"), &["create apsaramq_rocketmq_ip_whitelist.x"], &both).await;
    assert_eq!(shown(&course), ["10.0.0.0/8"]);
    course
        .step(&list("[\"10.1.0.0/16\", \"10.2.0.1\"]"), &["update apsaramq_rocketmq_ip_whitelist.x"], &both)
        .await;
    course
        .import(&list("[\"10.2.0.1\", \"10.1.0.0/16\"]"), &[("apsaramq_rocketmq_ip_whitelist.x", MAIN)])
        .await;
    course.destroy(&["DELETE whitelist"]).await;
    assert!(shown(&course).is_empty());
}

pub(super) fn plan(more: &str, instances: &[&str]) -> String {
    let instances = instances.join(",\n");
    block(
        "disaster_recovery_plan",
        &format!("name = \"dr\"\ntype = \"ACTIVE_PASSIVE\"\ninstances = [\n{instances}\n]\n{more}"),
    )
}

pub(super) fn own(id: &str, role: &str, more: &str) -> String {
    let region = if id == MAIN { "cn-hangzhou" } else { "cn-beijing" };
    format!(
        "{{ type = \"ALIYUN_ROCKETMQ\", region_id = \"{region}\", instance_id = \"{id}\", role = \"{role}\", auth_type = \"NO_AUTH\"{more} }}"
    )
}

pub(super) fn external(password: &str, version: u64) -> String {
    format!(
        "{{ type = \"EXTERNAL_ROCKETMQ\", region_id = \"cn-beijing\", role = \"PASSIVE\", auth_type = \"ACL_AUTH\", username = \"u\", \
         password = \"{password}\", password_version = {version}, endpoint_url = \"ns.example.com:9876\", \
         network_type = \"TCP_VPC\", vpc_id = \"vpc-1\", vswitch_id = \"vsw-1\", security_group_id = \"sg-1\", \
         consumer_group_id = \"replicator\" }}"
    )
}

#[tokio::test]
async fn a_plan_is_changed_where_it_can_be() {
    let mut course = Course::new();
    let (active, passive) = (own(MAIN, "ACTIVE", ""), own(STANDBY, "PASSIVE", ""));
    let first = plan("", &[&active, &passive]);
    course
        .step(&first, &["create apsaramq_rocketmq_disaster_recovery_plan.x"], &["POST disaster_recovery"])
        .await;
    let id = course.rocketmq().plans()[0].id.to_string();
    let update = ["update apsaramq_rocketmq_disaster_recovery_plan.x"];
    let patch = format!("PATCH {id}");
    // The order of the instances means nothing.
    course.step(&plan("", &[&passive, &active]), &[], &[]).await;
    course.step(&plan("sync_checkpoint_enabled = true", &[&passive, &active]), &update, &[&patch]).await;
    let marked = own(MAIN, "ACTIVE", ", message_property = { key = \"from\", value = \"main\" }");
    let settings = "description = \"d\"\nsync_checkpoint_enabled = true\nauto_sync_checkpoint = true";
    course.step(&plan(settings, &[&marked, &passive]), &update, &[&patch]).await;
    assert_eq!(course.rocketmq().plans()[0].members[0].property.as_ref().unwrap().key, "from");
    course
        .import(&plan(settings, &[&passive, &marked]), &[("apsaramq_rocketmq_disaster_recovery_plan.x", &id)])
        .await;
    // An instance that goes makes a new plan; a plan that is deleted stays readable and counts as gone.
    let replaced = plan("", &[&active, &external("one", 1)]);
    let replace = ["replace apsaramq_rocketmq_disaster_recovery_plan.x"];
    course.step(&replaced, &replace, &[&format!("DELETE {id}"), "POST disaster_recovery"]).await;
    let other = course.rocketmq().plans()[0].clone();
    let patch = format!("PATCH {}", other.id);
    assert_eq!(other.members[1].password.as_deref(), Some("one"));
    // While the version is the same, another password is none.
    course.step(&plan("", &[&active, &external("two", 1)]), &[], &[]).await;
    course.step(&plan("", &[&active, &external("two", 2)]), &update, &[&patch]).await;
    assert_eq!(course.rocketmq().plans()[0].members[1].password.as_deref(), Some("two"));
    let id = other.id.to_string();
    course
        .import(
            &plan("", &[&external("two", 2), &active]),
            &[("apsaramq_rocketmq_disaster_recovery_plan.x", &id)],
        )
        .await;
    course.destroy(&[&format!("DELETE {id}")]).await;
    assert!(course.rocketmq().plans().is_empty());
}

pub(super) fn item(more: &str, topic: &str) -> String {
    let both =
        plan("sync_checkpoint_enabled = true", &[&own(MAIN, "ACTIVE", ""), &own(STANDBY, "PASSIVE", "")]);
    let item = block(
        "disaster_recovery_item",
        &format!(
            "plan_id = apsaramq_rocketmq_disaster_recovery_plan.x.id\ntopics = [\n\
             {{ instance_id = \"{MAIN}\", topic_name = \"{topic}\" }},\n\
             {{ instance_id = \"{STANDBY}\", topic_name = \"{topic}\" }},\n]\n{more}"
        ),
    );
    format!("{both}{item}")
}

#[tokio::test]
async fn an_item_is_started_and_stopped_as_declared() {
    let mut course = Course::new();
    let create = [
        "create apsaramq_rocketmq_disaster_recovery_item.x",
        "create apsaramq_rocketmq_disaster_recovery_plan.x",
    ];
    course.step(&item("", "orders"), &create, &["POST disaster_recovery", "POST items"]).await;
    let found = course.rocketmq().plans()[0].clone();
    let number = *found.items.keys().next().unwrap();
    assert_eq!((found.status.as_str(), found.items[&number].status.as_str()), ("RUNNING", "RUNNING"));
    let update = ["update apsaramq_rocketmq_disaster_recovery_item.x"];
    // How far read positions are behind is shown before replication stops.
    assert!(course.rocketmq().set_lag(MAIN, "billing", "orders", 2));
    course.write(&item("running = false", "orders"));
    let planned = course.lab.plan().await;
    let guards = planned.plan.changes.iter().flat_map(|change| &change.guards);
    let said: Vec<&str> = guards.map(|guard| guard.message.as_str()).collect();
    assert_eq!(said, ["replication stops; 1 group reads its topics: billing (never carried over)"]);
    course.step(&item("running = false", "orders"), &update, &["POST stop"]).await;
    course.step(&item("running = false", "refunds"), &update, &[&format!("PATCH {number}")]).await;
    course.step(&item("", "refunds"), &update, &["POST start"]).await;
    // Somebody else's stop is a difference.
    course.rocketmq().edit_item(found.id, number, |item| "MANUAL_STOPPED".clone_into(&mut item.status));
    course.step(&item("", "refunds"), &update, &["POST start"]).await;
    let objects = [
        ("apsaramq_rocketmq_disaster_recovery_plan.x", found.id.to_string()),
        ("apsaramq_rocketmq_disaster_recovery_item.x", format!("{}/{number}", found.id)),
    ];
    let objects: Vec<(&str, &str)> = objects.iter().map(|(to, id)| (*to, id.as_str())).collect();
    course.import(&item("", "refunds"), &objects).await;
    course.destroy(&["POST stop", &format!("DELETE {number}"), &format!("DELETE {}", found.id)]).await;
    assert!(course.rocketmq().plans().is_empty());
}

#[tokio::test]
async fn an_instance_is_ordered_changed_and_released() {
    let mut course = Course::new();
    let instance = |more: &str| {
        block(
            "instance",
            &format!(
                "series = \"standard\"\nsub_series = \"cluster_ha\"\npayment_type = \"PayAsYouGo\"\nvpc_id = \"vpc-1\"\n\
                 vswitch_ids = [\"vsw-1\"]\nspec = \"rmq.s2.2xlarge\"\n{more}"
            ),
        )
    };
    let closed = "internet = { enabled = false }\n";
    course
        .step(
            &instance(&format!("name = \"one\"\n{closed}")),
            &["create apsaramq_rocketmq_instance.x"],
            &["POST instances"],
        )
        .await;
    let id = course.rocketmq().instances().last().unwrap().id.clone();
    let update = ["update apsaramq_rocketmq_instance.x"];
    let patch = format!("PATCH {id}");
    course
        .step(
            &instance(&format!("name = \"two\"\nremark = \"r\"\nmessage_retention_hours = 24\n{closed}")),
            &update,
            &[&patch],
        )
        .await;
    let access = format!(
        "name = \"two\"\nremark = \"r\"\nmessage_retention_hours = 24\nacl = {{ types = [\"default\", \"apache_acl\"] }}\n{closed}"
    );
    course.step(&instance(&access), &update, &[&patch]).await;
    let tagged = format!("{access}tags = {{ team = \"a\" }}\n");
    course.step(&instance(&tagged), &update, &["POST create"]).await;
    course
        .step(
            &instance(&tagged.replace("team = \"a\"", "env = \"b\"")),
            &update,
            &["DELETE delete", "POST create"],
        )
        .await;
    let listed_too =
        format!("{}ip_whitelist = [\"10.0.0.0/8\"]\n", tagged.replace("team = \"a\"", "env = \"b\""));
    course.step(&instance(&listed_too), &update, &["POST whitelist"]).await;
    course
        .step(&instance(&format!("{listed_too}resource_group_id = \"rg-2\"\n")), &update, &["POST change"])
        .await;
    let whole = instance(&format!("{listed_too}resource_group_id = \"rg-2\"\n"));
    course.import(&whole, &[("apsaramq_rocketmq_instance.x", &id)]).await;
    // A topic that nobody manages would be lost with it.
    course.rocketmq().seed_instance(&InstanceSeed::new("noise"));
    course.destroy(&[&format!("DELETE {id}")]).await;
    assert!(course.rocketmq().instances().iter().all(|instance| instance.id != id));
    for (more, said) in [
        (
            "internet = { enabled = true, billing = \"payByBandwidth\" }",
            "`internet.bandwidth_mbps` goes with",
        ),
        (
            "internet = { enabled = false, billing = \"payByTraffic\" }",
            "`internet.billing` is `uninvolved` exactly",
        ),
        ("internet = { enabled = false }\nperiod = 2", "are for subscriptions"),
        (
            "internet = { enabled = false }\nstorage_encryption = false\nstorage_secret_key = \"k\"",
            "goes with `storage_encryption = true`",
        ),
        (
            "internet = { enabled = false }\nstorage_secret_key = \"k\"",
            "goes with `storage_encryption = true`",
        ),
        ("internet = { enabled = true, bandwidth_mbps = 5 }", "`internet.bandwidth_mbps` needs `billing"),
    ] {
        let found = course.refused(&instance(more)).await;
        assert!(found.contains(said), "{said}: {found}");
    }
    let serverless = instance(closed).replace("cluster_ha", "serverless");
    let found = course.refused(&serverless).await;
    assert!(found.contains("a serverless instance needs `commodity_code`"), "{found}");
}

#[tokio::test]
async fn answers_that_the_documents_leave_open_make_no_difference() {
    let mut course = Course::new();
    course.rocketmq().set(|settings| {
        settings.numeric_codes = true;
        settings.failures_with_200 = true;
        settings.tombstones = false;
    });
    let create = [
        "create apsaramq_rocketmq_disaster_recovery_item.x",
        "create apsaramq_rocketmq_disaster_recovery_plan.x",
    ];
    course.step(&item("", "orders"), &create, &["POST disaster_recovery", "POST items"]).await;
    let found = course.rocketmq().plans()[0].clone();
    let number = *found.items.keys().next().unwrap();
    course.destroy(&["POST stop", &format!("DELETE {number}"), &format!("DELETE {}", found.id)]).await;
}

#[tokio::test]
async fn a_creation_without_an_answer_is_found_again() {
    let mut course = Course::new();
    let rule = FaultRule::new(Fault::DropAfterCommit).on("POST", "/disaster_recovery").times(2);
    course.lab.emulator.store().add_fault(System::ApsaramqRocketmq, rule);
    course.write(&item("", "orders"));
    for _ in 0..4 {
        if let ApplyOutcome::Unchanged(_) = course.lab.apply().await {
            break;
        }
    }
    course.lab.settled().await;
    let plans = course.rocketmq().plans();
    assert_eq!((plans.len(), plans[0].items.len()), (1, 1));
}

#[tokio::test]
async fn flow_control_and_failures_of_the_service_are_survived() {
    let mut course = Course::new();
    for rule in [
        FaultRule::new(Fault::Throttle).every(3),
        FaultRule::new(Fault::Status { status: 500, code: None }).on("GET", "").times(1),
    ] {
        course.lab.emulator.store().add_fault(System::ApsaramqRocketmq, rule);
    }
    let topic = block("topic", &format!("instance_id = \"{MAIN}\"\nname = \"new\""));
    course.step(&topic, &["create apsaramq_rocketmq_topic.x"], &["POST new"]).await;
    course.destroy(&["DELETE new"]).await;
}
