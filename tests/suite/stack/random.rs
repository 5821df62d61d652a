//! Random valid configurations: applying settles, every object can be taken over, destroying leaves nothing.

use std::fmt::Write as _;

use fastrand::Rng;

use super::course::Course;

const TEXTS: [&str; 6] = ["", "a remark", "测试", "a+b=c&d/e?f", "%41 \\\"quoted\\\"", "  spaces  "];

fn pick<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

/// A line that is there or not.
fn maybe(rng: &mut Rng, line: impl FnOnce(&mut Rng) -> String) -> String {
    if rng.bool() { format!("  {}\n", line(rng)) } else { String::new() }
}

fn configuration(rng: &mut Rng) -> String {
    let mut out = String::new();
    let nameless = rng.usize(..4);
    for i in 0..rng.usize(1..4) {
        write!(
            out,
            "resource \"apsarastack_mq_instance\" \"i{i}\" {{\n  name = \"inst-{i}{}\"\n  cluster = \"{}\"\n  max_send_tps = {}\n  max_receive_tps = {}\n",
            pick(rng, &["", "-x", "_测试", " y"]),
            pick(rng, &["cluster1", "cluster2"]),
            rng.u32(1..100_000),
            rng.u32(1..100_000),
        )
        .unwrap();
        out += &maybe(rng, |rng| format!("topic_capacity = {}", rng.u32(5..500)));
        out += &maybe(rng, |rng| format!("remark = \"{}\"", pick(rng, &TEXTS)));
        if i == nameless {
            out += "  namespaced = false\n";
        }
        out += "}\n";
        for t in 0..rng.usize(..4) {
            write!(
                out,
                "resource \"apsarastack_mq_topic\" \"i{i}t{t}\" {{\n  instance_id = apsarastack_mq_instance.i{i}.id\n  name = \"{}-{i}-{t}\"\n  message_type = \"{}\"\n",
                pick(rng, &["orders", "A_b", "9", "-x"]),
                pick(rng, &["normal", "partition_ordered", "global_ordered", "transaction", "delay"]),
            )
            .unwrap();
            out += &maybe(rng, |rng| {
                format!("permission = \"{}\"", pick(rng, &["read_write", "read_only", "write_only"]))
            });
            out += &maybe(rng, |rng| format!("remark = \"{}\"", pick(rng, &TEXTS)));
            out += "}\n";
            for g in 0..rng.usize(..3) {
                write!(
                    out,
                    "resource \"apsarastack_mq_topic_authorization\" \"i{i}t{t}g{g}\" {{\n  instance_id = apsarastack_mq_instance.i{i}.id\n  topic = apsarastack_mq_topic.i{i}t{t}.name\n  grantee_type = \"{}\"\n  grantee_id = \"{}{g}\"\n  permission = \"{}\"\n}}\n",
                    pick(rng, &["account", "ram_user"]),
                    rng.u64(1..900_000_000_000_000_000),
                    pick(rng, &["publish", "subscribe", "both"]),
                )
                .unwrap();
            }
        }
        for g in 0..rng.usize(..3) {
            write!(
                out,
                "resource \"apsarastack_mq_group\" \"i{i}g{g}\" {{\n  instance_id = apsarastack_mq_instance.i{i}.id\n  group_id = \"GID{}g-{i}-{g}\"\n",
                pick(rng, &["_", "-"]),
            )
            .unwrap();
            out += &maybe(rng, |rng| format!("remark = \"{}\"", pick(rng, &TEXTS)));
            out += &maybe(rng, |rng| format!("read_enabled = {}", rng.bool()));
            out += "}\n";
        }
    }
    out
}

#[tokio::test]
async fn random_configurations_settle_are_taken_over_and_go() {
    for seed in 0..12 {
        let mut rng = Rng::with_seed(seed);
        let configuration = configuration(&mut rng);
        let mut course = Course::new();
        course.apply(&configuration).await;
        let ids = course.ids();
        course.import(&configuration, &ids).await;
        course.destroy().await;
    }
}
