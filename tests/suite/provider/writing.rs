//! Every step that changes topics, groups, users and instances.

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::dms::InstanceSeed;
use queueform::plan::Answer;
use queueform::schema::scope::OperationKind::Create;
use queueform::schema::scope::OperationKind::Delete;
use queueform::schema::scope::OperationKind::Update;
use queueform::value::Type;
use queueform::value::Value;

use super::rig::Rig;
use super::rig::attribute;
use super::rig::found;
use super::rig::object;
use super::rig::text;

const TOPIC: &str = "dms_rocketmq_topic";
const GROUP: &str = "dms_rocketmq_consumer_group";
const USER: &str = "dms_rocketmq_user";
const INSTANCE: &str = "dms_rocketmq_instance";

fn writes(rig: &Rig) -> Vec<String> {
    rig.calls().into_iter().filter(|call| !call.starts_with("GET")).collect()
}

#[tokio::test]
async fn a_topic_from_creation_to_deletion() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main"));
    let config = |read: i64, write: i64, permission: &str| {
        object(&[
            ("instance_id", text(&id)),
            ("name", text("a|b%c")),
            ("read_queue_num", Value::int(read)),
            ("write_queue_num", Value::int(write)),
            ("permission", text(permission)),
        ])
    };
    let topic = rig.operate(Create, TOPIC, &config(4, 3, "all"), None).await.unwrap().unwrap();
    assert_eq!(attribute(&topic, "read_queue_num"), "4");
    assert_eq!(attribute(&topic, "write_queue_num"), "3");
    assert_eq!(attribute(&topic, "id"), format!("\"{id}/a|b%c\""));
    assert_eq!(attribute(&topic, "brokers"), "[\"broker-0\"]");
    assert_eq!(writes(&rig).len(), 2, "{:?}", writes(&rig));

    // Fewer queues: publishers first, then readers when the queues that go are drained.
    let topic = rig.operate(Update, TOPIC, &config(2, 2, "sub"), Some(&topic)).await.unwrap().unwrap();
    assert_eq!(attribute(&topic, "read_queue_num"), "2");
    assert_eq!(attribute(&topic, "permission"), "\"sub\"");
    assert_eq!(writes(&rig).len(), 4, "{:?}", writes(&rig));

    // The same again changes nothing.
    let topic = rig.operate(Update, TOPIC, &config(2, 2, "sub"), Some(&topic)).await.unwrap().unwrap();
    assert_eq!(writes(&rig).len(), 4);

    rig.operate(Delete, TOPIC, &topic, Some(&topic)).await.unwrap();
    assert!(rig.dms().topics(&id).is_empty());
    // Deleting what is gone is a success.
    rig.operate(Delete, TOPIC, &topic, Some(&topic)).await.unwrap();
    assert_eq!(rig.providers.stats().writes, 6);
}

#[tokio::test]
async fn a_group_is_replaced_as_a_whole() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main"));
    let config = |description: &str, retries: i64| {
        object(&[
            ("instance_id", text(&id)),
            ("name", text("workers")),
            ("retry_max_times", Value::int(retries)),
            ("description", text(description)),
        ])
    };
    let group = rig.operate(Create, GROUP, &config("some text", 3), None).await.unwrap().unwrap();
    assert_eq!(attribute(&group, "description"), "\"some text\"");
    let group = rig.operate(Update, GROUP, &config("", 5), Some(&group)).await.unwrap().unwrap();
    assert_eq!(attribute(&group, "description"), "\"\"");
    assert_eq!(attribute(&group, "retry_max_times"), "5");
    rig.operate(Delete, GROUP, &group, Some(&group)).await.unwrap();
    assert!(rig.dms().groups(&id).is_empty());
}

