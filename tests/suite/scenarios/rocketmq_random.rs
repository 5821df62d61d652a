//! Random instances, items of disaster recovery and lists of addresses of `ApsaraMQ` for `RocketMQ`: what is applied is
//! settled, every edit is what the schema says, everything can be imported, and nothing is left in the end.

use fastrand::Rng;
use queueform::plan::PlanOptions;

use super::rocketmq::Course;
use super::rocketmq::MAIN;
use super::rocketmq::STANDBY;
use super::rocketmq::own;
use super::rocketmq::plan;
use super::wish::Values;
use super::wish::Verb;
use super::wish::Wish;
use super::wish::maybe;
use super::wish::pick;
use crate::engine::actions;
use crate::engine::listed;

const FLAGS: [&str; 2] = ["true", "false"];
const LISTS: [&str; 4] =
    ["[]", "[\"10.0.0.0/8\"]", "[\"10.1.0.0/16\", \"192.0.2.1\"]", "[\"192.0.2.1\", \"2001:db8::/32\"]"];

/// Plans an edit, compares, and applies it.
async fn edit(course: &mut Course, text: &str, wanted: &[String], told: &str) {
    course.write(text);
    let planned = course.lab.plan().await;
    assert!(planned.is_applicable(), "{told}\n{}", listed(&planned.plan.diagnostics));
    assert_eq!(actions(&planned), wanted, "{told}");
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
}

/// An argument that is chosen anew, for one of the instance's own sake or for the order of it.
fn reconsider(rng: &mut Rng, wish: &mut Wish, argument: usize) {
    let one = |rng: &mut Rng, values: &[&str]| Some(pick(rng, values).to_owned());
    match argument {
        0 => wish.set("name", maybe(rng, &["\"orders\"", "\"ü b+*~\"", "\"x\""])),
        1 => wish.set("remark", maybe(rng, &["\"\"", "\"a b+c\"", "\"备注\""])),
        2 => wish.set("message_retention_hours", maybe(rng, &["1", "24", "720"])),
        3 => wish.set("send_receive_ratio", maybe(rng, &["0.05", "0.35", "1"])),
        4 => wish.set("auto_scaling", maybe(rng, &FLAGS)),
        5 => wish.set("trace_on", maybe(rng, &FLAGS)),
        6 => wish.set("adaptive_elasticity", maybe(rng, &FLAGS)),
        7 => wish.set(
            "acl.types",
            maybe(rng, &["[\"default\"]", "[\"apache_acl\", \"default\"]", "[\"aliyun_ram\"]"]),
        ),
        8 => wish.set("acl.vpc_auth_free", maybe(rng, &FLAGS)),
        9 => wish.set("resource_group_id", maybe(rng, &["\"rg-1\"", "\"rg-2\""])),
        10 => wish
            .set("tags", maybe(rng, &["{ a = \"1\" }", "{ a = \"2\", \"b c\" = \"\" }", "{ d = \"x+*\" }"])),
        11 => wish.set("ip_whitelist", maybe(rng, &LISTS)),
        12 => wish.set("security_group_id", maybe(rng, &["\"sg-1\"", "\"sg-2\""])),
        13 => wish.set("vpc_id", one(rng, &["\"vpc-1\"", "\"vpc-2\""])),
        14 => {
            let (enabled, billing, bandwidth) = [
                ("false", None, None),
                ("false", Some("\"uninvolved\""), None),
                ("true", None, None),
                ("true", Some("\"payByTraffic\""), None),
                ("true", Some("\"payByBandwidth\""), Some("7")),
            ][rng.usize(..5)];
            wish.set("internet.enabled", Some(enabled.to_owned()));
            wish.set("internet.billing", billing.map(str::to_owned));
            wish.set("internet.bandwidth_mbps", bandwidth.map(str::to_owned));
        }
        15 => {
            let (on, key) =
                [(None, None), (Some("false"), None), (Some("true"), None), (Some("true"), Some("\"k\""))]
                    [rng.usize(..4)];
            wish.set("storage_encryption", on.map(str::to_owned));
            wish.set("storage_secret_key", key.map(str::to_owned));
        }
        16 => {
            let serverless = rng.bool();
            let series = pick(rng, &["standard", "professional", "ultimate"]);
            let serverless = serverless && series != "ultimate";
            let kind = if serverless { "serverless" } else { "cluster_ha" };
            wish.set("series", Some(format!("{series:?}")));
            wish.set("sub_series", Some(format!("{kind:?}")));
            wish.set("commodity_code", serverless.then(|| "\"ons_rmqsrvlesspost_public_cn\"".to_owned()));
            wish.set(
                "spec",
                (!serverless).then(|| pick(rng, &["\"rmq.s2.2xlarge\"", "\"rmq.p2.4xlarge\""]).to_owned()),
            );
            let capacity = serverless.then(|| maybe(rng, &["\"provisioned\"", "\"ondemand\""])).flatten();
            wish.set(
                "provisioned_capacity",
                capacity.as_deref().and_then(|kind| kind.contains("prov").then(|| "100".to_owned())),
            );
            wish.set("capacity_type", capacity);
            let switches = if serverless { "[\"vsw-1\", \"vsw-2\"]" } else { "[\"vsw-1\"]" };
            wish.set("vswitch_ids", Some(switches.to_owned()));
        }
        _ => {
            let subscribed = rng.u8(..3) == 0;
            wish.set(
                "payment_type",
                Some(if subscribed { "\"Subscription\"" } else { "\"PayAsYouGo\"" }.to_owned()),
            );
            wish.set(
                "on_destroy",
                subscribed.then(|| "\"forget\"".to_owned()).or_else(|| maybe(rng, &["\"delete\""])),
            );
            wish.set("period", subscribed.then(|| pick(rng, &["1", "3"]).to_owned()));
            wish.set("period_unit", if subscribed { maybe(rng, &["\"Month\"", "\"Year\""]) } else { None });
            wish.set("auto_renew", if subscribed { maybe(rng, &FLAGS) } else { None });
            wish.set("auto_renew_period", if subscribed { maybe(rng, &["1", "12"]) } else { None });
        }
    }
}

