//! The emulator behind `--emulate`: started in this process, with its data beside the emulated state.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::provider::EmulatedEndpoint;

use super::place::Place;

/// Beside an emulated state: what the emulators hold.
pub(super) const DATA: &str = "data";

/// How much shorter waits are with an emulator.
pub(super) const PACE: f64 = 0.001;

/// A running emulator, stopped when dropped.
#[derive(Debug)]
pub(super) struct Emulation {
    #[cfg(feature = "emulator")]
    _running: crate::emulator::Running,
    /// Where each provider's system listens.
    pub(super) endpoints: BTreeMap<String, EmulatedEndpoint>,
}

/// Starts emulators of all systems. What they hold outlasts the process.
#[cfg(feature = "emulator")]
pub(super) fn start(data: &Path) -> Result<Emulation, Diagnostic> {
    let (running, credentials) = spawn(data)?;
    let endpoints = endpoints(&running, &credentials);
    Ok(Emulation { _running: running, endpoints })
}

/// Starts emulators of all systems with nothing in them, for a test. What they hold ends with them.
#[cfg(feature = "emulator")]
pub(super) fn in_memory() -> Result<Emulation, Diagnostic> {
    use crate::emulator::Emulator;
    use crate::emulator::Options;

    let options = Options { open_instances: true, ..Options::default() };
    let credentials = options.credentials.clone();
    let running = Emulator::spawn(options).map_err(|error| {
        Diagnostic::error(Code::FileAccess, format!("the emulator did not start: {error}"))
            .hint("check that this machine lets programs listen on the loopback interface")
    })?;
    let endpoints = endpoints(&running, &credentials);
    Ok(Emulation { _running: running, endpoints })
}

/// This build has no emulator.
#[cfg(not(feature = "emulator"))]
pub(super) fn in_memory() -> Result<Emulation, Diagnostic> {
    start(Path::new("."))
}

/// Starts the emulators on their data.
#[cfg(feature = "emulator")]
pub(super) fn spawn(
    data: &Path,
) -> Result<(crate::emulator::Running, crate::emulator::Credentials), Diagnostic> {
    use crate::emulator::Emulator;
    use crate::emulator::EmulatorError;
    use crate::emulator::Options;

    let options = Options { data_dir: Some(data.to_path_buf()), open_instances: true, ..Options::default() };
    let credentials = options.credentials.clone();
    let running = Emulator::spawn(options).map_err(|error| {
        let busy = matches!(&error, EmulatorError::Data { source, .. }
            if matches!(source.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::ResourceBusy));
        let found = Diagnostic::error(Code::FileAccess, format!("the emulator did not start: {error}"));
        found.hint(if busy {
            "wait for the other emulated run in this directory to end"
        } else {
            "check the owner and the permissions of `.queueform`, or remove it to start afresh"
        })
    })?;
    Ok((running, credentials))
}

/// Returns how each provider reaches a running emulator: the one place where providers meet emulated systems.
#[cfg(feature = "emulator")]
#[must_use]
pub fn endpoints(
    running: &crate::emulator::Running,
    credentials: &crate::emulator::Credentials,
) -> BTreeMap<String, EmulatedEndpoint> {
    use crate::emulator::System;

    let keys = [("access_key", &*credentials.access_key), ("secret_key", &*credentials.secret_key)];
    let dms = running.endpoint(System::Dms);
    let dms = reached(
        &[("endpoint", dms), ("auth_url", dms), ("project_id", &credentials.project_id)],
        &keys,
        &[("cloud", "sbercloud"), ("region", &credentials.region)],
    );
    let apsaramq = reached(
        &[
            ("mqtt_endpoint", running.endpoint(System::ApsaramqMqtt)),
            ("rocketmq_endpoint", running.endpoint(System::ApsaramqRocketmq)),
        ],
        &keys,
        &[("region", System::ApsaramqMqtt.region())],
    );
    let apsarastack = reached(
        &[("endpoint", running.endpoint(System::ApsaraStack))],
        &keys,
        &[("region", System::ApsaraStack.region())],
    );
    let all = [("apsaramq", apsaramq), ("apsarastack", apsarastack), ("dms", dms)];
    all.into_iter().map(|(provider, reached)| (provider.to_owned(), reached)).collect()
}

/// What the emulator decides, the keys among it, and what is used where the configuration is silent.
#[cfg(feature = "emulator")]
fn reached(decided: &[(&str, &str)], keys: &[(&str, &str)], defaults: &[(&str, &str)]) -> EmulatedEndpoint {
    let texts = |pairs: &mut dyn Iterator<Item = &(&str, &str)>| -> BTreeMap<String, String> {
        pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    EmulatedEndpoint {
        arguments: texts(&mut decided.iter().chain(keys)),
        defaults: texts(&mut defaults.iter()),
    }
}

/// Prepares a rehearsal; see [`super::rehearsal`].
#[cfg(feature = "emulator")]
pub(super) fn rehearse(real: &Place, copy: &Place) -> Result<Diagnostics, Diagnostic> {
    super::rehearsal::prepare(real, copy)
}

/// This build has no emulator.
#[cfg(not(feature = "emulator"))]
pub(super) fn rehearse(_real: &Place, copy: &Place) -> Result<Diagnostics, Diagnostic> {
    start(&copy.rehearsal_directory()?).map(|_emulation| Diagnostics::new())
}

/// This build has no emulator.
#[cfg(not(feature = "emulator"))]
pub(super) fn start(_data: &Path) -> Result<Emulation, Diagnostic> {
    Err(Diagnostic::error(Code::NotSupportedYet, "this build of Queueform has no emulator")
        .hint("use a build with the feature `emulator`"))
}
