//! `validate`

use insta::assert_snapshot;

use crate::support::Place;

#[test]
fn a_valid_configuration() {
    let place = Place::with(&[("main.qf.hcl", "variable \"x\" {}\noutput \"o\" {\n  value = var.x\n}\n")]);
    assert_snapshot!(place.run(&["validate"]), @"The configuration is valid.");
    let json = place.run(&["validate", "-json"]).ended(0).json();
    assert_eq!(json["valid"], true);
    assert_eq!(json["error_count"], 0);
}

#[test]
fn every_mistake_is_reported() {
    let place = Place::with(&[
        ("a.qf.hcl", "output \"o\" {\n  value = var.regoin\n}\n\nvariable \"region\" {}\n"),
        ("b.qf.hcl", "resource \"queueform_data\" \"x\" {\n  inputs = local.nothing\n}\n"),
        ("c.qf.hcl", "locals {\n  a = [1,\n}\n"),
    ]);
    assert_snapshot!(place.run(&["validate"]));
    let json = place.run(&["validate", "--json"]).ended(1).json();
    assert_eq!(json["valid"], false);
    assert_eq!(
        json["diagnostics"].as_array().unwrap().len(),
        usize::try_from(json["error_count"].as_u64().unwrap()).unwrap()
    );
}

#[test]
fn a_directory_with_terraform_files() {
    assert_snapshot!(Place::with(&[("main.tf", "")]).run(&["validate"]));
}

#[test]
fn colours_only_on_request_of_a_terminal() {
    let place = Place::with(&[("main.qf.hcl", "x\n")]);
    let output = place.run(&["validate"]).ended(1);
    assert!(!output.stderr.contains('\u{1b}'), "{output}");
}

#[test]
fn the_log_shows_only_our_own_events() {
    let place = Place::with(&[("main.qf.hcl", "")]);
    let run =
        place.command(&["validate"]).env("QF_LOG", "trace").env("QF_LOG_PATH", "log.txt").output().ended(0);
    assert!(run.stderr.is_empty(), "{run}");
    assert!(place.read("log.txt").lines().all(|line| line.contains("queueform")));
}
