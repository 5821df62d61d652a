//! The state of one workspace on the server: reading it, and sessions that write it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_postgres::types::Type;

use crate::state::journal;
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

use super::blocking::Background;
use super::blocking::wait;
use super::failure::Failure;
use super::hold::Hold;
use super::link::Link;
use super::pending::Document;
use super::pending::Names;
use super::pending::Part;
use super::pending::Pending;
use super::pending::digest;
use super::reading;
use super::server::FIRST_PAUSE;
use super::server::LONGEST_PAUSE;
use super::server::Server;
use super::server::TRIES;
use super::server::Work;
use super::taking::Taking;
use super::writer::Writer;

/// The state of one workspace.
#[derive(Debug)]
pub(super) struct PgStore {
    server: Arc<Server>,
    names: Names,
    clock: Arc<dyn Clock>,
}

impl PgStore {
    pub(super) fn new(server: Arc<Server>, workspace: &str, clock: Arc<dyn Clock>) -> Self {
        let place = server.place();
        let names = Names {
            workspace: workspace.into(),
            state: format!("{place}/{workspace}").into(),
            journal: format!("{place}_journal/{workspace}").into(),
        };
        Self { server, names, clock }
    }

    /// Reads something, naming what was being read.
    fn ask<T: Send + 'static>(
        &self,
        place: &Arc<str>,
        work: impl for<'l> Fn(&'l Link, Arc<Server>, Arc<str>) -> Work<'l, T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let (server, workspace) = (Arc::clone(&self.server), Arc::clone(&self.names.workspace));
        let answer = wait(async move {
            server.read(|link| work(link, Arc::clone(&server), Arc::clone(&workspace))).await
        });
        answer.unwrap_or_else(|error| Err(error.into())).map_err(|failure| failure.at("read", place))
    }
}

impl Store for PgStore {
    fn place(&self) -> String {
        self.names.state.to_string()
    }

    fn open(&self, request: &Request) -> Result<Box<dyn Session>, StoreError> {
        let writer =
            Writer::new(Arc::clone(&self.server), self.names.clone(), request.holder.clone(), request.lock);
        let hold = Arc::clone(&writer.hold);
        let writer = Arc::new(Mutex::new(writer));
        let start = self.clock.elapsed();
        let mut pause = FIRST_PAUSE;
        let failed = |failure: Failure| failure.at("lock", &self.names.state);
        let mut tries = 0;
        loop {
            let taking = {
                let writer = Arc::clone(&writer);
                wait(async move { writer.lock().await.take().await })
            };
            let waited = self.clock.elapsed().saturating_sub(start);
            match taking.unwrap_or_else(|error| Err(error.into())) {
                Ok(Taking::Taken) => break,
                Ok(Taking::Held(holder)) => {
                    tries = 0;
                    if waited >= request.wait {
                        let is_other =
                            holder.as_ref().is_some_and(|holder| holder.id.starts_with(reading::CONNECTION));
                        return Err(StoreError::Locked {
                            holder: holder.map(Box::new),
                            waited: !request.wait.is_zero(),
                            outlives: Some(if is_other { Duration::MAX } else { self.server.timing().lease }),
                        });
                    }
                }
                // A connection that was lost on the way is made anew.
                Err(failure) if failure.is_passing && tries < TRIES => {
                    tries += 1;
                    let writer = Arc::clone(&writer);
                    wait(async move { writer.lock().await.unlink() })
                        .map_err(|error| failed(error.into()))?;
                }
                Err(failure) => return Err(failed(failure)),
            }
            let rest = request.wait.saturating_sub(waited).max(FIRST_PAUSE);
            if !self.clock.pause(pause.min(rest)) {
                return Err(StoreError::Interrupted);
            }
            pause = (pause * 2).min(LONGEST_PAUSE / 2);
        }
        let beating = beat(Arc::clone(&writer), Arc::clone(&hold), self.server.timing().heartbeat);
        let beat = Background::start(beating).map_err(|error| failed(error.into()))?;
        Ok(Box::new(PgSession {
            run: history_name(&self.clock.now(), &request.holder.id),
            names: self.names.clone(),
            writer,
            hold,
            beat: Some(beat),
            is_open: true,
            length: 0,
        }))
    }

