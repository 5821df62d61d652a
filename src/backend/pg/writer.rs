//! One run that writes: its connection, what it must find on the server, and how it goes on after losing a connection.
//!
//! Whatever changes something is done in one transaction with a look at the row of writers, which names the run and
//! its epoch: once another run has taken the lock, nothing of ours is accepted, however late it arrives. What was asked
//! over a connection that was lost is *pending*: with a new connection the epoch is raised first, so that the old one
//! can do nothing more, and what is there then tells whether it was done.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::types::Type;

use crate::state::store::Contents;
use crate::state::store::Holder;
use crate::state::store::StoreError;

use super::failure::Failure;
use super::hold::Hold;
use super::hold::Moment;
use super::link::Identity;
use super::link::Link;
use super::link::Purpose;
use super::pending::Document;
use super::pending::Known;
use super::pending::Names;
use super::pending::Part;
use super::pending::Pending;
use super::pending::Trouble;
use super::pending::digest;
use super::server::FIRST_PAUSE;
use super::server::LONGEST_PAUSE;
use super::server::Server;

/// A run that writes, or waits for it.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) server: Arc<Server>,
    pub(super) names: Names,
    pub(super) holder: Holder,
    pub(super) is_locked: bool,
    /// The key of the lock.
    pub(super) id: i64,
    /// What the row of writers must say.
    pub(super) run: Option<String>,
    pub(super) epoch: i64,
    pub(super) hold: Arc<Hold>,
    pub(super) link: Option<Link>,
    /// The number of the connection; older ones mean nothing any more.
    connection: u64,
    /// Who serves the connection that holds the lock.
    pub(super) served_by: Option<Identity>,
    /// Who served the connections so far: any of them may still have the lock.
    pub(super) ours: Vec<Identity>,
    /// The journal as it must be on the server.
    pub(super) parts: Vec<Part>,
    pub(super) next: i64,
    /// None until the contents were read.
    pub(super) known: Option<Known>,
    pub(super) has_backup: bool,
    pending: Option<Pending>,
    /// Whether the last attempt to reach the server was given up.
    is_down: bool,
    /// Whether it is unknown what the journal holds: it takes no more lines then.
    pub(super) is_closed: bool,
}

impl Writer {
    pub(super) fn new(server: Arc<Server>, names: Names, holder: Holder, is_locked: bool) -> Self {
        let hold = Hold::new(is_locked, server.timing().lease, Arc::clone(&names.state));
        Self {
            server,
            names,
            holder,
            is_locked,
            id: 0,
            run: None,
            epoch: 0,
            hold: Arc::new(hold),
            link: None,
            connection: 0,
            served_by: None,
            ours: Vec::new(),
            parts: Vec::new(),
            next: 1,
            known: None,
            has_backup: false,
            pending: None,
            is_down: false,
            is_closed: false,
        }
    }

    /// Returns whether a change was asked for of which nobody knows whether it has happened.
    pub(super) fn is_unsure(&self) -> bool {
        self.pending.is_some()
    }

    /// Makes a connection that tells the lock when it ends.
    pub(super) async fn open_link(&mut self) -> Result<(), Failure> {
        self.link = None;
        self.connection += 1;
        let (hold, connection) = (Arc::clone(&self.hold), self.connection);
        let link = Link::open(&self.server, Purpose::Write, move || hold.end(connection)).await?;
        if self.ours.len() >= REMEMBERED {
            self.ours.remove(0);
        }
        self.ours.push(link.identity().clone());
        self.link = Some(link);
        Ok(())
    }

    pub(super) fn link(&self) -> Result<&Link, Failure> {
        self.link
            .as_ref()
            .filter(|link| !link.is_over())
            .ok_or_else(|| Failure::passing("the connection was lost"))
    }

    /// Lets go of a connection that is of no use any more.
    pub(super) fn unlink(&mut self) {
        if self.link.take().is_some() {
            self.hold.end(self.connection);
        }
    }

    /// The server answered what was asked at a moment.
    pub(super) fn prove(&self, asked: Moment) {
        self.hold.prove(self.connection, asked);
    }

