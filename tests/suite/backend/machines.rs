//! Many machines and one state: real commands in directories of their own, on an engine that they share.
//!
//! Whatever happens to one of them, the next one goes on: what counts is what the service saw.

use age::secrecy::ExposeSecret as _;
use queueform::state::store::Store;
use serde_json::json;

use crate::chaos::Process;
use crate::chaos::Remote;
use crate::chaos::Workshop;
use crate::support::Place;

/// An engine as commands are told of it.
pub(crate) struct Shared<'s> {
    /// The `backend` block.
    pub(crate) block: &'s str,
    /// Variables of the environment that complete it.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Opens the state as another machine would.
    pub(crate) store: &'s (dyn Fn() -> Box<dyn Store> + Sync),
}

/// Topics and groups, all of them new with each generation.
const ESTATE: &str = r#"
variable "generation" {
  type    = number
  default = 1
}

variable "size" {
  type    = number
  default = 16
}

resource "dms_rocketmq_topic" "topic" {
  for_each    = toset([for i in range(var.size) : format("%03d", i)])
  instance_id = var.instance
  name        = "g${var.generation}-topic-${each.key}"
}

resource "dms_rocketmq_consumer_group" "group" {
  for_each    = toset([for i in range(var.size) : format("%03d", i)])
  instance_id = var.instance
  name        = "g${var.generation}-group-${each.key}"
}

output "generation" {
  value = var.generation
}

output "secret" {
  value     = sensitive("of generation ${var.generation}")
  sensitive = true
}
"#;

/// Keys that come from the environment.
const ENCRYPTION: &str = r#"
  encryption {
    key_provider "age" "team" {
      identities_env = "MACHINES_IDENTITY"
    }
    state {
      key      = key_provider.age.team
      enforced = true
    }
  }
"#;

/// How long a call that changes something takes.
const LATENCY_MS: u64 = 40;

/// The same where a run must not end before another one has looked at it; calls are sped up then.
const LONG_MS: u64 = 4000;

