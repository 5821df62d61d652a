//! A held lock: renewed while its session lasts, and never believed in for longer than others must respect it.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::state::store::Clock;
use crate::state::store::Fence;
use crate::state::store::Holder;
use crate::state::store::Lease;
use crate::state::store::StoreError;

use super::super::instant::Instant;
use super::bucket::Bucket;
use super::bucket::Condition;
use super::bucket::Patience;
use super::bucket::Written;
use super::keys::Keys;
use super::manifest::Manifest;

/// How many times a lease is renewed within itself.
pub(super) const BEATS: u32 = 12;

/// The part of a lease, of 1, that is given away because clocks do not run equally fast.
const SAFETY: f64 = 0.1;

/// No call begins when less than this part of a lease is left: renewals have been failing for long.
const LEAST: f64 = 0.4;

/// The lock object of a session, and until when it is ours for sure.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) bucket: Arc<Bucket>,
    pub(super) keys: Keys,
    clock: Arc<dyn Clock>,
    lease: Duration,
    holder: Holder,
    /// None without a lock: the session writes the object, and nobody is kept from doing so too.
    is_leased: bool,
    current: tokio::sync::Mutex<Version>,
    standing: Mutex<Standing>,
}

/// The version of the lock object that this session wrote last.
#[derive(Debug)]
struct Version {
    manifest: Manifest,
    tag: Arc<str>,
}

#[derive(Debug, Clone, Copy)]
enum Standing {
    /// Nobody takes the lock before this instant.
    Until(Instant),
    /// Somebody took it, or it was given back.
    Lost,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Held {
    /// Notes that the lock object was written by this session; `sent` is when the write began.
    pub(super) fn new(
        (bucket, keys): (Arc<Bucket>, Keys),
        clock: Arc<dyn Clock>,
        holder: Option<Holder>,
        (manifest, tag): (Manifest, Arc<str>),
        sent: Instant,
    ) -> Self {
        let lease = Duration::from_millis(manifest.lease);
        Self {
            bucket,
            keys,
            clock,
            lease,
            is_leased: holder.is_some(),
            holder: holder.unwrap_or_default(),
            current: tokio::sync::Mutex::new(Version { manifest, tag }),
            standing: Mutex::new(Standing::Until(sent.plus(lease.mul_f64(1.0 - SAFETY)))),
        }
    }

    pub(super) fn lost(&self) -> StoreError {
        StoreError::LostLock { place: self.keys.place(&self.keys.lock()) }
    }

    /// Returns how long the lock is ours for sure; none if it is lost.
    fn left(&self) -> Option<Duration> {
        match *locked(&self.standing) {
            Standing::Until(end) => Some(end.since(Instant::now(&*self.clock))),
            Standing::Lost => None,
        }
    }

    /// Makes sure that nobody else has had the lock so far. Nothing is asked while the lease lasts.
    pub(super) async fn confirm(&self) -> Result<(), StoreError> {
        match self.left() {
            None => Err(self.lost()),
            Some(_) if !self.is_leased => Ok(()),
            Some(left) if !left.is_zero() => Ok(()),
            Some(_) => self.update(|_| ()).await,
        }
    }

    /// Writes the next version of the lock object.
    pub(super) async fn update(&self, change: impl FnOnce(&mut Manifest)) -> Result<(), StoreError> {
        let mut current = self.current.lock().await;
        let mut next = current.manifest.clone();
        change(&mut next);
        let key = self.keys.lock();
        let each = if self.is_leased {
            (self.lease / BEATS * 2).max(Duration::from_secs(1))
        } else {
            self.bucket.patience().each
        };
        let patience = Patience { each, all: self.lease.min(self.bucket.patience().all) };
        let failed = |failure: super::failure::Failure| {
            failure.into_error("write", self.keys.place(&key), self.bucket.name())
        };
        loop {
            if self.left().is_none() {
                return Err(self.lost());
            }
            next.beat += 1;
            let sent = Instant::now(&*self.clock);
            let condition = Condition::Is(Arc::clone(&current.tag));
            match self.bucket.put(&key, &next.text(), &condition, patience).await.map_err(failed)? {
                Written::Done(tag) => {
                    *current = Version { manifest: next, tag };
                    let mut standing = locked(&self.standing);
                    if let Standing::Until(end) = &mut *standing {
                        *end = sent.plus(self.lease.mul_f64(1.0 - SAFETY));
                    }
                    return Ok(());
                }
                // An earlier version of ours may have arrived although its answer was lost.
                Written::Refused => match self.bucket.get(&key).await.map_err(failed)? {
                    Some(found) if found.tag != current.tag && self.is_ours(&found.bytes, next.epoch) => {
                        next.beat = next.beat.max(beat(&found.bytes));
                        current.tag = found.tag;
                    }
                    _ => {
                        *locked(&self.standing) = Standing::Lost;
                        return Err(self.lost());
                    }
                },
            }
        }
    }

    fn is_ours(&self, bytes: &[u8], epoch: u64) -> bool {
        Manifest::parse(bytes).is_ok_and(|found| {
            found.epoch == epoch && (!self.is_leased || found.holder.as_ref() == Some(&self.holder))
        })
    }

    /// Renews the lease again and again.
    pub(super) async fn beat(self: Arc<Self>) {
        let between = self.lease / BEATS;
        loop {
            tokio::time::sleep(between).await;
            match self.update(|_| ()).await {
                Ok(()) => {}
                Err(StoreError::LostLock { .. }) => {
                    tracing::info!(lock = %self.keys.place(&self.keys.lock()), "the lock is gone");
                    return;
                }
                Err(error) => tracing::warn!(%error, "the lock could not be renewed"),
            }
        }
    }

    /// Gives the lock back. Nothing may be written by this session afterwards.
    pub(super) async fn release(&self, change: impl FnOnce(&mut Manifest)) -> Result<(), StoreError> {
        let result = self.update(|manifest| {
            manifest.holder = None;
            change(manifest);
        });
        let result = result.await;
        self.forget();
        result
    }

    /// Stops believing in the lock.
    pub(super) fn forget(&self) {
        *locked(&self.standing) = Standing::Lost;
    }
}

fn beat(bytes: &[u8]) -> u64 {
    Manifest::parse(bytes).map_or(0, |found| found.beat)
}

impl Fence for Held {
    fn check(&self) -> Result<Lease, StoreError> {
        let Some(left) = self.left() else { return Err(self.lost()) };
        if !self.is_leased {
            return Ok(Lease::Unlimited);
        }
        if left < self.lease.mul_f64(LEAST) {
            return Err(StoreError::Engine {
                doing: "renew",
                place: self.keys.place(&self.keys.lock()),
                reason: "the service has not answered for too long".into(),
                hint: Some("run the same command again when the service can be reached: it takes up what was left unfinished".into()),
            });
        }
        Ok(Lease::For(left))
    }
}
