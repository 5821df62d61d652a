//! Modules that come from git repositories: installed, locked, checked, upgraded.

use std::sync::Arc;

use queueform::api::Stopper;
use queueform::config::VariableInput;
use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::ops::init::InitRequest;
use queueform::ops::init::Initialised;
use queueform::ops::init::init;
use queueform::ops::modules::Origin;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;

use super::support::codes;
use super::support::options;
use super::support::planned;
use super::support::said;
use crate::support::Place;
use crate::support::Repository;
use crate::support::has_git;

/// A module with a variable and an output, which uses a module beside it.
const QUEUES: &str = r#"variable "name" {
  type = string
}

module "names" {
  source = "../names"
  name   = var.name
}

resource "queueform_data" "queue" {
  input = module.names.full
}

output "full" {
  value = queueform_data.queue.output
}
"#;

const NAMES: &str = r#"variable "name" {
  type = string
}

output "full" {
  value = "v1-${var.name}"
}
"#;

fn call(source: &str) -> String {
    format!("module \"orders\" {{\n  source = \"{source}\"\n  name   = \"orders\"\n}}\n")
}

/// A place that calls a module of a repository beside it, which has the tag `v1` and the branch `main`.
fn place() -> (Place, Repository) {
    let place = Place::new();
    let repository = Repository::new(place.path().with_file_name("queues.git"));
    repository.commit(&[
        ("queues/main.qf.hcl", QUEUES),
        ("names/main.qf.hcl", NAMES),
        ("README.md", "Queues.\n"),
    ]);
    repository.git(&["tag", "--annotate", "--message=one", "v1"]);
    place.write("main.qf.hcl", &call(&format!("git::{}//queues?ref=v1", repository.url())));
    (place, repository)
}

fn request() -> InitRequest {
    InitRequest::plain()
}

/// Installs; nothing may be wrong.
#[track_caller]
fn installed(place: &Place, request: &InitRequest) -> Initialised {
    let checked = init(options(place), request);
    assert!(!checked.diagnostics.has_errors(), "{}", said(&checked.diagnostics));
    checked.output.unwrap()
}

/// Installs; something must be wrong.
#[track_caller]
fn refused(place: &Place, request: &InitRequest) -> Diagnostics {
    let checked = init(options(place), request);
    assert!(checked.diagnostics.has_errors());
    checked.diagnostics
}

/// What opening the project says.
fn opened(place: &Place) -> Diagnostics {
    Project::open(options(place)).diagnostics
}

