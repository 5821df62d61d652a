//! How pipelines end runs, and what else happens to a process: signals with a grace, a disk that is full or read-only,
//! files that vanish or are replaced, several runs at once. The next plain `apply` puts everything right.

use std::process::Command;
use std::time::Duration;

use serde_json::json;

use super::process::Process;
use super::process::Workshop;
use super::remote::Remote;

const SIZE: usize = 24;

const ESTATE: &str = r#"
resource "dms_rocketmq_consumer_group" "group" {
  for_each    = toset([for i in range(24) : format("group-%02d", i)])
  instance_id = var.instance
  name        = each.key
}
"#;

/// A shop whose service takes this long for each change.
fn shop(latency_ms: u64) -> (Remote, Workshop) {
    let remote = Remote::start();
    let instance = remote.seed(&json!({ "name": "shop" }));
    let shop = Workshop::new(&remote, instance, ESTATE);
    remote.slow_down(latency_ms);
    (remote, shop)
}

/// Everything is there once, and nothing is left to do.
fn goes_on(remote: &Remote, shop: &Workshop) {
    remote.speed_up();
    shop.apply(&[]).end().with(0);
    shop.start(&["plan", "--detailed-exitcode"], &[]).end().with(0);
    assert_eq!(remote.objects(&shop.instance), shop.objects());
    assert_eq!(shop.objects().len(), SIZE);
    let creates = remote.creates(&shop.instance);
    assert!(creates.len() == SIZE && creates.values().all(|count| *count == 1), "{creates:?}");
    assert_eq!(shop.journal(), 0);
}

/// Starts a run and waits until it has created something.
fn at_work(remote: &Remote, shop: &Workshop) -> Process {
    let mut run = shop.apply(&[]);
    assert!(run.until(|| !remote.creates(&shop.instance).is_empty()), "the run ended too early");
    run
}

/// What a pipeline sends, with the time in between.
enum Signal {
    Int,
    Term,
    Kill,
}

/// Signals as a pipeline sends them, ten times as fast.
fn ended_by(timeline: &[(Signal, u64)], latency_ms: u64) {
    let (remote, shop) = shop(latency_ms);
    let mut run = at_work(&remote, &shop);
    for (signal, wait_ms) in timeline {
        match signal {
            Signal::Int => run.interrupt(),
            Signal::Term => run.terminate(),
            Signal::Kill => run.kill(),
        }
        run.until_after(Duration::from_millis(*wait_ms));
        if !run.is_running() {
            break;
        }
    }
    let ended = run.end();
    assert!(matches!(ended.status, None | Some(130)), "{:?} {}", ended.status, ended.stderr);
    goes_on(&remote, &shop);
}

/// GitLab cancels with SIGTERM, and with SIGKILL after a grace.
#[test]
fn a_cancelled_job_that_ends_within_its_grace() {
    ended_by(&[(Signal::Term, 60_000)], 100);
}

#[test]
fn a_cancelled_job_that_is_killed_after_its_grace() {
    ended_by(&[(Signal::Term, 300), (Signal::Kill, 60_000)], 3_000);
}

/// GitHub cancels with SIGINT, after 7.5 s with SIGTERM, after 2.5 s with SIGKILL.
#[test]
fn a_cancelled_workflow() {
    ended_by(&[(Signal::Int, 750), (Signal::Term, 250), (Signal::Kill, 60_000)], 3_000);
}

/// Some runners send everything at once.
#[test]
fn signals_without_a_pause() {
    ended_by(&[(Signal::Int, 0), (Signal::Term, 0), (Signal::Int, 60_000)], 1_000);
}

#[test]
fn runs_that_start_at_once_wait_for_each_other() {
    let (remote, shop) = shop(5);
    let runs: Vec<Process> =
        (0..6).map(|_| shop.start(&["apply", "--auto-approve", "--lock-timeout=120s"], &[])).collect();
    for run in runs {
        run.end().with(0);
    }
    goes_on(&remote, &shop);
}

#[test]
fn a_run_that_finds_another_one_at_work_changes_nothing() {
    let (remote, shop) = shop(400);
    let run = at_work(&remote, &shop);
    let said = shop.apply(&[]).end().with(1).stderr;
    assert!(said.contains("locked by another run") && said.contains("apply"), "{said}");
    // Plans need no lock.
    shop.start(&["plan"], &[]).end().with(0);
    run.end().with(0);
    goes_on(&remote, &shop);
}