#[tokio::test]
async fn secrets_of_users_are_sent_when_their_version_changes() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main").acl(true));
    let config = |secret: &str, version: i64, perm: &str| {
        object(&[
            ("instance_id", text(&id)),
            ("access_key", text("billing-worker")),
            ("secret_key", text(secret)),
            ("secret_key_version", Value::int(version)),
            ("topic_perms", Value::map(Type::String, [("orders", text(perm))])),
        ])
    };
    let stored = |rig: &Rig| rig.dms().users(&id)[0].secret_key.clone();
    let user = rig.operate(Create, USER, &config("Secret-0001", 1, "SUB"), None).await.unwrap().unwrap();
    assert_eq!(stored(&rig), "Secret-0001");
    assert_eq!(attribute(&user, "topic_perms"), r#"{"orders":"SUB"}"#);
    // The secret is not in the state; another one under the same version is not sent.
    let user =
        rig.operate(Update, USER, &config("Secret-0002", 1, "PUB|SUB"), Some(&user)).await.unwrap().unwrap();
    assert_eq!(stored(&rig), "Secret-0001");
    let user =
        rig.operate(Update, USER, &config("Secret-0003", 2, "SUB|PUB"), Some(&user)).await.unwrap().unwrap();
    assert_eq!(stored(&rig), "Secret-0003");
    // Spellings that mean the same keep the one there was.
    assert_eq!(attribute(&user, "topic_perms"), r#"{"orders":"PUB|SUB"}"#);
    rig.operate(Delete, USER, &user, Some(&user)).await.unwrap();
    assert!(rig.dms().users(&id).is_empty());
}

fn instance(changes: &[(&str, Value)]) -> Value {
    let mut fields = vec![
        ("name", text("orders")),
        ("engine_version", text("4.8.0")),
        ("flavor_id", text("c6.4u8g.cluster")),
        ("storage_spec_code", text("dms.physical.storage.high.v2")),
        ("storage_space", Value::int(300)),
        ("vpc_id", text("11111111-1111-1111-1111-111111111111")),
        ("subnet_id", text("22222222-2222-2222-2222-222222222222")),
        ("security_group_id", text("33333333-3333-3333-3333-333333333333")),
        ("availability_zones", Value::set(Type::String, [text("ru-moscow-1a")])),
        ("broker_num", Value::int(1)),
        ("tags", Value::map(Type::String, [("owner", text("me"))])),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value.clone()));
    }
    object(&fields)
}

