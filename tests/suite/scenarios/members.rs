//! What lives in an instance: topics, consumer groups, users.

use queueform::emulator::dms::InstanceSeed;

use super::script::Expected;
use super::script::Script;

/// S6: what is left out later is no difference.
#[tokio::test]
async fn a_topic_of_4_8_0_is_changed_by_one_call() {
    let mut script = Script::new();
    let id = script.seed(&InstanceSeed::new("tf-480").flavor("c6.4u8g.cluster"));
    let topic = |more: &str| {
        format!(
            "resource \"dms_rocketmq_topic\" \"s6\" {{\ninstance_id = \"{id}\"\nname = \"tf-s6\"\n{more}}}\n"
        )
    };
    let first = topic("queue_num = 3\n brokers = [\"broker-0\"]\n");
    let created = Expected {
        actions: &["create dms_rocketmq_topic.s6"],
        steps: &["create create"],
        calls: &["POST /instances/{id}/topics"],
    };
    script.step(&first, created).await;
    script.step(&topic(""), Expected { actions: &[], steps: &[], calls: &[] }).await;
    // A queue that nobody reads is a loss, which is denied unless it is allowed.
    let second = topic(
        "permission = \"sub\"\n read_queue_num = 4\n write_queue_num = 5\n lifecycle {\n allow_data_loss = 1\n}\n",
    );
    let changed = Expected {
        actions: &["update dms_rocketmq_topic.s6"],
        steps: &["update settings"],
        calls: &["PUT /instances/{id}/topics/tf-s6"],
    };
    script.step(&second, changed).await;
    let found = script.lab.dms().topics(&id).remove(0);
    assert_eq!((found.read_queues(), found.write_queues(), found.permission.as_str()), (4, 5, "sub"));
    script.import(&second, &[("dms_rocketmq_topic.s6", format!("{id}/tf-s6"))]).await;
    script.destroy().await;
}

/// S7: queues by broker.
#[tokio::test]
async fn a_topic_names_the_queues_of_each_broker() {
    let mut script = Script::new();
    let id = script.seed(&InstanceSeed::new("tf-480").flavor("c6.4u8g.cluster"));
    let topic = format!(
        r#"
        resource "dms_rocketmq_topic" "s7" {{
          instance_id = "{id}"
          name        = "tf-s7"
          permission  = "sub"
          queues      = [{{ broker = "broker-0", queue_num = 3 }}]
        }}
        "#
    );
    let created = Expected {
        actions: &["create dms_rocketmq_topic.s7"],
        steps: &["create create"],
        calls: &["POST /instances/{id}/topics"],
    };
    script.step(&topic, created).await;
    let found = script.lab.dms().topics(&id).remove(0);
    assert_eq!((found.read_queues(), found.write_queues(), found.permission.as_str()), (3, 3, "sub"));
    script.import(&topic, &[("dms_rocketmq_topic.s7", format!("{id}/tf-s7"))]).await;
    script.destroy().await;
}

/// S8: a topic of 5.x has a kind of messages.
#[tokio::test]
async fn a_topic_of_5_x_has_a_message_type() {
    let mut script = Script::new();
    let id = script.seed(&InstanceSeed::new("tf-5x").v5());
    let topic = format!(
        r#"
        resource "dms_rocketmq_topic" "s8" {{
          instance_id  = "{id}"
          name         = "tf-s8"
          message_type = "NORMAL"
        }}
        "#
    );
    let created = Expected {
        actions: &["create dms_rocketmq_topic.s8"],
        steps: &["create create"],
        calls: &["POST /instances/{id}/topics"],
    };
    script.step(&topic, created).await;
    script.import(&topic, &[("dms_rocketmq_topic.s8", format!("{id}/tf-s8"))]).await;
    script.destroy().await;
}