#[test]
fn a_state_that_is_replaced_during_a_run_is_left_as_it_is() {
    let (remote, shop) = shop(0);
    shop.apply(&[]).end().with(0);
    let own = shop.place.read("queueform.state.json");
    let larger = ESTATE.replace("range(24)", "range(27)");
    std::fs::write(shop.place.path().join("main.qf.hcl"), &larger).unwrap();
    remote.slow_down(500);
    let before = remote.creates(&shop.instance).len();
    let mut run = shop.apply(&[]);
    assert!(run.until(|| remote.creates(&shop.instance).len() > before), "the run ended too early");
    let foreign = r#"{"version":4,"serial":70,"lineage":"somebody-else","outputs":{},"resources":[]}"#;
    shop.place.write("queueform.state.json", foreign);
    let said = run.end().with(1).stderr;
    assert!(said.contains("was changed by somebody else"), "{said}");
    assert_eq!(shop.place.read("queueform.state.json"), foreign);
    assert!(shop.journal() > 0, "what the run did is in the journal");
    // With the right state, the journal says the rest.
    shop.place.write("queueform.state.json", &own);
    remote.speed_up();
    shop.apply(&[]).end().with(0);
    shop.start(&["plan", "--detailed-exitcode"], &[]).end().with(0);
    assert_eq!(remote.objects(&shop.instance), shop.objects());
    let creates = remote.creates(&shop.instance);
    assert!(creates.len() == 27 && creates.values().all(|count| *count == 1), "{creates:?}");
}

/// Nothing can be saved any more: no call is begun that nobody would know of.
#[test]
fn a_directory_that_is_removed_during_a_run_ends_it() {
    let (remote, shop) = shop(300);
    let run = at_work(&remote, &shop);
    for name in ["queueform.state.json", "queueform.state.journal", ".queueform.state.lock"] {
        let removed = std::fs::remove_file(shop.place.path().join(name));
        assert!(removed.is_ok() || name == "queueform.state.json", "{name}");
    }
    let said = run.end().with(1).stderr;
    assert!(said.contains("was taken away"), "{said}");
    let after = remote.creates(&shop.instance);
    assert!(after.len() < 2 * SIZE && after.values().all(|count| *count == 1), "{after:?}");
}

/// A file system of its own, gone when dropped. None where the tests may not mount one.
struct Small<'s>(&'s Workshop);

impl<'s> Small<'s> {
    fn mount(shop: &'s Workshop, options: &str) -> Option<Self> {
        let place = shop.place.path().join("state");
        std::fs::create_dir_all(&place).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&place);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        if !mounted {
            println!("skipped: a small disk cannot be mounted here");
            return None;
        }
        Some(Self(shop))
    }

    fn remount(&self, options: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,{options}")]).arg(self.0.place.path().join("state"));
        assert!(mount.status().unwrap().success());
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0.place.path().join("state")).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// The estate in a directory on the small disk.
fn on_a_small_disk(shop: &Workshop) {
    for name in ["provider.qf.hcl", "main.qf.hcl"] {
        std::fs::copy(shop.place.path().join(name), shop.place.path().join("state").join(name)).unwrap();
    }
}

fn apply_there(shop: &Workshop) -> Process {
    shop.start(&["--chdir=state", "apply", "--auto-approve"], &[])
}

#[test]
fn a_disk_that_is_full_in_the_middle_of_a_run() {
    let (remote, shop) = shop(0);
    let Some(disk) = Small::mount(&shop, "size=64k") else { return };
    on_a_small_disk(&shop);
    let ended = apply_there(&shop).end();
    assert_eq!(ended.status, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("free some space"), "{}", ended.stderr);
    // There is room again.
    disk.remount("size=4m");
    apply_there(&shop).end().with(0);
    shop.start(&["--chdir=state", "plan", "--detailed-exitcode"], &[]).end().with(0);
    assert_eq!(remote.objects(&shop.instance).len(), SIZE);
    let creates = remote.creates(&shop.instance);
    assert!(creates.len() == SIZE && creates.values().all(|count| *count == 1), "{creates:?}");
}

#[test]
fn a_disk_that_is_read_only_costs_nothing() {
    let (remote, shop) = shop(0);
    let Some(disk) = Small::mount(&shop, "size=4m") else { return };
    on_a_small_disk(&shop);
    disk.remount("ro");
    let ended = apply_there(&shop).end().with(1);
    assert!(ended.stderr.contains("mounted read-only"), "{}", ended.stderr);
    assert!(remote.creates(&shop.instance).is_empty(), "nothing is done that cannot be written down");
    shop.start(&["--chdir=state", "plan"], &[]).end().with(0);
    disk.remount("rw");
    apply_there(&shop).end().with(0);
    assert_eq!(remote.objects(&shop.instance).len(), SIZE);
}