#[tokio::test]
async fn an_instance_from_creation_to_deletion() {
    let rig = Rig::start().await;
    rig.fault(FaultRule::new(Fault::HiddenAfterCreate { reads: 2 }).on("POST", "/instances"));
    let made = rig.operate(Create, INSTANCE, &instance(&[]), None).await.unwrap().unwrap();
    assert_eq!(attribute(&made, "status"), "\"RUNNING\"");
    assert_eq!(attribute(&made, "tags"), r#"{"owner":"me"}"#);
    assert_eq!(attribute(&made, "availability_zones"), r#"["ru-moscow-1a"]"#);
    assert_eq!(attribute(&made, "storage_space"), "300");
    let id = rig.dms().instances()[0].id.clone();
    assert_eq!(rig.notes.lock().unwrap()[0].id.as_deref(), Some(id.as_str()), "known before the wait");

    rig.fault(FaultRule::new(Fault::LateStatus { reads: 2 }).on("POST", "/extend"));
    let changed = instance(&[
        ("name", text("orders-2")),
        ("description", text("for orders")),
        ("broker_num", Value::int(2)),
        ("storage_space", Value::int(900)),
        ("enable_acl", Value::bool(true)),
        ("tags", Value::map(Type::String, [("owner", text("you")), ("team", text("a"))])),
    ]);
    let made = rig.operate(Update, INSTANCE, &changed, Some(&made)).await.unwrap().unwrap();
    for (name, value) in [
        ("name", "\"orders-2\""),
        ("description", "\"for orders\""),
        ("broker_num", "2"),
        ("storage_space", "900"),
        ("enable_acl", "true"),
        ("tags", r#"{"owner":"you","team":"a"}"#),
    ] {
        assert_eq!(attribute(&made, name), value, "{name}");
    }
    rig.operate(Delete, INSTANCE, &made, Some(&made)).await.unwrap();
    assert!(rig.dms().instances().is_empty());
    let stats = rig.providers.stats();
    assert!(stats.polls > 0 && stats.writes >= 6, "{stats:?}");
}

#[tokio::test]
async fn a_failed_creation_leaves_the_id_and_says_so() {
    let rig = Rig::start().await;
    rig.fault(FaultRule::new(Fault::FailJob).on("POST", "/instances"));
    let error = rig.operate(Create, INSTANCE, &instance(&[]), None).await.unwrap_err();
    assert!(error.may_have_changed());
    assert!(!error.is_pending());
    assert_eq!(error.diagnostics().iter().next().unwrap().code.name(), "operation-rejected");
    assert!(rig.notes.lock().unwrap()[0].id.is_some());
}

#[tokio::test]
async fn lost_answers_are_in_doubt_and_refusals_are_not() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main"));
    let topic = |queues: i64| {
        object(&[("instance_id", text(&id)), ("name", text("orders")), ("queue_num", Value::int(queues))])
    };
    let error = rig.operate(Create, TOPIC, &topic(60), None).await.unwrap_err();
    assert!(!error.may_have_changed(), "{error}");
    rig.fault(FaultRule::new(Fault::DropAfterCommit).on("POST", "/topics").times(1));
    let error = rig.operate(Create, TOPIC, &topic(3), None).await.unwrap_err();
    assert!(error.may_have_changed(), "{error}");
    assert_eq!(rig.dms().topics(&id).len(), 1);
    // It is found again by its name.
    let schema = rig.schema(TOPIC);
    let planned = crate::support::proposed(&schema, &topic(3), None, &rig.arguments()).value;
    let request =
        queueform::provider::FindRequest { provider: &rig.addr, schema: &schema, planned: &planned };
    let candidates = rig.providers.find(&request, &rig.stop).await.unwrap();
    assert_eq!(candidates.len(), 1);
    assert_eq!(candidates[0].id, format!("{id}/orders"));
    assert_eq!(attribute(&candidates[0].value, "read_queue_num"), "3");
    // The same name again is refused as existing.
    let error = rig.operate(Create, TOPIC, &topic(3), None).await.unwrap_err();
    assert_eq!(error.diagnostics().iter().next().unwrap().code.name(), "already-exists");
}

#[tokio::test]
async fn instances_in_doubt_are_found_by_name() {
    let rig = Rig::start().await;
    rig.fault(FaultRule::new(Fault::DropAfterCommit).on("POST", "/instances").times(1));
    let error = rig.operate(Create, INSTANCE, &instance(&[]), None).await.unwrap_err();
    assert!(error.may_have_changed());
    let schema = rig.schema(INSTANCE);
    let planned = crate::support::proposed(&schema, &instance(&[]), None, &rig.arguments()).value;
    let request =
        queueform::provider::FindRequest { provider: &rig.addr, schema: &schema, planned: &planned };
    let candidates = rig.providers.find(&request, &rig.stop).await.unwrap();
    assert_eq!(candidates.len(), 1);
    assert_eq!(candidates[0].id, rig.dms().instances()[0].id);
}

#[tokio::test]
async fn busy_instances_are_waited_for() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main"));
    rig.fault(
        FaultRule::new(Fault::Status { status: 400, code: Some("DMS.00400026".to_owned()) })
            .on("POST", "/topics")
            .times(3),
    );
    let config = object(&[("instance_id", text(&id)), ("name", text("orders"))]);
    let topic = rig.operate(Create, TOPIC, &config, None).await.unwrap().unwrap();
    assert_eq!(attribute(&topic, "name"), "\"orders\"");
    assert_eq!(writes(&rig).len(), 4);
}

#[tokio::test]
async fn stale_reads_do_not_hide_what_was_created() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main"));
    rig.fault(FaultRule::new(Fault::StaleReads { reads: 2 }).on("POST", "/topics"));
    let config = object(&[("instance_id", text(&id)), ("name", text("orders"))]);
    rig.operate(Create, TOPIC, &config, None).await.unwrap().unwrap();
    let answer = rig.refresh(TOPIC, &format!("{id}/orders"), &[]).await;
    assert!(matches!(answer, Answer::Found { .. }));
    found(&answer);
}
