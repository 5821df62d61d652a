//! Every fault of the emulators at every kind of step, on every system.
//!
//! A case is an estate on one system, a fault, a kind of step and how long the fault lasts. The estate is brought to the
//! stage in which that step happens, the stage is applied with the fault, and then without it until nothing is left to
//! do: everything must be there once, what others have must be as it was, the state must parse at every moment, and a
//! destroy must leave nothing behind. Besides, faults of any kind hit any calls of any stage, drawn from a seed.
//!
//! `QUEUEFORM_CHAOS_FAULTS` is the number of cases and of random courses (`all` for every case);
//! `QUEUEFORM_CHAOS_SEED` draws others; `QUEUEFORM_CHAOS_CASE` repeats one, as a failure prints it.

mod course;
mod deaths;
mod dms;
mod mqtt;
mod rocketmq;
mod stack;
mod table;

use std::collections::BTreeSet;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use queueform::emulator::FaultRule;

use super::dice::Dice;
use super::figures::record;
use super::figures::table;
use course::Baseline;
use course::Course;
use course::Figures;
use table::FAULTS;
use table::Kind;
use table::Named;
use table::Spot;

const COURSES: [&Course; 4] = [&dms::COURSE, &rocketmq::COURSE, &mqtt::COURSE, &stack::COURSE];

/// How many cases and random courses a plain test run tries.
const FEW: usize = 160;

/// How long a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Once,
    /// As long as the stage lasts.
    Always,
}

/// What is tried.
#[derive(Clone, Copy)]
enum Case {
    /// A fault at a kind of step.
    Fault(&'static Course, &'static Named, Kind, Times),
    /// Any faults at any calls, drawn from a seed.
    Random(&'static Course, u64),
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(course, fault, kind, times) => {
                let times = if *times == Times::Once { "once" } else { "always" };
                write!(f, "{}/{}/{}/{times}", course.name, fault.name, kind.name())
            }
            Self::Random(course, seed) => write!(f, "{}/random/{seed}", course.name),
        }
    }
}

impl Case {
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let course = COURSES.into_iter().find(|course| Some(&course.name) == parts.first())?;
        match parts[1..] {
            ["random", seed] => Some(Self::Random(course, seed.parse().ok()?)),
            [fault, kind, times] => {
                let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
                let times = if times == "once" { Times::Once } else { Times::Always };
                Some(Self::Fault(course, Named::find(fault)?, kind, times))
            }
            _ => None,
        }
    }

    fn course(&self) -> &'static Course {
        match self {
            Self::Fault(course, ..) | Self::Random(course, _) => course,
        }
    }

    async fn run(&self, baseline: &Baseline) -> Result<Figures, String> {
        match *self {
            Self::Fault(course, fault, kind, times) => {
                let spot = (course.spot)(kind);
                let Spot::At { stage, .. } = spot else { return Err("there is no such step".to_owned()) };
                let rule = spot.rule((fault.fault)(), (times == Times::Once).then_some(1));
                let figures = course.run(baseline, stage, &[rule], fault.replaces()).await?;
                if figures.faults == 0 {
                    return Err("the fault was never met".to_owned());
                }
                Ok(figures)
            }
            Self::Random(course, seed) => {
                let (stage, rules) = drawn(course, baseline, seed);
                course.run(baseline, stage, &rules, true).await
            }
        }
    }
}

/// Up to four faults at calls that a stage makes when nothing goes wrong.
fn drawn(course: &Course, baseline: &Baseline, seed: u64) -> (usize, Vec<FaultRule>) {
    let mut dice = Dice::new(seed);
    let stage = dice.index(baseline.stages.len());
    let calls = &baseline.stages[stage].calls;
    let rules = (0..=dice.below(4)).map(|_| {
        let call = &calls[dice.index(calls.len())];
        let fault = loop {
            let fault = &FAULTS[dice.index(FAULTS.len())];
            if course.counts || !fault.is_short_list() {
                break fault;
            }
        };
        FaultRule {
            after: dice.below(3),
            times: Some(1 + dice.below(3)),
            ..FaultRule::new((fault.fault)()).on(&call.method, &call.path)
        }
    });
    let rules = rules.collect();
    (stage, rules)
}

/// Every case there is.
fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for course in COURSES {
        for kind in Kind::ALL {
            if let Spot::None(_) = (course.spot)(kind) {
                continue;
            }
            for fault in FAULTS.iter().filter(|fault| fault.absent(kind).is_none()) {
                if fault.is_short_list() && !course.counts {
                    continue;
                }
                all.push(Case::Fault(course, fault, kind, Times::Once));
                all.push(Case::Fault(course, fault, kind, Times::Always));
            }
        }
    }
    all
}

/// Some of the cases, with every fault and every kind of step of every system among them.
fn some(all: Vec<Case>, count: usize, seed: u64) -> Vec<Case> {
    let mut dice = Dice::new(seed);
    let mut left = all;
    let mut chosen = Vec::new();
    let mut seen = BTreeSet::new();
    while !left.is_empty() {
        let case = left.swap_remove(dice.index(left.len()));
        let Case::Fault(course, fault, kind, _) = case else { continue };
        let is_new = seen.insert(format!("{} {}", course.name, kind.name()));
        if seen.insert(fault.name.to_owned()) | is_new || chosen.len() < count {
            chosen.push(case);
        }
    }
    chosen
}

