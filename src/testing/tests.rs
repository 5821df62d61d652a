use super::batches;
use crate::config::TestFile;
use crate::config::load_test;
use crate::diag::Diagnostics;
use crate::source::SourceMap;

fn read(text: &str) -> TestFile {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.qftest.hcl");
    std::fs::write(&path, text).unwrap();
    let mut found = Diagnostics::new();
    let file = load_test(&path, directory.path(), &mut SourceMap::new(), &mut found).unwrap();
    assert!(found.is_empty(), "{found:?}");
    file
}

fn grouped(text: &str) -> Vec<Vec<String>> {
    let file = read(text);
    let name = |index: &usize| file.runs[*index].name.value.to_string();
    batches(&file).iter().map(|batch| batch.iter().map(name).collect()).collect()
}

#[test]
fn runs_are_done_one_after_the_other_unless_they_say_otherwise() {
    assert_eq!(grouped("run \"a\" {}\nrun \"b\" { state_key = \"b\" }\n"), [["a"], ["b"]]);
}

#[test]
fn independent_neighbours_are_done_side_by_side() {
    let text = r#"
        test { parallel = true }
        run "a" { state_key = "a" }
        run "b" {
          module { source = "./b" }
        }
        run "same_state" { state_key = "a" }
        run "c" { state_key = "c" }
        run "refers" {
          state_key = "d"
          variables { x = [for y in run.c.list : y] }
        }
        run "alone" {
          parallel  = false
          state_key = "e"
        }
        run "last" { state_key = "f" }
    "#;
    let expected: Vec<Vec<&str>> =
        vec![vec!["a", "b"], vec!["same_state", "c"], vec!["refers"], vec!["alone"], vec!["last"]];
    assert_eq!(grouped(text), expected);
}

#[test]
fn assertions_and_providers_refer_to_runs_too() {
    let asserts = r#"
        test { parallel = true }
        run "a" { state_key = "a" }
        run "b" {
          state_key = "b"
          assert {
            condition     = true
            error_message = "${run["a"].x}"
          }
        }
    "#;
    assert_eq!(grouped(asserts), [["a"], ["b"]]);
    let provider = "test { parallel = true }\nprovider \"dms\" { region = run.a.x }\nrun \"a\" { state_key = \"a\" }\nrun \"b\" { state_key = \"b\" }\n";
    assert_eq!(grouped(provider), [["a"], ["b"]]);
}
