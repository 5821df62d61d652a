//! SIGKILL at random instants of an apply, again and again, then a plain `apply`.
//!
//! Several runs are killed side by side, each in its own directory, on its own instance of one slow emulator that
//! lives on. When an apply gets done in time, the next one replaces everything, so that each kill hits work.
//! `QUEUEFORM_CHAOS_KILLS`, `…_OBJECTS`, `…_CHAINS` and `…_SEED` make it longer than the default.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use queueform::state::store;
use queueform::state::store::Layout;
use queueform::state::store::LocalStore;
use serde_json::json;

use super::dice::Dice;
use super::process::TICK;
use super::process::Workshop;
use super::remote::Remote;

/// Three objects for each key; every fourth topic takes two calls.
const ESTATE: &str = r#"
variable "generation" {
  type = number
}

variable "size" {
  type = number
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

resource "dms_rocketmq_user" "user" {
  for_each           = local.keys
  instance_id        = var.instance
  access_key         = "g${var.generation}-user-${each.key}"
  secret_key         = "Demo-Secret-${each.key}"
  secret_key_version = 1
  topic_perms        = { (dms_rocketmq_topic.topic[each.key].name) = "SUB" }
  group_perms        = { (dms_rocketmq_consumer_group.group[each.key].name) = "SUB" }
}
"#;

/// How long a call that changes something takes.
const LATENCY_MS: u64 = 60;

/// A number of the environment.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(format!("QUEUEFORM_CHAOS_{name}")).map_or(default, |text| text.parse().unwrap())
}

/// What was seen on the way.
#[derive(Default)]
struct Tally {
    kills: u64,
    /// Kills after the run had written to its journal.
    at_work: u64,
    generations: u64,
    samples: u64,
    snapshots: u64,
    views: u64,
}

#[test]
fn nothing_is_lost_when_runs_are_killed_at_random_instants() {
    let chains = setting("CHAINS", 4);
    let kills = setting("KILLS", 16).div_ceil(chains);
    let size = setting("OBJECTS", 48) / 3;
    let seed = setting("SEED", 2026);
    println!("seed {seed}: {chains} runs of {} objects, killed {kills} times each", size * 3);
    let remote = Remote::start();
    remote.slow_down(LATENCY_MS);
    let started = Instant::now();
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..chains)
            .map(|number| {
                let remote = &remote;
                scope.spawn(move || chain(remote, number, size, kills, seed.wrapping_add(number)))
            })
            .collect();
        for run in runs {
            let Tally { kills, at_work, generations, samples, snapshots, views } = run.join().unwrap();
            println!(
                "{kills} kills, {at_work} of them at work; {generations} generations; \
                 {samples} samples of the state, {snapshots} snapshots, {views} views"
            );
        }
    });
    println!("{:.1} s", started.elapsed().as_secs_f64());
}

fn chain(remote: &Remote, number: u64, size: u64, kills: u64, seed: u64) -> Tally {
    let name = format!("chain-{number}");
    let instance = remote.seed(&json!({ "name": name, "enable_acl": true }));
    let shop = Workshop::new(remote, instance, ESTATE);
    let over = AtomicBool::new(false);
    let mut tally = Tally::default();
    let (samples, snapshots, views) = std::thread::scope(|scope| {
        let sampler = scope.spawn(|| sample(&shop, &over));
        // The sampler must end even if an assertion fails here.
        let ended = EndOf(&over);
        kill_again_and_again(&shop, &mut tally, size, kills, &mut Dice::new(seed));
        settle(remote, &shop, &tally, size);
        drop(ended);
        sampler.join().unwrap()
    });
    Tally { samples, snapshots, views, ..tally }
}

struct EndOf<'f>(&'f AtomicBool);

impl Drop for EndOf<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn variables(generation: u64, size: u64) -> [(&'static str, String); 2] {
    [("QF_VAR_generation", generation.to_string()), ("QF_VAR_size", size.to_string())]
}

fn kill_again_and_again(shop: &Workshop, tally: &mut Tally, size: u64, kills: u64, dice: &mut Dice) {
    tally.generations = 1;
    while tally.kills < kills {
        let journal = shop.journal();
        let mut run = shop.apply(&variables(tally.generations, size));
        // A fourth anywhere, the rest after the run has begun to write.
        if dice.below(4) == 0 {
            run.until_after(dice.time(Duration::from_secs(2)));
        } else if run.until(|| shop.journal() > journal) {
            run.until_after(dice.time(Duration::from_millis(600)));
        }
        if run.is_running() {
            run.kill();
            let ended = run.end();
            if ended.status.is_none() {
                tally.kills += 1;
                tally.at_work += u64::from(shop.journal() > journal);
                continue;
            }
            // It was faster than the signal.
            ended.with(0);
        } else {
            run.end().with(0);
        }
        tally.generations += 1;
    }
}

/// A plain apply, and what must hold then.
fn settle(remote: &Remote, shop: &Workshop, tally: &Tally, size: u64) {
    let variables = variables(tally.generations, size);
    shop.apply(&variables).end().with(0);
    shop.start(&["plan", "--detailed-exitcode"], &variables).end().with(0);
    assert_eq!(shop.journal(), 0, "the journal is part of the snapshot");
    // No orphans, nothing missing.
    let objects = shop.objects();
    assert_eq!(objects.len(), usize::try_from(size * 3).unwrap());
    assert_eq!(remote.objects(&shop.instance), objects);
    // Every object of every generation was created exactly once.
    let creates = remote.creates(&shop.instance);
    let twice: Vec<_> = creates.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "created more than once: {twice:?}");
    assert_eq!(creates.len(), usize::try_from(size * 3 * tally.generations).unwrap());
}

/// Reads the state all the time: the file alone, and now and then together with its journal.
fn sample(shop: &Workshop, over: &AtomicBool) -> (u64, u64, u64) {
    let path = shop.place.path().join("queueform.state.json");
    let layout = Layout::new(shop.place.path(), Layout::DEFAULT, false).unwrap();
    let store = LocalStore::new(layout);
    let mut seen = Vec::new();
    let (mut samples, mut snapshots, mut views) = (0, 0, 0);
    while !over.load(Ordering::Relaxed) {
        samples += 1;
        match std::fs::read(&path) {
            Ok(bytes) if bytes == seen => {}
            Ok(bytes) => {
                let parsed: Result<serde_json::Value, _> = serde_json::from_slice(&bytes);
                assert!(parsed.is_ok_and(|state| state["version"] == 4), "{} bytes", bytes.len());
                snapshots += 1;
                seen = bytes;
            }
            Err(error) => {
                assert!(error.kind() == std::io::ErrorKind::NotFound && seen.is_empty(), "{error}");
            }
        }
        if samples % 100 == 1 {
            store::view(&store).unwrap();
            views += 1;
        }
        std::thread::sleep(TICK);
    }
    (samples, snapshots, views)
}
