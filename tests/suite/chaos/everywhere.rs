//! SIGKILL at random instants of applies whose objects are on all four systems at once.
//!
//! Several runs are killed side by side, each in its own directory. When an apply gets done in time, the next one
//! replaces everything, so that each kill hits work. `QUEUEFORM_CHAOS_KILLS` and `QUEUEFORM_CHAOS_SEED` make it longer
//! than the default, or another one.

use std::collections::BTreeMap;
use std::time::Duration;
use std::time::Instant;

use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_SECRET_KEY;
use serde_json::Value;
use serde_json::json;

use crate::support::Place;

use super::dice::Dice;
use super::figures::record;
use super::process::Process;
use super::remote::Remote;

pub(super) const SYSTEMS: [&str; 4] = ["dms", "apsaramq-mqtt", "apsarastack", "apsaramq-rocketmq"];

const MQTT: &str = "mqtt-cn-demohangzhou";
const STACK: &str = "MQ_INST_1234567890123456_BXmain";
const ROCKETMQ: &str = "rmq-cn-main0000001";

/// How long a call that changes something takes.
const LATENCY_MS: u64 = 25;

/// Objects on each system: with a second call, with a waiter, with a secret, and some that follow others.
const ESTATE: &str = r#"
variable "dms" {}
variable "mqtt" {}
variable "stack" {}
variable "rocketmq" {}
variable "instance" {}
variable "prefix" {}

provider "dms" {
  cloud      = "sbercloud"
  region     = "ru-moscow-1"
  endpoint   = var.dms
  auth_url   = var.dms
  project_id = "0123456789abcdef0123456789abcdef"
}
provider "apsaramq" {
  region            = "cn-hangzhou"
  mqtt_endpoint     = var.mqtt
  rocketmq_endpoint = var.rocketmq
}
provider "apsarastack" {
  region   = "mq-private"
  endpoint = var.stack
}

resource "dms_rocketmq_topic" "t" {
  count           = 2
  instance_id     = var.instance
  name            = "${var.prefix}-topic-${count.index}"
  read_queue_num  = 8
  write_queue_num = count.index == 0 ? 4 : 8
}
resource "dms_rocketmq_user" "u" {
  instance_id        = var.instance
  access_key         = "${var.prefix}-user"
  secret_key         = "Demo-Secret-1"
  secret_key_version = 1
  topic_perms        = { (dms_rocketmq_topic.t[0].name) = "SUB" }
}

resource "apsaramq_rocketmq_topic" "t" {
  instance_id = "rmq-cn-main0000001"
  name        = "${var.prefix}-topic"
}
resource "apsaramq_rocketmq_account" "a" {
  instance_id      = "rmq-cn-main0000001"
  username         = "${var.prefix}-app"
  password         = "Demo-Secret-2"
  password_version = 1
}
resource "apsaramq_rocketmq_acl" "a" {
  instance_id   = "rmq-cn-main0000001"
  username      = apsaramq_rocketmq_account.a.username
  resource_type = "Topic"
  resource_name = apsaramq_rocketmq_topic.t.name
  actions       = ["Sub"]
  decision      = "Allow"
}

resource "apsaramq_mqtt_group" "g" {
  instance_id = "mqtt-cn-demohangzhou"
  group_id    = "GID_${var.prefix}"
}
resource "apsaramq_mqtt_custom_auth_identity" "u" {
  instance_id    = "mqtt-cn-demohangzhou"
  identity_type  = "USER"
  username       = "${var.prefix}-user"
  secret         = "Demo-Secret-3"
  secret_version = 1
  sign_mode      = "ORIGIN"
}
resource "apsaramq_mqtt_custom_auth_permission" "p" {
  instance_id   = "mqtt-cn-demohangzhou"
  identity_type = "USER"
  identity      = apsaramq_mqtt_custom_auth_identity.u.username
  topic         = "meters/+/#"
  permit_action = "PUB"
  effect        = "ALLOW"
}

