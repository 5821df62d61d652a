//! Examples from their first command to their last.

use crate::support::Output;
use crate::support::Place;

fn all(output: &Output) -> String {
    format!("{}{}", output.stdout, output.stderr)
}

#[test]
fn queues_of_a_rabbitmq_become_topics_that_are_then_managed() {
    let place = Place::with(&[
        ("main.qf.hcl", include_str!("../../../examples/migrate-from-rabbitmq/main.qf.hcl")),
        ("emulate.qfvars.hcl", include_str!("../../../examples/migrate-from-rabbitmq/emulate.qfvars.hcl")),
        ("definitions.json", include_str!("../../../examples/migrate-from-rabbitmq/definitions.json")),
    ]);
    let run = |arguments: &[&str], status: i32, said: &str| {
        let output = place.run(arguments);
        assert_eq!(output.status, Some(status), "{arguments:?}: {}", all(&output));
        assert!(all(&output).contains(said), "{arguments:?}: {}", all(&output));
    };
    run(&["apply", "--emulate", "--auto-approve"], 0, "Apply complete! Resources: 2 added");
    run(&["plan", "--emulate", "--detailed-exitcode"], 0, "No changes");
    run(
        &["plan", "--emulate", "--var=adopt=true"],
        0,
        "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy",
    );
    run(&["apply", "--emulate", "--var=adopt=true", "--auto-approve"], 0, "3 imported");
    run(&["plan", "--emulate", "--var=adopt=true", "--detailed-exitcode"], 0, "No changes");
    run(&["destroy", "--emulate", "--var=adopt=true", "--auto-approve"], 0, "5 destroyed");
}
