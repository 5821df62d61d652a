//! The first plan of `examples/quickstart`.

use std::path::Path;

use queueform::plan::Action;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;
use queueform::state::State;

use super::support::Stack;
use super::support::emulator;

#[tokio::test]
async fn the_first_plan_creates_everything_in_order() {
    let stack = Stack::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart"));
    let running = emulator().await;
    let plan = stack.plan(&running, &State::empty(), &PlanOptions::normal()).await;
    running.shutdown().await;
    let text = stack.draw(&plan);
    assert_eq!(plan.status, PlanStatus::Complete, "{text}");
    assert_eq!(plan.changes.iter().filter(|change| change.action == Action::Create).count(), 11, "{text}");
    for secret in ["Demo-orders-api-1", "Demo-audit-worker-1"] {
        assert!(!text.contains(secret), "{text}");
    }
    for step in &plan.steps {
        assert!(step.after.iter().all(|before| before.0 < step.id.0), "step {} comes too early", step.id.0);
    }
    insta::assert_snapshot!(text);
}
