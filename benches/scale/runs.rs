//! What is run, in which order.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::Emulator;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::Options as EmulatorOptions;
use queueform::emulator::Running;
use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;

use crate::configurations;
use crate::configurations::INSTANCE;
use crate::measure::Usage;
use crate::measure::measure;
use crate::options::Options;
use crate::options::Shape;
use crate::rival;
use crate::table::Table;

const TOOL: &str = "Queueform";
const PLAN: &[&str] = &["plan"];
const APPLY: &[&str] = &["apply", "--auto-approve"];
const DESTROY: &[&str] = &["destroy", "--auto-approve"];
/// What is run in each directory, one after the other.
const LIFE: [(&str, &[&str]); 4] =
    [("plan, create", PLAN), ("apply", APPLY), ("plan, no changes", PLAN), ("destroy", DESTROY)];

/// A directory with a configuration.
struct Place {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Place {
    fn new(name: &str, options: &Options) -> Result<Self, String> {
        let failed = |error: std::io::Error| error.to_string();
        if let Some(keep) = &options.keep {
            let path = keep.join(name.replace([' ', ','], "-"));
            fs::create_dir_all(&path).map_err(failed)?;
            return Ok(Self { path, _temporary: None });
        }
        let temporary = tempfile::tempdir().map_err(failed)?;
        Ok(Self { path: temporary.path().to_path_buf(), _temporary: Some(temporary) })
    }

    fn write(&self, text: &str) -> Result<(), String> {
        fs::write(self.path.join("main.qf.hcl"), text).map_err(|error| error.to_string())
    }

