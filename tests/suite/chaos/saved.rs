//! A saved plan whose apply fails half-way or is killed is taken up by the same command, and by nothing else twice.

use serde_json::Value;
use serde_json::json;

use super::process::Workshop;
use super::remote::Remote;

const TOPICS: &str = r#"
resource "dms_rocketmq_topic" "topic" {
  for_each        = toset(["first", "second", "third", "fourth", "fifth", "sixth"])
  instance_id     = var.instance
  name            = each.key
  read_queue_num  = 8
  write_queue_num = 8
}
"#;

fn shop(remote: &Remote) -> Workshop {
    let instance = remote.seed(&json!({ "name": "shop" }));
    let shop = Workshop::new(remote, instance, TOPICS);
    shop.start(&["plan", "--out=saved.qfplan"], &[]).end().with(0);
    shop
}

/// It is done: the same file is refused, and nothing is left.
fn is_done(remote: &Remote, shop: &Workshop) {
    let refused = shop.start(&["apply", "saved.qfplan"], &[]).end().with(1);
    assert!(refused.stderr.contains("was applied already"), "{}", refused.stderr);
    shop.start(&["plan", "--detailed-exitcode"], &[]).end().with(0);
    let creates = remote.creates(&shop.instance);
    assert_eq!(creates.len(), 6);
    assert!(creates.values().all(|count| *count == 1), "{creates:?}");
}

#[test]
fn failures_are_made_good_by_the_same_command() {
    let remote = Remote::start();
    let shop = shop(&remote);
    remote.control(
        "POST",
        "/faults",
        &json!({ "fault": "status", "status": 400, "code": "DMS.40050100", "method": "POST", "path": "/topics", "after": 2, "times": 3 }),
    );
    let ended = shop.start(&["apply", "saved.qfplan"], &[]).end().with(1);
    let said = &ended.stdout;
    assert!(said.contains("Resources: 3 added, 0 changed, 0 destroyed, 3 failed."), "{said}");
    assert!(said.contains("`DMS.40050100`") && said.contains("request id "), "{said}");
    assert!(said.contains("  queueform apply saved.qfplan"), "{said}");
    remote.control("DELETE", "/faults", &Value::Null);
    // Somebody else's topic is not part of it.
    let ended = shop.start(&["apply", "saved.qfplan"], &[]).end().with(0);
    assert!(ended.stdout.contains("Resources: 3 added"), "{}", ended.stdout);
    is_done(&remote, &shop);
}

#[test]
fn a_killed_apply_is_taken_up_by_the_same_command() {
    let remote = Remote::start();
    let shop = shop(&remote);
    remote.slow_down(150);
    let mut kills = 0;
    loop {
        let done = remote.writes().len();
        let mut run = shop.start(&["apply", "--parallelism=1", "saved.qfplan"], &[]);
        run.until(|| remote.writes().len() > done);
        if !run.is_running() {
            run.end().with(0);
            break;
        }
        run.kill();
        if run.end().status.is_some() {
            break;
        }
        kills += 1;
        assert!(kills < 30, "it never gets done");
    }
    assert!(kills > 0);
    remote.speed_up();
    is_done(&remote, &shop);
}
