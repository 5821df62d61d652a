//! A state on a service: reading it, taking its lock, writing it.

use std::sync::Arc;
use std::time::Duration;

use crate::state::journal;
use crate::state::journal::Kept;
use crate::state::store::Clock;
use crate::state::store::Contents;
use crate::state::store::Fence;
use crate::state::store::HistoryEntry;
use crate::state::store::Holder;
use crate::state::store::Request;
use crate::state::store::Session;
use crate::state::store::Snapshot;
use crate::state::store::Store;
use crate::state::store::StoreError;
use crate::state::store::history_name;

use super::super::LockState;
use super::super::blocking;
use super::super::blocking::Background;
use super::super::instant::Instant;
use super::client::Asked;
use super::client::Client;
use super::document::Document;
use super::document::Past;
use super::document::pack;
use super::document::unpack;
use super::held::Held;
use super::held::Remote;
use super::lock::LockInfo;
use super::settings::Addresses;

/// How many earlier journals are kept, and how large all of them may be, packed, in bytes: they travel with each write.
const RETENTION: usize = 20;
const LARGEST_HISTORY: usize = 256 * 1024;

/// How often the lock is tried while it is waited for.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A lock without a sign of life for so many leases is abandoned: a sign of life tells the service's time as it was
/// heard up to a third of a lease before.
const ABANDONED: f64 = 1.5;

/// A state on a service.
#[derive(Debug, Clone)]
pub(super) struct HttpStore {
    remote: Remote,
    lease: Duration,
    clock: Arc<dyn Clock>,
}

/// The right to write a state on a service.
#[derive(Debug)]
struct HttpSession {
    held: Arc<Held>,
    run: String,
    has_backup: bool,
    is_closed: bool,
    guard: Arc<Guard>,
}

/// Frees the lock when the last one who knows the session lets go of it.
#[derive(Debug)]
struct Guard {
    held: Arc<Held>,
    beat: Option<Background>,
}

/// What an attempt to lock came to.
enum Locking {
    Taken(Instant),
    /// Somebody holds it; the service may say who.
    Held(Option<LockInfo>),
}

/// Waits for a future; without a runtime there is no way to the service.
fn wait<T: Send + 'static>(
    remote: &Remote,
    future: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    blocking::wait(future).map_err(|error| remote.failed("reach", &error.to_string()))?
}

impl HttpStore {
    pub(super) fn new(
        client: Arc<Client>,
        addresses: Addresses,
        lease: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { remote: Remote { client, addresses }, lease, clock }
    }

    fn document(&self) -> Result<Option<Document>, StoreError> {
        let remote = self.remote.clone();
        wait(&self.remote, async move { remote.get().await })
    }

    pub(super) fn is_there(&self) -> Result<bool, StoreError> {
        Ok(self.document()?.is_some())
    }

    /// Writes an empty document, unless there is one.
    pub(super) fn create(&self) -> Result<(), StoreError> {
        if self.is_there()? {
            return Ok(());
        }
        let request = Request {
            holder: Holder::this_process("workspace new", &*self.clock),
            lock: true,
            wait: Duration::ZERO,
        };
        drop(self.open(&request)?);
        Ok(())
    }

    /// Removes the document.
    pub(super) fn delete(&self) -> Result<(), StoreError> {
        let remote = self.remote.clone();
        wait(&self.remote, async move {
            let asked = Asked { method: "DELETE", address: &remote.addresses.state, lock: None, body: None };
            let answer = remote
                .client
                .patiently(&asked)
                .await
                .map_err(|silence| remote.failed("remove", &silence.why))?;
            if matches!(answer.status, 200..300 | 404) {
                Ok(())
            } else {
                Err(remote.refused("remove", &answer))
            }
        })
    }

