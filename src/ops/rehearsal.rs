//! Rehearsals: emulators filled from the state, and a copy of the state for runs against them.
//!
//! Owns what `--emulate=state` works on. The real state is only read. A rehearsal goes on from run to run, and begins
//! anew as soon as the real state has changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::addr::Mode;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::emulator::Store;
use crate::emulator::apsarastack;
use crate::emulator::dms;
use crate::emulator::mqtt;
use crate::emulator::rocketmq;
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
    let directory = copy.rehearsal_directory()?;
    let note = directory.join(SOURCE);
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
    if directory.exists() {
        fs::remove_dir_all(&directory).map_err(failed)?;
    }
    fs::create_dir_all(&directory).map_err(failed)?;
    let warnings = fill(&state, &directory.join(emulated::DATA))?;
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
    let mut memories = Memories::default();
    let mut unknown = BTreeMap::new();
    for (target, _, object) in without_secrets(state)?.objects() {
        let resource = &target.addr.resource;
        if resource.mode == Mode::Data || &*resource.kind == "queueform_data" {
            continue;
        }
        let attributes = serde_json::from_str(object.attributes.raw()).map_err(|error| {
            Diagnostic::error(Code::StateCorrupt, format!("the state of `{target}` cannot be read: {error}"))
        })?;
        if !memories.take(&resource.kind, attributes) {
            *unknown.entry(resource.kind.to_string()).or_insert(0_usize) += 1;
        }
    }
    let (running, _credentials) = emulated::spawn(data)?;
    memories.put(running.store()).map_err(|error| {
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

/// What the state remembers, by the system that it is put into.
#[derive(Debug, Default)]
struct Memories {
    dms: Vec<dms::Memory>,
    mqtt: Vec<mqtt::Memory>,
    apsarastack: Vec<apsarastack::Memory>,
    rocketmq: Vec<rocketmq::Memory>,
}

impl Memories {
    /// Takes an object of this type. False = no emulator knows the type.
    fn take(&mut self, kind: &str, attributes: Value) -> bool {
        match kind {
            "dms_rocketmq_instance" => self.dms.push(dms::Memory::Instance(attributes)),
            "dms_rocketmq_topic" => self.dms.push(dms::Memory::Topic(attributes)),
            "dms_rocketmq_consumer_group" => self.dms.push(dms::Memory::Group(attributes)),
            "dms_rocketmq_user" => self.dms.push(dms::Memory::User(attributes)),
            "dms_rocketmq_instance_config" => self.dms.push(dms::Memory::Config(attributes)),
            "apsaramq_mqtt_group" => self.mqtt.push(mqtt::Memory::Group(attributes)),
            "apsaramq_mqtt_custom_auth_identity" => self.mqtt.push(mqtt::Memory::Identity(attributes)),
            "apsaramq_mqtt_custom_auth_permission" => self.mqtt.push(mqtt::Memory::Permission(attributes)),
            "apsaramq_mqtt_connect_blacklist_entry" => self.mqtt.push(mqtt::Memory::Blocked(attributes)),
            "apsaramq_mqtt_device_credential" => self.mqtt.push(mqtt::Memory::Credential(attributes)),
            "apsaramq_mqtt_ca_certificate" => self.mqtt.push(mqtt::Memory::CaCertificate(attributes)),
            "apsaramq_mqtt_device_certificate_status" => {
                self.mqtt.push(mqtt::Memory::DeviceCertificate(attributes));
            }
            "apsaramq_mqtt_instance_tags" => self.mqtt.push(mqtt::Memory::Tags(attributes)),
            "apsaramq_mqtt_sni_config" => self.mqtt.push(mqtt::Memory::Sni(attributes)),
            "apsaramq_mqtt_disaster_recovery" => self.mqtt.push(mqtt::Memory::Recovery(attributes)),
            "apsarastack_mq_instance" => self.apsarastack.push(apsarastack::Memory::Instance(attributes)),
            "apsarastack_mq_topic" => self.apsarastack.push(apsarastack::Memory::Topic(attributes)),
            "apsarastack_mq_group" => self.apsarastack.push(apsarastack::Memory::Group(attributes)),
            "apsarastack_mq_topic_authorization" => {
                self.apsarastack.push(apsarastack::Memory::Grant(attributes));
            }
            _ => return self.take_rocketmq(kind, attributes),
        }
        true
    }

    fn take_rocketmq(&mut self, kind: &str, attributes: Value) -> bool {
        let Some(kind) = kind.strip_prefix("apsaramq_rocketmq_") else { return false };
        self.rocketmq.push(match kind {
            "instance" => rocketmq::Memory::Instance(attributes),
            "topic" => rocketmq::Memory::Topic(attributes),
            "consumer_group" => rocketmq::Memory::Group(attributes),
            "account" => rocketmq::Memory::Account(attributes),
            "acl" => rocketmq::Memory::Acl(attributes),
            "ip_whitelist" => rocketmq::Memory::IpWhitelist(attributes),
            "disaster_recovery_plan" => rocketmq::Memory::Plan(attributes),
            "disaster_recovery_item" => rocketmq::Memory::Item(attributes),
            _ => return false,
        });
        true
    }

    fn put(&self, store: &Store) -> Result<(), serde_json::Error> {
        store.dms().adopt(&self.dms)?;
        store.mqtt().adopt(&self.mqtt)?;
        store.apsarastack().adopt(&self.apsarastack)?;
        store.rocketmq().adopt(&self.rocketmq)
    }
}

/// In a rehearsal everything is in another place.
/// What emulators hold lies in files that are not encrypted.
fn without_secrets(state: &State) -> Result<State, Diagnostic> {
    let mut state = state.clone();
    state.seal().map_err(|error| {
        Diagnostic::error(Code::StateWrite, format!("secrets of the state cannot be taken out: {error}"))
    })?;
    Ok(state)
}

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
    let (ledger, _recovered) = Ledger::open(&*copy.store()?, &request).map_err(Diagnostic::from)?;
    ledger.replace(state).map_err(Diagnostic::from)?;
    Ok(())
}
