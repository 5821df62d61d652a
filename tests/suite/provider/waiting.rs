//! Waits end at once when asked to, and go on later.

use std::sync::Arc;
use std::time::Duration;

use queueform::api::Stopper;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::provider::Recorded;
use queueform::provider::StepNote;
use queueform::provider::StepRequest;
use queueform::schema::scope::OperationKind;
use queueform::value::Type;
use queueform::value::Value;

use super::rig::Rig;
use super::rig::attribute;
use super::rig::object;
use super::rig::text;

#[tokio::test]
async fn a_stopped_wait_is_pending_and_goes_on() {
    let rig = Rig::start().await;
    rig.fault(FaultRule::new(Fault::SlowJob { factor: 1000 }).on("POST", "/instances"));
    let schema = rig.schema("dms_rocketmq_instance");
    let config = object(&[
        ("name", text("orders")),
        ("engine_version", text("4.8.0")),
        ("flavor_id", text("c6.4u8g.cluster")),
        ("storage_spec_code", text("dms.physical.storage.high.v2")),
        ("storage_space", Value::int(300)),
        ("vpc_id", text("11111111-1111-1111-1111-111111111111")),
        ("subnet_id", text("22222222-2222-2222-2222-222222222222")),
        ("security_group_id", text("33333333-3333-3333-3333-333333333333")),
        ("availability_zones", Value::set(Type::String, [text("ru-moscow-1a")])),
    ]);
    let planned = crate::support::proposed(&schema, &config, None, &rig.arguments()).value;
    let null = Value::null();
    let mut request = StepRequest {
        provider: &rig.addr,
        schema: &schema,
        subject: "dms_rocketmq_instance.main",
        operation: OperationKind::Create,
        index: 0,
        planned: &planned,
        prior: None,
        current: &null,
        timeout: Duration::from_mins(50),
        fence: None,
    };
    // The answer is known before the wait begins; stopping then ends the wait at once.
    let stopper = Stopper::default();
    let (sender, receiver) = std::sync::mpsc::channel();
    let signal = stopper.clone();
    let mut on_answer = move |note: StepNote| -> Recorded {
        sender.send(note).unwrap();
        signal.stop();
        Box::pin(async { Ok(()) })
    };
    let error = rig.providers.run_step(&request, &stopper.signal(), &mut on_answer).await.unwrap_err();
    assert!(error.is_pending() && error.is_stopped() && error.may_have_changed(), "{error}");
    let note = receiver.try_recv().unwrap();
    let id = note.id.unwrap();
    assert_eq!(rig.dms().instances()[0].id, id);

    let mut fields = planned.fields().unwrap().clone();
    fields.insert(Arc::from("id"), text(&id));
    let known = Value::object(fields);
    request.planned = &known;
    // Nothing happens in so short a time.
    request.timeout = Duration::from_millis(1);
    let error = rig.providers.resume_wait(&request, &rig.stop).await.unwrap_err();
    assert!(error.is_pending(), "{error}");
    rig.dms().advance(Duration::from_hours(10_000));
    request.timeout = Duration::from_mins(5000);
    let answer = rig.providers.resume_wait(&request, &rig.stop).await.unwrap();
    assert_eq!(attribute(&answer.planned, "status"), "\"RUNNING\"");
    assert_eq!(attribute(&answer.planned, "type"), "\"cluster\"");
    assert_eq!(rig.providers.stats().writes, 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_recorded_ends_the_step() {
    let rig = Rig::start().await;
    let id = rig.dms().seed_instance(&queueform::emulator::dms::InstanceSeed::new("main"));
    let schema = rig.schema("dms_rocketmq_topic");
    let config = object(&[("instance_id", text(&id)), ("name", text("orders"))]);
    let planned = crate::support::proposed(&schema, &config, None, &rig.arguments()).value;
    let null = Value::null();
    let request = StepRequest {
        provider: &rig.addr,
        schema: &schema,
        subject: "dms_rocketmq_topic.orders",
        operation: OperationKind::Create,
        index: 0,
        planned: &planned,
        prior: None,
        current: &null,
        timeout: Duration::from_mins(1),
        fence: None,
    };
    let mut on_answer = |_: StepNote| -> Recorded { Box::pin(async { Err("disk full".to_owned()) }) };
    let error = rig.providers.run_step(&request, &rig.stop, &mut on_answer).await.unwrap_err();
    assert!(error.may_have_changed());
    assert!(error.to_string().contains("disk full"), "{error}");
}
