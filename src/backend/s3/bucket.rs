//! A bucket: the few operations on objects that the rest is made of, each tried again while that makes sense.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use object_store::Attribute;
use object_store::ObjectStore;
use object_store::ObjectStoreExt as _;
use object_store::PutMode;
use object_store::PutOptions;
use object_store::UpdateVersion;
use object_store::path::Path;
use tokio::time::Instant;

use super::failure::Failure;
use super::wire;

/// How long operations are tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// One try, beside the time that its content takes.
    pub(super) each: Duration,
    /// All tries together; no further one begins later.
    pub(super) all: Duration,
}

/// A bucket of a service.
#[derive(Debug)]
pub(super) struct Bucket {
    name: Arc<str>,
    objects: Box<dyn ObjectStore>,
    patience: Patience,
    /// Whether writes are sent without conditions, to a service that does not know them.
    is_unconditional: AtomicBool,
    requests: AtomicU64,
}

/// An object as it was read.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    /// The tag of its version.
    pub(super) tag: Arc<str>,
    /// How long ago it was written, by the service's own time; none if it does not tell.
    pub(super) age: Option<Duration>,
}

/// What an object must be for a write to happen.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    Anything,
    /// There is no such object.
    Absent,
    /// It is this version.
    Is(Arc<str>),
}

/// How a write ended.
#[derive(Debug, Clone)]
pub(super) enum Written {
    /// It is durable under this tag.
    Done(Arc<str>),
    /// The condition does not hold; nothing was written.
    Refused,
}