resource "apsarastack_mq_topic" "t" {
  instance_id  = "MQ_INST_1234567890123456_BXmain"
  name         = "${var.prefix}-topic"
  message_type = "normal"
}
resource "apsarastack_mq_group" "g" {
  instance_id = "MQ_INST_1234567890123456_BXmain"
  group_id    = "GID_${var.prefix}"
}
resource "apsarastack_mq_topic_authorization" "p" {
  instance_id  = "MQ_INST_1234567890123456_BXmain"
  topic        = apsarastack_mq_topic.t.name
  grantee_type = "account"
  grantee_id   = "9007199254740993"
  permission   = "publish"
}
"#;

/// How many objects an estate has.
pub(super) const OBJECTS: usize = 12;

pub(super) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(format!("QUEUEFORM_CHAOS_{name}")).map_or(default, |text| text.parse().unwrap())
}

/// The services, and the instances there that nobody manages.
pub(super) struct World {
    pub(super) remote: Remote,
    instance: String,
}

impl World {
    pub(super) fn new() -> Self {
        let remote = Remote::of(&SYSTEMS.join(","));
        let instance = remote.seed(&json!({ "name": "shared", "enable_acl": true }));
        let seed = |system: &str, id: &str| {
            remote.control_of(system, "POST", "/instances", &json!({ "id": id, "name": "shared" }));
        };
        seed("apsarastack", STACK);
        seed("apsaramq-rocketmq", ROCKETMQ);
        remote.control_of(
            "apsaramq-mqtt",
            "POST",
            "/instances",
            &json!({ "id": MQTT, "topics": ["meters"] }),
        );
        let world = Self { remote, instance };
        world.slow_down();
        world
    }

    fn slow_down(&self) {
        for system in SYSTEMS {
            let rule = json!({ "fault": "latency", "ms": LATENCY_MS });
            self.remote.control_of(system, "POST", "/faults", &rule);
        }
    }

    /// How many things of each kind there are on each system.
    fn figures(&self) -> BTreeMap<&'static str, Value> {
        let of = |system| {
            let mut figures = self.remote.control_of(system, "GET", "/status", &Value::Null);
            // What was asked is no thing.
            figures.as_object_mut().unwrap().remove("billed_calls");
            figures
        };
        SYSTEMS.into_iter().map(|system| (system, of(system))).collect()
    }

    /// How often each object of a chain was created.
    pub(super) fn creates(&self, mark: &str) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for system in SYSTEMS {
            let found = self.remote.control_of(system, "GET", "/creates", &Value::Null);
            let found: BTreeMap<String, u64> = serde_json::from_value(found).unwrap();
            let own = found.into_iter().filter(|(key, _)| key.contains(mark));
            all.extend(own.map(|(key, count)| (format!("{system} {key}"), count)));
        }
        all
    }
}

/// One directory whose runs are killed.
pub(super) struct Chain<'w> {
    world: &'w World,
    pub(super) place: Place,
    pub(super) mark: String,
    generation: u64,
}

impl<'w> Chain<'w> {
    pub(super) fn new(world: &'w World, number: u64) -> Self {
        let place = Place::with(&[("main.qf.hcl", ESTATE)]);
        Self { world, place, mark: format!("c{number}g"), generation: 1 }
    }

    pub(super) fn start(&self, arguments: &[&str]) -> Process {
        let remote = &self.world.remote;
        let mut command = self.place.command(arguments);
        for (access, secret) in [
            ("SBC_ACCESS_KEY", "SBC_SECRET_KEY"),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
            ("ALIBABACLOUDSTACK_ACCESS_KEY", "ALIBABACLOUDSTACK_SECRET_KEY"),
        ] {
            command = command.env(access, DEMO_ACCESS_KEY).env(secret, DEMO_SECRET_KEY);
        }
        for (name, system) in
            [("dms", SYSTEMS[0]), ("mqtt", SYSTEMS[1]), ("stack", SYSTEMS[2]), ("rocketmq", SYSTEMS[3])]
        {
            command = command.env(&format!("QF_VAR_{name}"), remote.endpoint_of(system));
        }
        let prefix = format!("{}{}", self.mark, self.generation);
        let command = command.env("QF_VAR_instance", &self.world.instance).env("QF_VAR_prefix", prefix);
        Process::new(command.spawn())
    }

