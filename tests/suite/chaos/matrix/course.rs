//! The life of one estate on one system, and what must hold at its end whatever happened on the way.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use queueform::api::Stop;
use queueform::apply::Applied;
use queueform::emulator::FaultRule;
use queueform::emulator::LoggedCall;
use queueform::emulator::System;
use queueform::emulator::dms::Status;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::place::OpenState;
use queueform::ops::plan::Planned;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;
use queueform::state::document;
use queueform::state::store::Holder;
use queueform::state::store::Layout;
use queueform::state::store::Ledger;
use queueform::state::store::LocalStore;
use queueform::state::store::Request;
use queueform::state::store::SystemClock;

use crate::chaos::mortal::Death;
use crate::chaos::mortal::Mortal;
use crate::chaos::process::TICK;
use crate::engine::Lab;
use crate::engine::actions;
use crate::engine::listed;
use crate::engine::told;

use super::table::Kind;
use super::table::Spot;

/// What a service holds: names with what is known of them.
pub(super) type Objects = BTreeMap<String, String>;

/// No run may take longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// Other tests start programs: until these run, they hold copies of all locks.
const LOCK_PATIENCE: Duration = Duration::from_secs(30);

/// How many runs may be needed until nothing is left to do.
const RUNS: usize = 5;

/// An estate on a system.
pub(super) struct Course {
    pub(super) name: &'static str,
    pub(super) system: System,
    /// What others have there.
    pub(super) prepare: fn(&Lab),
    pub(super) stages: fn() -> Vec<Stage>,
    pub(super) objects: fn(&Lab) -> Objects,
    pub(super) spot: fn(Kind) -> Spot,
    /// Whether lists say how many there are: half of one cannot be told from a short one otherwise.
    pub(super) counts: bool,
}

/// A configuration that is applied.
pub(super) struct Stage {
    configuration: String,
    invoke: Option<&'static str>,
}

impl Stage {
    pub(super) fn apply(configuration: String) -> Self {
        Self { configuration, invoke: None }
    }

    pub(super) fn invoke(configuration: String, action: &'static str) -> Self {
        Self { configuration, invoke: Some(action) }
    }

    fn options(&self, again: bool) -> PlanOptions {
        let invoke = self.invoke.iter().map(|action| action.parse().unwrap()).collect();
        PlanOptions { invoke, again, ..PlanOptions::normal() }
    }
}

/// What a course comes to if nothing goes wrong, after each stage.
pub(super) struct Baseline {
    pub(super) stages: Vec<After>,
    /// What others have.
    seeded: Objects,
}

/// What there is after a stage.
pub(super) struct After {
    objects: Objects,
    addresses: Vec<String>,
    creates: Vec<u64>,
    /// The calls that the stage made, in order.
    pub(super) calls: Vec<LoggedCall>,
}

/// What was done and seen in one course.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figures {
    pub(super) runs: u64,
    /// Calls that a fault hit.
    pub(super) faults: u64,
    /// Looks at the state while runs were writing it.
    pub(super) samples: u64,
}

impl Figures {
    pub(super) fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.faults += other.faults;
        self.samples += other.samples;
    }
}

/// How a run ended.
enum Went {
    Done,
    Not(String),
}

impl Course {
    fn lab(&self) -> Lab {
        let lab = Lab::new("");
        (self.prepare)(&lab);
        lab
    }

    /// Goes through all stages without a fault.
    pub(super) async fn baseline(&self) -> Result<Baseline, String> {
        let lab = self.lab();
        let seeded = (self.objects)(&lab);
        let mut stages = Vec::new();
        for stage in (self.stages)() {
            let seen = lab.emulator.store().calls(self.system).len();
            lab.write(&stage.configuration);
            match attempt(&lab, stage.options(false)).await {
                Went::Done => {}
                Went::Not(why) => return Err(format!("{}: {why}", self.name)),
            }
            // What objects make of each other may be recorded by the next run.
            if left(&lab).await.is_err() {
                attempt(&lab, PlanOptions::normal()).await;
            }
            left(&lab).await.map_err(|why| format!("{}: {why}", self.name))?;
            let calls = lab.emulator.store().calls(self.system).split_off(seen);
            stages.push(After {
                objects: (self.objects)(&lab),
                addresses: addresses(&lab),
                creates: self.creates(&lab),
                calls,
            });
        }
        Ok(Baseline { stages, seeded })
    }

