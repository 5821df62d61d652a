//! `init` with modules of git: what it prints, and what it does not run.

use crate::support::ENVIRONMENT;
use crate::support::Output;
use crate::support::Place;
use crate::support::Repository;
use crate::support::has_git;

fn place() -> (Place, Repository) {
    let place = Place::new();
    let repository = Repository::new(place.path().with_file_name("queues.git"));
    repository.commit(&[("main.qf.hcl", "output \"one\" {\n  value = 1\n}\n")]);
    repository.git(&["tag", "v1"]);
    let main = format!("module \"queues\" {{\n  source = \"git::{}?ref=v1\"\n}}\n", repository.url());
    place.write("main.qf.hcl", &main);
    (place, repository)
}

fn run(place: &Place, arguments: &[&str], more: &[(&str, &str)]) -> Output {
    let mut command = place.command(arguments).env("PATH", std::env::var("PATH").unwrap());
    for (name, value) in ENVIRONMENT.iter().chain(more) {
        command = command.env(name, value);
    }
    command.output()
}

#[test]
fn init_installs_and_says_so() {
    if !has_git() {
        return;
    }
    let (place, _repository) = place();
    let output = run(&place, &["init"], &[]).ended(0);
    assert!(output.stdout.contains("module.queues: git::file://"), "{output}");
    assert!(output.stdout.contains("installed at"), "{output}");
    assert!(output.stdout.contains("`.queueform.lock.hcl` was changed"), "{output}");
    let output = run(&place, &["init"], &[]).ended(0);
    assert!(!output.stdout.contains("installed at") && !output.stdout.contains("was changed"), "{output}");
    // Nothing else is needed afterwards, not even git.
    drop(place.run(&["validate"]).ended(0));
    drop(place.run(&["plan"]).ended(0));
    drop(place.run(&["init"]).ended(0));
    let refused = place.run(&["init", "-upgrade"]).ended(1);
    assert!(refused.stderr.contains("the program `git` cannot be run"), "{refused}");
}

#[test]
fn init_as_json() {
    if !has_git() {
        return;
    }
    let (place, _repository) = place();
    let output = run(&place, &["init", "-json"], &[]).ended(0);
    let lines: Vec<serde_json::Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let module = lines.iter().find(|line| line.get("module").is_some()).unwrap();
    assert_eq!(module["module"]["address"], "module.queues");
    assert_eq!(module["type"], "init_output");
}

#[test]
fn nothing_of_the_machine_or_the_repository_is_run() {
    if !has_git() {
        return;
    }
    let (place, repository) = place();
    let base = place.path().parent().unwrap().to_owned();
    let ran = base.join("ran");
    let hook = format!("#!/bin/sh\ntouch '{}'\n", ran.display());
    for directory in [base.join("template/hooks"), base.join("hooks"), repository.path().join("hooks")] {
        std::fs::create_dir_all(&directory).unwrap();
        for name in ["post-checkout", "post-merge", "reference-transaction"] {
            let path = directory.join(name);
            std::fs::write(&path, &hook).unwrap();
            #[cfg(unix)]
            {
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
                std::fs::set_permissions(&path, mode).unwrap();
            }
        }
    }
    let (template, hooks) =
        (base.join("template").display().to_string(), base.join("hooks").display().to_string());
    let more = [
        ("GIT_TEMPLATE_DIR", template.as_str()),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.hooksPath"),
        ("GIT_CONFIG_VALUE_0", hooks.as_str()),
        // As within a hook of another repository.
        ("GIT_DIR", "/nowhere"),
        ("GIT_INDEX_FILE", "/nowhere/index"),
    ];
    drop(run(&place, &["init"], &more).ended(0));
    assert!(!ran.exists(), "a hook was run");
    assert!(!place.has("hooks"));
}

#[test]
fn a_password_is_never_asked_for_nor_shown() {
    if !has_git() {
        return;
    }
    let place = Place::new();
    let main =
        "module \"queues\" {\n  source = \"git::http://me:hunter2@127.0.0.1:1/queues.git?ref=v1\"\n}\n";
    place.write("main.qf.hcl", main);
    let output = run(&place, &["init"], &[]).ended(1);
    assert!(output.stderr.contains("git failed while"), "{output}");
    assert!(output.stderr.contains("me:***@127.0.0.1"), "{output}");
    let said: Vec<&str> = output.stderr.lines().filter(|line| !line.contains("source = ")).collect();
    assert!(!said.join("\n").contains("hunter2"), "{output}");
}
