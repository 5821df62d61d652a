//! States as documents of an HTTP service, in the protocol that Terraform's `http` backend speaks: GitLab-managed states
//! and many small services.
//!
//! The service keeps one document for each state and, if it can, one lock. Everything else stands in the document: the
//! journal, the state before the run, earlier journals, and a number that grows with each write, which tells others that
//! the holder of the lock is alive. See `docs/design/0025-backend-http.md`.

mod client;
mod document;
mod held;
mod lock;
mod settings;
mod store;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::diag::Diagnostics;
use crate::state::store::Clock;
use crate::state::store::Layout;
use crate::state::store::Store;
use crate::state::store::StoreError;
use crate::state::store::SystemClock;
use crate::state::store::check_workspace;

use super::Backend;
use super::LockState;
use super::Settings;

use client::Client;
pub(super) use settings::ARGUMENTS;
use settings::Addresses;
use store::HttpStore;

/// What stands for the workspace's name in addresses.
const WORKSPACE: &str = "{workspace}";

/// An HTTP service that keeps states.
#[derive(Debug)]
pub(super) struct HttpBackend {
    client: Arc<Client>,
    addresses: Addresses,
    lease: std::time::Duration,
}

/// Checks the arguments; nothing is connected.
pub(super) fn configure(settings: &Settings) -> Result<Arc<dyn Backend>, Diagnostics> {
    let addresses = Addresses::of(settings)?;
    let client = Client::of(settings, &addresses)?;
    let lease = settings::lease(settings)?;
    Ok(Arc::new(HttpBackend { client: Arc::new(client), addresses, lease }))
}

impl HttpBackend {
    fn http_store(&self, workspace: &str, clock: Arc<dyn Clock>) -> Result<HttpStore, StoreError> {
        check_workspace(workspace)?;
        if workspace != Layout::DEFAULT && !self.addresses.has_workspaces() {
            return Err(StoreError::Engine {
                doing: "find",
                place: format!("workspace {workspace}").into(),
                reason: "this backend has addresses for one state only".into(),
                hint: Some(
                    "write `{workspace}` into `address`, `lock_address` and `unlock_address` where its name belongs"
                        .into(),
                ),
            });
        }
        let addresses = self.addresses.of_workspace(workspace);
        Ok(HttpStore::new(Arc::clone(&self.client), addresses, self.lease, clock))
    }
}

impl Backend for HttpBackend {
    fn kind(&self) -> &'static str {
        "http"
    }

    fn place(&self) -> String {
        self.addresses.shown()
    }

    /// The protocol has no list: only the default one is known.
    fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        Ok(vec![Layout::DEFAULT.to_owned()])
    }

    fn has_workspace(&self, workspace: &str) -> Result<bool, StoreError> {
        if workspace == Layout::DEFAULT {
            return Ok(true);
        }
        let store = self.http_store(workspace, Arc::new(SystemClock::default()))?;
        store.is_there()
    }

    fn store(&self, workspace: &str, clock: Arc<dyn Clock>) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(self.http_store(workspace, clock)?))
    }

    fn create(&self, workspace: &str) -> Result<(), StoreError> {
        let clock = Arc::new(SystemClock::default());
        self.http_store(workspace, clock)?.create()
    }

    fn lock_state(&self, workspace: &str) -> Result<LockState, StoreError> {
        self.http_store(workspace, Arc::new(SystemClock::default()))?.lock_state()
    }

    fn shows_others(&self) -> bool {
        false
    }

    fn break_lock(&self, workspace: &str, id: &str) -> Result<(), StoreError> {
        self.http_store(workspace, Arc::new(SystemClock::default()))?.break_lock(id)
    }

    fn delete(&self, workspace: &str) -> Result<(), StoreError> {
        let clock = Arc::new(SystemClock::default());
        self.http_store(workspace, clock)?.delete()
    }
}
