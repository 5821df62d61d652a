//! A document that this run writes: what is known of it, the lock on it, and until when that is ours for sure.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::state::document::head;
use crate::state::store::Clock;
use crate::state::store::Fence;
use crate::state::store::Holder;
use crate::state::store::Lease;
use crate::state::store::StoreError;

use super::super::blocking;
use super::super::instant::Instant;
use super::client::Answer;
use super::client::Asked;
use super::client::Client;
use super::client::is_failure;
use super::document::Document;
use super::lock::LockInfo;
use super::settings::Addresses;

/// Signs of life in one lease.
const BEATS: u32 = 3;

/// The part of a lease that is given away because clocks do not run equally fast.
const SAFETY: f64 = 0.1;

/// One state on a service.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    pub(super) client: Arc<Client>,
    pub(super) addresses: Addresses,
}

/// The right to write a document.
#[derive(Debug)]
pub(super) struct Held {
    remote: Remote,
    lease: Duration,
    clock: Arc<dyn Clock>,
    holder: Holder,
    /// None without a lock: nobody is kept from writing, so each write is compared with what is there first.
    lock: Option<LockInfo>,
    known: tokio::sync::Mutex<Document>,
    standing: Mutex<Standing>,
}

#[derive(Debug, Clone, Copy)]
enum Standing {
    /// The last sign of life was sent then.
    Since(Instant),
    /// Somebody took the lock.
    Lost,
}

/// What became of a write.
enum Written {
    Yes,
    /// The service says that the lock is not ours.
    Refused,
}

impl Remote {
    /// Names the state in messages.
    pub(super) fn name(&self) -> Arc<str> {
        self.addresses.shown().into()
    }

    pub(super) fn failed(&self, doing: &'static str, why: &str) -> StoreError {
        StoreError::Engine { doing, place: self.name(), reason: why.into(), hint: None }
    }

    /// Returns the error of an answer that is a refusal.
    pub(super) fn refused(&self, doing: &'static str, answer: &Answer) -> StoreError {
        let text = String::from_utf8_lossy(answer.body.get(..answer.body.len().min(300)).unwrap_or_default());
        let said = text.lines().next().unwrap_or_default().trim();
        let mut reason = format!("the service answered with status {}", answer.status);
        if !said.is_empty() && !said.starts_with('<') {
            reason.push_str(&format!(": {said}"));
        }
        let hint = match answer.status {
            401 => Some("check `username` and the variable `QF_HTTP_PASSWORD`"),
            403 => Some("these credentials may not do that: check the role of the user or token"),
            404 => Some("check the addresses of the backend"),
            413 => Some("the service limits the size of a state; raise its limit"),
            300..=399 => Some("redirects are not followed with credentials: write the new address"),
            _ => None,
        };
        StoreError::Engine { doing, place: self.name(), reason: reason.into(), hint: hint.map(Into::into) }
    }

    /// Reads the document; none if there is none.
    pub(super) async fn get(&self) -> Result<Option<Document>, StoreError> {
        let asked = Asked { method: "GET", address: &self.addresses.state, lock: None, body: None };
        let answer =
            self.client.patiently(&asked).await.map_err(|silence| self.failed("read", &silence.why))?;
        match answer.status {
            200 if answer.body.iter().all(u8::is_ascii_whitespace) => Ok(None),
            200 => Document::read(&answer.body).map(Some).map_err(|error| {
                self.failed("read", &format!("what the service holds is no state: {error}"))
            }),
            204 | 404 => Ok(None),
            _ => Err(self.refused("read", &answer)),
        }
    }

