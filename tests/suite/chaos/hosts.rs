//! Machines that share a state in a bucket: runs are killed, paused and cut off, and the next run of any machine goes on
//! where they ended. What counts is what the service of the objects saw.

use std::time::Duration;
use std::time::Instant;

use serde_json::json;

use crate::bucket;
use crate::bucket::Service;
use crate::support::Proxy;

use super::dice::Dice;
use super::process::Ended;
use super::process::Process;
use super::process::Workshop;
use super::remote::Remote;

const ESTATE: &str = r#"
queueform {
  backend "s3" {
    bucket = "states"
    key    = "shared/queues.json"
    lease  = var.lease
  }
}

variable "lease" {
  type    = string
  default = "1m"
}

variable "generation" {
  type    = number
  default = 1
}

variable "size" {
  type    = number
  default = 12
}

locals {
  keys = toset([for i in range(var.size) : format("%03d", i)])
}

resource "dms_rocketmq_topic" "topic" {
  for_each        = local.keys
  instance_id     = var.instance
  name            = "g${var.generation}-topic-${each.key}"
  read_queue_num  = 8
  write_queue_num = tonumber(each.key) % 4 == 0 ? 4 : 8
}

resource "dms_rocketmq_consumer_group" "group" {
  for_each    = local.keys
  instance_id = var.instance
  name        = "g${var.generation}-group-${each.key}"
}
"#;

const STATE: &str = "shared/queues.json";

/// How long a call that changes something takes.
const LATENCY_MS: u64 = 40;

/// The service of the objects, the bucket, and the directories of some machines.
#[derive(Debug)]
struct Site {
    remote: Remote,
    bucket: Service,
    instance: String,
}

/// A directory of its own that shares the state.
#[derive(Debug)]
struct Host {
    shop: Workshop,
    endpoint: String,
}

impl Site {
    fn new() -> Self {
        let remote = Remote::start();
        remote.slow_down(LATENCY_MS);
        let instance = remote.seed(&json!({ "name": "shared", "enable_acl": true }));
        Self { remote, bucket: Service::start(), instance }
    }

    fn host(&self) -> Host {
        self.host_at(self.bucket.endpoint())
    }

    /// Returns a machine that reaches the bucket at another address.
    fn host_at(&self, endpoint: String) -> Host {
        let host = Host { shop: Workshop::new(&self.remote, self.instance.clone(), ESTATE), endpoint };
        host.run(&["init"], &[]).with(0);
        host
    }

    /// How many segments of the journal there are.
    fn segments(&self) -> usize {
        self.bucket.keys().iter().filter(|key| key.contains(".journal/")).count()
    }

    /// Waits until a run is at work.
    fn until_at_work(&self, run: &mut Process) {
        let seen = self.segments();
        assert!(run.until(|| self.segments() > seen + 4), "it did nothing");
    }

