//! Guards, checks with lookups, data sources.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::dms::InstanceSeed;
use queueform::plan::Answer;
use queueform::plan::Query;
use queueform::schema::ResourceKind;
use queueform::value::Value;

use super::rig::Rig;
use super::rig::attribute;
use super::rig::found;
use super::rig::key;
use super::rig::object;
use super::rig::text;

const TOPIC: &str = "dms_rocketmq_topic";
const GROUP: &str = "dms_rocketmq_consumer_group";
const INSTANCE: &str = "dms_rocketmq_instance";

async fn guard(rig: &Rig, kind: &str, id: &str, guard: &str, managed: &[(&str, &[&str])]) -> Answer {
    let prior = found(&rig.refresh(kind, id, &[]).await).clone();
    let managed: BTreeMap<Arc<str>, BTreeSet<Arc<str>>> = managed
        .iter()
        .map(|(kind, names)| (Arc::from(*kind), names.iter().map(|name| Arc::from(*name)).collect()))
        .collect();
    let query = Query::Guard {
        key: key(kind, "one"),
        provider: rig.addr.clone(),
        kind: Arc::from(kind),
        guard: Arc::from(guard),
        prior,
        planned: None,
        managed,
    };
    let key = query.key();
    rig.answer(vec![query]).await.get(&key).unwrap().clone()
}

fn observed(answer: &Answer) -> (u64, &str) {
    match answer {
        Answer::Observed { count, message, .. } => (*count, message),
        other => panic!("{other:?}"),
    }
}

fn busy(rig: &Rig) -> String {
    let seed = InstanceSeed::new("busy")
        .topic("orders", 4)
        .topic("idle", 2)
        .group("billing")
        .group("audit")
        .messages("orders", 30)
        .lag("billing", "orders", 18_204)
        .client("billing", "billing-1", &["orders"])
        .dead_letters("billing", 37);
    rig.dms().seed_instance(&seed)
}

#[tokio::test]
async fn unread_messages_and_consumers() {
    let rig = Rig::start().await;
    let id = busy(&rig);
    let answer = guard(&rig, TOPIC, &format!("{id}/orders"), "unread messages", &[]).await;
    assert_eq!(observed(&answer), (18_204, "18,204 unread: billing 18,204"));
    let answer = guard(&rig, TOPIC, &format!("{id}/orders"), "online consumers", &[]).await;
    assert_eq!(observed(&answer).0, 1);
    let answer = guard(&rig, TOPIC, &format!("{id}/idle"), "unread messages", &[]).await;
    assert_eq!(observed(&answer).0, 0);
    let answer = guard(&rig, GROUP, &format!("{id}/billing"), "dead letters", &[]).await;
    assert_eq!(observed(&answer).0, 37);
    let answer = guard(&rig, GROUP, &format!("{id}/audit"), "dead letters", &[]).await;
    assert_eq!(observed(&answer).0, 0);
    let answer = guard(&rig, GROUP, &format!("{id}/billing"), "unread messages", &[]).await;
    assert_eq!(observed(&answer).0, 18_204);
    assert!(rig.providers.stats().observations >= 8);
}

#[tokio::test]
async fn children_outside_the_state() {
    let rig = Rig::start().await;
    let id = busy(&rig);
    let name = "topics and groups outside the state";
    let managed: &[(&str, &[&str])] = &[(TOPIC, &["orders"]), (GROUP, &["billing", "audit"])];
    let answer = guard(&rig, INSTANCE, &id, name, managed).await;
    let (count, message) = observed(&answer);
    assert_eq!(count, 1);
    assert!(message.contains("idle") && !message.contains("orders"), "{message}");
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_not_safe() {
    let rig = Rig::start().await;
    let id = busy(&rig);
    rig.fault(
        FaultRule::new(Fault::Status { status: 403, code: Some("DMS.00403001".to_owned()) })
            .on("GET", "/groups/billing/topics"),
    );
    let answer = guard(&rig, TOPIC, &format!("{id}/orders"), "unread messages", &[]).await;
    let Answer::Unobserved { reason } = answer else { panic!("{answer:?}") };
    assert!(reason.contains("403"), "{reason}");
}

#[tokio::test]
async fn lookups_are_made_once() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main").v5());
    let schema = rig.schema(TOPIC);
    let queries: Vec<Query> = (0..20)
        .map(|n| {
            let config = object(&[
                ("instance_id", text(&id)),
                ("name", text(&format!("topic-{n}"))),
                ("queue_num", Value::int(3)),
            ]);
            Query::Check {
                addr: key(TOPIC, &format!("t{n}")).addr,
                provider: rig.addr.clone(),
                kind: Arc::from(TOPIC),
                check: Arc::from("4.8.0 only"),
                planned: crate::support::proposed(&schema, &config, None, &rig.arguments()).value,
                prior: None,
            }
        })
        .collect();
    let answers = rig.answer(queries).await;
    assert_eq!(answers.iter().count(), 20);
    for (_, answer) in answers.iter() {
        let Answer::Checked(findings) = answer else { panic!("{answer:?}") };
        assert!(findings.has_errors());
    }
    assert_eq!(rig.calls().len(), 1, "{:?}", rig.calls());
}

#[tokio::test]
async fn data_sources() {
    let rig = Rig::start().await;
    let id = busy(&rig);
    let kind: Arc<str> = Arc::from("dms_rocketmq_topics");
    let schema = rig.providers.registry().resource(ResourceKind::Data, &kind).unwrap();
    let config = object(&[("instance_id", text(&id))]);
    let arguments = crate::support::proposed(&schema, &config, None, &rig.arguments()).value;
    let answer = rig.providers.read_data(&rig.addr, &kind, &arguments, &rig.stop).await.unwrap();
    let Answer::Data(value) = answer else { panic!("{answer:?}") };
    assert_eq!(attribute(&value, "names"), r#"["idle","orders"]"#);
    let zones: Arc<str> = Arc::from("dms_rocketmq_availability_zones");
    let answer = rig.providers.read_data(&rig.addr, &zones, &object(&[]), &rig.stop).await.unwrap();
    let Answer::Data(value) = answer else { panic!("{answer:?}") };
    assert!(attribute(&value, "zones").contains("ru-moscow-1a"));
}