    /// Writes a document. An answer that does not come is looked for in the document itself.
    async fn put(
        &self,
        before: &Document,
        next: &Document,
        lock: Option<&str>,
    ) -> Result<Written, StoreError> {
        let body = next.write().map_err(|error| self.failed("write", &error.to_string()))?;
        let asked = Asked {
            method: &self.addresses.update_method,
            address: &self.addresses.state,
            lock,
            body: Some(body),
        };
        let mut tries = 0;
        loop {
            let result = self.client.once(&asked).await;
            let why = match &result {
                Ok(answer) if matches!(answer.status, 200 | 201 | 204) => return Ok(Written::Yes),
                Ok(answer) if matches!(answer.status, 409 | 412 | 423) && tries == 0 => {
                    return Ok(Written::Refused);
                }
                Ok(answer) if is_failure(answer.status) || tries > 0 => self.refused("write", answer),
                Ok(answer) => return Err(self.refused("write", answer)),
                Err(silence) => self.failed("write", &silence.why),
            };
            let may_have_happened = result.as_ref().err().is_none_or(|silence| silence.may_have_happened);
            if may_have_happened && let Ok(Some(found)) = self.get().await {
                if found.session.write == next.session.write {
                    return Ok(Written::Yes);
                }
                if !is_same(&found, before) {
                    return Ok(Written::Refused);
                }
            }
            if tries >= self.client.retries() {
                return Err(why);
            }
            blocking::sleep(Client::pause(tries)).await;
            tries += 1;
        }
    }

    /// Frees a lock.
    pub(super) async fn unlock(&self, info: &LockInfo) -> Result<(), StoreError> {
        let Some((method, address)) = &self.addresses.unlock else { return Ok(()) };
        let body = serde_json::to_vec(info).ok();
        let asked = Asked { method, address, lock: Some(&info.id), body };
        let answer =
            self.client.patiently(&asked).await.map_err(|silence| self.failed("unlock", &silence.why))?;
        // Somebody who freed it before us did what we wanted.
        if matches!(answer.status, 200..300 | 404 | 409 | 423) {
            Ok(())
        } else {
            Err(self.refused("unlock", &answer))
        }
    }

    /// Frees a lock of somebody else. A service that does not is heard.
    pub(super) async fn force_unlock(&self, info: &LockInfo) -> Result<(), StoreError> {
        let Some((method, address)) = &self.addresses.unlock else {
            return Err(self.failed("unlock", "the backend has no `lock_address`"));
        };
        let body = serde_json::to_vec(info).ok();
        let asked = Asked { method, address, lock: Some(&info.id), body };
        let answer =
            self.client.patiently(&asked).await.map_err(|silence| self.failed("unlock", &silence.why))?;
        if matches!(answer.status, 200..300) { Ok(()) } else { Err(self.refused("unlock", &answer)) }
    }
}

/// Whether two documents are of the same write.
fn is_same(one: &Document, other: &Document) -> bool {
    if one.session.write.is_empty() || other.session.write.is_empty() {
        return one.snapshot == other.snapshot && one.serial == other.serial;
    }
    one.session.write == other.session.write
}

impl Held {
    pub(super) fn new(
        remote: Remote,
        lease: Duration,
        clock: Arc<dyn Clock>,
        holder: Holder,
        lock: Option<(LockInfo, Instant)>,
        known: Document,
    ) -> Self {
        let since = lock.as_ref().map_or_else(|| Instant::now(&*clock), |(_, since)| *since);
        Self {
            remote,
            lease,
            clock,
            holder,
            lock: lock.map(|(info, _)| info),
            known: tokio::sync::Mutex::new(known),
            standing: Mutex::new(Standing::Since(since)),
        }
    }

