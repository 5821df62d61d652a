//! Queues that go are first no longer written to, and no longer read when they are empty: in this run, or in a later
//! one that finds them empty.

use serde_json::json;

use super::process::Workshop;
use super::remote::Remote;

const BY_SIDE: &str = r#"
variable "queues" {
  type    = number
  default = 8
}

resource "dms_rocketmq_topic" "orders" {
  instance_id     = var.instance
  name            = "orders"
  read_queue_num  = var.queues
  write_queue_num = var.queues
}

resource "dms_rocketmq_consumer_group" "group" {
  instance_id = var.instance
  name        = "billing"
}
"#;

const BY_NUMBER: &str = r#"
variable "queues" {
  type    = number
  default = 8
}

resource "dms_rocketmq_topic" "orders" {
  instance_id = var.instance
  name        = "orders"
  queue_num   = var.queues
}

resource "dms_rocketmq_consumer_group" "group" {
  instance_id = var.instance
  name        = "billing"
}
"#;

struct Shrink {
    remote: Remote,
    shop: Workshop,
}

impl Shrink {
    /// A topic of eight queues, of which the last holds unread messages.
    fn new(configuration: &str) -> Self {
        let remote = Remote::start();
        let instance = remote.seed(&json!({ "name": "shop", "product_id": "c6.4u8g.cluster.small" }));
        let shop = Workshop::new(&remote, instance, configuration);
        let shrink = Self { remote, shop };
        shrink.shop.apply(&[]).end().with(0);
        shrink.unread(1310);
        shrink
    }

    fn unread(&self, messages: u64) {
        let path = format!("/instances/{}/groups/billing/lag", self.shop.instance);
        let body = json!({ "topic": "orders", "lag": messages, "queue": 7 });
        self.remote.control("PUT", &path, &body);
    }

    /// Queues that are read, and that are written.
    fn sides(&self) -> (u64, u64) {
        let all = self.remote.instances();
        let topics = &all[0]["topics"];
        let topic = if topics.is_array() { &topics[0] } else { &topics["orders"] };
        let queues = topic["brokers"].as_array().unwrap();
        let of = |side: &str| queues.iter().map(|broker| broker[side].as_u64().unwrap()).sum();
        (of("read_queue_num"), of("write_queue_num"))
    }

    fn plan(&self, queues: u64, status: i32) -> String {
        let with = [("QF_VAR_queues", queues.to_string())];
        on_one_line(&self.shop.start(&["plan", "--detailed-exitcode"], &with).end().with(status).stdout)
    }

    fn apply(&self, queues: u64) -> String {
        on_one_line(&self.shop.apply(&[("QF_VAR_queues", queues.to_string())]).end().with(0).stdout)
    }
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn in_two_steps(configuration: &str) {
    let shrink = Shrink::new(configuration);
    let said = shrink.plan(4, 2);
    assert!(said.contains("1 waiting"), "{said}");
    assert!(
        said.contains("until every group has read the queues that go: 1,310 unread by billing"),
        "{said}"
    );
    let said = shrink.apply(4);
    assert!(said.contains("0 added, 1 changed, 0 destroyed, 1 waiting"), "{said}");
    assert_eq!(shrink.sides(), (8, 4));

    // Nothing can be done now: later plans say what is waited for, and make no call.
    let before = shrink.remote.writes().len();
    let said = shrink.plan(4, 0);
    assert!(said.contains("1 change waiting"), "{said}");
    shrink.apply(4);
    assert_eq!(shrink.remote.writes().len(), before);
    assert_eq!(shrink.sides(), (8, 4));

    // Wanting as many as before again ends the waiting.
    let said = shrink.plan(8, 2);
    assert!(!said.contains("waiting"), "{said}");
    shrink.apply(8);
    assert_eq!(shrink.sides(), (8, 8));
    shrink.plan(8, 0);

    // What is empty is not waited for.
    shrink.apply(4);
    assert_eq!(shrink.sides(), (8, 4));
    shrink.unread(0);
    shrink.plan(4, 2);
    shrink.apply(4);
    assert_eq!(shrink.sides(), (4, 4));
    let said = shrink.plan(4, 0);
    assert!(!said.contains("waiting"), "{said}");
}

#[test]
fn a_side_that_still_holds_messages_is_left_to_a_later_run() {
    in_two_steps(BY_SIDE);
}

#[test]
fn one_number_for_both_sides_shrinks_the_same_way() {
    in_two_steps(BY_NUMBER);
}

#[test]
fn a_run_may_wait_until_the_queues_are_empty() {
    let shrink = Shrink::new(BY_SIDE);
    let with = [("QF_VAR_queues", "4".to_owned())];
    let mut run = shrink.shop.start(&["apply", "--auto-approve", "--wait-drain=30m"], &with);
    assert!(run.until(|| shrink.sides() == (8, 4)), "publishers are turned away first");
    assert!(run.is_running());
    shrink.unread(0);
    let said = run.end().with(0).stdout;
    assert!(said.contains("0 added, 1 changed, 0 destroyed.\n"), "{said}");
    assert_eq!(shrink.sides(), (4, 4));
}

#[test]
fn a_run_that_has_waited_long_enough_leaves_it_to_a_later_one() {
    let shrink = Shrink::new(BY_SIDE);
    let with = [("QF_VAR_queues", "4".to_owned())];
    let said = shrink.shop.start(&["apply", "--auto-approve", "--wait-drain=1s"], &with).end().with(0).stdout;
    assert!(said.contains("1 waiting"), "{said}");
    assert_eq!(shrink.sides(), (8, 4));
    let said = shrink.plan(4, 0);
    assert!(said.contains("1 change waiting"), "{said}");
}

#[test]
fn queues_that_nobody_reads_are_denied() {
    let shrink = Shrink::new(BY_SIDE);
    let text = BY_SIDE.replace("read_queue_num  = var.queues", "read_queue_num  = 2");
    std::fs::write(shrink.shop.place.path().join("main.qf.hcl"), text).unwrap();
    let said = shrink.plan(8, 3);
    assert!(said.contains("messages in 6 queues would not be read"), "{said}");
    assert_eq!(shrink.sides(), (8, 8));
}
