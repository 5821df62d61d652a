//! Objects are read in bulk, and nothing is taken for gone that is not.

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::dms::InstanceSeed;
use queueform::emulator::dms::Status;
use queueform::plan::Answer;

use super::rig::Rig;
use super::rig::attribute;
use super::rig::found;
use super::rig::refresh_key;

const TOPIC: &str = "dms_rocketmq_topic";
const GROUP: &str = "dms_rocketmq_consumer_group";
const USER: &str = "dms_rocketmq_user";
const INSTANCE: &str = "dms_rocketmq_instance";

#[tokio::test]
async fn lists_take_pages_and_a_constant() {
    let rig = Rig::start().await;
    let mut seed = InstanceSeed::new("main").acl(true);
    for n in 0..290 {
        seed = seed.topic(&format!("topic-{n:03}"), 3);
    }
    for n in 0..570 {
        seed = seed.group(&format!("group-{n:03}")).user(&format!("user-{n:04}"), "Secret-0001");
    }
    let id = rig.dms().seed_instance(&seed);
    let mut queries = vec![rig.refresh_query(INSTANCE, "main", &id, &[])];
    for n in 0..290 {
        queries.push(rig.refresh_query(TOPIC, &format!("t{n}"), &format!("{id}/topic-{n:03}"), &[]));
    }
    for n in 0..570 {
        queries.push(rig.refresh_query(GROUP, &format!("g{n}"), &format!("{id}/group-{n:03}"), &[]));
        queries.push(rig.refresh_query(USER, &format!("u{n}"), &format!("{id}/user-{n:04}"), &[]));
    }
    // Asked twice, answered once.
    queries.push(rig.refresh_query(TOPIC, "t0", &format!("{id}/topic-000"), &[]));
    let answers = rig.answer(queries).await;
    assert_eq!(answers.iter().count(), 1 + 290 + 570 + 570);
    for (key, answer) in answers.iter() {
        assert!(matches!(answer, Answer::Found { broken: false, .. }), "{key:?}: {answer:?}");
    }
    let topic = found(answers.get(&refresh_key(TOPIC, "t289")).unwrap());
    assert_eq!(attribute(topic, "read_queue_num"), "3");
    assert_eq!(attribute(topic, "id"), format!("\"{id}/topic-289\""));
    // Six pages of topics, twelve each of groups and users, one instance and its zones.
    let calls = rig.calls();
    assert!(calls.len() <= 6 + 12 + 12 + 3, "{} calls", calls.len());
    assert_eq!(rig.providers.stats().reads, calls.len() as u64);
    assert_eq!(rig.providers.stats().writes, 0);
}

#[tokio::test]
async fn a_few_objects_of_a_large_instance_are_read_one_by_one() {
    let rig = Rig::start().await;
    let mut seed = InstanceSeed::new("main");
    for n in 0..400 {
        seed = seed.topic(&format!("topic-{n:03}"), 3);
    }
    let id = rig.dms().seed_instance(&seed);
    let queries =
        [300, 301].map(|n| rig.refresh_query(TOPIC, &format!("t{n}"), &format!("{id}/topic-{n}"), &[]));
    let answers = rig.answer(queries.to_vec()).await;
    assert!(answers.iter().all(|(_, answer)| matches!(answer, Answer::Found { .. })));
    assert_eq!(rig.calls().len(), 3, "{:?}", rig.calls());
}

#[tokio::test]
async fn gone_is_confirmed_and_flow_control_is_not_gone() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main").topic("here", 3).topic("also", 3));
    rig.throttle(2);
    let queries =
        ["here", "also", "away"].map(|name| rig.refresh_query(TOPIC, name, &format!("{id}/{name}"), &[]));
    let answers = rig.answer(queries.to_vec()).await;
    found(answers.get(&refresh_key(TOPIC, "here")).unwrap());
    found(answers.get(&refresh_key(TOPIC, "also")).unwrap());
    assert!(matches!(answers.get(&refresh_key(TOPIC, "away")).unwrap(), Answer::Gone));
    assert!(rig.calls().iter().any(|call| call.starts_with("GET 404") && call.ends_with("/topics/away")));

    // Nothing but flow control: an error, not a loss.
    rig.throttle(1);
    let answer = rig.refresh(TOPIC, &format!("{id}/here"), &[]).await;
    let Answer::Failed(findings) = answer else { panic!("{answer:?}") };
    assert_eq!(findings.iter().next().unwrap().code.name(), "throttled");
}

#[tokio::test]
async fn failed_lists_and_web_pages_are_errors() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main").topic("one", 3).topic("two", 3));
    rig.fault(FaultRule::new(Fault::Html { status: 200 }).on("GET", "/topics"));
    let queries = ["one", "two"].map(|name| rig.refresh_query(TOPIC, name, &format!("{id}/{name}"), &[]));
    let answers = rig.answer(queries.to_vec()).await;
    for (_, answer) in answers.iter() {
        let Answer::Failed(findings) = answer else { panic!("{answer:?}") };
        assert_eq!(findings.iter().next().unwrap().code.name(), "unexpected-answer");
    }
}

#[tokio::test]
async fn everything_of_a_missing_instance_is_gone() {
    let rig = Rig::start().await;
    let missing = "11111111-2222-3333-4444-555555555555";
    let queries = vec![
        rig.refresh_query(INSTANCE, "main", missing, &[]),
        rig.refresh_query(TOPIC, "one", &format!("{missing}/one"), &[]),
        rig.refresh_query(TOPIC, "two", &format!("{missing}/two"), &[]),
    ];
    for (key, answer) in rig.answer(queries).await.iter() {
        assert!(matches!(answer, Answer::Gone), "{key:?}: {answer:?}");
    }
}

#[tokio::test]
async fn an_instance_with_what_its_list_lacks() {
    let rig = Rig::start().await;
    let seed = InstanceSeed::new("main").acl(true).tag("owner", "me");
    let id = rig.dms().seed_instance(&seed);
    let answer = rig.refresh(INSTANCE, &id, &["enable_acl", "tags", "availability_zones"]).await;
    let instance = found(&answer);
    assert_eq!(attribute(instance, "enable_acl"), "true");
    assert_eq!(attribute(instance, "tags"), r#"{"owner":"me"}"#);
    assert_eq!(attribute(instance, "name"), "\"main\"");
    assert!(attribute(instance, "availability_zones").contains("ru-moscow-1"), "codes, not ids");
}

#[tokio::test]
async fn busy_objects_are_waited_for_and_failed_ones_are_broken() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main"));
    rig.dms().set_status(&id, Status::CreateFailed);
    let answer = rig.refresh(INSTANCE, &id, &[]).await;
    assert!(matches!(answer, Answer::Found { broken: true, .. }), "{answer:?}");
}

#[tokio::test]
async fn secrets_are_never_taken_from_the_service() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&InstanceSeed::new("main").acl(true).user("someone", "Secret-0001"));
    for masked in [false, true] {
        rig.dms().set_mask_secrets(masked);
        let answer = rig.refresh(USER, &format!("{id}/someone"), &[]).await;
        let user = found(&answer);
        assert_eq!(attribute(user, "secret_key"), "null");
        assert!(user.get("secret_key").unwrap().marks().is_sensitive());
        assert!(!format!("{answer:?}").contains("Secret-0001"));
    }
}
