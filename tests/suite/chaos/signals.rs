//! The first Ctrl-C ends a run in good order, the second at once; the next run goes on.

use std::time::Duration;
use std::time::Instant;

use serde_json::json;

use super::process::Workshop;
use super::remote::Remote;

const SIZE: usize = 60;

const ESTATE: &str = r#"
resource "dms_rocketmq_consumer_group" "group" {
  for_each    = toset([for i in range(60) : format("group-%02d", i)])
  instance_id = var.instance
  name        = each.key
}
"#;

/// An instance takes long to create; there is a waiter.
const INSTANCE: &str = r#"
resource "dms_rocketmq_instance" "main" {
  name               = "chaos-new"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster.small"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = 300
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = ["ru-moscow-1a"]
}
"#;

/// A plain apply does the rest, once.
fn goes_on(remote: &Remote, shop: &Workshop) {
    remote.speed_up();
    shop.apply(&[]).end().with(0);
    shop.start(&["plan", "--detailed-exitcode"], &[]).end().with(0);
    assert_eq!(remote.objects(&shop.instance), shop.objects());
    assert_eq!(shop.objects().len(), SIZE);
    let creates = remote.creates(&shop.instance);
    assert!(creates.len() == SIZE && creates.values().all(|count| *count == 1), "{creates:?}");
}

#[test]
fn one_interrupt_finishes_what_is_in_flight() {
    let remote = Remote::start();
    let instance = remote.seed(&json!({ "name": "shop" }));
    let shop = Workshop::new(&remote, instance, ESTATE);
    remote.slow_down(400);
    let mut run = shop.apply(&[]);
    assert!(run.until(|| !remote.creates(&shop.instance).is_empty()), "the run ended too early");
    run.interrupt();
    let ended = run.end().with(130);
    assert!(ended.stderr.contains("interrupted: calls in flight are finished"), "{}", ended.stderr);
    // Everything that was sent is known, nothing is in doubt, and not everything was sent.
    let objects = remote.objects(&shop.instance);
    assert_eq!(objects, shop.objects());
    assert!(!objects.is_empty() && objects.len() < SIZE, "{}", objects.len());
    assert_eq!(shop.journal(), 0);
    assert!(!shop.place.read("queueform.state.json").contains("doubt"));
    goes_on(&remote, &shop);
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let remote = Remote::start();
    let instance = remote.seed(&json!({ "name": "shop" }));
    let shop = Workshop::new(&remote, instance, ESTATE);
    remote.slow_down(8_000);
    // An intent can be read before it is durable and its call is made. A run that is stopped in between has nothing
    // in flight and ends in good order; the next one does it again.
    let caught = (0..5).any(|_| {
        let mut run = shop.apply(&[]);
        assert!(run.until(|| journal_has(&shop, "\"intent\"")), "the run ended too early");
        run.until_after(Duration::from_millis(500));
        run.interrupt();
        run.until_after(Duration::from_millis(50));
        let in_flight = run.is_running();
        if in_flight {
            run.interrupt();
        }
        let since = Instant::now();
        run.end().with(130);
        assert!(since.elapsed() < Duration::from_secs(6), "it waited for its calls");
        in_flight
    });
    assert!(caught, "no call was ever in flight");
    goes_on(&remote, &shop);
}

#[test]
fn an_interrupt_ends_the_wait_for_a_job_and_the_next_run_goes_on_waiting() {
    let remote = Remote::start();
    remote.control("PUT", "/clock", &json!({ "mode": "manual" }));
    let shop = Workshop::new(&remote, "none".to_owned(), INSTANCE);
    let mut run = shop.apply(&[]);
    assert!(run.until(|| journal_has(&shop, "\"answer\"")), "the run ended too early");
    run.interrupt();
    let ended = run.end().with(130);
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(said.contains("pending"), "{said}");
    remote.control("POST", "/clock/advance", &json!({ "seconds": 3600 }));
    shop.apply(&[]).end().with(0);
    shop.start(&["plan", "--detailed-exitcode"], &[]).end().with(0);
    assert_eq!(remote.creates("instance/").into_values().collect::<Vec<_>>(), [1]);
}

fn journal_has(shop: &Workshop, part: &str) -> bool {
    std::fs::read_to_string(shop.place.path().join("queueform.state.journal"))
        .is_ok_and(|text| text.contains(part))
}