    /// Goes through the stages up to one in which faults are active; then everything must come right.
    pub(super) async fn run(
        &self,
        baseline: &Baseline,
        last: usize,
        rules: &[FaultRule],
        replaces: bool,
    ) -> Result<Figures, String> {
        let lab = self.lab();
        let watch = Watch::new(&lab);
        let mut figures = Figures::default();
        for (index, stage) in (self.stages)().iter().enumerate().take(last + 1) {
            lab.write(&stage.configuration);
            if index == last {
                for rule in rules {
                    lab.emulator.store().add_fault(self.system, rule.clone());
                }
            }
            let went = attempt(&lab, stage.options(false)).await;
            figures.runs += 1;
            watch.check()?;
            if index < last {
                if let Went::Not(why) = went {
                    return Err(format!("stage {index} goes wrong without a fault: {why}"));
                }
                continue;
            }
            figures.faults = self.hits(&lab);
            lab.emulator.store().clear_faults(self.system);
            self.mend(&lab);
            figures.runs += self.settle(&lab, stage, went, &watch).await?;
        }
        let after = &baseline.stages[last];
        self.converged(&lab, after, replaces)?;
        // Whatever was lost on the way would stay behind now.
        let went = attempt(&lab, PlanOptions::destroy()).await;
        figures.runs += 1;
        if let Went::Not(why) = went {
            return Err(format!("destroy: {why}"));
        }
        same("what others have, after destroy", &(self.objects)(&lab), &baseline.seeded)?;
        figures.samples = watch.end()?;
        Ok(figures)
    }

    /// Goes through the stages up to one whose run dies after so many operations of its disk; the next runs must put
    /// everything right. Returns whether the run died.
    pub(super) async fn die(
        &self,
        baseline: &Baseline,
        last: usize,
        operations: u64,
        death: Death,
    ) -> Result<bool, String> {
        let lab = self.lab();
        let watch = Watch::new(&lab);
        let stages = (self.stages)();
        for stage in &stages[..last] {
            lab.write(&stage.configuration);
            if let Went::Not(why) = attempt(&lab, stage.options(false)).await {
                return Err(format!("a stage goes wrong without a death: {why}"));
            }
        }
        let stage = &stages[last];
        lab.write(&stage.configuration);
        let disk = Mortal::new(operations, death);
        let went = attempt_on(&lab, stage.options(false), &disk).await;
        watch.check()?;
        if disk.is_alive() {
            return match went {
                Went::Done => Ok(false),
                Went::Not(why) => Err(format!("it fails without a death: {why}")),
            };
        }
        let story = disk.story();
        let put_right = async {
            self.settle(&lab, stage, went, &watch).await?;
            self.converged(&lab, &baseline.stages[last], false)?;
            watch.end()
        };
        put_right.await.map_err(|why| format!("{story}\n{why}"))?;
        Ok(true)
    }

    /// Runs until nothing is left to do. Returns how often.
    async fn settle(&self, lab: &Lab, stage: &Stage, first: Went, watch: &Watch) -> Result<u64, String> {
        let mut said = vec![format!("with the fault: {}", first.text())];
        for run in 1..=RUNS {
            // An action that may have run is run again by name alone.
            let again = stage.invoke.is_some() && run > 2;
            let went = attempt(lab, stage.options(again)).await;
            watch.check()?;
            said.push(format!("run {run} after it: {}", went.text()));
            if matches!(went, Went::Not(_)) {
                continue;
            }
            match left(lab).await {
                Ok(()) => return Ok(run as u64),
                Err(why) => said.push(format!("then a plan: {why}")),
            }
        }
        let state = lab.state();
        let open = state.objects().filter(|(_, _, object)| !object.status.is_ready());
        said.extend(open.map(|(target, _, object)| format!("{target}: {:?}", object.status)));
        Err(format!("it does not come to rest\n{}", said.join("\n")))
    }