/// The directories below `.queueform/modules`.
fn packages(place: &Place) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(place.path().join(".queueform/modules"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_module_is_installed_once_and_works_without_its_repository() {
    let (place, repository) = place();
    let first = installed(&place, &request());
    let [module] = first.installation.modules.as_slice() else { panic!("{:#?}", first.installation) };
    assert_eq!(module.origin, Origin::Fetched);
    assert_eq!(module.commit, repository.git(&["rev-parse", "v1^{commit}"]));
    assert!(first.installation.lock_changed);
    let lock = place.read(".queueform.lock.hcl");
    assert!(lock.contains(&module.commit) && lock.contains("?ref=v1\""), "{lock}");
    assert!(place.has(&format!("{}/main.qf.hcl", module.directory)));
    let package = format!(".queueform/modules/{}", packages(&place)[0]);
    assert!(place.has(&format!("{package}/README.md")) && !place.has(&format!("{package}/.git")));
    assert!(place.read(".queueform/modules/modules.json").contains("\"Key\": \"orders\""));

    std::fs::remove_dir_all(repository.path()).unwrap();
    let second = installed(&place, &request());
    assert_eq!(second.installation.modules[0].origin, Origin::Kept);
    assert!(!second.installation.lock_changed);
    let plan = planned(&super::support::open(options(&place))).await.plan;
    let addresses: Vec<String> = plan.changes.iter().map(|change| change.addr.to_string()).collect();
    assert_eq!(addresses, ["module.orders.queueform_data.queue"]);
}

#[test]
fn without_init_the_missing_module_is_named() {
    if !has_git() {
        return;
    }
    let (place, _repository) = place();
    let found = opened(&place);
    assert_eq!(codes(&found), [Code::ModuleNotInstalled]);
    assert!(said(&found).contains("`module.orders` is not installed"), "{}", said(&found));
    assert!(said(&found).contains("queueform init"), "{}", said(&found));
    assert!(!place.has(".queueform"));

    // Another source needs another installation.
    drop(installed(&place, &request()));
    place.write("main.qf.hcl", &place.read("main.qf.hcl").replace("ref=v1", "ref=main"));
    let found = opened(&place);
    assert_eq!(codes(&found), [Code::ModuleNotInstalled]);
    assert!(said(&found).contains("ref=main"), "{}", said(&found));
}

#[test]
fn changed_files_are_found_and_put_right() {
    if !has_git() {
        return;
    }
    let (place, _repository) = place();
    let directory = installed(&place, &request()).installation.modules[0].directory.clone();
    let file = format!("{directory}/main.qf.hcl");
    place.write(&file, &format!("{QUEUES}\n# mine\n"));
    let found = opened(&place);
    assert_eq!(codes(&found), [Code::ModuleChanged]);
    assert_eq!(installed(&place, &request()).installation.modules[0].origin, Origin::Fetched);
    assert_eq!(place.read(&file), QUEUES);
    assert!(opened(&place).is_empty());
    // A new file counts too.
    place.write(&format!("{directory}/more.qf.hcl"), "");
    assert_eq!(codes(&opened(&place)), [Code::ModuleChanged]);
}

#[test]
fn newer_commits_are_taken_when_asked_for() {
    if !has_git() {
        return;
    }
    let (place, repository) = place();
    place.write("main.qf.hcl", &call(&format!("git::{}//queues", repository.url())));
    let first = installed(&place, &request()).installation.modules[0].clone();
    let newer = repository.commit(&[("names/main.qf.hcl", &NAMES.replace("v1-", "v2-"))]);
    assert_eq!(installed(&place, &request()).installation.modules[0].commit, first.commit);
    let upgraded = installed(&place, &InitRequest { upgrade: true, ..request() }).installation;
    assert_eq!(upgraded.modules[0].commit, newer);
    assert_eq!(upgraded.modules[0].origin, Origin::Upgraded { from: first.commit.clone() });
    assert_eq!(upgraded.removed, 1);
    assert_eq!(packages(&place).len(), 1);
    let lock = place.read(".queueform.lock.hcl");
    assert!(lock.contains(&newer) && !lock.contains(&first.commit), "{lock}");

    // A colleague has the lock file and nothing else: the same commit is fetched, although it is no branch's end.
    repository.commit(&[("README.md", "More.\n")]);
    std::fs::remove_dir_all(place.path().join(".queueform")).unwrap();
    let other = installed(&place, &InitRequest { lock_is_fixed: true, ..request() }).installation;
    assert_eq!((other.modules[0].commit.as_str(), other.lock_changed), (newer.as_str(), false));
}

#[test]
fn a_fixed_lock_file_is_not_changed() {
    if !has_git() {
        return;
    }
    let (place, repository) = place();
    let found = refused(&place, &InitRequest { lock_is_fixed: true, ..request() });
    assert_eq!(codes(&found), [Code::ModuleLock]);
    assert!(!place.has(".queueform.lock.hcl"));
    drop(installed(&place, &request()));
    let lock = place.read(".queueform.lock.hcl");
    place.write("main.qf.hcl", &call(&format!("git::{}//queues?ref=main", repository.url())));
    let found = refused(&place, &InitRequest { lock_is_fixed: true, ..request() });
    assert_eq!(codes(&found), [Code::ModuleLock]);
    assert_eq!(place.read(".queueform.lock.hcl"), lock);
}

#[test]
fn a_commit_with_other_files_than_locked_is_refused() {
    if !has_git() {
        return;
    }
    let (place, _repository) = place();
    drop(installed(&place, &request()));
    let lock = place.read(".queueform.lock.hcl");
    let forged = lock.replace("sha256:", "sha256:00");
    place.write(".queueform.lock.hcl", &forged);
    assert_eq!(codes(&opened(&place)), [Code::ModuleChanged]);
    assert_eq!(codes(&refused(&place, &request())), [Code::ModuleChanged]);
    assert_eq!(place.read(".queueform.lock.hcl"), forged);
    place.write(".queueform.lock.hcl", "<<<<<<< ours\n");
    assert_eq!(codes(&refused(&place, &request())), [Code::ModuleLock]);
}

#[test]
fn references_of_every_kind() {
    if !has_git() {
        return;
    }
    let (place, repository) = place();
    let first = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["checkout", "--quiet", "-b", "feature/x"]);
    let second = repository.commit(&[("README.md", "Second.\n")]);
    repository.git(&["checkout", "--quiet", "main"]);
    let third = repository.commit(&[("README.md", "Third.\n")]);
    for (reference, commit) in [
        ("v1", &first),
        ("main", &third),
        ("feature/x", &second),
        ("feature%2Fx", &second),
        (first.as_str(), &first),
        (&second[..10], &second),
    ] {
        place.write("main.qf.hcl", &call(&format!("git::{}//queues?ref={reference}", repository.url())));
        let found = installed(&place, &InitRequest { upgrade: true, ..request() });
        assert_eq!(found.installation.modules[0].commit, *commit, "{reference}");
    }
}

#[test]
fn what_git_refuses_is_said_and_leaves_nothing_behind() {
    if !has_git() {
        return;
    }
    let (place, repository) = place();
    let url = repository.url();
    for (source, words) in [
        (format!("git::{url}//queues?ref=v9"), "no branch, tag or commit `v9`"),
        (format!("git::{url}//nothing?ref=v1"), "no directory `nothing`"),
        (format!("git::{url}x//queues?ref=v1"), "git failed while"),
        (
            format!("git::{url}//queues?ref=0123456789012345678901234567890123456789"),
            "no branch, tag or commit",
        ),
    ] {
        place.write("main.qf.hcl", &call(&source));
        let found = refused(&place, &request());
        assert_eq!(codes(&found), [Code::ModuleInstallation], "{source}");
        assert!(said(&found).contains(words), "{source}: {}", said(&found));
        assert!(!place.has(".queueform.lock.hcl"));
        assert!(!packages(&place).iter().any(|name| name.starts_with(".tmp-")), "{source}");
    }
}

#[test]
fn what_was_installed_holds_until_all_of_the_new_is_there() {
    if !has_git() {
        return;
    }
    let (place, repository) = place();
    drop(installed(&place, &request()));
    let (lock, main) = (place.read(".queueform.lock.hcl"), place.read("main.qf.hcl"));
    let broken = format!(
        "{}{}",
        call(&format!("git::{}//queues?ref=main", repository.url())),
        call("git::file:///nowhere/at/all").replace("orders", "other")
    );
    place.write("main.qf.hcl", &broken);
    assert_eq!(codes(&refused(&place, &request())), [Code::ModuleInstallation]);
    assert_eq!(place.read(".queueform.lock.hcl"), lock);
    place.write("main.qf.hcl", &main);
    assert!(opened(&place).is_empty());
    // What is no longer called goes.
    place.write("main.qf.hcl", "");
    let installation = installed(&place, &request()).installation;
    assert_eq!((installation.removed > 0, packages(&place).len()), (true, 0));
    assert!(!place.has(".queueform.lock.hcl"));
}

#[test]
fn an_interrupted_installation_changes_nothing() {
    if !has_git() {
        return;
    }
    let (place, _repository) = place();
    let stopper = Stopper::default();
    let stop = stopper.signal();
    stopper.stop();
    let found = refused(&place, &InitRequest { stop, ..request() });
    assert_eq!(codes(&found), [Code::Interrupted]);
    assert!(!place.has(".queueform.lock.hcl"));
    drop(installed(&place, &request()));
}

#[test]
fn ignored_files_and_links_that_lead_out() {
    if !has_git() {
        return;
    }
    let (place, repository) = place();
    let queues = [
        (".queueformignore", "examples/\n*.md\n"),
        ("examples/main.qf.hcl", ""),
        ("queues/notes.md", ""),
        ("queues/kept.txt", ""),
    ];
    repository.commit(&queues);
    place.write("main.qf.hcl", &call(&format!("git::{}//queues", repository.url())));
    let directory = installed(&place, &request()).installation.modules[0].directory.clone();
    assert!(place.has(&format!("{directory}/kept.txt")));
    assert!(!place.has(&format!("{directory}/notes.md")) && !place.has(&format!("{directory}/../examples")));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../../../../etc/passwd", repository.path().join("queues/link")).unwrap();
        repository.commit(&[]);
        let found = refused(&place, &InitRequest { upgrade: true, ..request() });
        assert_eq!(codes(&found), [Code::ModuleInstallation]);
        assert!(said(&found).contains("`queues/link` leads out"), "{}", said(&found));
    }
}

