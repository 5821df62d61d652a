//! What a configuration must not touch: what others own, instances that are not its own, protected objects whose
//! block is gone, and one object twice.

use serde_json::json;

use super::process::Workshop;
use super::remote::Remote;

fn shop(configuration: &str) -> (Remote, Workshop) {
    let remote = Remote::start();
    let seed = json!({ "name": "shop", "topics": [["orders", 8]], "enable_acl": true });
    let instance = remote.seed(&seed);
    let shop = Workshop::new(&remote, instance, configuration);
    (remote, shop)
}

fn rewrite(shop: &Workshop, configuration: &str) {
    std::fs::write(shop.place.path().join("main.qf.hcl"), configuration).unwrap();
}

/// Plans and expects a refusal that says why, and that nothing was changed.
#[track_caller]
fn refused(remote: &Remote, shop: &Workshop, status: i32, says: &[&str]) {
    let before = remote.writes().len();
    let ended = shop.apply(&[]).end().with(status);
    let said: Vec<&str> = ended.stderr.split_whitespace().collect();
    let said = said.join(" ");
    for text in says {
        assert!(said.contains(text), "`{text}` is missing in:\n{}", ended.stderr);
    }
    assert_eq!(remote.writes().len(), before);
}

const OWNS: &str = r#"
queueform {
  owns = ["payments-*"]
}
"#;

const PAYMENTS: &str = r#"
resource "dms_rocketmq_topic" "payments" {
  instance_id = var.instance
  name        = "payments-done"
}
"#;

#[test]
fn what_others_own_is_neither_made_nor_taken_over_nor_granted_nor_deleted() {
    let (remote, shop) = shop(PAYMENTS);
    // Made while nobody said what belongs to whom.
    let foreign = r#"
        resource "dms_rocketmq_topic" "foreign" {
          instance_id = var.instance
          name        = "audit"
        }
    "#;
    rewrite(&shop, &format!("{PAYMENTS}{foreign}"));
    shop.apply(&[]).end().with(0);
    // It may stay as it is, but not be deleted.
    rewrite(&shop, &format!("{OWNS}{PAYMENTS}{foreign}"));
    shop.start(&["plan", "--detailed-exitcode"], &[]).end().with(0);
    rewrite(&shop, &format!("{OWNS}{PAYMENTS}"));
    refused(
        &remote,
        &shop,
        3,
        &["`dms_rocketmq_topic.foreign` is called `audit`, which is not within `payments-*`"],
    );
    rewrite(
        &shop,
        &format!(
            "{OWNS}{PAYMENTS}removed {{\n from = dms_rocketmq_topic.foreign\n lifecycle {{\n destroy = false\n }}\n }}\n"
        ),
    );
    shop.apply(&[]).end().with(0);

    let other = r#"
        resource "dms_rocketmq_topic" "other" {
          instance_id = var.instance
          name        = "shipping"
        }
    "#;
    rewrite(&shop, &format!("{OWNS}{PAYMENTS}{other}"));
    refused(&remote, &shop, 3, &["is called `shipping`", "widen `owns`"]);

    let taken = r#"
        import {
          to = dms_rocketmq_topic.orders
          id = "${var.instance}/orders"
        }
        resource "dms_rocketmq_topic" "orders" {
          instance_id = var.instance
          name        = "orders"
        }
    "#;
    rewrite(&shop, &format!("{OWNS}{PAYMENTS}{taken}"));
    refused(&remote, &shop, 3, &["`dms_rocketmq_topic.orders` is called `orders`"]);

    let granted = r#"
        resource "dms_rocketmq_user" "user" {
          instance_id = var.instance
          access_key  = "payments-user"
          secret_key  = "Secret0123456"
          topic_perms = {
            (dms_rocketmq_topic.payments.name) = "PUB"
            orders                             = "SUB"
          }
        }
    "#;
    rewrite(&shop, &format!("{OWNS}{PAYMENTS}{granted}"));
    refused(&remote, &shop, 3, &["`topic_perms` of `dms_rocketmq_user.user` grants access to `orders`"]);

    rewrite(
        &shop,
        &format!("{}{PAYMENTS}{granted}", OWNS.replace("\"payments-*\"", "\"payments-*\", \"orders\"")),
    );
    shop.apply(&[]).end().with(0);
}

/// A name that the plan cannot know is judged before the call that would use it.
#[test]
fn what_becomes_known_is_judged_before_the_call() {
    let (remote, shop) = shop(PAYMENTS);
    let named = |prefix: &str| {
        format!(
            r#"{OWNS}{PAYMENTS}
            resource "queueform_data" "made" {{
              input = "{prefix}"
            }}
            resource "dms_rocketmq_topic" "made" {{
              instance_id = var.instance
              name        = "${{queueform_data.made.output}}-orders"
            }}
            resource "dms_rocketmq_user" "made" {{
              instance_id = var.instance
              access_key  = "payments-user"
              secret_key  = "Secret0123456"
              topic_perms = {{ (dms_rocketmq_topic.made.name) = "PUB" }}
            }}"#
        )
    };
    rewrite(&shop, &named("shipping"));
    let ended = shop.apply(&[]).end().with(3);
    let said = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains(
            "`dms_rocketmq_topic.made` is called `shipping-orders`, which is not within `payments-*`"
        ),
        "{}",
        ended.stderr
    );
    let written = remote.writes();
    assert!(!written.iter().any(|call| format!("{call:?}").contains("shipping")), "{written:#?}");
    rewrite(&shop, &named("payments"));
    shop.apply(&[]).end().with(0);
}

#[test]
fn instances_that_are_not_allowed_are_left_alone() {
    let (remote, shop) = shop(PAYMENTS);
    let provider = shop.place.read("provider.qf.hcl");
    let other = "allowed_instances = [\"11111111-2222-4333-8444-555555555555\"]\n  region ";
    std::fs::write(shop.place.path().join("provider.qf.hcl"), provider.replacen("region ", other, 1))
        .unwrap();
    refused(&remote, &shop, 3, &["is not one of `allowed_instances`", "wrong environment"]);
    let own = "allowed_instances = [var.instance]\n  region ";
    std::fs::write(shop.place.path().join("provider.qf.hcl"), provider.replacen("region ", own, 1)).unwrap();
    shop.apply(&[]).end().with(0);
}

#[test]
fn one_object_has_one_address() {
    let (remote, shop) = shop(&format!("{PAYMENTS}{}", PAYMENTS.replace("\"payments\"", "\"again\"")));
    refused(
        &remote,
        &shop,
        1,
        &["`dms_rocketmq_topic.again` and `dms_rocketmq_topic.payments` stand for the same object"],
    );
}

#[test]
fn protection_outlives_its_file_and_is_lifted_by_a_change_of_its_own() {
    let protected = PAYMENTS.replace("name  ", "lifecycle {\n prevent_destroy = true\n }\n  name  ");
    let (remote, shop) = shop(&protected);
    shop.apply(&[]).end().with(0);
    std::fs::remove_file(shop.place.path().join("main.qf.hcl")).unwrap();
    refused(
        &remote,
        &shop,
        3,
        &[
            "`dms_rocketmq_topic.payments` must not be destroyed",
            "removed { from = dms_rocketmq_topic.payments lifecycle { unprotect = true } }",
            "queueform state unprotect",
        ],
    );
    rewrite(
        &shop,
        "removed {\n from = dms_rocketmq_topic.payments\n lifecycle {\n unprotect = true\n }\n}\n",
    );
    shop.apply(&[]).end().with(0);
    assert!(shop.objects().is_empty());
}