impl Shared<'_> {
    fn machine(&self, remote: &Remote, instance: &str) -> Workshop {
        Workshop::new(remote, instance.to_owned(), &format!("queueform {{\n{}\n}}\n{ESTATE}", self.block))
    }

    fn start(&self, machine: &Workshop, arguments: &[&str], more: &[(&'static str, String)]) -> Process {
        let variables: Vec<_> = self.variables.iter().chain(more).cloned().collect();
        machine.start(arguments, &variables)
    }

    fn apply(&self, machine: &Workshop, generation: u64) -> Process {
        self.start(machine, &["apply", "-auto-approve"], &of_generation(generation))
    }

    /// Nothing is left to do, on any machine.
    fn settled(&self, machines: &[&Workshop], generation: u64) {
        for machine in machines {
            let plan = self.start(machine, &["plan", "-detailed-exitcode"], &of_generation(generation));
            drop(plan.end().with(0));
        }
    }

    fn journal(&self) -> usize {
        (self.store)().read().unwrap().journal.len()
    }
}

fn of_generation(generation: u64) -> Vec<(&'static str, String)> {
    vec![("QF_VAR_generation", generation.to_string())]
}

fn once_each(remote: &Remote, instance: &str) {
    let creates = remote.creates(instance);
    let more: Vec<_> = creates.iter().filter(|(_, count)| **count != 1).collect();
    assert!(more.is_empty(), "made more than once: {more:?}");
}

fn service() -> (Remote, String) {
    service_of(LATENCY_MS)
}

fn service_of(latency: u64) -> (Remote, String) {
    let remote = Remote::start();
    remote.slow_down(latency);
    let instance = remote.seed(&json!({ "name": "shared" }));
    (remote, instance)
}

/// A machine is killed in the middle of its work, again and again; another one takes it up at once.
pub(crate) fn a_killed_run_is_taken_up_elsewhere(shared: &Shared<'_>) {
    kills(shared, 600);
}

/// The same with a state that the engine cannot read. Its outputs, secrets with them, are read by another configuration
/// that has the key, and by no other.
pub(crate) fn an_encrypted_state_is_taken_up_elsewhere(shared: &Shared<'_>) {
    let identity = age::x25519::Identity::generate().to_string().expose_secret().to_owned();
    let block = format!("{}\n{ENCRYPTION}", shared.block);
    let key = ("MACHINES_IDENTITY", identity);
    let variables: Vec<_> = shared.variables.iter().chain([&key]).cloned().collect();
    // A head with the key, and lines of twice the length.
    kills(&Shared { block: &block, variables: variables.clone(), store: shared.store }, 1600);
    let kept = (shared.store)().read().unwrap().snapshot.unwrap();
    let kept = String::from_utf8_lossy(&kept);
    assert!(kept.contains("\"encryption\""), "{kept}");
    for word in ["topic", "resources", "of generation"] {
        assert!(!kept.contains(word), "the engine can read `{word}`");
    }
    let config = shared.block.replace("backend ", "backend = ").replacen('{', "\nconfig = {", 1);
    let reader = format!(
        "data \"queueform_remote_state\" \"shared\" {{\n{config}\n}}\noutput \"read\" {{\n  value = \"${{data.queueform_remote_state.shared.outputs.generation}}: ${{nonsensitive(data.queueform_remote_state.shared.outputs.secret)}}\"\n}}\n"
    );
    let place = Place::with(&[("main.qf.hcl", &format!("queueform {{\n{ENCRYPTION}\n}}\n{reader}"))]);
    let plan = |place: &Place| {
        let mut command = place.command(&["plan"]);
        for (name, value) in &variables {
            command = command.env(name, value);
        }
        command.output()
    };
    let read = plan(&place);
    assert_eq!(read.status, Some(0), "{read}");
    assert!(read.stdout.contains("4: of generation 4"), "{read}");
    place.write("main.qf.hcl", &reader);
    let refused = plan(&place);
    assert_eq!(refused.status, Some(1), "{refused}");
    assert!(refused.stderr.contains("error[key-missing]"), "{refused}");
}

fn kills(shared: &Shared<'_>, much: usize) {
    let (remote, instance) = service();
    let machines = [shared.machine(&remote, &instance), shared.machine(&remote, &instance)];
    for (round, generation) in (1..=4).enumerate() {
        let (first, second) = (&machines[round % 2], &machines[(round + 1) % 2]);
        let mut run = shared.apply(first, generation);
        assert!(run.until(|| shared.journal() > much * (round + 1)), "the run ended before it was killed");
        run.kill();
        assert_eq!(run.end().status, None);
        // Without waiting for the lock: it went with its holder.
        drop(
            shared
                .start(second, &["apply", "-auto-approve", "-lock-timeout=10s"], &of_generation(generation))
                .end()
                .with(0),
        );
        once_each(&remote, &instance);
        shared.settled(&[first, second], generation);
        assert_eq!(remote.objects(&instance).len(), 32);
    }
    assert_eq!((shared.store)().holder().unwrap(), None);
}

/// Two runs at once: one waits for the other, or is refused and told by whom.
pub(crate) fn runs_come_one_after_the_other(shared: &Shared<'_>) {
    let (remote, instance) = service_of(LONG_MS);
    let (first, second) = (shared.machine(&remote, &instance), shared.machine(&remote, &instance));
    let mut running = shared.apply(&first, 1);
    assert!(running.until(|| shared.journal() > 600), "the run ended too soon");
    let refused = shared.apply(&second, 1).end().with(1);
    assert!(refused.stderr.contains("the state is locked by another run"), "{}", refused.stderr);
    assert!(refused.stderr.contains("apply"), "{}", refused.stderr);
    let held = shared.start(&second, &["lock", "show"], &[]).end().with(0);
    assert!(held.stdout.contains("apply"), "{}", held.stdout);
    let waiting = shared.start(
        &second,
        &["apply", "-auto-approve", "-lock-timeout=4m"],
        &[("QF_VAR_generation", "1".to_owned()), ("QF_VAR_size", "18".to_owned())],
    );
    remote.speed_up();
    drop(running.end().with(0));
    let waited = waiting.end().with(0);
    assert!(waited.stdout.contains("4 added"), "{}", waited.stdout);
    once_each(&remote, &instance);
}

/// Plans beside an apply all succeed, without waiting for it.
pub(crate) fn plans_do_not_wait(shared: &Shared<'_>) {
    let (remote, instance) = service_of(LONG_MS);
    let machine = shared.machine(&remote, &instance);
    let others: Vec<Workshop> = (0..20).map(|_| shared.machine(&remote, &instance)).collect();
    let mut running = shared.apply(&machine, 1);
    assert!(running.until(|| shared.journal() > 600), "the run ended too soon");
    let plans: Vec<Process> =
        others.iter().map(|other| shared.start(other, &["plan"], &of_generation(1))).collect();
    for plan in plans {
        let ended = plan.end().with(0);
        assert!(ended.stdout.contains("Plan:") || ended.stdout.contains("No changes"), "{}", ended.stdout);
    }
    assert!(running.is_running(), "the plans had nothing beside them");
    remote.speed_up();
    drop(running.end().with(0));
    shared.settled(&[&machine], 1);
    once_each(&remote, &instance);
}

/// A run is stopped, loses its lock to another one, and wakes up: what it still wants to write is refused.
pub(crate) fn a_paused_run_is_refused(shared: &Shared<'_>, take_away: &dyn Fn()) {
    let (remote, instance) = service();
    let (first, second) = (shared.machine(&remote, &instance), shared.machine(&remote, &instance));
    let mut paused = shared.apply(&first, 1);
    assert!(paused.until(|| shared.journal() > 600), "the run ended too soon");
    paused.signal("STOP");
    take_away();
    drop(
        shared
            .start(&second, &["apply", "-auto-approve", "-lock-timeout=4m"], &of_generation(1))
            .end()
            .with(0),
    );
    let after = (shared.store)().read().unwrap();
    paused.signal("CONT");
    let ended = paused.end();
    assert_eq!(ended.status, Some(1), "{}\n{}", ended.stdout, ended.stderr);
    assert_eq!((shared.store)().read().unwrap(), after, "a late write was accepted");
    once_each(&remote, &instance);
    shared.settled(&[&first, &second], 1);
}

/// The connection to the engine is cut all the time; nothing is lost and nothing is made twice.
pub(crate) fn cuts_lose_nothing(shared: &Shared<'_>, cut: &dyn Fn(usize)) {
    let (remote, instance) = service();
    let (machine, other) = (shared.machine(&remote, &instance), shared.machine(&remote, &instance));
    for generation in 1..=2 {
        let mut run = shared.apply(&machine, generation);
        let mut count = 0;
        let mut last = std::time::Instant::now();
        run.until(|| {
            // Often enough that each cut hits another moment, seldom enough that something gets done in between.
            if last.elapsed().as_millis() > 700 {
                cut(count);
                count += 1;
                last = std::time::Instant::now();
            }
            false
        });
        let ended = run.end();
        assert!(matches!(ended.status, Some(0 | 1)), "{}\n{}", ended.stdout, ended.stderr);
        println!("generation {generation}: {count} cuts, status {:?}", ended.status);
        drop(
            shared
                .start(&other, &["apply", "-auto-approve", "-lock-timeout=4m"], &of_generation(generation))
                .end()
                .with(0),
        );
        once_each(&remote, &instance);
        shared.settled(&[&machine, &other], generation);
        assert_eq!(remote.objects(&instance).len(), 32);
    }
}
