//! Links in the place of files that are written: what they lead to is never touched, whoever put them there.

#![cfg(unix)]

use std::os::unix::fs::symlink;

use crate::support::ENVIRONMENT;
use crate::support::Place;
use crate::support::Repository;
use crate::support::has_git;

use super::room::SOUND;

const VICTIM: &str = "not to be written\n";

/// A place with a file that no run may write.
fn place() -> Place {
    let place = Place::with(&[("main.qf.hcl", SOUND)]);
    std::fs::write(victim(&place), VICTIM).unwrap();
    place
}

fn victim(place: &Place) -> std::path::PathBuf {
    place.path().with_file_name("victim")
}

#[track_caller]
fn is_unharmed(place: &Place) {
    assert_eq!(std::fs::read_to_string(victim(place)).unwrap(), VICTIM);
}

#[test]
fn files_of_the_state_are_no_links() {
    for name in [
        "queueform.state.json",
        "queueform.state.journal",
        "queueform.state.history",
        ".queueform.state.lock",
    ] {
        let place = place();
        // Once where there is something, once where there is nothing.
        for target in [victim(&place), place.path().with_file_name("nothing")] {
            let link = place.path().join(name);
            symlink(&target, &link).unwrap();
            let output = place.run(&["apply", "--auto-approve"]).ended(1);
            assert!(output.stderr.contains("symbolic link"), "{name}: {output}");
            is_unharmed(&place);
            assert!(!place.path().with_file_name("nothing").exists(), "{name}: {output}");
            assert!(link.symlink_metadata().unwrap().file_type().is_symlink(), "{name}");
            std::fs::remove_file(link).unwrap();
        }
        drop(place.run(&["apply", "--auto-approve"]).ended(0));
    }
}

/// The directory itself may be reached through a link.
#[test]
fn directories_may_be_links() {
    let place = place();
    symlink(place.path(), place.path().with_file_name("link")).unwrap();
    drop(place.run(&["--chdir=../link", "apply", "--auto-approve"]).ended(0));
    assert!(place.has("queueform.state.json"));
}

#[test]
fn temporary_files_do_not_follow_links() {
    use queueform::state::store::Disk as _;
    use queueform::state::store::LocalDisk;

    let place = place();
    let temporary = place.path().join(".queueform.state.json.tmp-1");
    symlink(victim(&place), &temporary).unwrap();
    LocalDisk.create(&temporary).unwrap().write(b"new").unwrap();
    is_unharmed(&place);
    assert_eq!(std::fs::read(&temporary).unwrap(), b"new");
    assert!(!temporary.symlink_metadata().unwrap().file_type().is_symlink());
}

#[test]
fn a_pipe_in_place_of_the_state_is_not_waited_for() {
    let place = place();
    let made = std::process::Command::new("mkfifo").arg(place.path().join("queueform.state.json")).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: no pipe can be made here");
        return;
    }
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let output = place.run(command).ended(1);
        assert!(output.stderr.contains("not a regular file"), "{output}");
    }
}

fn init(place: &Place) -> crate::support::Output {
    let mut command = place.command(&["init"]).env("PATH", std::env::var("PATH").unwrap());
    for (name, value) in ENVIRONMENT {
        command = command.env(name, value);
    }
    command.output()
}

fn calling(repository: &Repository) -> String {
    format!("module \"m\" {{\n  source = \"git::{}\"\n}}\n", repository.url())
}

/// What is installed no more is removed: not where a link leads that came with the configuration.
#[test]
fn modules_are_not_installed_through_links() {
    if !has_git() {
        return;
    }
    for link in [".queueform", ".queueform/modules"] {
        let place = place();
        let repository = Repository::new(place.path().with_file_name("module.git"));
        repository.commit(&[("main.qf.hcl", "output \"one\" {\n  value = 1\n}\n")]);
        place.write("main.qf.hcl", &calling(&repository));
        let precious = place.path().with_file_name("home").join("precious");
        std::fs::create_dir_all(&precious).unwrap();
        let path = place.path().join(link);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(precious.parent().unwrap(), &path).unwrap();
        let output = init(&place);
        assert!(output.stderr.contains("is a symbolic link"), "{link}: {output}");
        assert!(precious.is_dir(), "{link}");
    }
}

/// A link of a repository leads out of it by way of another one, which alone leads nowhere.
#[test]
fn links_of_a_repository_lead_nowhere_else() {
    if !has_git() {
        return;
    }
    let place = place();
    let repository = Repository::new(place.path().with_file_name("module.git"));
    repository.commit(&[
        ("main.qf.hcl", "output \"one\" {\n  value = file(\"${path.module}/a/out\")\n}\n"),
        ("top/file", "x"),
        ("a/b/file", "x"),
    ]);
    // a/b/up is the repository's own directory: two steps above it are outside.
    symlink("../../top", repository.path().join("a/b/up")).unwrap();
    symlink("b/up/../../victim", repository.path().join("a/out")).unwrap();
    repository.git(&["add", "--all"]);
    repository.git(&["commit", "--quiet", "--message=links"]);
    place.write("main.qf.hcl", &calling(&repository));
    let output = init(&place).ended(1);
    assert!(output.stderr.contains("leads out of the repository"), "{output}");
    // Links within it stay what they are.
    std::fs::remove_file(repository.path().join("a/out")).unwrap();
    symlink("b/up/file", repository.path().join("a/out")).unwrap();
    repository.git(&["add", "--all"]);
    repository.git(&["commit", "--quiet", "--message=inside"]);
    drop(init(&place).ended(0));
}

/// Submodules name URLs, too: none that runs a program, whatever the machine allows.
#[test]
fn submodules_run_nothing() {
    if !has_git() {
        return;
    }
    let place = place();
    let ran = place.path().with_file_name("ran");
    let repository = Repository::new(place.path().with_file_name("module.git"));
    let commit = repository.commit(&[("main.qf.hcl", "output \"one\" {\n  value = 1\n}\n")]);
    for url in [format!("ext::touch {}", ran.display()), format!("--upload-pack=touch {}", ran.display())] {
        std::fs::write(
            repository.path().join(".gitmodules"),
            format!("[submodule \"x\"]\n\tpath = x\n\turl = {url}\n\tupdate = !touch {}\n", ran.display()),
        )
        .unwrap();
        repository.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},x")]);
        repository.git(&["add", ".gitmodules"]);
        repository.git(&["commit", "--quiet", "--message=submodule"]);
        place.write("main.qf.hcl", &calling(&repository));
        let mut command = place
            .command(&["init", "--upgrade"])
            .env("PATH", std::env::var("PATH").unwrap())
            // A machine that allows everything.
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "protocol.allow")
            .env("GIT_CONFIG_VALUE_0", "always");
        for (name, value) in ENVIRONMENT {
            command = command.env(name, value);
        }
        let output = command.output().ended(1);
        assert!(!ran.exists(), "{url}: {output}");
    }
}

/// What a repository calls a module of its own lies within it.
#[test]
fn modules_do_not_leave_their_repository() {
    if !has_git() {
        return;
    }
    let place = place();
    let repository = Repository::new(place.path().with_file_name("module.git"));
    repository.commit(&[("main.qf.hcl", "module \"out\" {\n  source = \"../../../../stack\"\n}\n")]);
    place.write("main.qf.hcl", &calling(&repository));
    let output = init(&place).ended(1);
    assert!(output.stderr.contains("repository"), "{output}");
}
