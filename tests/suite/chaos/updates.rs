//! SIGKILL during every call of an update in several steps, then a plain `apply`.

use serde_json::Value;

use super::process::Workshop;
use super::remote::Remote;

const NETWORK: &str = r#"
locals {
  eips  = [for n in range(6) : "eip-demo-${n}"]
  zones = data.dms_rocketmq_availability_zones.all.zones[*].code
}

data "dms_rocketmq_availability_zones" "all" {}
"#;

fn instance(name: &str, brokers: usize, storage: usize, acl: bool, config: &str) -> String {
    format!(
        r#"{NETWORK}
resource "dms_rocketmq_instance" "main" {{
  name               = "{name}"
  engine_version     = "4.8.0"
  flavor_id          = "c6.4u8g.cluster"
  storage_spec_code  = "dms.physical.storage.high.v2"
  storage_space      = {storage}
  broker_num         = {brokers}
  vpc_id             = "vpc-demo"
  subnet_id          = "subnet-demo"
  security_group_id  = "sg-demo"
  availability_zones = slice(local.zones, 0, 3)
  enable_acl         = {acl}
  enable_publicip    = true
  publicip_ids       = slice(local.eips, 0, {brokers} * 3)
  tags               = {{ size = "{brokers}" }}
}}
{config}
"#
    )
}

const CONFIG: &str = r#"
resource "dms_rocketmq_instance_config" "main" {
  instance_id = dms_rocketmq_instance.main.id
  settings    = { fileReservedTime = "72" }
}
"#;

/// How long a call that changes something takes, so that kills hit it.
const LATENCY_MS: u64 = 150;

#[test]
fn an_update_is_finished_however_often_its_run_is_killed() {
    let remote = Remote::start();
    let shop = Workshop::new(&remote, "none".to_owned(), &instance("grows", 1, 300, true, ""));
    shop.apply(&[]).end().with(0);
    let id = remote.instances()[0]["instance"]["id"].clone();
    shop.place.write("main.qf.hcl", &instance("grown", 2, 800, false, CONFIG));
    remote.slow_down(LATENCY_MS);
    let mut kills = 0;
    loop {
        let done = remote.writes().len();
        let mut run = shop.apply(&[]);
        // Every other kill comes before the answer is there, the rest behind it.
        if kills % 2 == 0 {
            let journal = shop.journal();
            run.until(|| shop.journal() > journal);
        } else {
            run.until(|| remote.writes().len() > done);
        }
        if !run.is_running() {
            run.end().with(0);
            break;
        }
        run.kill();
        if run.end().status.is_some() {
            break;
        }
        kills += 1;
        assert!(kills < 60, "it never gets done");
    }
    remote.speed_up();
    shop.apply(&[]).end().with(0);
    shop.start(&["plan", "--detailed-exitcode"], &[]).end().with(0);
    println!("{kills} kills");
    assert!(kills > 5, "{kills} kills are too few to hit every step");
    let all = remote.instances();
    assert_eq!(all.len(), 1);
    let found = &all[0]["instance"];
    assert_eq!((&found["id"], &found["name"]), (&id, &Value::from("grown")));
    assert_eq!((&found["broker_num"], &found["total_storage_space"]), (&2.into(), &800.into()));
    assert_eq!(found["publicip_ids"].as_array().map(Vec::len), Some(6));
    assert_eq!((&found["enable_acl"], &found["tags"]["size"]), (&Value::from(false), &Value::from("2")));
    assert_eq!(found["configs"]["fileReservedTime"], "72");
    let extends = remote.writes().into_iter().filter(|call| call.ends_with("/extend")).count();
    assert_eq!(extends, 2, "a resize was made twice");
}