    /// Everything is there, once, and nothing else.
    fn converged(&self, lab: &Lab, after: &After, replaces: bool) -> Result<(), String> {
        same("objects of the service", &(self.objects)(lab), &after.objects)?;
        let found = addresses(lab);
        if found != after.addresses {
            return Err(format!("in the state: {found:?}\nshould be: {:?}", after.addresses));
        }
        let creates = self.creates(lab);
        if creates != after.creates && !replaces {
            let all = lab.emulator.store().creates(self.system);
            return Err(format!("creations: {all:?}\nshould be as often as: {:?}", after.creates));
        }
        Ok(())
    }

    /// How often each object was created, sorted.
    fn creates(&self, lab: &Lab) -> Vec<u64> {
        let mut counts: Vec<u64> = lab.emulator.store().creates(self.system).into_values().collect();
        counts.sort_unstable();
        counts
    }

    fn hits(&self, lab: &Lab) -> u64 {
        let calls = lab.emulator.store().calls(self.system);
        calls.iter().filter(|call| call.fault.is_some()).count() as u64
    }

    /// What the vendor does about jobs that hang or have failed: the instances run again.
    fn mend(&self, lab: &Lab) {
        let store = lab.emulator.store();
        match self.system {
            System::Dms => {
                store.dms().end_jobs();
                for instance in store.dms().instances() {
                    if instance.status == Status::ExtendedFailed {
                        store.dms().set_status(&instance.id, Status::Running);
                    }
                }
            }
            System::ApsaramqRocketmq => store.rocketmq().end_changes(),
            System::ApsaramqMqtt | System::ApsaraStack => {}
        }
    }
}

impl Went {
    fn text(&self) -> &str {
        match self {
            Self::Done => "done",
            Self::Not(why) => why,
        }
    }
}

async fn attempt(lab: &Lab, options: PlanOptions) -> Went {
    let opened = Project::open(ProjectOptions { lock_timeout: LOCK_PATIENCE, ..lab.options() });
    let Some(project) = opened.output.filter(|_| !opened.diagnostics.has_errors()) else {
        return Went::Not(listed(&opened.diagnostics));
    };
    let never = Stop::never();
    let ports = ApplyPorts { approve: &mut |_| true, events: &mut |_| {}, stop: &never, abort: &never };
    let request = ApplyRequest { options, expect: None, command: "apply".to_owned() };
    let run = ops::apply::apply(&project, &request, ports);
    match tokio::time::timeout(PATIENCE, run).await {
        Err(_late) => Went::Not("it does not end".to_owned()),
        Ok(Err(found)) => Went::Not(listed(&found)),
        Ok(Ok(ApplyOutcome::Unchanged(planned))) if is_settled(&planned) => Went::Done,
        Ok(Ok(ApplyOutcome::Applied(_, applied))) if applied.complete => Went::Done,
        Ok(Ok(ApplyOutcome::Applied(_, applied))) => Went::Not(ends(&applied)),
        Ok(Ok(ApplyOutcome::Unchanged(planned))) => {
            Went::Not(format!("nothing was done\n{}", listed(&planned.plan.diagnostics)))
        }
        Ok(Ok(other)) => Went::Not(told(&other)),
    }
}

/// Applies with another disk below the state.
async fn attempt_on(lab: &Lab, options: PlanOptions, disk: &Mortal) -> Went {
    let project = lab.open();
    let layout = Layout::new(lab.path(), Layout::DEFAULT, true).unwrap();
    let store = LocalStore::new(layout).with_disk(Arc::new(disk.clone()));
    let holder = Holder::this_process("apply", &SystemClock::default());
    let request = Request { holder: holder.clone(), lock: true, wait: LOCK_PATIENCE };
    let (ledger, recovered) = match Ledger::open(&store, &request) {
        Ok(opened) => opened,
        Err(error) => return Went::Not(error.to_string()),
    };
    let open = OpenState { ledger: Arc::new(ledger), recovered, holder };
    let never = Stop::never();
    let state = open.ledger.state(Clone::clone);
    let now = ops::plan::now();
    let planned = ops::plan::plan_on(&project, state, Some(&open.ledger), &options, &now, &never).await;
    let planned = match planned {
        Ok(planned) => planned,
        Err(found) => return Went::Not(listed(&found)),
    };
    let ports = ApplyPorts { approve: &mut |_| true, events: &mut |_| {}, stop: &never, abort: &never };
    let id = ops::apply::new_id();
    match ops::apply::carry_out(&project, planned, &id, &open, ports).await {
        Ok(ApplyOutcome::Unchanged(_)) => Went::Done,
        Ok(ApplyOutcome::Applied(_, applied)) if applied.complete => Went::Done,
        Ok(ApplyOutcome::Applied(_, applied)) => Went::Not(ends(&applied)),
        Ok(other) => Went::Not(told(&other)),
        Err(found) => Went::Not(listed(&found)),
    }
}