    /// Tries to take the lock.
    fn try_lock(&self, info: &LockInfo) -> Result<Locking, StoreError> {
        let (remote, info, clock) = (self.remote.clone(), info.clone(), Arc::clone(&self.clock));
        wait(&self.remote, async move {
            let Some((method, address)) = &remote.addresses.lock else {
                return Err(remote.failed("lock", "the backend has no `lock_address`"));
            };
            let body = serde_json::to_vec(&info).ok();
            let asked = Asked { method, address, lock: None, body };
            let sent = Instant::now(&*clock);
            let answer = remote
                .client
                .patiently(&asked)
                .await
                .map_err(|silence| remote.failed("lock", &silence.why))?;
            match answer.status {
                200..300 => Ok(Locking::Taken(sent)),
                409 | 423 => {
                    let there = LockInfo::read(&answer.body);
                    // A first answer that was lost on the way locked it for us.
                    if there.as_ref().is_some_and(|there| there.id == info.id) {
                        return Ok(Locking::Taken(sent));
                    }
                    Ok(Locking::Held(there))
                }
                _ => Err(remote.refused("lock", &answer)),
            }
        })
    }

    /// Tries to take the lock, and lets go of it: the service tells who holds it only to those who want it.
    fn probe(&self) -> Result<Locking, StoreError> {
        let holder = Holder::this_process("force-unlock", &*self.clock);
        let info = LockInfo::of(&holder, self.lease, self.remote.client.heard());
        let locking = self.try_lock(&info)?;
        if let Locking::Taken(_) = locking {
            let remote = self.remote.clone();
            wait(&self.remote, async move { remote.unlock(&info).await })?;
        }
        Ok(locking)
    }

    /// Returns who holds the lock.
    pub(super) fn lock_state(&self) -> Result<LockState, StoreError> {
        if self.remote.addresses.lock.is_none() {
            return Ok(LockState::Free);
        }
        Ok(match self.probe()? {
            Locking::Taken(_) => LockState::Free,
            Locking::Held(Some(held)) if held.lease().is_some() => LockState::Ours(Box::new(held.holder())),
            Locking::Held(Some(held)) => LockState::Other(Box::new(held.holder())),
            Locking::Held(None) => LockState::Unnamed,
        })
    }

