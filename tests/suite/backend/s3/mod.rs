//! The backend `s3`: against a strict service in this process that fails on request, with real processes, and against a
//! real server where there is one.

mod contract;
mod lock;
mod lost;
mod machines;
mod refusals;
mod state;
mod workspaces;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use queueform::backend;
use queueform::backend::Backend;
use queueform::backend::Given;
use queueform::diag::Diagnostic;
use queueform::state::Lineage;
use queueform::state::State;
use queueform::state::document;
use queueform::state::store::Holder;
use queueform::state::store::Request;
use queueform::state::store::Session;
use queueform::state::store::Snapshot;
use queueform::state::store::Store;
use queueform::state::store::StoreError;
use queueform::state::store::SystemClock;
use queueform::value::Value;

use crate::bucket;
use crate::bucket::Service;

/// The key of the state of the default workspace.
const KEY: &str = "teams/queues.json";

/// As short as it may be: tests that wait for its end wait so long.
const LEASE: Duration = Duration::from_secs(2);

/// The variable with the address of a real server with an empty bucket `states`, such as `http://127.0.0.1:9000`.
const SERVER: &str = "QUEUEFORM_TEST_S3";

/// Returns the real server; none outside of CI where nobody started one.
fn real_server() -> Option<String> {
    let found = std::env::var(SERVER).ok();
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "`{SERVER}` names no server");
        println!("skipped: no S3 server (`{SERVER}` is not set)");
    }
    found
}

fn given(name: &str, value: Value) -> Given {
    Given { name: name.into(), name_span: None, value, value_span: None }
}

/// Returns a backend with more arguments than the usual ones, or what is wrong with them.
fn configured(endpoint: &str, more: &[(&str, &str)]) -> Result<Arc<dyn Backend>, Vec<Diagnostic>> {
    let mut arguments: BTreeMap<&str, Value> = [
        ("bucket", bucket::BUCKET),
        ("key", KEY),
        ("endpoint", endpoint),
        ("access_key", bucket::ACCESS_KEY),
        ("secret_key", bucket::SECRET_KEY),
        ("lease", "2s"),
        ("timeout", "10s"),
    ]
    .map(|(name, text)| (name, Value::string(text)))
    .into();
    arguments.extend(more.iter().map(|(name, text)| (*name, Value::string(*text))));
    arguments.retain(|_, value| value.as_str().is_none_or(|text| !text.is_empty()));
    let given = arguments.into_iter().map(|(name, value)| given(name, value)).collect();
    let settings = backend::settle(("s3", None), given, Path::new("/nowhere"), &|_| None);
    settings.and_then(|settings| backend::open(&settings)).map_err(|found| found.iter().cloned().collect())
}

fn backend_at(endpoint: &str) -> Arc<dyn Backend> {
    configured(endpoint, &[]).unwrap()
}

fn store_at(endpoint: &str) -> Box<dyn Store> {
    backend_at(endpoint).store("default", Arc::new(SystemClock::default())).unwrap()
}

fn store(service: &Service) -> Box<dyn Store> {
    store_at(&service.endpoint())
}

/// Returns a store that does not wait long for answers.
fn impatient(endpoint: &str) -> Box<dyn Store> {
    let backend = configured(endpoint, &[("timeout", "700ms")]).unwrap();
    backend.store("default", Arc::new(SystemClock::default())).unwrap()
}

fn request(command: &str) -> Request {
    let holder = Holder::this_process(command, &SystemClock::default());
    Request { holder, lock: true, wait: Duration::ZERO }
}

fn open(store: &dyn Store) -> Box<dyn Session> {
    let mut session = store.open(&request("apply")).unwrap();
    session.contents().unwrap();
    session
}

/// Returns a state that tells by its serial which one it is.
fn state(serial: u64) -> State {
    let lineage = Lineage("8c9f3d7e-7b1c-4f0e-9a55-3a7b6f0d1e22".into());
    State { serial, lineage, written_by: "0.1.0".into(), ..State::default() }
}

fn commit(session: &mut dyn Session, serial: u64) -> Result<(), StoreError> {
    let state = state(serial);
    let document = document::write(&state).unwrap();
    session.commit(Snapshot { serial, lineage: &state.lineage, document: &document, is_different: true })
}

/// Returns the serial of the snapshot and the journal, as a reader finds them.
fn found(store: &dyn Store) -> (Option<u64>, String) {
    let contents = store.read().unwrap();
    let serial = contents.snapshot.map(|bytes| document::head(&bytes).unwrap().0);
    (serial, String::from_utf8(contents.journal).unwrap())
}

/// Returns how a finding is shown to people.
fn shown(error: StoreError) -> String {
    let found = Diagnostic::from(error);
    format!("{found:?}")
}