const ARGUMENTS: usize = 18;

/// What an instance has of what was never said.
fn unsaid(name: &str) -> Option<String> {
    let text = match name {
        "remark" => "\"\"",
        "on_destroy" => "\"delete\"",
        "tags" => "{}",
        "message_retention_hours" => "72",
        "send_receive_ratio" => "0.5",
        "trace_on" => "true",
        "auto_scaling" | "adaptive_elasticity" | "storage_encryption" | "acl.vpc_auth_free" => "false",
        "acl.types" => "[\"default\"]",
        "ip_whitelist" => "[]",
        _ => return None,
    };
    Some(text.to_owned())
}

/// What `unsaid` does not know because other arguments decide it.
fn implied(wish: &Wish, name: &str) -> Option<String> {
    let subscribed = wish.get("payment_type") == Some("\"Subscription\"");
    match name {
        "internet.billing" if wish.get("internet.enabled") == Some("true") => {
            Some("\"payByTraffic\"".to_owned())
        }
        "internet.billing" => Some("\"uninvolved\"".to_owned()),
        "commodity_code" if subscribed => Some("\"ons_rmqsub_public_cn\"".to_owned()),
        "commodity_code" => Some("\"ons_rmqpost_public_cn\"".to_owned()),
        "capacity_type" if wish.get("sub_series") == Some("\"serverless\"") => {
            Some("\"ondemand\"".to_owned())
        }
        other => unsaid(other),
    }
}

