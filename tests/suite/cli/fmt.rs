//! `fmt`

use insta::assert_snapshot;

use crate::support::Place;

const UGLY: &str = "locals {\n a=1\n  long_name = 2\n}\n";
const NICE: &str = "locals {\n  a         = 1\n  long_name = 2\n}\n";

#[test]
fn files_are_listed_and_written() {
    let place =
        Place::with(&[("b.qf.hcl", UGLY), ("a.qf.hcl", NICE), ("sub/c.qf.hcl", UGLY), ("x.tf", UGLY)]);
    assert_snapshot!(place.run(&["fmt"]), @"b.qf.hcl");
    assert_eq!(place.read("b.qf.hcl"), NICE);
    assert_eq!(place.read("sub/c.qf.hcl"), UGLY);
    assert_eq!(place.read("x.tf"), UGLY);
    assert_snapshot!(place.run(&["fmt", "-recursive"]), @"sub/c.qf.hcl");
    assert_snapshot!(place.run(&["fmt", "-recursive"]), @"");
}

#[test]
fn check_changes_nothing() {
    let place = Place::with(&[("a.qf.hcl", UGLY)]);
    assert_snapshot!(place.run(&["fmt", "-check", "-diff"]));
    assert_eq!(place.read("a.qf.hcl"), UGLY);
    place.write("a.qf.hcl", NICE);
    assert_eq!(place.run(&["fmt", "-check"]).success(), "");
}

#[test]
fn nothing_is_written_on_request() {
    let place = Place::with(&[("a.qf.hcl", UGLY)]);
    assert_eq!(place.run(&["fmt", "-write=false", "-list=false"]).success(), "");
    assert_eq!(place.read("a.qf.hcl"), UGLY);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let place = Place::new();
    assert_eq!(place.command(&["fmt", "-"]).input(UGLY.trim_end()).output().success(), NICE);
    assert_eq!(place.command(&["fmt", "-check", "-"]).input(UGLY).output().ended(3).stdout, "");
    assert_eq!(place.command(&["fmt", "-check", "-"]).input(NICE).output().ended(0).stdout, "");
}

#[test]
fn broken_files_are_left_alone() {
    let place = Place::with(&[("a.qf.hcl", "locals {\n a=\n}\n"), ("b.qf.hcl", UGLY)]);
    assert_snapshot!(place.run(&["fmt"]));
    assert_eq!(place.read("a.qf.hcl"), "locals {\n a=\n}\n");
    assert_eq!(place.read("b.qf.hcl"), NICE);
}

#[test]
fn missing_files_are_reported() {
    assert_snapshot!(Place::new().run(&["fmt", "nowhere.qf.hcl"]), @"
    ------- stderr -------
    error[file-access]: cannot read `nowhere.qf.hcl`
     |
     = note: No such file or directory (os error 2)

    [exit status: 1]
    ");
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::with(&[("real/a.qf.hcl", UGLY)]);
    let real = place.path().join("real/a.qf.hcl");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, place.path().join("link.qf.hcl")).unwrap();
    assert_snapshot!(place.run(&["fmt"]), @"link.qf.hcl");
    assert!(place.path().join("link.qf.hcl").is_symlink());
    assert_eq!(place.read("real/a.qf.hcl"), NICE);
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(!place.has("real/a.qf.hcl.partial"));
}

#[test]
fn what_is_ignored_is_left_alone() {
    let place = Place::with(&[
        (".queueformignore", "vendor/\n*_generated.qf.hcl\n!keep_generated.qf.hcl\n"),
        ("a.qf.hcl", UGLY),
        ("x_generated.qf.hcl", UGLY),
        ("sub/x_generated.qf.hcl", UGLY),
        ("sub/keep_generated.qf.hcl", UGLY),
        ("vendor/b.qf.hcl", UGLY),
        ("tests/c.qftest.hcl", UGLY),
        ("mocks/d.qfmock.hcl", UGLY),
        ("e.qfvars.hcl", "a=1\n"),
    ]);
    // Without subdirectories everything here is meant, as it is if it is named.
    assert_snapshot!(place.run(&["fmt", "-check"]));
    assert_snapshot!(place.run(&["fmt", "-recursive"]));
    assert_eq!(place.read("vendor/b.qf.hcl"), UGLY);
    assert_snapshot!(place.run(&["fmt", "vendor/b.qf.hcl"]), @"vendor/b.qf.hcl");
}

#[cfg(unix)]
#[test]
fn links_are_formatted_where_they_lead_and_never_followed_in_circles() {
    let place = Place::with(&[("real/a.qf.hcl", UGLY)]);
    std::os::unix::fs::symlink("real/a.qf.hcl", place.path().join("link.qf.hcl")).unwrap();
    std::os::unix::fs::symlink("..", place.path().join("real/up")).unwrap();
    std::os::unix::fs::symlink("nowhere", place.path().join("broken.qf.hcl")).unwrap();
    assert_snapshot!(place.run(&["fmt", "-recursive"]));
    assert_eq!(place.read("real/a.qf.hcl"), NICE);
    assert!(place.path().join("link.qf.hcl").is_symlink());
}
