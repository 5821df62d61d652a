//! The example in `examples/apsara-stack`.

use std::fs;

use super::course::Course;
use crate::engine::actions;

const EXAMPLE: &str = include_str!("../../../examples/apsara-stack/main.qf.hcl");
const VALUES: &str = include_str!("../../../examples/apsara-stack/emulate.qfvars.hcl");

#[tokio::test]
async fn the_example_settles_and_its_edit_replaces_a_topic_with_its_right() {
    let course = Course::with("");
    fs::write(course.lab.path().join("emulate.qfvars.hcl"), VALUES).unwrap();
    course.write(EXAMPLE);
    course.lab.converge().await;
    course.settled().await;
    assert_eq!(course.store().count(), 9);
    let edited =
        EXAMPLE.replace("orders-created = { type = \"normal\"", "orders-created = { type = \"delay\"");
    assert_ne!(edited, EXAMPLE);
    course.write(&edited);
    assert_eq!(
        actions(&course.lab.plan().await),
        [
            "replace apsarastack_mq_topic.topic[\"orders-created\"]",
            "replace apsarastack_mq_topic_authorization.partner[\"orders-created\"]"
        ]
    );
    course.lab.converge().await;
    course.settled().await;
    course.destroy().await;
}