/// Tries cases side by side. Returns what was done, or all that went wrong.
fn try_all(cases: &[Case]) -> (Figures, Vec<String>) {
    let named: BTreeSet<&str> = cases.iter().map(|case| case.course().name).collect();
    let baselines: Vec<(&str, Result<Baseline, String>)> = COURSES
        .into_iter()
        .filter(|course| named.contains(course.name))
        .map(|course| (course.name, runtime().block_on(course.baseline())))
        .collect();
    let broken: Vec<String> =
        baselines.iter().filter_map(|(_, baseline)| baseline.as_ref().err().cloned()).collect();
    if !broken.is_empty() {
        return (Figures::default(), broken);
    }
    let next = AtomicUsize::new(0);
    let sum = Mutex::new(Figures::default());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = case.course().name;
                    let (_, baseline) = baselines.iter().find(|(of, _)| *of == name).unwrap();
                    let Ok(baseline) = baseline else { continue };
                    let run = || runtime().block_on(case.run(baseline));
                    let ended = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
                        let text = panic.downcast_ref::<String>().cloned();
                        Err(format!("panic: {}", text.unwrap_or_default()))
                    });
                    match ended {
                        Ok(figures) => sum.lock().unwrap().add(figures),
                        Err(why) => {
                            let again =
                                format!("QUEUEFORM_CHAOS_CASE={case} cargo test --test suite chaos::matrix");
                            wrong.lock().unwrap().push(format!("--- {again}\n{why}"));
                        }
                    }
                }
            });
        }
    });
    (sum.into_inner().unwrap(), wrong.into_inner().unwrap())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Cases that went wrong once.
const KNOWN: &[&str] = &["dms/empty-body/wait/always"];

fn with_known(mut cases: Vec<Case>) -> Vec<Case> {
    for name in KNOWN {
        if !cases.iter().any(|case| case.to_string() == *name) {
            cases.push(Case::parse(name).unwrap());
        }
    }
    cases
}

#[test]
fn after_every_fault_everything_is_there_once() {
    let seed = number("QUEUEFORM_CHAOS_SEED").unwrap_or(2026);
    let cases = match (std::env::var("QUEUEFORM_CHAOS_CASE"), std::env::var("QUEUEFORM_CHAOS_FAULTS")) {
        (Ok(case), _) => vec![Case::parse(&case).unwrap_or_else(|| panic!("`{case}` is no case"))],
        (_, Ok(all)) if all == "all" => cases(),
        (_, Ok(count)) => with_known(some(cases(), count.parse().unwrap(), seed)),
        _ => with_known(some(cases(), FEW, seed)),
    };
    tried("fault matrix", &cases);
}

#[test]
fn after_any_faults_everything_is_there_once() {
    let seed = number("QUEUEFORM_CHAOS_SEED").unwrap_or(2026);
    let count = match std::env::var("QUEUEFORM_CHAOS_FAULTS") {
        Ok(all) if all == "all" => 1_000,
        Ok(count) => count.parse().unwrap(),
        Err(_) => 40,
    };
    let cases: Vec<Case> = (0..count).map(|at| Case::Random(COURSES[at % 4], seed + at as u64)).collect();
    tried("random faults", &cases);
}

fn tried(what: &str, cases: &[Case]) {
    let started = std::time::Instant::now();
    let (Figures { runs, faults, samples }, wrong) = try_all(cases);
    println!("{what}: {:.0} s", started.elapsed().as_secs_f64());
    let figures = format!(
        "{} cases, {faults} calls hit by a fault, {runs} runs, {samples} looks at the state, {} losses",
        cases.len(),
        wrong.len(),
    );
    if std::env::var_os("QUEUEFORM_CHAOS_FAULTS").is_some() {
        record(what, &figures);
    } else {
        println!("{what}: {figures}");
    }
    assert!(wrong.is_empty(), "{} of {} cases\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What the page says does not exist is what the tables say.
#[test]
fn what_does_not_exist_is_on_the_page() {
    let mut rows: Vec<String> = Vec::new();
    for kind in Kind::ALL {
        for course in COURSES {
            if let Spot::None(why) = (course.spot)(kind) {
                rows.push(format!("| {} | {} | {why} |", course.name, kind.name()));
            }
        }
    }
    for course in COURSES.into_iter().filter(|course| !course.counts) {
        for fault in FAULTS.iter().filter(|fault| fault.is_short_list()) {
            let why = "its lists do not say how many there are: half of one cannot be told from a short one";
            rows.push(format!("| {} | {} | {why} |", course.name, fault.name));
        }
    }
    for fault in FAULTS {
        let mut kinds: Vec<&str> = Vec::new();
        let mut why = "";
        for kind in Kind::ALL {
            if let Some(reason) = fault.absent(kind) {
                kinds.push(kind.name());
                why = reason;
            }
        }
        if !kinds.is_empty() {
            rows.push(format!("| all | {} at {} | {why} |", fault.name, kinds.join(", ")));
        }
    }
    let head = "| system | what | why |\n|---|---|---|\n";
    table("gaps", &format!("{head}{}\n", rows.join("\n")));
}

/// A case is found again by the line that a failure prints.
#[test]
fn cases_have_names() {
    let all = cases();
    let names: BTreeSet<String> = all.iter().map(Case::to_string).collect();
    assert_eq!(names.len(), all.len());
    for name in &names {
        assert_eq!(Case::parse(name).unwrap().to_string(), *name);
    }
    assert_eq!(Case::parse("mqtt/random/7").unwrap().to_string(), "mqtt/random/7");
}