#[test]
fn sources_may_use_variables_and_local_values() {
    if !has_git() {
        return;
    }
    let (place, repository) = place();
    let main = |source: &str| {
        format!(
            "variable \"tag\" {{\n  type    = string\n  default = \"v1\"\n}}\n\nlocals {{\n  base = \"git::{}\"\n}}\n\nmodule \"orders\" {{\n  source = {source}\n  name   = \"orders\"\n}}\n",
            repository.url()
        )
    };
    let source = "\"${local.base}//queues?ref=${var.tag}\"";
    place.write("main.qf.hcl", &main(source));
    assert!(installed(&place, &request()).installation.modules[0].source.ends_with("//queues?ref=v1"));
    assert!(opened(&place).is_empty());
    let other = ProjectOptions {
        arguments: vec![VariableInput::Text { name: "tag".to_owned(), text: "main".to_owned() }],
        ..options(&place)
    };
    let found = Project::open(other.clone()).diagnostics;
    assert_eq!(codes(&found), [Code::ModuleNotInstalled]);
    assert!(!init(other, &request()).diagnostics.has_errors());

    place.write("main.qf.hcl", &main(&source.replace("var.tag", "queueform_data.a.id")));
    assert_eq!(codes(&refused(&place, &request())), [Code::InvalidReference]);
    place.write("main.qf.hcl", &main(source).replace("= \"v1\"", "= \"v1\"\n  sensitive = true"));
    assert_eq!(codes(&refused(&place, &request())), [Code::SensitiveValue]);
    place.write("main.qf.hcl", &main(source).replace("\n  default = \"v1\"", ""));
    let found = refused(&place, &request());
    assert!(said(&found).contains("must be known before anything is planned"), "{}", said(&found));
}