    fn read(&self) -> Result<Contents, StoreError> {
        let (snapshot, parts) = self.ask(&self.names.state, |link, server, workspace| {
            Box::pin(async move { reading::both(link, server.tables(), &workspace).await })
        })?;
        Ok(Contents { snapshot, journal: parts.into_iter().flat_map(|part| part.lines).collect() })
    }

    fn holder(&self) -> Result<Option<Holder>, StoreError> {
        self.ask(&self.names.state, |link, server, workspace| {
            Box::pin(async move { reading::holder(link, server.tables(), &workspace).await })
        })
    }

    fn names(&self) -> (Arc<str>, Arc<str>) {
        (Arc::clone(&self.names.state), Arc::clone(&self.names.journal))
    }

    fn backup(&self) -> Option<Arc<str>> {
        let found = self.ask(&self.names.state, |link, server, workspace| {
            Box::pin(async move {
                let look = format!("SELECT 1 FROM {} WHERE name = $1", server.tables().backup());
                let name: &str = &workspace;
                Ok(link.maybe(&look, &[(&name, Type::TEXT)]).await?.is_some())
            })
        });
        let place = || format!("{}_backup/{}", self.server.place(), self.names.workspace).into();
        found.is_ok_and(|is_there| is_there).then(place)
    }

    fn history(&self) -> Result<Vec<HistoryEntry>, StoreError> {
        let entries = self.ask(&self.names.journal, |link, server, workspace| {
            Box::pin(async move {
                let look = format!(
                    "SELECT entry FROM {} WHERE name = $1 ORDER BY entry COLLATE \"C\"",
                    server.tables().history()
                );
                let name: &str = &workspace;
                let rows = match link.rows(&look, &[(&name, Type::TEXT)]).await {
                    Err(failure) if failure.is_absent() => return Ok(Vec::new()),
                    rows => rows?,
                };
                rows.iter().map(|row| Ok(row.try_get::<_, String>(0)?)).collect::<Result<Vec<_>, Failure>>()
            })
        })?;
        Ok(entries.into_iter().map(|name| HistoryEntry { name: name.into() }).collect())
    }

    fn history_entry(&self, entry: &HistoryEntry) -> Result<Vec<u8>, StoreError> {
        let entry = Arc::clone(&entry.name);
        self.ask(&self.names.journal, move |link, server, workspace| {
            let entry = Arc::clone(&entry);
            Box::pin(async move {
                let look =
                    format!("SELECT lines FROM {} WHERE name = $1 AND entry = $2", server.tables().history());
                let (name, entry): (&str, &str) = (&workspace, &entry);
                let row = link.maybe(&look, &[(&name, Type::TEXT), (&entry, Type::TEXT)]).await?;
                Ok(match row {
                    Some(row) => row.try_get(0)?,
                    None => Vec::new(),
                })
            })
        })
    }
}

async fn beat(writer: Arc<Mutex<Writer>>, hold: Arc<Hold>, every: Duration) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = hold.ended.notified() => {}
        }
        writer.lock().await.beat().await;
    }
}

/// The right to write the state of one workspace.
#[derive(Debug)]
struct PgSession {
    names: Names,
    writer: Arc<Mutex<Writer>>,
    hold: Arc<Hold>,
    beat: Option<Background>,
    /// How entries of the history are named while the journal names no other run.
    run: String,
    is_open: bool,
    /// Bytes of the journal.
    length: u64,
}

impl PgSession {
    fn persist(&mut self, change: Pending) -> Result<(), StoreError> {
        let doing = change.doing();
        let writer = Arc::clone(&self.writer);
        let result = wait(async move { writer.lock().await.persist(change).await });
        result.unwrap_or_else(|error| Err(Failure::from(error).at(doing, &self.names.journal)))
    }

    fn with<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Writer) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let writer = Arc::clone(&self.writer);
        wait(async move { look(&*writer.lock().await) })
            .map_err(|error| Failure::from(error).at("read", &self.names.journal))
    }
}