/// An answer of this many bytes may take a second.
const SLOWEST: usize = 256 * 1024;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Bucket {
    pub(super) fn new(name: &Arc<str>, objects: Box<dyn ObjectStore>, patience: Patience) -> Self {
        Self {
            name: Arc::clone(name),
            objects,
            patience,
            is_unconditional: AtomicBool::new(false),
            requests: AtomicU64::new(0),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    /// Sends no conditions from now on.
    pub(super) fn forget_conditions(&self) {
        self.is_unconditional.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_conditional(&self) -> bool {
        !self.is_unconditional.load(Ordering::Relaxed)
    }

    /// How many requests were made.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Reads an object; none if there is none.
    pub(super) async fn get(&self, key: &str) -> Result<Option<Found>, Failure> {
        let path = path(key)?;
        self.persist(self.patience, || async {
            let (result, note) = wire::noted(async {
                let result = self.objects.get(&path).await?;
                let meta = result.meta.clone();
                let bytes = result.bytes().await?;
                Ok((meta, bytes))
            })
            .await;
            match result {
                Ok((meta, bytes)) => {
                    let tag = meta.e_tag.unwrap_or_default().into();
                    let age = note.date.and_then(|now| {
                        u64::try_from(now - meta.last_modified.timestamp()).ok().map(Duration::from_secs)
                    });
                    Ok(Some(Found { bytes: bytes.to_vec(), tag, age }))
                }
                Err(error) => absent_is_none(error, note),
            }
        })
        .await
    }

    /// Returns the tag of an object; none if there is none.
    pub(super) async fn tag(&self, key: &str) -> Result<Option<Arc<str>>, Failure> {
        let path = path(key)?;
        self.persist(self.patience, || async {
            let (result, note) = wire::noted(self.objects.head(&path)).await;
            match result {
                Ok(meta) => Ok(Some(meta.e_tag.unwrap_or_default().into())),
                Err(error) => absent_is_none(error, note),
            }
        })
        .await
    }

    /// Writes an object if a condition holds. Whoever gets an answer knows what is there: if the answer to a try was
    /// lost, the next one finds its own object by the content. Contents under one condition are therefore never the same
    /// from two writers.
    pub(super) async fn put(
        &self,
        key: &str,
        bytes: &[u8],
        condition: &Condition,
        patience: Patience,
    ) -> Result<Written, Failure> {
        let path = path(key)?;
        let mut is_in_doubt = false;
        let written = self
            .persist_with(patience, &mut is_in_doubt, || self.put_once(&path, bytes, condition, patience))
            .await?;
        if let Written::Refused = written
            && let Some(found) = self.get(key).await?
            && found.bytes == bytes
        {
            return Ok(Written::Done(found.tag));
        }
        Ok(written)
    }

    /// Writes an object once, without looking what is there.
    pub(super) async fn try_put(
        &self,
        key: &str,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Written, Failure> {
        let path = path(key)?;
        self.persist(self.patience, || self.put_once(&path, bytes, condition, self.patience)).await
    }

    async fn put_once(
        &self,
        path: &Path,
        bytes: &[u8],
        condition: &Condition,
        patience: Patience,
    ) -> Result<Written, Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mode = match condition {
            _ if !self.is_conditional() => PutMode::Overwrite,
            Condition::Anything => PutMode::Overwrite,
            Condition::Absent => PutMode::Create,
            Condition::Is(tag) => {
                PutMode::Update(UpdateVersion { e_tag: Some(tag.to_string()), version: None })
            }
        };
        let mut options = PutOptions::from(mode);
        options.attributes.insert(Attribute::ContentType, "application/json".into());
        let time = patience.each + Duration::from_secs((bytes.len() / SLOWEST) as u64);
        let put = wire::noted(self.objects.put_opts(path, bytes.to_vec().into(), options));
        let Ok((result, note)) = tokio::time::timeout(time, put).await else {
            return Err(timed_out(time, true));
        };
        match result {
            Ok(put) => Ok(Written::Done(put.e_tag.unwrap_or_default().into())),
            Err(error) => {
                let is_refused = match note.status {
                    // The version that the condition names may be gone.
                    Some(404) => note.code.as_deref() == Some("NoSuchKey"),
                    Some(412) => true,
                    // Some services call it a conflict if the object is there; others if two writes meet, where
                    // the next try tells who was first.
                    Some(409) => matches!(
                        note.code.as_deref(),
                        Some(
                            "PreconditionFailed"
                                | "FileAlreadyExists"
                                | "ObjectAlreadyExists"
                                | "FileImmutable"
                        )
                    ),
                    _ => false,
                };
                if is_refused {
                    return Ok(Written::Refused);
                }
                let mut failure = Failure { note, detail: wire::deepest(&error), may_have_happened: false };
                failure.may_have_happened = !failure.was_refused();
                Err(failure)
            }
        }
    }

    /// Removes an object if it is there.
    pub(super) async fn delete(&self, key: &str) -> Result<(), Failure> {
        let path = path(key)?;
        self.persist(self.patience, || async {
            let (result, note) = wire::noted(self.objects.delete(&path)).await;
            match result {
                Ok(()) => Ok(()),
                Err(error) => absent_is_none::<()>(error, note).map(|_absent| ()),
            }
        })
        .await
    }

    /// Returns the keys below a prefix, sorted.
    pub(super) async fn list(&self, below: &str) -> Result<Vec<String>, Failure> {
        let path = path(below)?;
        self.persist(self.patience, || async {
            let (result, note) = wire::noted(
                self.objects.list(Some(&path)).map_ok(|meta| meta.location).try_collect::<Vec<_>>(),
            )
            .await;
            match result {
                Ok(found) => {
                    let mut keys: Vec<String> = found.into_iter().map(String::from).collect();
                    keys.sort_unstable();
                    Ok(keys)
                }
                Err(error) => Err(failure(&error, note)),
            }
        })
        .await
    }

    async fn persist<T, F>(&self, patience: Patience, attempt: impl FnMut() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        self.persist_with(patience, &mut false, attempt).await
    }

    /// Tries until it succeeds, cannot succeed, or the time is over. Notes whether a try may have happened.
    async fn persist_with<T, F>(
        &self,
        patience: Patience,
        is_in_doubt: &mut bool,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let mut failure = match attempt().await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            *is_in_doubt |= failure.may_have_happened;
            failure.may_have_happened = *is_in_doubt;
            if !failure.is_passing() || start.elapsed() + pause > patience.all {
                return Err(failure);
            }
            tracing::debug!(bucket = %self.name, reason = %failure.reason(), "trying again");
            // Writers that were refused together shall not come back together.
            tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn path(key: &str) -> Result<Path, Failure> {
    Path::parse(key).map_err(|error| Failure {
        note: wire::Note::default(),
        detail: error.to_string(),
        may_have_happened: false,
    })
}

fn failure(error: &object_store::Error, note: wire::Note) -> Failure {
    Failure { note, detail: wire::deepest(error), may_have_happened: false }
}

fn timed_out(time: Duration, may_have_happened: bool) -> Failure {
    let lost = format!("no answer within {} s", time.as_secs_f32());
    Failure {
        note: wire::Note { lost: Some(lost.clone()), ..wire::Note::default() },
        detail: lost,
        may_have_happened,
    }
}

/// A missing object is an answer; a missing bucket is not.
fn absent_is_none<T>(error: object_store::Error, note: wire::Note) -> Result<Option<T>, Failure> {
    let is_bucket = note.code.as_deref() == Some("NoSuchBucket");
    match error {
        object_store::Error::NotFound { .. } if !is_bucket => Ok(None),
        error => Err(failure(&error, note)),
    }
}