    /// Returns the condition that the row of writers still names this run, and its parameters: the workspace is `$1`.
    /// The row stays locked until the end of the transaction: whoever takes the lock waits for what is under way.
    pub(super) fn held(&self) -> String {
        format!(
            "SELECT 1 FROM {} WHERE name = $1 AND epoch = {} AND run IS NOT DISTINCT FROM {} AND pg_backend_pid() = {} FOR UPDATE",
            self.server.tables().writers(),
            self.epoch,
            self.run.as_deref().map_or_else(|| "NULL::text".to_owned(), super::tables::literal),
            self.served_by.as_ref().map_or(0, |identity| identity.pid),
        )
    }

    /// The row of writers is not ours: says why.
    async fn disowned(&mut self) -> Trouble {
        let served_by = match self.link() {
            Ok(link) => {
                link.one("SELECT pg_backend_pid()", &[]).await.and_then(|row| Ok(row.try_get::<_, i32>(0)?))
            }
            Err(failure) => Err(failure),
        };
        match served_by {
            Err(failure) => failure.into(),
            Ok(pid) if self.served_by.as_ref().is_some_and(|identity| identity.pid != pid) => {
                self.hold.lose();
                pooled().into()
            }
            Ok(_) => {
                self.hold.lose();
                self.hold.lost().into()
            }
        }
    }