    /// What must hold when all is done: the plan is empty, nothing is missing or too much, nothing was created twice.
    fn settled(&self, host: &Host, variables: &[(&str, String)], size: usize, generations: usize) {
        host.run(&["plan", "--detailed-exitcode"], variables).with(0);
        assert_eq!(self.segments(), 0, "the journal is part of the snapshot");
        let state: serde_json::Value = serde_json::from_slice(&self.bucket.object(STATE).unwrap()).unwrap();
        let instances: usize = state["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|resource| resource["instances"].as_array().unwrap().len())
            .sum();
        assert_eq!(instances, size * 2);
        assert_eq!(self.remote.objects(&self.instance).len(), size * 2, "orphans");
        let creates = self.remote.creates(&self.instance);
        let twice: Vec<_> = creates.iter().filter(|(_, count)| **count != 1).collect();
        assert!(twice.is_empty(), "created more than once: {twice:?}");
        assert_eq!(creates.len(), size * 2 * generations);
    }
}

impl Host {
    fn start(&self, arguments: &[&str], variables: &[(&str, String)]) -> Process {
        let mut all = vec![
            ("AWS_ENDPOINT_URL_S3", self.endpoint.clone()),
            ("AWS_ACCESS_KEY_ID", bucket::ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", bucket::SECRET_KEY.to_owned()),
        ];
        all.extend(variables.iter().cloned());
        self.shop.start(arguments, &all)
    }

    /// Runs a command to its end; no output holds the secret.
    fn run(&self, arguments: &[&str], variables: &[(&str, String)]) -> Ended {
        let ended = self.start(arguments, variables).end();
        assert!(!ended.stdout.contains(bucket::SECRET_KEY) && !ended.stderr.contains(bucket::SECRET_KEY));
        ended
    }

    fn apply(&self, variables: &[(&str, String)]) -> Process {
        self.start(&["apply", "--auto-approve", "--lock-timeout=2m"], variables)
    }
}

/// A lease whose end can be waited for. The others are longer than a busy machine may be slow.
fn short() -> (&'static str, String) {
    ("QF_VAR_lease", "3s".to_owned())
}

#[test]
fn runs_that_are_killed_are_taken_up_by_other_machines() {
    let site = Site::new();
    let hosts = [site.host(), site.host(), site.host()];
    let mut dice = Dice::new(2026);
    let mut kills = 0;
    let mut slowest = Duration::ZERO;
    for (turn, host) in hosts.iter().cycle().take(5).enumerate() {
        let started = Instant::now();
        let before = site.bucket.seen().len();
        let mut run = host.apply(&[short()]);
        // It waits for the lease of the one before, takes up its work, and is killed at work itself.
        let at_work = run.until(|| {
            site.bucket.seen()[before..]
                .iter()
                .any(|seen| seen.method == "PUT" && seen.key.contains(".journal/"))
        });
        if at_work {
            slowest = slowest.max(started.elapsed());
            run.until_after(dice.time(Duration::from_millis(300)));
        }
        run.kill();
        kills += usize::from(run.end().status.is_none());
        assert!(turn > 0 || site.segments() > 0);
    }
    let host = site.host();
    host.apply(&[]).end().with(0);
    site.settled(&host, &[], 12, 1);
    println!(
        "{kills} kills; the slowest start after one took {:.1} s of a lease of 3 s",
        slowest.as_secs_f64()
    );
}

#[test]
fn many_plans_beside_an_apply_all_succeed() {
    let site = Site::new();
    let hosts: Vec<_> = (0..4).map(|_| site.host()).collect();
    let mut apply = hosts[0].apply(&[]);
    site.until_at_work(&mut apply);
    let plans: Vec<_> =
        (0..20).map(|number| hosts[number % hosts.len()].start(&["plan", "--refresh=false"], &[])).collect();
    for plan in plans {
        plan.end().with(0);
    }
    apply.end().with(0);
    site.settled(&hosts[1], &[], 12, 1);
}

#[test]
fn applies_of_several_machines_take_turns() {
    let site = Site::new();
    let hosts: Vec<_> = (0..3).map(|_| site.host()).collect();
    let runs: Vec<_> = hosts.iter().map(|host| host.apply(&[])).collect();
    for run in runs {
        run.end().with(0);
    }
    site.settled(&hosts[0], &[], 12, 1);
    // Without waiting, the one who comes second is told who is at work.
    let variables = [("QF_VAR_generation", "2".to_owned())];
    let mut first = hosts[0].apply(&variables);
    site.until_at_work(&mut first);
    let refused = hosts[1].run(&["apply", "--auto-approve"], &variables);
    if first.is_running() {
        assert!(refused.stderr.contains("is locked by another run"), "{}", refused.stderr);
        assert!(refused.stderr.contains("`apply` of"), "{}", refused.stderr);
    }
    first.end().with(0);
}

#[test]
fn a_run_paused_for_longer_than_its_lease_makes_no_further_call() {
    let site = Site::new();
    let (first, second) = (site.host(), site.host());
    let mut paused = first.apply(&[short()]);
    site.until_at_work(&mut paused);
    paused.signal("STOP");
    second.apply(&[]).end().with(0);
    let (calls, state) = (site.remote.writes().len(), site.bucket.object(STATE));
    paused.signal("CONT");
    let ended = paused.end();
    assert_ne!(ended.status, Some(0), "{}", ended.stdout);
    assert_eq!(site.remote.writes().len(), calls, "{}\n{}", ended.stdout, ended.stderr);
    assert_eq!(site.bucket.object(STATE), state, "its late state is rejected");
    site.settled(&second, &[], 12, 1);
}

#[test]
fn cuts_of_the_network_lose_nothing() {
    let site = Site::new();
    let proxy = Proxy::to(site.bucket.port());
    let host = site.host_at(format!("http://127.0.0.1:{}", proxy.port()));
    // Shorter than the lease: the run goes on.
    let mut run = host.apply(&[]);
    site.until_at_work(&mut run);
    proxy.close();
    run.until_after(Duration::from_millis(600));
    proxy.go_on();
    run.end().with(0);
    site.settled(&host, &[], 12, 1);

    // Connections cut again and again in the middle of requests.
    let variables = [("QF_VAR_generation", "2".to_owned())];
    let mut run = host.apply(&variables);
    site.until_at_work(&mut run);
    let mut dice = Dice::new(7);
    for _ in 0..10 {
        proxy.cut_after(usize::try_from(dice.below(4000)).unwrap());
        run.until_after(Duration::from_millis(60));
        proxy.cut();
    }
    // Answers that are late, on connections that stand.
    proxy.stall();
    run.until_after(Duration::from_millis(600));
    proxy.go_on();
    run.end().with(0);
    println!("{} cuts", proxy.cuts());
    site.settled(&host, &variables, 12, 2);

    // Longer: the run ends, and another machine goes on where it ended.
    let variables = [("QF_VAR_generation", "3".to_owned())];
    let mut run = host.apply(&[short(), ("QF_VAR_generation", "3".to_owned())]);
    site.until_at_work(&mut run);
    proxy.close();
    assert_ne!(run.end().status, Some(0));
    let other = site.host();
    other.apply(&variables).end().with(0);
    site.settled(&other, &variables, 12, 3);
}

/// The figures of the documentation, with `QUEUEFORM_CHAOS_OBJECTS=1000` and `QUEUEFORM_CHAOS_BUCKET_MS=30`.
#[test]
fn requests_of_an_apply_are_few() {
    let setting = |name: &str, usual: u64| {
        std::env::var(format!("QUEUEFORM_CHAOS_{name}")).map_or(usual, |text| text.parse().unwrap())
    };
    let size = usize::try_from(setting("OBJECTS", 30) / 2).unwrap();
    let site = Site::new();
    site.remote.speed_up();
    site.bucket.slow_down(Duration::from_millis(setting("BUCKET_MS", 0)));
    let host = site.host();
    let before = site.bucket.seen().len();
    let variables = [("QF_VAR_size", size.to_string())];
    let started = Instant::now();
    host.apply(&variables).end().with(0);
    let seen = site.bucket.seen().split_off(before);
    let of = |method: &str, part: &str| {
        seen.iter().filter(|seen| seen.method == method && seen.key.contains(part)).count()
    };
    println!(
        "{} objects in {:.1} s: {} requests; {} segments, {} renewals, {} removals, {} reads",
        size * 2,
        started.elapsed().as_secs_f64(),
        seen.len(),
        of("PUT", ".journal/"),
        of("PUT", ".lock"),
        of("DELETE", ""),
        of("GET", "") + of("HEAD", ""),
    );
    // Beside the journal an apply costs a few requests, however many objects there are.
    let journal = of("PUT", ".journal/") + of("DELETE", ".journal/");
    let renewals = of("PUT", ".lock");
    assert!(seen.len() - journal - renewals < 40, "{seen:?}");
    assert!(of("PUT", ".journal/") <= size * 2 * 3 + 2);
}