async fn instance(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut course = Course::new();
    let before = course.rocketmq().instances().len();
    let mut wish = Wish::new("apsaramq_rocketmq_instance", "x");
    for argument in 0..ARGUMENTS {
        reconsider(&mut rng, &mut wish, argument);
    }
    edit(&mut course, &wish.text(), &[format!("create {}", wish.addr())], &wish.text()).await;
    let mut held = wish.applied_to(&Values::new(), Verb::Replace);
    let mut forgotten = 0;
    for _ in 0..3 {
        let mut next = wish.clone();
        for _ in 0..rng.usize(1..4) {
            let argument = rng.usize(..ARGUMENTS);
            reconsider(&mut rng, &mut next, argument);
        }
        let verb = next.verb(&held, |name| implied(&wish, name));
        let told = format!("{seed}: {}\nbecomes {}", wish.text(), next.text());
        let wanted: Vec<String> = verb.of(&next.addr()).into_iter().collect();
        edit(&mut course, &next.text(), &wanted, &told).await;
        // What is only forgotten stays beside its successor.
        if verb == Verb::Replace && wish.get("on_destroy") == Some("\"forget\"") {
            forgotten += 1;
        }
        held = next.applied_to(&held, verb);
        wish = next;
        let live = course.rocketmq().instances().iter().filter(|one| one.status != "RELEASED").count();
        assert_eq!(live, before + 1 + forgotten, "{told}");
    }
    let id = course.rocketmq().instances().last().unwrap().id.clone();
    course.import(&wish.text(), &[(&wish.addr(), &id)]).await;
    course.apply_with(PlanOptions::destroy()).await;
    if wish.get("on_destroy") == Some("\"forget\"") {
        forgotten += 1;
    }
    let live = course.rocketmq().instances().iter().filter(|one| one.status != "RELEASED").count();
    assert_eq!((live, course.lab.state().is_empty()), (before + forgotten, true), "{seed}");
}

#[tokio::test]
async fn random_instances_settle_and_every_edit_is_what_the_schema_says() {
    for seed in 0..12 {
        instance(seed).await;
    }
}

/// An item, and its topics with what is said of them, by instance.
fn item(rng: &mut Rng, name: &str, topic: &str) -> Wish {
    let mut wish = Wish::new("apsaramq_rocketmq_disaster_recovery_item", name);
    let mut topics: Vec<String> = [(MAIN, "cn-hangzhou"), (STANDBY, "cn-beijing")]
        .into_iter()
        .map(|(id, region)| {
            let mut members = vec![format!("instance_id = \"{id}\""), format!("topic_name = \"{topic}\"")];
            members.extend(maybe(rng, &["instance_type = \"ALIYUN_ROCKETMQ\""]));
            members.extend(rng.bool().then(|| format!("region_id = \"{region}\"")));
            members.extend(maybe(
                rng,
                &["delivery_order_type = \"Orderly\"", "delivery_order_type = \"Concurrently\""],
            ));
            members.extend(maybe(rng, &["consumer_group_id = \"billing\""]));
            format!("{{ {} }}", members.join(", "))
        })
        .collect();
    // Their order means nothing.
    rng.shuffle(&mut topics);
    wish.set("plan_id", Some("apsaramq_rocketmq_disaster_recovery_plan.x.id".to_owned()));
    wish.set("topics", Some(format!("[{}]", topics.join(", "))));
    wish.set("running", maybe(rng, &FLAGS));
    wish
}

/// What is said of each topic, where nothing said is what the service makes of it.
fn meant(wish: &Wish) -> Vec<[bool; 2]> {
    let topics = wish.get("topics").unwrap();
    [MAIN, STANDBY]
        .into_iter()
        .map(|id| {
            let one = topics.split("}, {").find(|one| one.contains(id)).unwrap();
            [one.contains("Orderly"), one.contains("consumer_group_id")]
        })
        .collect()
}

fn runs(wish: &Wish) -> bool {
    wish.get("running") != Some("false")
}

