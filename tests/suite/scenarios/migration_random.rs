//! Random migrations of metadata, from `RocketMQ` and from `RabbitMQ`, in every dialect: what is applied is settled, every
//! edit is another migration, everything can be imported, and the record goes in the end.

use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use queueform::emulator::dms::Dialect;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;

use super::script::PREAMBLE;
use super::script::Script;
use super::wish::Values;
use super::wish::Wish;
use super::wish::maybe;
use super::wish::pick;
use crate::engine::actions;
use crate::engine::listed;
use crate::engine::told;

const KIND: &str = "dms_rocketmq_migration_task";
const ADDR: &str = "dms_rocketmq_migration_task.x";
const FLAGS: [&str; 2] = ["true", "false"];

/// Members of an object, some of which are left out.
fn object(rng: &mut Rng, needed: &[(&str, &str)], more: &[(&str, &[&str])]) -> String {
    let mut members: Vec<String> =
        needed.iter().map(|(name, value)| format!("{name} = \"{value}\"")).collect();
    for (name, values) in more {
        members.extend(maybe(rng, values).map(|value| format!("{name} = {value}")));
    }
    format!("{{ {} }}", members.join(", "))
}

/// A few distinct ones of these names.
fn some<'a>(rng: &mut Rng, names: &[&'a str]) -> Vec<&'a str> {
    let mut chosen: Vec<&str> = names.iter().copied().filter(|_| rng.bool()).collect();
    if chosen.is_empty() {
        chosen.push(pick(rng, names));
    }
    rng.shuffle(&mut chosen);
    chosen
}

fn listing(objects: &[String]) -> String {
    format!("[{}]", objects.join(", "))
}

fn from_rocketmq(rng: &mut Rng, wish: &mut Wish, made: &mut BTreeSet<String>) {
    let topics = some(rng, &["orders", "Re-Funds_2", "a%b|c"]);
    made.extend(topics.iter().map(|topic| (*topic).to_owned()));
    let topics = topics.iter().map(|topic| {
        object(
            rng,
            &[("topic_name", topic)],
            &[
                ("order", &FLAGS),
                ("perm", &["2", "4", "6"]),
                ("read_queue_num", &["1", "16", "50"]),
                ("write_queue_num", &["1", "8"]),
                ("topic_filter_type", &["\"SINGLE_TAG\"", "\"MULTI_TAG\""]),
                ("topic_sys_flag", &["0", "1"]),
            ],
        )
    });
    wish.set("topic_configs", Some(listing(&topics.collect::<Vec<_>>())));
    let groups = some(rng, &["billing", "Audit-2_x", "g%h|i"]);
    let groups = groups.iter().map(|group| {
        object(
            rng,
            &[("group_name", group)],
            &[
                ("consume_broadcast_enable", &FLAGS),
                ("consume_enable", &FLAGS),
                ("consume_from_min_enable", &FLAGS),
                ("notify_consumer_ids_changed_enable", &FLAGS),
                ("retry_max_times", &["0", "3", "16"]),
                ("retry_queue_num", &["0", "2"]),
                ("which_broker_when_consume_slow", &["0", "1"]),
            ],
        )
    });
    wish.set("subscription_groups", Some(listing(&groups.collect::<Vec<_>>())));
}

fn from_rabbitmq(rng: &mut Rng, wish: &mut Wish, made: &mut BTreeSet<String>) {
    let vhosts = some(rng, &["/", "shop", "a b"]);
    let queues: Vec<(&str, &str)> = vhosts
        .iter()
        .flat_map(|vhost| {
            some(rng, &["orders", "refunds", "audit"]).into_iter().map(move |queue| (*vhost, queue))
        })
        .collect();
    made.extend(queues.iter().map(|(_, queue)| (*queue).to_owned()));
    let exchanges: Vec<(&str, &str)> =
        vhosts.iter().flat_map(|vhost| [(*vhost, "in"), (*vhost, "fan.out")]).collect();
    let bindings: Vec<String> = queues
        .iter()
        .map(|(vhost, queue)| {
            object(
                rng,
                &[("vhost", vhost), ("source", "in"), ("destination", queue)],
                &[("destination_type", &["\"queue\""]), ("routing_key", &["\"\"", "\"orders.*.#\""])],
            )
        })
        .chain(vhosts.iter().map(|vhost| {
            format!(
                "{{ vhost = \"{vhost}\", source = \"in\", destination = \"fan.out\", destination_type = \"exchange\" }}"
            )
        }))
        .collect();
    wish.set(
        "vhosts",
        Some(listing(&vhosts.iter().map(|vhost| format!("{{ name = \"{vhost}\" }}")).collect::<Vec<_>>())),
    );
    let queues = queues
        .iter()
        .map(|(vhost, queue)| object(rng, &[("vhost", vhost), ("name", queue)], &[("durable", &FLAGS)]));
    wish.set("queues", Some(listing(&queues.collect::<Vec<_>>())));
    let exchanges = exchanges.iter().map(|(vhost, name)| {
        let kind = pick(rng, &["direct", "topic", "fanout", "headers"]);
        object(rng, &[("vhost", vhost), ("name", name), ("type", kind)], &[("durable", &FLAGS)])
    });
    wish.set("exchanges", Some(listing(&exchanges.collect::<Vec<_>>())));
    wish.set("bindings", Some(listing(&bindings)));
}