    pub(super) fn remote(&self) -> &Remote {
        &self.remote
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lost(&self) -> StoreError {
        StoreError::LostLock { place: self.remote.name() }
    }

    /// Returns how long the lock is ours for sure.
    fn left(&self) -> Result<Duration, StoreError> {
        match *self.standing() {
            Standing::Since(since) => {
                Ok(since.plus(self.lease.mul_f64(1.0 - SAFETY)).since(Instant::now(&*self.clock)))
            }
            Standing::Lost => Err(self.lost()),
        }
    }

    /// Returns the document as it was read or written last.
    pub(super) async fn known(&self) -> Document {
        self.known.lock().await.clone()
    }

    /// Reads the document anew.
    pub(super) async fn read(&self) -> Result<Document, StoreError> {
        let mut known = self.known.lock().await;
        *known = self.remote.get().await?.unwrap_or_default();
        Ok(known.clone())
    }

    /// Changes the document. With `is_compared`, or when it is not certain that nobody else may write, it is compared with
    /// what is there first.
    pub(super) async fn change(
        &self,
        is_compared: bool,
        change: impl FnOnce(&mut Document),
    ) -> Result<(), StoreError> {
        let mut known = self.known.lock().await;
        let is_late = self.left()?.is_zero();
        if is_compared || is_late || self.lock.is_none() {
            let found = self.remote.get().await?.unwrap_or_default();
            if !is_same(&found, &known) {
                if self.lock.is_some() && is_late {
                    *self.standing() = Standing::Lost;
                    return Err(self.lost());
                }
                let version = |document: &Document| {
                    let (serial, lineage) = head(document.snapshot.as_deref()?)?;
                    Some((document.own_serial().unwrap_or(serial), lineage))
                };
                return Err(StoreError::Moved {
                    place: self.remote.name(),
                    expected: version(&known),
                    found: version(&found),
                });
            }
        }
        let mut next = known.clone();
        if self.lock.is_some() {
            next.session.run = Some(self.holder.id.to_string());
            next.session.holder = Some(self.holder.clone());
        }
        change(&mut next);
        next.session.write = uuid::Uuid::new_v4().to_string();
        next.session.heard = self.remote.client.heard();
        let own = next.snapshot.as_deref().and_then(head).map_or(0, |(serial, _)| serial);
        next.serial = own.max(known.serial + 1);
        let sent = Instant::now(&*self.clock);
        let id = self.lock.as_ref().map(|info| info.id.as_str());
        match self.remote.put(&known, &next, id).await? {
            Written::Yes => {
                *known = next;
                let mut standing = self.standing();
                if matches!(*standing, Standing::Since(_)) {
                    *standing = Standing::Since(sent);
                }
                Ok(())
            }
            Written::Refused => {
                *self.standing() = Standing::Lost;
                Err(self.lost())
            }
        }
    }

    /// Gives signs of life until it is dropped.
    pub(super) async fn beat(held: std::sync::Weak<Self>) {
        loop {
            let Some(pause) = held.upgrade().map(|held| held.lease / BEATS) else { return };
            blocking::sleep(pause).await;
            let Some(held) = held.upgrade() else { return };
            // A write since then was a sign of life too.
            if held.left().is_ok_and(|left| left + pause / 2 > held.lease.mul_f64(1.0 - SAFETY)) {
                continue;
            }
            if let Err(error) = held.change(false, |_document| {}).await {
                tracing::warn!(%error, "no sign of life could be given to those who wait for the state");
                if matches!(error, StoreError::LostLock { .. }) {
                    return;
                }
            }
        }
    }

    /// Lets go of the document and of the lock.
    pub(super) async fn release(&self) {
        let Some(info) = &self.lock else { return };
        let is_shown = self.known.lock().await.session.holder.is_some();
        if is_shown
            && self.left().is_ok()
            // A state that was removed meanwhile must not come back.
            && let Err(error) = self
                .change(true, |document| {
                    document.session.run = None;
                    document.session.holder = None;
                })
                .await
        {
            tracing::warn!(%error, "the state still names this run");
        }
        // A lock that somebody else took is not ours to free.
        if self.left().is_ok()
            && let Err(error) = self.remote.unlock(info).await
        {
            tracing::warn!(%error, "the lock was not freed; it ends with its lease");
        }
        *self.standing() = Standing::Lost;
    }
}

impl Fence for Held {
    fn check(&self) -> Result<Lease, StoreError> {
        if self.lock.is_none() {
            return Ok(Lease::Unlimited);
        }
        Ok(Lease::For(self.left()?))
    }
}