    fn run(&self, arguments: &[&str]) -> Result<Usage, String> {
        let variables = [("SBC_ACCESS_KEY", DEMO_ACCESS_KEY), ("SBC_SECRET_KEY", DEMO_SECRET_KEY)];
        measure(&self.path, Path::new(env!("CARGO_BIN_EXE_queueform")), arguments, &variables)
    }
}

/// How long it takes until there is an answer at all: the median of eleven runs.
pub(crate) fn start(table: &mut Table) -> Result<(), String> {
    let temporary = tempfile::tempdir().map_err(|error| error.to_string())?;
    let small = Place { path: temporary.path().to_path_buf(), _temporary: Some(temporary) };
    small.write(&configurations::data(Shape::B, 10))?;
    for (what, arguments) in [("version", ["version"]), ("validate", ["validate"])] {
        let mut seen = Vec::new();
        for _ in 0..11 {
            seen.push(small.run(&arguments)?);
        }
        seen.sort_by(|a, b| a.wall.total_cmp(&b.wall));
        let middle = seen[seen.len() / 2];
        table.row(what, 10, TOOL, middle, None);
    }
    Ok(())
}

/// What checking a configuration costs: the example of an estate, from two tables, and estates with one block for each
/// object. The median of eleven runs.
pub(crate) fn validate(table: &mut Table) -> Result<(), String> {
    let estate = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/team-estate");
    let example = Place { path: estate, _temporary: None };
    middle(&example, "validate: examples/team-estate", 1_430, table)?;
    for (topics, groups, users) in [(40, 80, 80), (290, 570, 570)] {
        let temporary = tempfile::tempdir().map_err(|error| error.to_string())?;
        let place = Place { path: temporary.path().to_path_buf(), _temporary: Some(temporary) };
        let text = configurations::of_dms(Shape::B, topics, groups, users);
        place.write(&format!("{}\n{text}", configurations::provider("http://127.0.0.1:1")))?;
        middle(&place, "validate: estate B", topics + groups + users, table)?;
    }
    Ok(())
}

/// The median of eleven runs of `validate`.
fn middle(place: &Place, what: &str, objects: usize, table: &mut Table) -> Result<(), String> {
    let mut seen = Vec::new();
    for _ in 0..11 {
        seen.push(place.run(&["validate"])?);
    }
    seen.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    table.row(what, objects, TOOL, seen[seen.len() / 2], None);
    Ok(())
}

/// Objects of the built-in type: no calls, so all of it is the engine.
pub(crate) fn data(shape: Shape, objects: usize, options: &Options, table: &mut Table) -> Result<(), String> {
    let text = configurations::data(shape, objects);
    let name = format!("data {}", shape.name());
    offline(&name, &text, objects, options, table)?;
    if shape == Shape::B {
        against_terraform(&name, &text, objects, options, table)?;
    }
    Ok(())
}

pub(crate) fn chain(objects: usize, options: &Options, table: &mut Table) -> Result<(), String> {
    offline("chain", &configurations::chain(objects), objects, options, table)
}

pub(crate) fn fan(objects: usize, options: &Options, table: &mut Table) -> Result<(), String> {
    offline("fan", &configurations::fan(objects), objects, options, table)
}

fn offline(
    name: &str,
    text: &str,
    objects: usize,
    options: &Options,
    table: &mut Table,
) -> Result<(), String> {
    let place = Place::new(&format!("{name} {objects}"), options)?;
    place.write(text)?;
    for (what, arguments) in LIFE {
        table.row(&format!("{name}: {what}"), objects, TOOL, place.run(arguments)?, None);
    }
    Ok(())
}

fn against_terraform(
    name: &str,
    text: &str,
    objects: usize,
    options: &Options,
    table: &mut Table,
) -> Result<(), String> {
    let found = rival::find().filter(|_| options.terraform_plan > 0);
    let mut measured = Vec::new();
    if let Some(terraform) = found
        && objects <= options.terraform_plan
    {
        let place = Place::new(&format!("terraform {objects}"), options)?;
        rival::prepare(&terraform, &place.path, text)?;
        let mut runs = vec![("plan, create", vec!["plan", "-input=false"])];
        if objects <= options.terraform_apply {
            runs.push(("apply", vec!["apply", "-input=false", "-auto-approve"]));
            runs.push(("plan, no changes", vec!["plan", "-input=false"]));
        }
        for (what, arguments) in runs {
            let usage = measure(&place.path, &terraform, &arguments, &[])?;
            table.row(&format!("{name}: {what}"), objects, "Terraform", usage, None);
            measured.push(what);
        }
    }
    for (what, of, cpu, megabytes) in rival::QUOTED {
        if *of == objects && !measured.contains(what) {
            table.quoted(&format!("{name}: {what}"), objects, "Terraform 1.11.4 (quoted)", *cpu, *megabytes);
        }
    }
    Ok(())
}

/// An emulator with an instance in which there is room.
fn emulator(latency: u64) -> Result<Running, String> {
    let faults = match latency {
        0 => Vec::new(),
        ms => vec![FaultRule::new(Fault::Latency { ms })],
    };
    let running = Emulator::spawn(EmulatorOptions { faults, ..EmulatorOptions::default() })
        .map_err(|error| error.to_string())?;
    let dms = running.store().dms();
    dms.seed_instance(&InstanceSeed::new("bench").id(INSTANCE));
    dms.set_quotas(1_000_000, 1_000_000);
    Ok(running)
}

/// Topics, consumer groups and users of one instance.
pub(crate) fn dms(
    shape: Shape,
    objects: usize,
    latency: u64,
    options: &Options,
    table: &mut Table,
) -> Result<(), String> {
    if latency > 0 && objects > options.late_objects {
        return Ok(());
    }
    let name = format!("dms {}, {latency} ms", shape.name());
    online(&name, &configurations::dms(shape, objects), objects, latency, options, table)
}

/// 290 topics, 570 groups and 570 users: an estate of the size that operators have today.
pub(crate) fn estate(options: &Options, table: &mut Table) -> Result<(), String> {
    let latency = options.estate_latency;
    let text = configurations::of_dms(Shape::A, 290, 570, 570);
    online(&format!("estate, {latency} ms"), &text, 290 + 570 + 570, latency, options, table)
}

fn online(
    name: &str,
    text: &str,
    objects: usize,
    latency: u64,
    options: &Options,
    table: &mut Table,
) -> Result<(), String> {
    let place = Place::new(&format!("{name} {objects}"), options)?;
    let running = emulator(latency)?;
    place.write(&format!("{}\n{text}", configurations::provider(running.endpoint(System::Dms))))?;
    for (what, arguments) in LIFE {
        let before = calls(&running);
        let usage = place.run(arguments)?;
        table.row(&format!("{name}: {what}"), objects, TOOL, usage, Some(calls(&running) - before));
    }
    Ok(())
}

/// How many calls the emulator has answered.
fn calls(running: &Running) -> usize {
    let last = running.store().calls(System::Dms).last().map_or(0, |call| call.sequence);
    usize::try_from(last).unwrap_or(usize::MAX)
}