/// A migration, with the topics that it makes.
fn migration(rng: &mut Rng, iid: &str, overwrite: bool) -> (Wish, BTreeSet<String>) {
    let (mut wish, mut made) = (Wish::new(KIND, "x"), BTreeSet::new());
    wish.set("instance_id", Some(format!("\"{iid}\"")));
    wish.set("name", Some(pick(rng, &["\"first\"", "\"Second_2\"", "\"third-3\""]).to_owned()));
    wish.set("overwrite", Some(overwrite.to_string()));
    wish.set("wait_for_completion", maybe(rng, &FLAGS));
    if rng.bool() {
        wish.set("type", Some("\"rocketmq\"".to_owned()));
        from_rocketmq(rng, &mut wish, &mut made);
    } else {
        wish.set("type", Some("\"rabbitToRocket\"".to_owned()));
        from_rabbitmq(rng, &mut wish, &mut made);
    }
    // What the migration before it has made is overwritten.
    "  lifecycle {\n    allow_data_loss = 100\n  }\n".clone_into(&mut wish.rest);
    (wish, made)
}

/// Applies, and lets what is not waited for go on.
async fn apply(script: &Script, wish: &Wish) {
    script.lab.write(&format!("{PREAMBLE}{}", wish.text()));
    for _ in 0..2 {
        match script.lab.apply().await {
            ApplyOutcome::Unchanged(_) => {}
            ApplyOutcome::Applied(_, applied) if applied.complete => {}
            other => panic!("{}: {}", wish.text(), told(&other)),
        }
        script.lab.dms().advance(Duration::from_secs(60));
    }
    script.settled().await;
}

async fn course(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut script = Script::new();
    let iid = script.seed(&InstanceSeed::new("target"));
    let dialects = [Dialect::Any, Dialect::Sbercloud, Dialect::Huawei];
    script.lab.dms().set_dialect(dialects[rng.usize(..dialects.len())]);
    let first_overwrites = rng.bool();
    let (mut wish, mut made) = migration(&mut rng, &iid, first_overwrites);
    apply(&script, &wish).await;
    for _ in 0..2 {
        let (mut next, objects) = migration(&mut rng, &iid, true);
        if rng.u8(..4) == 0 {
            // Whether it is waited for is nothing that the service knows.
            next.arguments = wish.arguments.clone();
            next.set("wait_for_completion", maybe(&mut rng, &FLAGS));
        } else {
            made.extend(objects);
        }
        let held: Values = wish.arguments.clone();
        let wanted: Vec<String> = next
            .verb(&held, |name| (name == "wait_for_completion").then(|| "true".to_owned()))
            .of(ADDR)
            .into_iter()
            .collect();
        script.lab.write(&format!("{}{}", PREAMBLE, next.text()));
        let planned = script.lab.plan().await;
        let told = format!("{seed}: {}\nbecomes {}", wish.text(), next.text());
        assert!(planned.is_applicable(), "{told}\n{}", listed(&planned.plan.diagnostics));
        assert_eq!(actions(&planned), wanted, "{told}");
        apply(&script, &next).await;
        wish = next;
    }
    let id = {
        let state = script.lab.state();
        let object = state.objects().next().unwrap();
        object.1.current.as_ref().unwrap().attributes.text("id").unwrap()
    };
    script.import(&wish.text(), &[(ADDR, id)]).await;
    script.lab.apply_with(PlanOptions::destroy()).await;
    let broker = script.lab.dms().broker(&iid).unwrap();
    assert!(script.lab.state().is_empty() && broker.migrations.is_empty(), "{seed}");
    assert_eq!(broker.topics.into_keys().collect::<BTreeSet<_>>(), made, "{seed}");
}

#[tokio::test]
async fn random_migrations_settle_and_every_edit_is_another_one() {
    for seed in 0..12 {
        course(seed).await;
    }
}
