//! `lock show` and `force-unlock` where other programs hold locks.

use serde_json::json;

use crate::support::Output;
use crate::support::Place;
use crate::support::Service;

const ID: &str = "1941dd55-8a4f-4c1b-9a58-1a64d0a4b7c1";

fn place(service: &Service) -> Place {
    let (address, user) = (service.address("queues"), Service::USER);
    Place::with(&[(
        "main.qf.hcl",
        &format!(
            "queueform {{\n  backend \"http\" {{\n    address = \"{address}\"\n    lock_address = \"{address}/lock\"\n    username = \"{user}\"\n  }}\n}}\n\nresource \"queueform_data\" \"a\" {{}}\n"
        ),
    )])
}

fn run(place: &Place, arguments: &[&str]) -> Output {
    place.command(arguments).env("QF_HTTP_PASSWORD", Service::PASSWORD).output()
}

fn shown(place: &Place, commands: &[&[&str]]) -> String {
    let told =
        commands.iter().map(|words| format!("$ queueform {}\n{}\n", words.join(" "), run(place, words)));
    told.collect()
}

macro_rules! assert_shown {
    ($text:expr) => {
        insta::with_settings!({ filters => vec![(r"127\.0\.0\.1:\d+", "[SERVICE]")] }, {
            insta::assert_snapshot!($text)
        });
    };
}

#[test]
fn the_lock_of_terraform_on_a_service() {
    let service = Service::start();
    let place = place(&service);
    drop(run(&place, &["apply", "--auto-approve"]).success());
    let theirs = json!({
        "ID": ID, "Operation": "OperationTypeApply", "Info": "", "Who": "ann@laptop", "Version": "1.11.4",
        "Created": "2026-08-01T00:00:00Z", "Path": ""
    });
    service.set_lock("queues", Some(theirs));
    assert_shown!(shown(
        &place,
        &[
            &["taint", "queueform_data.a"],
            &["lock", "show"],
            &["lock", "show", "--json"],
            &["force-unlock", "22222222"],
            &["force-unlock", ID],
            &["force-unlock", "--force", "1941dd55"],
            &["force-unlock", "--force", ID],
            &["taint", "queueform_data.a"],
        ]
    ));
}

/// A service that does not say who holds the lock knows the id all the same.
#[test]
fn the_lock_of_somebody_unknown() {
    let service = Service::start();
    let place = place(&service);
    service.set_lock("queues", Some(json!({ "ID": ID })));
    service.be_silent();
    assert_shown!(shown(
        &place,
        &[
            &["apply", "--auto-approve"],
            &["force-unlock", ID],
            &["force-unlock", "--force", "22222222"],
            &["force-unlock", "--force", ID],
            &["apply", "--auto-approve", "--concise"],
        ]
    ));
}
