//! A run that dies at any operation of its disk, on every system: between two operations, in the middle of one, and
//! with everything lost that was not synced.
//!
//! A plain test run tries some of them; with `QUEUEFORM_CHAOS_DEATHS=all` every one, with `QUEUEFORM_CHAOS_DEATH` the
//! one that a failure names.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use crate::chaos::figures::record;
use crate::chaos::mortal::Death;

use super::COURSES;
use super::course::Baseline;
use super::course::Course;
use super::runtime;

/// One way to die.
struct Case<'c> {
    course: &'c Course,
    baseline: &'c Baseline,
    stage: usize,
    death: Death,
}

/// Tries every so many operations, from a first one on, until the run outlives its work.
fn sweep(case: &Case<'_>, first: u64, stride: u64) -> Result<u64, String> {
    let mut deaths = 0;
    for operations in (first..).step_by(usize::try_from(stride).unwrap()) {
        assert!(operations < 2_000, "it never gets through");
        let run = case.course.die(case.baseline, case.stage, operations, case.death);
        match runtime().block_on(run) {
            Ok(true) => deaths += 1,
            Ok(false) => break,
            Err(why) => {
                let (name, stage, death) = (case.course.name, case.stage, case.death);
                let again = format!("QUEUEFORM_CHAOS_DEATH={name}/{stage}/{death:?}/{operations}");
                return Err(format!("--- {again} cargo test --test suite chaos::matrix::deaths\n{why}"));
            }
        }
    }
    Ok(deaths)
}

#[test]
fn whenever_a_run_dies_the_next_one_puts_everything_right() {
    let all = std::env::var("QUEUEFORM_CHAOS_DEATHS").is_ok_and(|which| which == "all");
    let baselines: Vec<Baseline> =
        COURSES.into_iter().map(|course| runtime().block_on(course.baseline()).unwrap()).collect();
    let mut cases = Vec::new();
    for (course, baseline) in COURSES.into_iter().zip(&baselines) {
        for stage in 0..baseline.stages.len() {
            for death in [Death::Between, Death::Torn, Death::PowerLoss] {
                cases.push(Case { course, baseline, stage, death });
            }
        }
    }
    if let Ok(one) = std::env::var("QUEUEFORM_CHAOS_DEATH") {
        let is_it = |case: &&Case<'_>| {
            one.starts_with(&format!("{}/{}/{:?}/", case.course.name, case.stage, case.death))
        };
        let case = cases.iter().find(is_it).unwrap();
        let operations = one.rsplit('/').next().unwrap().parse().unwrap();
        let run = case.course.die(case.baseline, case.stage, operations, case.death);
        runtime().block_on(run).unwrap_or_else(|why| panic!("{why}"));
        return;
    }
    let next = AtomicUsize::new(0);
    let results: Vec<Result<u64, String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut results = Vec::new();
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(case) = cases.get(at) else { return results };
                        let (first, stride) = if all { (0, 1) } else { (at as u64 % 17, 17) };
                        results.push(sweep(case, first, stride));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let deaths: u64 = results.iter().flatten().sum();
    let wrong: Vec<&String> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    let figures = format!("{deaths} deaths, {} losses", wrong.len());
    if all {
        record("deaths at operations of the disk", &figures);
    } else {
        println!("deaths at operations of the disk: {figures}");
    }
    assert!(deaths >= cases.len() as u64, "{deaths} deaths are too few");
    assert!(wrong.is_empty(), "{}", wrong.into_iter().cloned().collect::<Vec<_>>().join("\n"));
}
