//! SIGKILL while objects go from one state to another: at every request to the engine of the other state, before it takes
//! effect and after.

use std::time::Duration;

use crate::support::Output;
use crate::support::Place;
use crate::support::Service;

use super::process::TICK;

const OBJECTS: &str = "resource \"queueform_data\" \"a\" {\n  for_each = toset([\"x\", \"y\"])\n}\n";
const MOVE: [&str; 4] = ["state", "mv", "--to-state=./other", "queueform_data.a"];
const BOTH: &str = "queueform_data.a[\"x\"]\nqueueform_data.a[\"y\"]\n";

/// Two objects in a state of this directory, and an empty state on a service.
fn place(service: &Service) -> Place {
    let (address, user) = (service.address("other"), Service::USER);
    let other = format!(
        "queueform {{\n  backend \"http\" {{\n    address = \"{address}\"\n    lock_address = \"{address}/lock\"\n    username = \"{user}\"\n  }}\n}}\n"
    );
    let place = Place::with(&[("main.qf.hcl", OBJECTS), ("other/main.qf.hcl", &other)]);
    drop(run(&place, &["apply", "--auto-approve"]).success());
    place
}

fn run(place: &Place, arguments: &[&str]) -> Output {
    place.command(arguments).env("QF_HTTP_PASSWORD", Service::PASSWORD).output()
}

/// What the two states hold.
fn held(place: &Place) -> (String, String) {
    let here = run(place, &["state", "list"]).success();
    (here, run(place, &["--chdir=other", "state", "list"]).success())
}

/// Runs the command until the service hangs at a request, and kills it there. False if it got done before.
fn killed_at(service: &Service, place: &Place, request: usize, takes_effect: bool) -> bool {
    service.hang_at(request, takes_effect);
    let mut child = place.command(&MOVE).env("QF_HTTP_PASSWORD", Service::PASSWORD).spawn();
    let ended = loop {
        if service.is_hanging() {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        std::thread::sleep(TICK);
    };
    service.go_on();
    // The lock of the killed run is as old as nobody waits for.
    service.advance(Duration::from_mins(10));
    assert!(ended.is_none_or(|status| status.success()), "request {request}: {ended:?}");
    ended.is_none()
}

#[test]
fn a_move_to_another_state_is_finished_wherever_it_was_killed() {
    let (mut kills, mut in_both) = (0, 0);
    for takes_effect in [false, true] {
        for request in 0.. {
            let service = Service::start();
            let place = place(&service);
            if !killed_at(&service, &place, request, takes_effect) {
                assert_eq!(held(&place), (String::new(), BOTH.to_owned()));
                break;
            }
            kills += 1;
            let (here, there) = held(&place);
            assert!(here == BOTH || there == BOTH, "request {request}: something is lost\n{here}\n{there}");
            assert!(there.is_empty() || there == BOTH, "request {request}: a part arrived\n{there}");
            if here == BOTH && there == BOTH {
                in_both += 1;
                // What is on its way is deleted by nobody.
                let refused = run(&place, &["destroy", "--auto-approve"]).ended(3);
                assert!(refused.stderr.contains("prevent_destroy"), "{refused}");
            }
            let again = run(&place, &MOVE);
            let is_done =
                again.status == Some(0) || here.is_empty() && again.stderr.contains("it has moved already");
            assert!(is_done, "request {request}:\n{again}");
            assert_eq!(held(&place), (String::new(), BOTH.to_owned()), "request {request}");
            // Nothing is left of the move.
            let pulled = run(&place, &["--chdir=other", "state", "pull"]).success();
            assert!(!pulled.contains("leaving") && !pulled.contains("prevent_destroy\": true"), "{pulled}");
        }
    }
    println!("{kills} kills, {in_both} with the objects in both states");
    assert!(kills >= 10 && in_both >= 2, "{kills} kills, {in_both} with the objects in both states");
}