async fn items(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut course = Course::new();
    let more = if rng.bool() { "sync_checkpoint_enabled = true" } else { "" };
    let plan = plan(more, &[&own(MAIN, "ACTIVE", ""), &own(STANDBY, "PASSIVE", "")]);
    let mut wishes = [item(&mut rng, "first", "orders"), item(&mut rng, "second", "refunds")];
    let text = |wishes: &[Wish; 2]| format!("{plan}{}{}", wishes[0].text(), wishes[1].text());
    course.write(&text(&wishes));
    // A plan runs with its first item: the second run records that.
    for _ in 0..2 {
        course.apply_with(PlanOptions::normal()).await;
    }
    course.lab.settled().await;
    for _ in 0..3 {
        let mut next = wishes.clone();
        let at = rng.usize(..2);
        let name = next[at].name.clone();
        next[at] = item(&mut rng, &name, ["orders", "refunds"][at]);
        let differs = meant(&wishes[at]) != meant(&next[at]) || runs(&wishes[at]) != runs(&next[at]);
        let verb = if differs { Verb::Update } else { Verb::Nothing };
        let told = format!("{seed}: {}\nbecomes {}", wishes[at].text(), next[at].text());
        let wanted: Vec<String> = verb.of(&next[at].addr()).into_iter().collect();
        edit(&mut course, &text(&next), &wanted, &told).await;
        let found = course.rocketmq().plans()[0].clone();
        let running = found.items.values().filter(|item| item.status == "RUNNING").count();
        assert_eq!(running, next.iter().filter(|wish| runs(wish)).count(), "{told}");
        wishes = next;
    }
    let found = course.rocketmq().plans()[0].clone();
    let mut objects = vec![("apsaramq_rocketmq_disaster_recovery_plan.x".to_owned(), found.id.to_string())];
    for (number, item) in &found.items {
        let at = usize::from(item.topics[0].topic == "refunds");
        objects.push((wishes[at].addr(), format!("{}/{number}", found.id)));
    }
    let objects: Vec<(&str, &str)> = objects.iter().map(|(to, id)| (to.as_str(), id.as_str())).collect();
    course.import(&text(&wishes), &objects).await;
    course.apply_with(PlanOptions::destroy()).await;
    assert!(course.lab.state().is_empty() && course.rocketmq().plans().is_empty(), "{seed}");
}

#[tokio::test]
async fn random_items_settle_and_run_as_declared() {
    for seed in 0..6 {
        items(seed).await;
    }
}

/// What an instance lets in is the list and nothing else, whatever was there before.
async fn whitelist(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut course = Course::new();
    course.rocketmq().edit_instance(MAIN, |instance| {
        instance.ip_whitelist = vec!["192.0.2.1".to_owned(), "198.51.100.0/24".to_owned()];
    });
    let mut wish = Wish::new("apsaramq_rocketmq_ip_whitelist", "x");
    wish.set("instance_id", Some(format!("{MAIN:?}")));
    let mut held = Values::new();
    for step in 0..5 {
        let before = wish.clone();
        wish.set("entries", Some(pick(&mut rng, &LISTS).to_owned()));
        if step == 3 {
            wish.set("instance_id", Some(format!("{STANDBY:?}")));
        }
        let verb = wish.verb(&held, |_name| None);
        let wanted: Vec<String> = if step == 0 {
            vec![format!("create {}", wish.addr())]
        } else {
            verb.of(&wish.addr()).into_iter().collect()
        };
        let told = format!("{seed}: {}\nbecomes {}", before.text(), wish.text());
        edit(&mut course, &wish.text(), &wanted, &told).await;
        held = wish.arguments.clone();
        let id = if step < 3 { MAIN } else { STANDBY };
        let mut shown = course.rocketmq().broker(id).unwrap().instance.ip_whitelist;
        shown.sort();
        let shown: Vec<String> = shown.iter().map(|entry| format!("{entry:?}")).collect();
        assert_eq!(format!("[{}]", shown.join(", ")), wish.get("entries").unwrap(), "{told}");
    }
    course.import(&wish.text(), &[(&wish.addr(), STANDBY)]).await;
    course.apply_with(PlanOptions::destroy()).await;
    assert!(course.lab.state().is_empty());
    for id in [MAIN, STANDBY] {
        assert!(course.rocketmq().broker(id).unwrap().instance.ip_whitelist.is_empty(), "{seed}: {id}");
    }
}

#[tokio::test]
async fn random_lists_of_addresses_are_the_whole_list() {
    for seed in 0..6 {
        whitelist(seed).await;
    }
}
