//! Cost follows the limits of the service.

use queueform::emulator::dms::InstanceSeed;

use super::lab::INSTANCE;
use super::lab::Lab;

#[tokio::test]
async fn refresh_costs_pages_and_not_objects() {
    let (topics, groups, users) = (120_usize, 130_usize, 60_usize);
    let lab = Lab::new(&format!(
        r#"
        provider "dms" {{}}
        variable "secret" {{
          type      = string
          sensitive = true
          default   = "Very-secret-1"
        }}
        resource "dms_rocketmq_topic" "topic" {{
          for_each        = toset([for n in range({topics}) : "topic-${{n}}"])
          instance_id     = "{INSTANCE}"
          name            = each.key
          read_queue_num  = 1
          write_queue_num = 1
        }}
        resource "dms_rocketmq_consumer_group" "group" {{
          for_each    = toset([for n in range({groups}) : "group-${{n}}"])
          instance_id = "{INSTANCE}"
          name        = each.key
        }}
        resource "dms_rocketmq_user" "user" {{
          for_each           = toset([for n in range({users}) : "application-${{n}}"])
          instance_id        = "{INSTANCE}"
          access_key         = each.key
          secret_key         = var.secret
          secret_key_version = 1
        }}
        "#
    ));
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.dms().set_quotas(1000, 1000);
    let before = lab.calls().len();
    lab.converge().await;
    let objects = topics + groups + users;
    let calls: Vec<_> = lab.calls().split_off(before);
    let writes = calls.iter().filter(|call| call.method != "GET").count();
    assert_eq!(writes, objects);
    // Looking what is there, and reading back: a few lists of each kind, whatever the number of objects.
    let reads = calls.len() - writes;
    assert!(reads < objects / 4, "{reads} reads for {objects} objects");

    let before = lab.calls().len();
    lab.settled().await;
    let calls = lab.calls().split_off(before);
    let pages = |count: usize| count.div_ceil(50);
    let most = pages(topics) + pages(groups) + pages(users) + 6;
    let paths: Vec<_> =
        calls.iter().map(|call| format!("{} {}?{}", call.method, call.path, call.query)).collect();
    assert!(calls.len() <= most, "{} calls, at most {most}:\n{}", calls.len(), paths.join("\n"));
}
