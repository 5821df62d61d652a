//! The ordinary course: create, nothing to do, edit, nothing to do, destroy.

use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;

use super::lab::Lab;
use super::lab::actions;
use super::lab::told;

const QUICKSTART: &str = include_str!("../../../examples/quickstart/main.qf.hcl");
const QUICKSTART_VALUES: &str = include_str!("../../../examples/quickstart/emulate.qfvars.hcl");

#[tokio::test]
async fn quickstart_converges_and_goes_away() {
    let lab = Lab::new(QUICKSTART);
    std::fs::write(lab.path().join("emulate.qfvars.hcl"), QUICKSTART_VALUES).unwrap();
    let applied = lab.converge().await;
    assert_eq!(applied.counts().created, 1 + 3 + 3 + 4);
    assert_eq!(applied.outputs.len(), 2);
    lab.settled().await;

    let edited = QUICKSTART
        .replace("orders-refund  = { queues = 8", "orders-refund  = { queues = 12")
        .replace("billing-done   =", "billing-closed =");
    lab.write(&edited);
    let planned = lab.plan().await;
    let todo = actions(&planned);
    assert!(todo.contains(&"update dms_rocketmq_topic.topic[\"orders-refund\"]".to_owned()), "{todo:#?}");
    assert!(todo.contains(&"create dms_rocketmq_topic.topic[\"billing-closed\"]".to_owned()), "{todo:#?}");
    assert!(todo.contains(&"delete dms_rocketmq_topic.topic[\"billing-done\"]".to_owned()), "{todo:#?}");
    lab.converge().await;
    lab.settled().await;

    match lab.apply_with(PlanOptions::destroy()).await {
        ApplyOutcome::Applied(_, applied) if applied.complete => {}
        other => panic!("{}", told(&other)),
    }
    assert_eq!(lab.dms().count(), 0);
    assert!(lab.state().is_empty());
}

#[tokio::test]
async fn built_in_data_needs_no_system() {
    let lab = Lab::new(
        r#"
        resource "queueform_data" "a" { input = "x" }
        resource "queueform_data" "b" { input = queueform_data.a.output }
        output "b" { value = queueform_data.b.output }
        "#,
    );
    let applied = lab.converge().await;
    assert_eq!(applied.outputs.get("b").and_then(|value| value.as_str()).map(|text| &**text), Some("x"));
    lab.settled().await;
    assert!(lab.calls().is_empty());
}