impl Session for PgSession {
    fn contents(&mut self) -> Result<Contents, StoreError> {
        let writer = Arc::clone(&self.writer);
        let contents = wait(async move { writer.lock().await.contents().await })
            .unwrap_or_else(|error| Err(Failure::from(error).at("read", &self.names.state)))?;
        self.length = contents.journal.len() as u64;
        Ok(contents)
    }

    fn cut(&mut self, valid: u64) -> Result<(), StoreError> {
        if valid >= self.length && self.is_open {
            return Ok(());
        }
        let kept = self.with(move |writer| {
            let mut rest = usize::try_from(valid).unwrap_or(usize::MAX);
            let mut kept: Vec<Part> = Vec::new();
            for part in &writer.parts {
                if rest == 0 {
                    break;
                }
                let mut part = part.clone();
                part.lines.truncate(rest);
                rest -= part.lines.len();
                kept.push(part);
            }
            kept
        })?;
        self.persist(Pending::Cut(kept))?;
        self.length = valid;
        Ok(())
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), StoreError> {
        if !self.is_open {
            return Err(StoreError::Closed { place: Arc::clone(&self.names.journal) });
        }
        let number = self.with(|writer| writer.next)?;
        let part = Part { number, lines: lines.to_vec() };
        match self.persist(Pending::Append(part)) {
            Ok(()) => {
                self.length += lines.len() as u64;
                Ok(())
            }
            Err(error) => {
                // A refusal leaves nothing; without a connection nobody knows what is there.
                self.is_open = self.with(|writer| !writer.is_closed)?;
                Err(error)
            }
        }
    }

    fn commit(&mut self, snapshot: Snapshot<'_>) -> Result<(), StoreError> {
        let text = std::str::from_utf8(snapshot.document).map_err(|error| {
            Failure::hopeless(format!("it is not UTF-8: {error}")).at("write", &self.names.state)
        })?;
        let has_backup = self.with(|writer| writer.has_backup)?;
        self.persist(Pending::Commit(Document {
            text: text.into(),
            digest: digest(snapshot.document),
            version: (snapshot.serial, snapshot.lineage.clone()),
            keeps_backup: snapshot.is_different && !has_backup,
        }))
    }

    fn rotate(&mut self) -> Result<Option<StoreError>, StoreError> {
        let bytes: Vec<u8> =
            self.with(|writer| writer.parts.iter().flat_map(|part| part.lines.iter().copied()).collect())?;
        if bytes.is_empty() && self.is_open {
            return Ok(None);
        }
        // The history is a record of the past; that it cannot be written must not keep the journal alive.
        let kept = match journal::for_history(&bytes) {
            Ok(kept) => {
                if let Some(run) = &kept.run {
                    self.run = history_name(&run.at, &run.id);
                }
                Ok(kept.last.map(|last| (format!("{}-{last:012}", self.run), kept.text.into_bytes())))
            }
            Err(source) => Err(StoreError::Journal { place: Arc::clone(&self.names.journal), source }),
        };
        let trouble = match kept {
            Err(error) => Some(error),
            Ok(kept) => match self.persist(Pending::Rotate(kept)) {
                Ok(()) => {
                    self.length = 0;
                    return Ok(None);
                }
                Err(error) if self.with(Writer::is_unsure)? => return Err(error),
                Err(error @ StoreError::LostLock { .. }) => return Err(error),
                Err(error) => Some(error),
            },
        };
        self.persist(Pending::Rotate(None))?;
        self.length = 0;
        Ok(trouble)
    }

    fn is_open(&self) -> bool {
        self.is_open
    }

    fn fence(&self) -> Arc<dyn Fence> {
        Arc::clone(&self.hold) as Arc<dyn Fence>
    }
}

impl Drop for PgSession {
    fn drop(&mut self) {
        self.beat = None;
        let writer = Arc::clone(&self.writer);
        if wait(async move { writer.lock().await.release().await }).is_err() {
            tracing::debug!("the lock was not let go of; the server frees it");
        }
    }
}
