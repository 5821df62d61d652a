//! Large estates are adopted with few calls, and what belongs to others is left alone.

use queueform::adopt::GroupBy;
use queueform::api::Stop;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops::adopt::AdoptRequest;
use queueform::ops::adopt::Adopted;
use queueform::ops::adopt::LeftOut;
use queueform::ops::adopt::What;
use queueform::ops::adopt::adopt;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::listed;

fn everything() -> AdoptRequest {
    AdoptRequest {
        what: What::Everything,
        scope: Vec::new(),
        only: Vec::new(),
        provider: None,
        group_by: GroupBy::Instance,
        directory: None,
        write: true,
    }
}

async fn adopted(lab: &Lab, request: &AdoptRequest) -> Adopted {
    match adopt(&lab.open(), request, &Stop::never()).await {
        Ok(adopted) => adopted,
        Err(found) => panic!("{}", listed(&found)),
    }
}

#[tokio::test]
async fn twelve_thousand_topics_cost_their_pages() {
    const TOPICS: usize = 12_000;
    let lab = Lab::new("provider \"dms\" {}\n");
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.dms().set_quotas(20_000, 1000);
    for number in 0..TOPICS {
        assert!(lab.dms().add_topic(INSTANCE, &format!("topic-{number:05}"), 8));
    }
    let before = lab.calls().len();
    let request =
        AdoptRequest { only: vec!["dms_rocketmq_instance".into(), "*_topic".into()], ..everything() };
    let found = adopted(&lab, &request).await;
    let calls = lab.calls().len() - before;
    let most = TOPICS.div_ceil(50) + 8;
    assert!(calls <= most, "{calls} calls, at most {most}");
    assert_eq!(found.objects.len(), TOPICS + 1);
    // One object is one line.
    let files: Vec<&str> = found.files.iter().map(|file| &*file.name).collect();
    assert_eq!(files, ["main_adopted-imports.qf.hcl", "main_adopted.qf.hcl"]);
    let text = std::fs::read_to_string(lab.path().join("main_adopted.qf.hcl")).unwrap();
    assert_eq!(text.lines().filter(|line| line.trim_start().starts_with("topic-")).count(), TOPICS);
    let before = lab.calls().len();
    let planned = lab.plan().await;
    let imported = planned.plan.changes.iter().filter(|change| change.importing.is_some()).count();
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
    assert_eq!(imported, TOPICS + 1);
    assert_eq!(super::lab::actions(&planned), Vec::<String>::new());
    let calls = lab.calls().len() - before;
    assert!(calls <= most, "{calls} calls, at most {most}");
}

#[tokio::test]
async fn names_of_the_service_itself_are_counted_and_left_out() {
    let lab = Lab::new("provider \"dms\" {}\n");
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    for name in ["orders", "TBW102", "rmq_sys_trace"] {
        assert!(lab.dms().add_topic(INSTANCE, name, 8));
    }
    let found = adopted(&lab, &everything()).await;
    let topics: Vec<&str> = found
        .objects
        .iter()
        .filter(|object| *object.addr.resource.kind == *"dms_rocketmq_topic")
        .map(|object| &*object.id)
        .collect();
    assert_eq!(topics, [format!("{INSTANCE}/orders")]);
    let system = found.left_out.iter().filter(|((_, reason), _)| *reason == LeftOut::System);
    assert_eq!(
        system.map(|((kind, _), count)| (&**kind, *count)).collect::<Vec<_>>(),
        [("dms_rocketmq_topic", 2)]
    );
}