    /// Makes a change, over as many connections as it takes.
    pub(super) async fn persist(&mut self, change: Pending) -> Result<(), StoreError> {
        let doing = change.doing();
        let place = match change {
            Pending::Commit(_) => Arc::clone(&self.names.state),
            Pending::Append(_) | Pending::Rotate(_) | Pending::Cut(_) => Arc::clone(&self.names.journal),
        };
        let is_append = matches!(change, Pending::Append(_));
        let mut change = Some(change);
        let mut end = None;
        let mut pause = FIRST_PAUSE;
        let mut losses = 0;
        loop {
            if self.hold.is_lost() {
                self.pending = None;
                return Err(self.hold.lost());
            }
            let failure = match self.attempt(&mut change).await {
                Ok(()) => {
                    self.is_down = false;
                    return Ok(());
                }
                Err(Trouble::Store(error)) => {
                    self.pending = None;
                    return Err(error);
                }
                // The server said no: nothing of it has happened.
                Err(Trouble::Failure(failure)) if !failure.is_broken() && self.link().is_ok() => {
                    self.pending = None;
                    return Err(failure.at(doing, &place));
                }
                Err(Trouble::Failure(failure)) => failure,
            };
            if self.link.is_some() && losses < LOSSES {
                // There was a connection, so the server is there: trying begins anew.
                losses += 1;
                (end, pause) = (None, FIRST_PAUSE);
            }
            self.unlink();
            let timing = self.server.timing();
            let patience = if self.is_down { timing.connect } else { timing.retry };
            let end = *end.get_or_insert_with(|| Instant::now() + patience);
            if !failure.is_broken() || Instant::now() + pause > end {
                // What is pending stays so: the next connection, if there ever is one, tells.
                self.is_down = true;
                self.is_closed |= is_append;
                return Err(failure.at(doing, &place));
            }
            tracing::warn!(%failure, "the connection to the state was lost; trying again");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn attempt(&mut self, change: &mut Option<Pending>) -> Result<(), Trouble> {
        if self.link().is_err() {
            self.reconnect().await?;
        }
        if let Some(change) = change.take() {
            // What an earlier change left pending is settled: it was done, or it never will be.
            self.pending = Some(change);
        }
        let Some(pending) = self.pending.clone() else { return Ok(()) };
        let asked = Moment::now();
        self.perform(&pending).await?;
        self.prove(asked);
        self.done();
        Ok(())
    }

    /// What was pending has happened.
    fn done(&mut self) {
        match self.pending.take() {
            None => {}
            Some(Pending::Append(part)) => {
                self.next = part.number + 1;
                self.parts.push(part);
            }
            Some(Pending::Commit(document)) => {
                self.has_backup |= document.keeps_backup;
                self.known = Some(Known { digest: Some(document.digest), version: Some(document.version) });
            }
            Some(Pending::Rotate(_)) => self.parts.clear(),
            Some(Pending::Cut(parts)) => self.parts = parts,
        }
    }

    async fn perform(&mut self, pending: &Pending) -> Result<(), Trouble> {
        if let Pending::Append(part) = pending {
            return self.append(part).await;
        }
        let link = self.link()?;
        link.begin().await?;
        let result = self.perform_in_transaction(pending).await;
        match (result, self.link()) {
            (Ok(()), Ok(link)) => Ok(link.commit().await?),
            (Err(trouble), Ok(link)) => {
                link.rollback().await;
                Err(trouble)
            }
            (Ok(()), Err(failure)) => Err(failure.into()),
            (Err(trouble), Err(_)) => Err(trouble),
        }
    }

    async fn append(&mut self, part: &Part) -> Result<(), Trouble> {
        let statement = format!(
            "WITH held AS MATERIALIZED ({}) INSERT INTO {} (name, part, lines) SELECT $1, $2, $3 FROM held",
            self.held(),
            self.server.tables().journal()
        );
        let name = &*self.names.workspace;
        let parameters: &[super::link::Parameter<'_>] =
            &[(&name, Type::TEXT), (&part.number, Type::INT8), (&part.lines, Type::BYTEA)];
        match self.link()?.change(&statement, parameters).await {
            Ok(0) => Err(self.disowned().await),
            Ok(_) => Ok(()),
            // Without a lock, somebody else may have written the same part.
            Err(failure) if failure.code() == Some(super::failure::code::UNIQUE) => {
                self.hold.lose();
                Err(self.hold.lost().into())
            }
            Err(failure) => Err(failure.into()),
        }
    }

    async fn perform_in_transaction(&mut self, pending: &Pending) -> Result<(), Trouble> {
        let held = self.held();
        let tables = self.server.tables().clone();
        let name = Arc::clone(&self.names.workspace);
        let name: &str = &name;
        if self.link()?.maybe(&held, &[(&name, Type::TEXT)]).await?.is_none() {
            return Err(self.disowned().await);
        }
        let (journal, history) = (tables.journal(), tables.history());
        match pending {
            Pending::Append(_) => {}
            Pending::Commit(document) => self.replace(document).await?,
            Pending::Rotate(kept) => {
                let link = self.link()?;
                if let Some((entry, lines)) = kept {
                    let keep = format!(
                        "INSERT INTO {history} (name, entry, lines) VALUES ($1, $2, $3) ON CONFLICT (name, entry) DO UPDATE SET lines = excluded.lines"
                    );
                    link.change(&keep, &[(&name, Type::TEXT), (entry, Type::TEXT), (lines, Type::BYTEA)])
                        .await?;
                    let forget = format!(
                        "DELETE FROM {history} WHERE name = $1 AND entry IN (SELECT entry FROM {history} WHERE name = $1 ORDER BY entry COLLATE \"C\" DESC OFFSET {RETENTION})"
                    );
                    link.change(&forget, &[(&name, Type::TEXT)]).await?;
                }
                link.change(&format!("DELETE FROM {journal} WHERE name = $1"), &[(&name, Type::TEXT)])
                    .await?;
            }
            Pending::Cut(parts) => {
                let link = self.link()?;
                let last = parts.last().map_or(0, |part| part.number);
                let delete = format!("DELETE FROM {journal} WHERE name = $1 AND part > $2");
                link.change(&delete, &[(&name, Type::TEXT), (&last, Type::INT8)]).await?;
                if let Some(part) = parts.last() {
                    let shorten = format!("UPDATE {journal} SET lines = $3 WHERE name = $1 AND part = $2");
                    let lines = &part.lines;
                    link.change(&shorten, &[(&name, Type::TEXT), (&last, Type::INT8), (lines, Type::BYTEA)])
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// Replaces the snapshot, if it is the one that this session knows.
    async fn replace(&mut self, document: &Document) -> Result<(), Trouble> {
        let tables = self.server.tables();
        let states = tables.states();
        let link = self.link()?;
        let name = &*self.names.workspace;
        let look = format!(
            "SELECT CASE WHEN data <> '' THEN sha256(convert_to(data, 'UTF8')) END FROM {states} WHERE name = $1 FOR UPDATE"
        );
        let row = link.maybe(&look, &[(&name, Type::TEXT)]).await?;
        let found = match &row {
            Some(row) => row.try_get::<_, Option<Vec<u8>>>(0).map_err(Failure::from)?,
            None => None,
        };
        let known = self.known.clone().unwrap_or_default();
        if found.as_deref() != known.digest.as_ref().map(<[u8; 32]>::as_slice) {
            return Err(self.moved(known).await);
        }
        if document.keeps_backup && found.is_some() {
            let keep = format!(
                "INSERT INTO {} (name, data, saved_at) SELECT name, data, now() FROM {states} WHERE name = $1 ON CONFLICT (name) DO UPDATE SET data = excluded.data, saved_at = excluded.saved_at",
                tables.backup()
            );
            link.change(&keep, &[(&name, Type::TEXT)]).await?;
        }
        let text: &str = &document.text;
        if row.is_some() {
            let update = format!("UPDATE {states} SET data = $2 WHERE name = $1");
            link.change(&update, &[(&name, Type::TEXT), (&text, Type::TEXT)]).await?;
            return Ok(());
        }
        // Terraform holds this lock while it makes the row of a new state.
        link.rows("SELECT pg_advisory_xact_lock(-1)", &[]).await?;
        let insert = format!("INSERT INTO {states} (id, name, data) VALUES ($3, $1, $2)");
        let inserted =
            link.change(&insert, &[(&name, Type::TEXT), (&text, Type::TEXT), (&self.id, Type::INT8)]).await;
        match inserted {
            Err(failure) if failure.code() == Some(super::failure::code::UNIQUE) => Err(StoreError::Moved {
                place: Arc::clone(&self.names.state),
                expected: known.version,
                found: None,
            }
            .into()),
            result => Ok(result.map(drop)?),
        }
    }

    /// The snapshot is not the one that this session knows.
    async fn moved(&self, known: Known) -> Trouble {
        let name = &*self.names.workspace;
        let look = format!("SELECT data FROM {} WHERE name = $1", self.server.tables().states());
        let found = match self.link() {
            Ok(link) => link.maybe(&look, &[(&name, Type::TEXT)]).await,
            Err(failure) => Err(failure),
        };
        let text = match found {
            Ok(row) => row.and_then(|row| row.try_get::<_, Option<String>>(0).ok().flatten()),
            Err(failure) => return failure.into(),
        };
        let found = text.and_then(|text| crate::state::document::head(text.as_bytes()));
        StoreError::Moved { place: Arc::clone(&self.names.state), expected: known.version, found }.into()
    }

    /// Reads snapshot and journal as they belong together, and remembers them.
    pub(super) async fn contents(&mut self) -> Result<Contents, StoreError> {
        let mut end = None;
        loop {
            let asked = Moment::now();
            let failure = match self.read().await {
                Ok(contents) => {
                    self.prove(asked);
                    return Ok(contents);
                }
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Failure(failure)) => failure,
            };
            let end = *end.get_or_insert_with(|| Instant::now() + self.server.timing().retry);
            if !failure.is_broken() || Instant::now() > end {
                return Err(failure.at("read", &self.names.state));
            }
            self.unlink();
            tokio::time::sleep(FIRST_PAUSE).await;
        }
    }

    async fn read(&mut self) -> Result<Contents, Trouble> {
        if self.link().is_err() {
            self.reconnect().await?;
        }
        let (snapshot, parts) =
            super::reading::both(self.link()?, self.server.tables(), &self.names.workspace).await?;
        let digest = snapshot.as_deref().map(digest);
        let version =
            snapshot.as_deref().map(|bytes| crate::state::document::head(bytes).unwrap_or_default());
        self.known = Some(Known { digest, version });
        self.next = parts.last().map_or(self.next, |part| part.number + 1);
        let journal = parts.iter().flat_map(|part| part.lines.iter().copied()).collect();
        self.parts = parts;
        Ok(Contents { snapshot, journal })
    }

    /// Compares what is on the server with what must be there, and settles what was pending.
    pub(super) async fn reconcile(&mut self) -> Result<(), Trouble> {
        let Some(known) = self.known.clone() else { return Ok(()) };
        let tables = self.server.tables().clone();
        let name = Arc::clone(&self.names.workspace);
        let name: &str = &name;
        let look = format!(
            "SELECT CASE WHEN data <> '' THEN sha256(convert_to(data, 'UTF8')) END FROM {} WHERE name = $1",
            tables.states()
        );
        let row = self.link()?.maybe(&look, &[(&name, Type::TEXT)]).await?;
        let found = match row {
            Some(row) => row.try_get::<_, Option<Vec<u8>>>(0).map_err(Failure::from)?,
            None => None,
        };
        let is = |digest: Option<&[u8; 32]>| found.as_deref() == digest.map(<[u8; 32]>::as_slice);
        if !is(known.digest.as_ref()) {
            match &self.pending {
                Some(Pending::Commit(document)) if is(Some(&document.digest)) => self.done(),
                _ => {
                    self.hold.lose();
                    return Err(self.moved(known).await);
                }
            }
        }
        let look = format!(
            "SELECT part, octet_length(lines) FROM {} WHERE name = $1 ORDER BY part",
            tables.journal()
        );
        let mut found = Vec::new();
        for row in self.link()?.rows(&look, &[(&name, Type::TEXT)]).await? {
            let length: i32 = row.try_get(1).map_err(Failure::from)?;
            found.push((
                row.try_get::<_, i64>(0).map_err(Failure::from)?,
                usize::try_from(length).unwrap_or_default(),
            ));
        }
        let shape =
            |parts: &[Part]| parts.iter().map(|part| (part.number, part.lines.len())).collect::<Vec<_>>();
        let expected = shape(&self.parts);
        if found == expected {
            return Ok(());
        }
        let with_pending = match &self.pending {
            Some(Pending::Append(part)) => {
                let mut parts = expected.clone();
                parts.push((part.number, part.lines.len()));
                Some(parts)
            }
            Some(Pending::Rotate(_)) => Some(Vec::new()),
            Some(Pending::Cut(parts)) => Some(shape(parts)),
            Some(Pending::Commit(_)) | None => None,
        };
        if with_pending.is_some_and(|parts| parts == found) {
            self.done();
            return Ok(());
        }
        if expected.starts_with(&found) {
            return self.restore(found.len()).await;
        }
        self.hold.lose();
        Err(self.hold.lost().into())
    }

    /// Another server went on with less than this one had acknowledged: what is missing is written again.
    async fn restore(&mut self, from: usize) -> Result<(), Trouble> {
        let missing: Vec<Part> = self.parts.iter().skip(from).cloned().collect();
        tracing::warn!(
            parts = missing.len(),
            "the server lost records that it had acknowledged; they are written again"
        );
        for part in missing {
            self.append(&part).await?;
        }
        Ok(())
    }
}

/// How often one change may begin anew because a connection was made and lost again.
const LOSSES: u32 = 100;

/// How many connections of its own a run remembers.
const REMEMBERED: usize = 32;

/// How many earlier journals are kept.
const RETENTION: usize = 100;

/// The longest wait for letting go of a lock: the server frees it anyway.
pub(super) const FAREWELL: Duration = Duration::from_secs(3);

/// A pool in between gives our statements to any connection it likes.
pub(super) fn pooled() -> Failure {
    Failure::hopeless(
        "a connection pooler gives every transaction to another connection, so a lock does not last",
    )
    .hint("connect to the server itself, or through a pool in session mode")
}