#[test]
fn modules_of_modules_are_installed_too() {
    if !has_git() {
        return;
    }
    let (place, repository) = place();
    let outer = Repository::new(place.path().with_file_name("outer.git"));
    let inner = format!(
        "variable \"tag\" {{\n  type = string\n}}\n\n{}",
        call(&format!("git::{}//queues?ref=${{var.tag}}", repository.url()))
    );
    outer.commit(&[("main.qf.hcl", &inner)]);
    let twice = |name: &str| {
        format!("module \"{name}\" {{\n  source = \"git::{}\"\n  tag    = \"v1\"\n}}\n", outer.url())
    };
    place.write("main.qf.hcl", &format!("{}{}", twice("a"), twice("b")));
    let found = installed(&place, &request()).installation;
    let paths: Vec<String> = found.modules.iter().map(|module| module.path.to_string()).collect();
    assert_eq!(paths.len(), 4, "{paths:?}");
    assert!(paths.contains(&"module.a.module.orders".to_owned()), "{paths:?}");
    assert_eq!(packages(&place).len(), 2, "the same commit is fetched once");
    assert!(opened(&place).is_empty(), "{}", said(&opened(&place)));
    // A module must stay within its repository.
    outer.commit(&[("main.qf.hcl", &call("../elsewhere"))]);
    let found = refused(&place, &InitRequest { upgrade: true, ..request() });
    assert!(said(&found).contains("leaves the repository"), "{}", said(&found));
}

#[test]
fn two_installations_do_not_mix() {
    if !has_git() {
        return;
    }
    let (place, _repository) = place();
    let place = Arc::new(place);
    let runs: Vec<_> = (0..4)
        .map(|_| {
            let place = Arc::clone(&place);
            std::thread::spawn(move || init(options(&place), &request()).diagnostics)
        })
        .collect();
    for run in runs {
        let found = run.join().unwrap();
        assert!(found.is_empty() || said(&found).contains("another `queueform init`"), "{}", said(&found));
    }
    drop(installed(&place, &request()));
    assert!(opened(&place).is_empty());
}
