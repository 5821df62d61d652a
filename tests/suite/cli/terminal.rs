//! What differs on a terminal: long texts are paged, and somebody is asked.

use serde_json::json;

use crate::support::Output;
use crate::support::Place;
use crate::support::Run;
use crate::support::Service;

/// A pager that marks what it shows, and tells how it was started.
const PAGER: &str =
    "/bin/sh -c 'while IFS= read -r line; do echo \"| $line\"; done; echo \"(end, LESS=$LESS)\"'";

fn objects(count: usize) -> Place {
    let blocks: String = (0..count)
        .map(|index| format!("resource \"queueform_data\" \"a{index}\" {{\n  input = {index}\n}}\n"))
        .collect();
    Place::with(&[("main.qf.hcl", &blocks)])
}

fn paged<'p>(place: &'p Place, arguments: &[&str]) -> Run<'p> {
    place.command(arguments).env("QF_PAGER", PAGER).env("NO_COLOR", "1").env("TERM", "xterm")
}

#[test]
fn long_plans_are_paged() {
    let place = objects(20);
    let plan = paged(&place, &["plan"]).typed("").ended(0);
    assert!(plan.stdout.contains("|   + queueform_data.a0\n"), "{plan}");
    assert!(plan.stdout.contains("| Plan: 20 to add, 0 to change, 0 to destroy.\n"), "{plan}");
    assert!(plan.stdout.contains("(end, LESS=FRX)"), "{plan}");
    for (arguments, term) in [(&["plan", "--no-pager"][..], "xterm"), (&["plan"], "dumb")] {
        let plan = paged(&place, arguments).env("TERM", term).typed("").ended(0);
        assert!(plan.stdout.contains("\nPlan: 20 to add") && !plan.stdout.contains("(end"), "{plan}");
    }
    // A pager that cannot be started hides nothing.
    let plan = paged(&place, &["plan"]).env("QF_PAGER", "/nowhere/pager").typed("").ended(0);
    assert!(plan.stdout.contains("\nPlan: 20 to add"), "{plan}");
    // Who has seen enough ends the pager, and the plan is what it was.
    let plan =
        paged(&place, &["plan", "--detailed-exitcode"]).env("QF_PAGER", "/bin/sh -c 'exit 3'").typed("");
    assert_eq!(plan.status, Some(2), "{plan}");
}

#[test]
fn what_fits_the_terminal_is_not_paged() {
    let plan = paged(&objects(2), &["plan"]).typed("").ended(0);
    assert!(plan.stdout.contains("\nPlan: 2 to add") && !plan.stdout.contains("(end"), "{plan}");
}

#[test]
fn a_plan_is_approved_behind_its_pages() {
    let place = objects(20);
    let refused = paged(&place, &["apply"]).typed("no\n").ended(1);
    assert!(refused.stdout.contains("| Plan: 20 to add"), "{refused}");
    assert!(refused.stdout.contains("Do this? Only `yes` is taken as consent."), "{refused}");
    assert!(refused.stdout.contains("Not approved; nothing was changed."), "{refused}");
    assert!(!place.has("queueform.state.json"));
    let applied = paged(&place, &["apply"]).typed("yes\n").ended(0);
    assert!(applied.stdout.contains("Apply complete! Resources: 20 added"), "{applied}");
}

#[test]
fn whoever_takes_a_lock_away_is_asked() {
    let service = Service::start();
    let (address, user) = (service.address("queues"), Service::USER);
    let place = Place::with(&[(
        "main.qf.hcl",
        &format!(
            "queueform {{\n  backend \"http\" {{\n    address = \"{address}\"\n    lock_address = \"{address}/lock\"\n    username = \"{user}\"\n  }}\n}}\n"
        ),
    )]);
    let theirs = json!({
        "ID": "1941dd55-8a4f-4c1b-9a58-1a64d0a4b7c1", "Operation": "OperationTypeApply", "Info": "",
        "Who": "ann@laptop", "Version": "1.11.4", "Created": "2026-08-01T00:00:00Z", "Path": ""
    });
    service.set_lock("queues", Some(theirs));
    let asked = |answer: &str| -> Output {
        let command = place.command(&["force-unlock", "1941dd55"]);
        command.env("QF_HTTP_PASSWORD", Service::PASSWORD).env("NO_COLOR", "1").typed(answer)
    };
    let kept = asked("y\n").ended(1);
    assert!(kept.stdout.contains("The state is locked by `apply` of ann@laptop"), "{kept}");
    assert!(kept.stdout.contains("two programs change this state at once"), "{kept}");
    assert!(kept.stdout.contains("Not confirmed; the lock stays."), "{kept}");
    assert!(service.lock_of("queues").is_some());
    let taken = asked("yes\n").ended(0);
    assert!(taken.stdout.contains("The lock was taken from `apply` of ann@laptop"), "{taken}");
    assert_eq!(service.lock_of("queues"), None);
}
