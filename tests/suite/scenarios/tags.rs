//! Tags: the instance's own, those of the provider block, and those of others.

use std::collections::BTreeMap;

use queueform::emulator::dms::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;

use super::script::Expected;
use super::script::Script;
use crate::engine::actions;
use crate::engine::listed;

/// An instance whose provider block and tags can be chosen.
fn instance(provider: &str, tags: &str) -> String {
    format!(
        r#"
        provider "dms" {{
          {provider}
        }}
        resource "dms_rocketmq_instance" "main" {{
          name               = "tagged"
          engine_version     = "4.8.0"
          flavor_id          = "c6.4u8g.cluster.small"
          storage_spec_code  = "dms.physical.storage.high.v2"
          storage_space      = 300
          vpc_id             = "vpc-demo"
          subnet_id          = "subnet-demo"
          security_group_id  = "sg-demo"
          availability_zones = ["ru-moscow-1a"]
          {tags}
        }}
        output "tags" {{ value = [dms_rocketmq_instance.main.tags, dms_rocketmq_instance.main.tags_all] }}
        "#
    )
    .replace("; ", "\n")
}

const DEFAULTS: &str = "default_tags = { team = \"queues\", env = \"test\" }";
const TAGS: &str = "POST /{id}/tags/action";
const UPDATE: &[&str] = &["update dms_rocketmq_instance.main"];

fn found(script: &Script) -> BTreeMap<String, String> {
    script.lab.dms().instances()[0].tags.clone()
}

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn default_tags_are_set_changed_and_taken_away() {
    let mut script = Script::new();
    script.apply_alone(&instance(DEFAULTS, "tags = { env = \"prod\" }")).await;
    assert_eq!(found(&script), tags(&[("env", "prod"), ("team", "queues")]));
    // A default that an instance's own tag covers is no difference, wherever the value stands.
    script.apply_alone(&instance("default_tags = { team = \"queues\", env = \"prod\" }", "")).await;
    assert_eq!(found(&script), tags(&[("env", "prod"), ("team", "queues")]));
    // Other defaults are a change of every instance.
    let other = instance("default_tags = { team = \"streams\" }", "");
    let changed =
        Expected { actions: UPDATE, steps: &["update old tags", "update new tags"], calls: &[TAGS, TAGS] };
    script.step_alone(&other, changed).await;
    assert_eq!(found(&script), tags(&[("team", "streams")]));
    let gone = Expected { actions: UPDATE, steps: &["update old tags"], calls: &[TAGS] };
    script.step_alone(&instance("", ""), gone).await;
    assert_eq!(found(&script), tags(&[]));
    script.destroy().await;
}

#[tokio::test]
async fn ignored_tags_belong_to_others() {
    let ignoring = "ignore_tags = [\"cost-center\"]; default_tags = { team = \"queues\" }";
    let mut script = Script::new();
    script.apply_alone(&instance(ignoring, "tags = { app = \"orders\" }")).await;
    let id = script.lab.dms().instances()[0].id.clone();
    let theirs = |value: &str| {
        script.lab.dms().edit_instance(&id, |instance| {
            instance.tags.insert("cost-center".to_owned(), value.to_owned());
        })
    };
    assert!(theirs("4711"));
    script.settled().await;
    assert!(theirs("4712"));
    script.settled().await;
    // Without it, the tag of others goes.
    let found_too = instance("default_tags = { team = \"queues\" }", "tags = { app = \"orders\" }");
    let removed = Expected { actions: UPDATE, steps: &["update old tags"], calls: &[TAGS] };
    script.step_alone(&found_too, removed).await;
    assert_eq!(found(&script), tags(&[("app", "orders"), ("team", "queues")]));
    script.destroy().await;
}

#[tokio::test]
async fn tags_that_drift_come_back() {
    let mut script = Script::new();
    let configuration = instance(DEFAULTS, "tags = { app = \"orders\" }");
    script.apply_alone(&configuration).await;
    let id = script.lab.dms().instances()[0].id.clone();
    script.lab.dms().edit_instance(&id, |instance| {
        instance.tags.remove("team");
        instance.tags.insert("app".to_owned(), "refunds".to_owned());
    });
    let planned = script.lab.plan().await;
    assert_eq!(planned.plan.drift.len(), 1);
    assert_eq!(actions(&planned), UPDATE);
    script.lab.converge().await;
    script.settled().await;
    assert_eq!(found(&script), tags(&[("app", "orders"), ("env", "test"), ("team", "queues")]));
    // What is ignored stays as it is found, in `tags` and what it stands for.
    script.lab.dms().edit_instance(&id, |instance| {
        instance.tags.insert("app".to_owned(), "audit".to_owned());
    });
    let ignoring =
        instance(DEFAULTS, "tags = { app = \"orders\" }; lifecycle {; ignore_changes = [tags[\"app\"]]; }");
    script.lab.write(&ignoring);
    let planned = script.lab.plan().await;
    assert!(planned.is_applicable() && actions(&planned).is_empty(), "{:?}", actions(&planned));
    script.destroy().await;
}

#[tokio::test]
async fn contradictions_are_told() {
    let script = Script::new();
    for (provider, own, said) in [
        ("ignore_tags = [\"a\"]", "tags = { a = \"1\" }", "the provider's `ignore_tags` ignores `a`"),
        (
            "ignore_tags = [\"a\"]; default_tags = { a = \"1\" }",
            "",
            "`default_tags` sets tags that `ignore_tags` ignores: a",
        ),
        (
            "default_tags = { for n in range(15) : \"d${n}\" => \"x\" }",
            "tags = { for n in range(6) : \"t${n}\" => \"x\" }",
            "an instance has at most 20 tags, and with the provider's `default_tags` these are 21",
        ),
    ] {
        script.lab.write(&instance(provider, own));
        let planned = script.lab.plan().await;
        let found = listed(&planned.plan.diagnostics);
        assert!(!planned.is_applicable() && found.contains(said), "{provider}: {found}");
    }
}

#[tokio::test]
async fn a_default_tag_is_on_every_instance_and_a_foreign_instance_is_left_alone() {
    let mut script = Script::new();
    let other = script.seed(&InstanceSeed::new("foreign").tag("team", "others"));
    script.apply_alone(&instance(DEFAULTS, "")).await;
    let all = script.lab.dms().instances();
    let foreign = all.iter().find(|instance| instance.id == other).unwrap();
    assert_eq!(foreign.tags, tags(&[("team", "others")]));
    let ours = all.iter().find(|instance| instance.id != other).unwrap();
    assert_eq!(ours.tags, tags(&[("env", "test"), ("team", "queues")]));
    assert!(matches!(script.lab.apply().await, ApplyOutcome::Unchanged(_)));
    script.destroy().await;
}

/// Which of the tags are the instance's own cannot be told when it is imported, and need not be.
#[tokio::test]
async fn an_imported_instance_has_no_differences_in_its_tags() {
    let own = "tags = { env = \"test\", app = \"orders\" }";
    let ignoring = format!("{DEFAULTS}; ignore_tags = [\"cost-center\"]");
    let mut script = Script::new();
    script.apply_alone(&instance(&ignoring, own)).await;
    let id = script.lab.dms().instances()[0].id.clone();
    script.lab.dms().edit_instance(&id, |instance| {
        instance.tags.insert("cost-center".to_owned(), "4711".to_owned());
    });
    for tags in [own, "tags = { app = \"orders\" }", "tags = { app = \"orders\", team = \"queues\" }"] {
        script.import_alone(&instance(&ignoring, tags), &[("dms_rocketmq_instance.main", id.clone())]).await;
    }
    script.destroy().await;
}
