//! Rehearsals: emulators filled from the state, and a copy of the state for runs against them.
//!
//! Owns what `--emulate=state` works on. The real state is only read. A rehearsal goes on from run to run, and begins
//! anew as soon as the real state has changed.

use std::fs;
use std::path::Path;

use crate::addr::Mode;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::emulator::dms::Memory;
use crate::state::Object;
use crate::state::State;
use crate::state::Status;
use crate::state::store::Holder;
use crate::state::store::Ledger;
use crate::state::store::Request;
use crate::state::store::SystemClock;

use super::emulated;
use super::place::Place;

/// Beside the copy: which state it was made of.
const SOURCE: &str = "source.txt";

/// Makes sure that the copy of the state and the emulators' data are there and belong to the state as it is now.
/// Returns warnings.
///
/// # Errors
/// If the state cannot be read or has unfinished work, or the copy cannot be written.
pub(super) fn prepare(real: &Place, copy: &Place) -> Result<Diagnostics, Diagnostic> {
    let state = real.view()?.recovered.state;
    let source = format!("{} {} {}\n", state.lineage.0, state.serial, state.folded);
    let note = copy.directory().join(SOURCE);
    if fs::read_to_string(&note).is_ok_and(|known| known == source) {
        return Ok(Diagnostics::new());
    }
    if let Some((target, _, _)) = state.objects().find(|(_, _, object)| is_unfinished(object)) {
        return Err(Diagnostic::error(
            Code::InDoubt,
            format!("an earlier run left `{target}` unfinished, so the state does not say what there is"),
        )
        .about(target.addr)
        .hint("finish it with `queueform apply` first, then rehearse"));
    }
    let failed = |error: std::io::Error| {
        Diagnostic::error(Code::FileAccess, format!("the rehearsal cannot be prepared: {error}"))
            .hint("check the owner and the permissions of `.queueform`")
    };
    if copy.directory().exists() {
        fs::remove_dir_all(copy.directory()).map_err(failed)?;
    }
    fs::create_dir_all(copy.directory()).map_err(failed)?;
    let warnings = fill(&state, &copy.directory().join(emulated::DATA))?;
    write(without_pins(state), copy)?;
    fs::write(note, source).map_err(failed)?;
    Ok(warnings)
}

fn is_unfinished(object: &Object) -> bool {
    match object.status {
        Status::Ready | Status::Tainted => false,
        Status::Pending(_) | Status::Incomplete { .. } | Status::InDoubt(_) => true,
    }
}

/// Puts every object of the state into new emulators. Types that no emulator knows are told.
fn fill(state: &State, data: &Path) -> Result<Diagnostics, Diagnostic> {
    let mut memories = Vec::new();
    let mut unknown = std::collections::BTreeMap::new();
    for (target, _, object) in state.objects() {
        let resource = &target.addr.resource;
        if resource.mode == Mode::Data || &*resource.kind == "queueform_data" {
            continue;
        }
        let attributes = serde_json::from_str(object.attributes.raw()).map_err(|error| {
            Diagnostic::error(Code::StateCorrupt, format!("the state of `{target}` cannot be read: {error}"))
        })?;
        match &*resource.kind {
            "dms_rocketmq_instance" => memories.push(Memory::Instance(attributes)),
            "dms_rocketmq_topic" => memories.push(Memory::Topic(attributes)),
            "dms_rocketmq_consumer_group" => memories.push(Memory::Group(attributes)),
            "dms_rocketmq_user" => memories.push(Memory::User(attributes)),
            "dms_rocketmq_instance_config" => memories.push(Memory::Config(attributes)),
            other => *unknown.entry(other.to_owned()).or_insert(0_usize) += 1,
        }
    }
    let (running, _credentials) = emulated::spawn(data)?;
    running.store().dms().adopt(&memories).map_err(|error| {
        Diagnostic::error(Code::StateCorrupt, format!("the emulator does not understand the state: {error}"))
            .hint("run `queueform plan --refresh-only` to see whether the state fits the service")
    })?;
    let told = unknown.into_iter().map(|(kind, count)| {
        Diagnostic::warning(
            Code::NotSupportedYet,
            format!(
                "emulators cannot be filled with objects of type `{kind}`: {count} of them will seem gone"
            ),
        )
    });
    Ok(told.collect())
}

/// In a rehearsal everything is in another place.
fn without_pins(mut state: State) -> State {
    state.pins.clear();
    let targets: Vec<_> = state.objects().map(|(target, _, _)| target).collect();
    for target in targets {
        if let Some(object) = state.object_mut(&target) {
            object.pin = None;
        }
    }
    state
}

fn write(state: State, copy: &Place) -> Result<(), Diagnostic> {
    let holder = Holder::this_process("rehearsal", &SystemClock::default());
    let request = Request { holder, lock: true, wait: std::time::Duration::ZERO };
    let (ledger, _recovered) = Ledger::open(&copy.store(), &request).map_err(Diagnostic::from)?;
    ledger.replace(state).map_err(Diagnostic::from)?;
    Ok(())
}