    /// Frees the lock that somebody holds under an id.
    pub(super) fn break_lock(&self, id: &str) -> Result<(), StoreError> {
        let info = match self.probe()? {
            Locking::Taken(_) => return Ok(()),
            // Services compare the id, and may compare the rest.
            Locking::Held(Some(held)) if held.id == id => held,
            Locking::Held(_) => LockInfo::of_id(id),
        };
        let remote = self.remote.clone();
        wait(&self.remote, async move { remote.force_unlock(&info).await })?;
        let names_it = |document: Document| document.session.run.as_deref() == Some(id);
        if self.document()?.is_some_and(names_it) {
            // The next write of that run meets another document, and nobody takes it for alive.
            let holder = Holder::this_process("force-unlock", &*self.clock);
            match self.open(&Request { holder, lock: true, wait: Duration::ZERO }) {
                Ok(_) | Err(StoreError::Locked { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes the lock, waiting for it, and taking over one whose holder gives no sign of life.
    fn lock(&self, request: &Request) -> Result<(LockInfo, Instant), StoreError> {
        let began = self.clock.elapsed();
        let mut pause = FIRST_PAUSE;
        let mut watched: Option<(String, String, Duration)> = None;
        loop {
            // The service's time, and the last sign of life.
            let there = self.document()?;
            let info = LockInfo::of(&request.holder, self.lease, self.remote.client.heard());
            let held = match self.try_lock(&info)? {
                Locking::Taken(since) => return Ok((info, since)),
                Locking::Held(held) => held,
            };
            let now = self.clock.elapsed();
            if let Some(held) = &held
                && let Some(lease) = held.lease()
            {
                let limit = lease.mul_f64(ABANDONED);
                let write = there.as_ref().map(|there| there.session.write.clone()).unwrap_or_default();
                match &mut watched {
                    Some((id, last, _)) if *id == held.id && *last == write => {}
                    watched => *watched = Some((held.id.clone(), write, now)),
                }
                let unchanged =
                    watched.as_ref().map_or(Duration::ZERO, |(_, _, since)| now.saturating_sub(*since));
                if self.age(held, there.as_ref()).is_some_and(|age| age > limit) || unchanged > limit {
                    tracing::warn!(holder = %held.holder(), "the lock gives no sign of life and is taken over");
                    let (remote, held) = (self.remote.clone(), held.clone());
                    wait(&self.remote, async move { remote.unlock(&held).await })?;
                    watched = None;
                    continue;
                }
            }
            let waited = now.saturating_sub(began);
            if waited >= request.wait {
                return Err(StoreError::Locked {
                    outlives: Some(
                        held.as_ref()
                            .and_then(LockInfo::lease)
                            .map_or(Duration::MAX, |lease| lease.mul_f64(ABANDONED)),
                    ),
                    holder: held.map(|held| Box::new(held.holder())),
                    waited: !request.wait.is_zero(),
                });
            }
            if !self.clock.pause(pause.min(request.wait.saturating_sub(waited).max(FIRST_PAUSE))) {
                return Err(StoreError::Interrupted);
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Returns how long ago a lock gave its last sign of life, by the service's clock alone.
    fn age(&self, held: &LockInfo, there: Option<&Document>) -> Option<Duration> {
        let alive = there.filter(|there| there.session.run.as_deref() == Some(&held.id));
        let last = alive.and_then(|there| there.session.heard).max(held.heard())?;
        let now = self.remote.client.heard()?;
        u64::try_from(now - last).ok().map(Duration::from_secs)
    }
}

impl Store for HttpStore {
    fn place(&self) -> String {
        self.remote.name().to_string()
    }

    fn open(&self, request: &Request) -> Result<Box<dyn Session>, StoreError> {
        let can_lock = request.lock && self.remote.addresses.lock.is_some();
        if request.lock && !can_lock {
            tracing::warn!("the backend has no `lock_address`: nothing keeps two runs apart");
        }
        let lock = if can_lock { Some(self.lock(request)?) } else { None };
        let held = Arc::new(Held::new(
            self.remote.clone(),
            self.lease,
            Arc::clone(&self.clock),
            request.holder.clone(),
            lock,
            Document::default(),
        ));
        // From here on the lock is freed again, whatever happens.
        let mut guard = Guard { held: Arc::clone(&held), beat: None };
        let reading = Arc::clone(&held);
        wait(&self.remote, async move {
            reading.read().await?;
            if can_lock { reading.change(false, |_document| {}).await } else { Ok(()) }
        })?;
        if can_lock {
            let beat = Background::start(Held::beat(Arc::downgrade(&held)));
            guard.beat = Some(beat.map_err(|error| self.remote.failed("lock", &error.to_string()))?);
        }
        Ok(Box::new(HttpSession {
            held,
            run: history_name(&self.clock.now(), &request.holder.id),
            has_backup: false,
            is_closed: false,
            guard: Arc::new(guard),
        }))
    }

    fn read(&self) -> Result<Contents, StoreError> {
        Ok(contents(&self.document()?.unwrap_or_default()))
    }

    fn holder(&self) -> Result<Option<Holder>, StoreError> {
        let Some(document) = self.document()? else { return Ok(None) };
        let Some(holder) = document.session.holder else { return Ok(None) };
        let age = self.remote.client.heard().zip(document.session.heard).map(|(now, last)| now - last);
        let limit = i64::try_from(self.lease.mul_f64(ABANDONED).as_secs()).unwrap_or(i64::MAX);
        Ok(Some(holder).filter(|_| age.is_none_or(|age| age <= limit)))
    }

    fn names(&self) -> (Arc<str>, Arc<str>) {
        let name = self.remote.name();
        (Arc::clone(&name), format!("{name} (journal)").into())
    }

    fn backup(&self) -> Option<Arc<str>> {
        let document = self.document().ok().flatten()?;
        document
            .session
            .backup
            .map(|_packed| format!("{} (state before the last run)", self.remote.name()).into())
    }

    fn history(&self) -> Result<Vec<HistoryEntry>, StoreError> {
        let document = self.document()?.unwrap_or_default();
        let names = document.session.history.into_iter().map(|past| HistoryEntry { name: past.name.into() });
        Ok(names.collect())
    }

    fn history_entry(&self, entry: &HistoryEntry) -> Result<Vec<u8>, StoreError> {
        let document = self.document()?.unwrap_or_default();
        let past = document.session.history.into_iter().find(|past| *past.name == *entry.name);
        past.and_then(|past| unpack(&past.lines))
            .ok_or_else(|| self.remote.failed("read", "the journal of that run is not kept any more"))
    }
}

fn contents(document: &Document) -> Contents {
    Contents { snapshot: document.snapshot.clone(), journal: document.session.journal.clone().into_bytes() }
}

impl HttpSession {
    fn change(
        &self,
        is_compared: bool,
        change: impl FnOnce(&mut Document) + Send + 'static,
    ) -> Result<(), StoreError> {
        let held = Arc::clone(&self.held);
        wait(self.held.remote(), async move { held.change(is_compared, change).await })
    }

    fn known(&self) -> Result<Document, StoreError> {
        let held = Arc::clone(&self.held);
        wait(self.held.remote(), async move { Ok(held.known().await) })
    }
}

impl Session for HttpSession {
    fn contents(&mut self) -> Result<Contents, StoreError> {
        Ok(contents(&self.known()?))
    }

    fn cut(&mut self, valid: u64) -> Result<(), StoreError> {
        let length = self.known()?.session.journal.len() as u64;
        if valid >= length && !self.is_closed {
            return Ok(());
        }
        let valid = usize::try_from(valid).unwrap_or(usize::MAX);
        self.change(false, move |document| {
            let text = document.session.journal.get(..valid).map(str::to_owned);
            document.session.journal = text.unwrap_or_else(|| std::mem::take(&mut document.session.journal));
        })
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), StoreError> {
        let place = self.held.remote().name();
        if self.is_closed {
            return Err(StoreError::Closed { place });
        }
        let lines = String::from_utf8(lines.to_vec())
            .map_err(|_error| self.held.remote().failed("write", "the journal is no text"))?;
        let result = self.change(false, move |document| document.session.journal.push_str(&lines));
        // What was sent without an answer may be there later; nothing may be numbered behind it.
        self.is_closed = result.is_err();
        result
    }

    fn commit(&mut self, snapshot: Snapshot<'_>) -> Result<(), StoreError> {
        let bytes = snapshot.document.to_vec();
        let keep = snapshot.is_different && !self.has_backup;
        self.change(true, move |document| {
            if keep && let Some(before) = &document.snapshot {
                document.session.backup = Some(pack(before));
            }
            document.snapshot = Some(bytes);
        })?;
        self.has_backup |= keep;
        Ok(())
    }

    fn rotate(&mut self) -> Result<Option<StoreError>, StoreError> {
        let journal = self.known()?.session.journal;
        if journal.is_empty() {
            return Ok(None);
        }
        let kept = journal::for_history(journal.as_bytes());
        if let Ok(Kept { run: Some(run), .. }) = &kept {
            self.run = history_name(&run.at, &run.id);
        }
        let (past, trouble) = match kept {
            Ok(Kept { text, last: Some(last), .. }) => {
                let name = format!("{}-{last:012}", self.run);
                (Some(Past { name, lines: pack(text.as_bytes()) }), None)
            }
            Ok(_) => (None, None),
            Err(source) => (None, Some(StoreError::Journal { place: self.held.remote().name(), source })),
        };
        self.change(false, move |document| {
            let session = &mut document.session;
            session.journal.clear();
            session.history.extend(past);
            let size = |history: &[Past]| history.iter().map(|past| past.lines.len()).sum::<usize>();
            while session.history.len() > RETENTION
                || (session.history.len() > 1 && size(&session.history) > LARGEST_HISTORY)
            {
                session.history.remove(0);
            }
        })?;
        self.is_closed = false;
        Ok(trouble)
    }

    fn is_open(&self) -> bool {
        !self.is_closed
    }

    fn fence(&self) -> Arc<dyn Fence> {
        Arc::clone(&self.guard) as Arc<dyn Fence>
    }
}

impl Fence for Guard {
    fn check(&self) -> Result<crate::state::store::Lease, StoreError> {
        self.held.check()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let held = Arc::clone(&self.held);
        if blocking::wait(async move { held.release().await }).is_err() {
            tracing::warn!("the lock was not freed; it ends with its lease");
        }
    }
}
