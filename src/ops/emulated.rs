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

/// Starts the emulators on their data.
#[cfg(feature = "emulator")]
pub(super) fn spawn(
    data: &Path,
) -> Result<(crate::emulator::Running, crate::emulator::Credentials), Diagnostic> {
    use crate::emulator::Emulator;
    use crate::emulator::EmulatorError;
    use crate::emulator::Options;

    let options = Options { data_dir: Some(data.to_path_buf()), ..Options::default() };
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

/// Returns how providers reach a running emulator.
#[cfg(feature = "emulator")]
#[must_use]
pub fn endpoints(
    running: &crate::emulator::Running,
    credentials: &crate::emulator::Credentials,
) -> BTreeMap<String, EmulatedEndpoint> {
    use crate::emulator::System;

    let text = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let dms = running.endpoint(System::Dms);
    let endpoint = EmulatedEndpoint {
        arguments: text(&[
            ("endpoint", dms),
            ("auth_url", dms),
            ("access_key", &credentials.access_key),
            ("secret_key", &credentials.secret_key),
            ("project_id", &credentials.project_id),
        ]),
        defaults: text(&[("cloud", "sbercloud"), ("region", &credentials.region)]),
    };
    BTreeMap::from([(System::Dms.name().to_owned(), endpoint)])
}

/// Prepares a rehearsal; see [`super::rehearsal`].
#[cfg(feature = "emulator")]
pub(super) fn rehearse(real: &Place, copy: &Place) -> Result<Diagnostics, Diagnostic> {
    super::rehearsal::prepare(real, copy)
}

/// This build has no emulator.
#[cfg(not(feature = "emulator"))]
pub(super) fn rehearse(_real: &Place, copy: &Place) -> Result<Diagnostics, Diagnostic> {
    start(copy.directory()).map(|_emulation| Diagnostics::new())
}

/// This build has no emulator.
#[cfg(not(feature = "emulator"))]
pub(super) fn start(_data: &Path) -> Result<Emulation, Diagnostic> {
    Err(Diagnostic::error(Code::NotSupportedYet, "this build of Queueform has no emulator")
        .hint("use a build with the feature `emulator`"))
}