    fn apply(&self) -> Process {
        self.start(&["apply", "--auto-approve"])
    }

    fn journal(&self) -> u64 {
        let path = self.place.path().join("queueform.state.journal");
        std::fs::metadata(path).map_or(0, |metadata| metadata.len())
    }

    /// Kills one run. Returns whether it was in time, and whether the run had begun to write.
    fn kill_one(&mut self, dice: &mut Dice) -> (bool, bool) {
        let journal = self.journal();
        let mut run = self.apply();
        // A fourth anywhere, the rest after the run has begun to write.
        if dice.below(4) == 0 {
            run.until_after(dice.time(Duration::from_millis(900)));
        } else if run.until(|| self.journal() > journal) {
            run.until_after(dice.time(Duration::from_millis(350)));
        }
        if run.is_running() {
            run.kill();
            let ended = run.end();
            if ended.status.is_none() {
                return (true, self.journal() > journal);
            }
            // It was faster than the signal.
            ended.with(0);
        } else {
            run.end().with(0);
        }
        self.generation += 1;
        (false, false)
    }

    fn parses(&self) {
        if self.place.has("queueform.state.json") {
            let state: Value = serde_json::from_str(&self.place.read("queueform.state.json")).unwrap();
            assert_eq!(state["version"], 4);
        }
    }

    /// A plain apply, and what must hold then.
    pub(super) fn settle(&self) {
        self.apply().end().with(0);
        self.start(&["plan", "--detailed-exitcode"]).end().with(0);
        let creates = self.world.creates(&self.mark);
        let twice: Vec<_> = creates.iter().filter(|(_, count)| **count != 1).collect();
        assert!(twice.is_empty(), "created more than once: {twice:?}");
        let state: Value = serde_json::from_str(&self.place.read("queueform.state.json")).unwrap();
        let instances = state["resources"].as_array().unwrap().iter();
        let objects: usize = instances.map(|one| one["instances"].as_array().unwrap().len()).sum();
        assert_eq!(objects, OBJECTS);
        self.start(&["destroy", "--auto-approve"]).end().with(0);
    }
}

#[test]
fn nothing_is_lost_on_any_system_when_runs_are_killed() {
    let chains = setting("CHAINS", 3);
    let kills = setting("KILLS", 18).div_ceil(chains);
    let seed = setting("SEED", 2026);
    let started = Instant::now();
    let world = World::new();
    let before = world.figures();
    let tally: Vec<(u64, u64, u64)> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..chains)
            .map(|number| {
                let world = &world;
                scope.spawn(move || {
                    let mut chain = Chain::new(world, number);
                    let mut dice = Dice::new(seed.wrapping_add(number));
                    let (mut killed, mut at_work) = (0, 0);
                    while killed < kills {
                        let (in_time, working) = chain.kill_one(&mut dice);
                        killed += u64::from(in_time);
                        at_work += u64::from(working);
                        chain.parses();
                    }
                    chain.settle();
                    (killed, at_work, chain.generation)
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    // What others have is there, and nothing else.
    assert_eq!(world.figures(), before);
    let sum = |of: fn(&(u64, u64, u64)) -> u64| tally.iter().map(of).sum::<u64>();
    println!("seed {seed}: {:.0} s", started.elapsed().as_secs_f64());
    let figures = format!(
        "{} kills, {} of them at work, {} generations of {OBJECTS} objects, 0 losses",
        sum(|one| one.0),
        sum(|one| one.1),
        sum(|one| one.2),
    );
    if std::env::var_os("QUEUEFORM_CHAOS_KILLS").is_some() {
        record("kills on all systems", &figures);
    } else {
        println!("kills on all systems: {figures}");
    }
}
