//! Options of older commands: what each prints, and how it ends.

use insta::assert_snapshot;

use crate::support::Place;

const CONFIG: &str = "variable \"size\" {\n  type = number\n\n  validation {\n    condition     = var.size < 10\n    error_message = \"too large\"\n  }\n}\n\noutput \"size\" {\n  value = var.size\n}\n";

fn place() -> Place {
    Place::with(&[("main.qf.hcl", CONFIG), ("large.qfvars.hcl", "size = 20\n")])
}

#[test]
fn of_init() {
    let place = Place::with(&[("main.qf.hcl", "output \"x\" {\n  value = 1\n}\n")]);
    assert_snapshot!("init_lockfile", place.run(&["init", "--lockfile=readonly"]));
    assert_snapshot!("init_upgrade", place.run(&["init", "--upgrade"]));
    assert_snapshot!("init_lockfile_word", place.run(&["init", "--lockfile=never"]).ended(1));
    assert_snapshot!("init_force_copy", place.run(&["init", "--force-copy"]).ended(1));
    assert_snapshot!("init_both", place.run(&["init", "--migrate-state", "--reconfigure"]).ended(1));
}

#[test]
fn of_validate() {
    let place = place();
    assert_snapshot!("validate_var", place.run(&["validate", "--var", "size=20"]));
    assert_snapshot!("validate_var_file", place.run(&["validate", "--var-file", "large.qfvars.hcl"]));
    assert_snapshot!("validate_json", place.run(&["validate", "--json", "--no-tests"]).ended(0));
    assert_snapshot!("validate_unknown_variable", place.run(&["validate", "--var", "sise=1"]));
    assert_snapshot!(
        "validate_test_directory",
        place.run(&["validate", "--test-directory", "checks"]).ended(0)
    );
}

#[test]
fn nothing_is_paged_where_nobody_turns_pages() {
    let place = place();
    let plain = place.run(&["plan", "--var", "size=2"]);
    let asked = place.command(&["plan", "--no-pager", "--var", "size=2"]).env("QF_PAGER", "false").output();
    assert_eq!(plain, asked);
    assert_eq!(place.command(&["plan", "--var", "size=2"]).env("PAGER", "false").output(), asked);
}

#[test]
fn of_console() {
    let place = place();
    let run = |arguments: &[&str]| place.command(arguments).input("var.size + 1\n").output();
    assert_snapshot!("console_var", run(&["console", "--var", "size=2"]).ended(0));
    assert_snapshot!("console_json", run(&["console", "--json", "--var", "size=2"]).ended(0));
    let input = place.command(&["console", "--json", "--json-input"]).input("\"1 +\\n1\"\n").output();
    assert_snapshot!("console_json_input", input.ended(0));
}

#[test]
fn of_test() {
    let place = place();
    place.write("tests/size.qftest.hcl", "run \"small\" {\n  variables {\n    size = 1\n  }\n}\n");
    assert_snapshot!("test_filter", place.run(&["test", "--filter", "tests/none.qftest.hcl"]));
    assert_snapshot!("test_directory", place.run(&["test", "--test-directory", "nowhere"]));
    assert_snapshot!("test_real_and_emulated", place.run(&["test", "--real", "--emulate"]).ended(1));
}

#[test]
fn of_fmt() {
    let place = Place::with(&[("main.qf.hcl", "a=1\n"), ("inner/main.qf.hcl", "b=1\n")]);
    assert_snapshot!("fmt_write", place.run(&["fmt", "--write=false", "--recursive"]).ended(0));
    assert_snapshot!("fmt_diff", place.run(&["fmt", "--diff", "--list=false", "--write=false"]).ended(0));
    assert_snapshot!("fmt_check", place.run(&["fmt", "--check", "--recursive"]).ended(3));
    assert_eq!(place.read("main.qf.hcl"), "a=1\n");
    assert_snapshot!("fmt_list", place.run(&["fmt", "--list=false"]).ended(0));
    assert_eq!(place.read("main.qf.hcl"), "a = 1\n");
    assert_snapshot!("fmt_stdin", place.command(&["fmt", "-"]).input("a=1\n").output().ended(0));
}

#[test]
fn of_schema() {
    let place = Place::new();
    let page = place.run(&["schema", "show", "--data", "queueform_remote_state"]).ended(0);
    assert_snapshot!("schema_data", page);
    assert_snapshot!("schema_check_json", place.run(&["schema", "check", "--json", "."]).ended(1));
}

#[test]
fn of_the_emulator() {
    let place = Place::new();
    assert_snapshot!("emulator_systems", place.run(&["emulator", "--systems", "kafka"]).ended(1));
    assert_snapshot!("emulator_listen", place.run(&["emulator", "--listen", "here"]).ended(1));
    assert_snapshot!("emulator_seed", place.run(&["emulator", "--seed", "many"]).ended(1));
}