fn ends(applied: &Applied) -> String {
    format!("{:?}\n{}", applied.counts(), listed(&applied.diagnostics))
}

fn is_settled(planned: &Planned) -> bool {
    !planned.has_doubts() && !planned.plan.diagnostics.has_errors()
}

/// A plan finds nothing to do.
async fn left(lab: &Lab) -> Result<(), String> {
    let project = lab.open();
    let planned = ops::plan::plan(&project, &PlanOptions::normal(), &ops::plan::now(), &Stop::never()).await;
    let planned = planned.map_err(|found| listed(&found))?;
    if !planned.is_applicable() || !is_settled(&planned) {
        return Err(listed(&planned.plan.diagnostics));
    }
    if planned.has_changes() || !planned.plan.steps.is_empty() {
        return Err(format!("{:?}, {} steps", actions(&planned), planned.plan.steps.len()));
    }
    let open: Vec<String> = lab
        .state()
        .objects()
        .filter(|(_, _, object)| !object.status.is_ready())
        .map(|(target, _, object)| format!("{target}: {:?}", object.status))
        .collect();
    if open.is_empty() { Ok(()) } else { Err(open.join("\n")) }
}

fn addresses(lab: &Lab) -> Vec<String> {
    lab.state().objects().map(|(target, _, _)| target.to_string()).collect()
}

fn same(what: &str, found: &Objects, wanted: &Objects) -> Result<(), String> {
    let lacking = wanted.iter().filter(|(name, text)| found.get(*name) != Some(text));
    let lacking: Vec<String> = lacking.map(|(name, text)| format!("- {name}: {text}")).collect();
    let surplus = found.iter().filter(|(name, text)| wanted.get(*name) != Some(text));
    let surplus: Vec<String> = surplus.map(|(name, text)| format!("+ {name}: {text}")).collect();
    if lacking.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    Err(format!("{what}:\n{}\n{}", lacking.join("\n"), surplus.join("\n")))
}

/// Reads the state all the time: it parses at every moment.
struct Watch {
    over: Arc<AtomicBool>,
    samples: Arc<AtomicU64>,
    path: PathBuf,
    reader: Option<std::thread::JoinHandle<Result<(), String>>>,
}

impl Watch {
    fn new(lab: &Lab) -> Self {
        let path = lab.path().join(".queueform/emulator/queueform.state.json");
        let over = Arc::new(AtomicBool::new(false));
        let samples = Arc::new(AtomicU64::new(0));
        let reader = std::thread::spawn({
            let (path, over, samples) = (path.clone(), Arc::clone(&over), Arc::clone(&samples));
            move || {
                let mut seen = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    if let Ok(bytes) = std::fs::read(&path)
                        && bytes != seen
                    {
                        parses(&bytes)?;
                        seen = bytes;
                    }
                    samples.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(TICK);
                }
                Ok(())
            }
        });
        Self { over, samples, path, reader: Some(reader) }
    }

    fn check(&self) -> Result<(), String> {
        match std::fs::read(&self.path) {
            Ok(bytes) => parses(&bytes),
            Err(_none_yet) => Ok(()),
        }
    }

    /// Returns how often it was looked at.
    fn end(mut self) -> Result<u64, String> {
        self.over.store(true, Ordering::Relaxed);
        let reader = self.reader.take().unwrap();
        reader.join().unwrap()?;
        Ok(self.samples.load(Ordering::Relaxed))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take() {
            drop(reader.join());
        }
    }
}

fn parses(bytes: &[u8]) -> Result<(), String> {
    document::read(bytes).map(|_| ()).map_err(|error| format!("the state does not parse: {error}"))
}