/// S9: everything about a group is replaced by one call, and an empty text is empty.
#[tokio::test]
async fn a_group_of_4_8_0_is_changed_by_one_call() {
    let mut script = Script::new();
    let id = script.seed(&InstanceSeed::new("tf-480").flavor("c6.4u8g.cluster").brokers(2));
    let group = format!(
        r#"
        resource "dms_rocketmq_consumer_group" "s9" {{
          instance_id     = "{id}"
          name            = "tf-s9"
          broadcast       = true
          brokers         = ["broker-0", "broker-1"]
          retry_max_times = 3
          description     = "add description."
        }}
        "#
    );
    let created = Expected {
        actions: &["create dms_rocketmq_consumer_group.s9"],
        steps: &["create create"],
        calls: &["POST /instances/{id}/groups"],
    };
    script.step(&group, created).await;
    let second = group
        .replace("broadcast       = true", "broadcast = false\n enabled = false")
        .replace("retry_max_times = 3", "retry_max_times = \"5\"")
        .replace("\"add description.\"", "\"\"");
    let changed = Expected {
        actions: &["update dms_rocketmq_consumer_group.s9"],
        steps: &["update group"],
        calls: &["PUT /instances/{id}/groups/tf-s9"],
    };
    script.step(&second, changed).await;
    let found = script.lab.dms().groups(&id).remove(0);
    assert_eq!((found.broadcast, found.enabled, found.retry_max_time), (false, false, 5));
    assert_eq!((found.description.as_str(), found.brokers.len()), ("", 2));
    script.import(&second, &[("dms_rocketmq_consumer_group.s9", format!("{id}/tf-s9"))]).await;
    script.destroy().await;
}

/// S10: order of consumption.
#[tokio::test]
async fn a_group_of_5_x_consumes_in_order_or_not() {
    let mut script = Script::new();
    let id = script.seed(&InstanceSeed::new("tf-5x").v5());
    let group = format!(
        r#"
        resource "dms_rocketmq_consumer_group" "s10" {{
          instance_id     = "{id}"
          name            = "tf-s10"
          broadcast       = true
          retry_max_times = 3
          description     = "add description."
          consume_orderly = true
        }}
        "#
    );
    script.apply(&group).await;
    let changed = Expected {
        actions: &["update dms_rocketmq_consumer_group.s10"],
        steps: &["update group"],
        calls: &["PUT /instances/{id}/groups/tf-s10"],
    };
    let second = group.replace("consume_orderly = true", "consume_orderly = false");
    script.step(&second, changed).await;
    let found = script.lab.dms().groups(&id).remove(0);
    assert!(!found.consume_orderly && found.broadcast);
    assert_eq!(found.description, "add description.");
    script.import(&second, &[("dms_rocketmq_consumer_group.s10", format!("{id}/tf-s10"))]).await;
    script.destroy().await;
}

/// S11: grants, addresses, and a new secret without a new user.
#[tokio::test]
async fn a_user_is_changed_in_place_and_so_is_its_secret() {
    let mut script = Script::new();
    let id = script.seed(&InstanceSeed::new("tf-acl").flavor("c6.4u8g.cluster").acl(true));
    let user = format!(
        r#"
        resource "dms_rocketmq_user" "s11" {{
          instance_id          = "{id}"
          access_key           = "testRocketmqAK"
          secret_key           = "testRocketmqSK123"
          white_remote_address = "10.10.10.20"
          default_topic_perm   = "SUB"
          default_group_perm   = "PUB"
        }}
        "#
    );
    let created = Expected {
        actions: &["create dms_rocketmq_user.s11"],
        steps: &["create create"],
        calls: &["POST /instances/{id}/users"],
    };
    script.step(&user, created).await;
    let second = user
        .replace("10.10.10.20", "10.10.10.10")
        .replace("\"SUB\"", "\"pub\"")
        .replace("\"PUB\"", "\"SUB\"")
        .replace("\"pub\"", "\"PUB\"\n          admin = false");
    let put = || Expected {
        actions: &["update dms_rocketmq_user.s11"],
        steps: &["update user"],
        calls: &["PUT /instances/{id}/users/testRocketmqAK"],
    };
    script.step(&second, put()).await;
    let found = script.lab.dms().users(&id).remove(0);
    assert_eq!((found.default_topic_perm.as_str(), found.default_group_perm.as_str()), ("PUB", "SUB"));
    assert_eq!(found.secret_key, "testRocketmqSK123");
    let third = second.replace("testRocketmqSK123", "testRocketmqSK456");
    script.step(&third, put()).await;
    assert_eq!(script.lab.dms().users(&id).remove(0).secret_key, "testRocketmqSK456");
    script.import(&third, &[("dms_rocketmq_user.s11", format!("{id}/testRocketmqAK"))]).await;
    script.destroy().await;
}
