//! How the lock is taken, kept, taken again over a new connection, and let go.
//!
//! The lock is the server's own: it belongs to the connection and goes with it, however that ends. Its key is the number
//! of the state, which is what Terraform locks too. Who holds it stands in the row of writers, with an epoch that every
//! taking raises; see `writer` for what that is good for.

use tokio::time::Instant;
use tokio_postgres::types::Type;

use crate::state::store::Holder;

use super::failure::Failure;
use super::hold::Moment;
use super::pending::Trouble;
use super::reading;
use super::server::FIRST_PAUSE;
use super::writer::FAREWELL;
use super::writer::Writer;
use super::writer::pooled;

/// What came of an attempt to take the lock.
#[derive(Debug)]
pub(super) enum Taking {
    /// It is held now.
    Taken,
    /// Somebody else holds it.
    Held(Option<Holder>),
}

/// How often the row is looked for again when it changes while the lock is taken.
const TRIES: u32 = 10;

impl Writer {
    /// Tries to take the lock once; connects first where that was not done yet.
    pub(super) async fn take(&mut self) -> Result<Taking, Failure> {
        if self.link().is_err() {
            self.open_link().await?;
            let server = std::sync::Arc::clone(&self.server);
            server.tables().ensure(self.link()?).await?;
        }
        for _ in 0..TRIES {
            self.find().await?;
            if !self.is_locked {
                self.served_by = Some(self.link()?.identity().clone());
                return Ok(Taking::Taken);
            }
            let asked = Moment::now();
            if !self.try_lock().await? {
                let holder =
                    reading::holder(self.link()?, self.server.tables(), &self.names.workspace).await?;
                return Ok(Taking::Held(holder));
            }
            self.expect_a_session_of_its_own().await?;
            self.served_by = Some(self.link()?.identity().clone());
            let run = uuid::Uuid::new_v4().to_string();
            if self.enter(&run).await? {
                self.run = Some(run);
                self.prove(asked);
                return Ok(Taking::Taken);
            }
            self.unlock().await?;
        }
        Err(Failure::hopeless("the row of the state changes all the time"))
    }

    /// Finds the number of the state, which is the key of its lock, and makes the row of writers.
    async fn find(&mut self) -> Result<(), Failure> {
        let tables = self.server.tables();
        let (states, writers) = (tables.states(), tables.writers());
        let name = std::sync::Arc::clone(&self.names.workspace);
        let name: &str = &name;
        let look = format!(
            "SELECT coalesce(s.id, w.id), w.epoch, w.run FROM (SELECT $1::text AS name) n \
             LEFT JOIN {states} s ON s.name = n.name LEFT JOIN {writers} w ON w.name = n.name"
        );
        for _ in 0..TRIES {
            let row = self.link()?.one(&look, &[(&name, Type::TEXT)]).await?;
            let epoch: Option<i64> = row.try_get(1)?;
            if let Some(epoch) = epoch {
                self.id = row.try_get::<_, Option<i64>>(0)?.unwrap_or_default();
                (self.epoch, self.run) = (epoch, row.try_get(2)?);
                return Ok(());
            }
            self.link()?.change(&insertion(&states, &writers), &[(&name, Type::TEXT)]).await?;
        }
        Err(Failure::hopeless("the row of the state changes all the time"))
    }

    async fn try_lock(&self) -> Result<bool, Failure> {
        let row = self.link()?.one("SELECT pg_try_advisory_lock($1)", &[(&self.id, Type::INT8)]).await?;
        Ok(row.try_get(0)?)
    }

    async fn unlock(&self) -> Result<(), Failure> {
        self.link()?.rows("SELECT pg_advisory_unlock($1)", &[(&self.id, Type::INT8)]).await?;
        Ok(())
    }

    /// Writes down who holds the lock, in a new epoch. False if the row is not the one that was locked.
    async fn enter(&mut self, run: &str) -> Result<bool, Failure> {
        let tables = self.server.tables();
        let enter = format!(
            "UPDATE {} SET epoch = epoch + 1, run = $2, id = $3, holder = $4, pid = pg_backend_pid(), taken_at = now() \
             WHERE name = $1 AND NOT EXISTS (SELECT FROM {} s WHERE s.name = $1 AND s.id <> $3) RETURNING epoch",
            tables.writers(),
            tables.states()
        );
        let name = &*self.names.workspace;
        let holder = serde_json::to_string(&self.holder).unwrap_or_default();
        let row = self
            .link()?
            .maybe(
                &enter,
                &[(&name, Type::TEXT), (&run, Type::TEXT), (&self.id, Type::INT8), (&holder, Type::TEXT)],
            )
            .await?;
        match row {
            Some(row) => {
                self.epoch = row.try_get(0)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Makes sure that the lock is ours alone: a pool that gives every transaction to another connection of its own
    /// would hand the same lock to everybody.
    async fn expect_a_session_of_its_own(&self) -> Result<(), Failure> {
        let id = self.id;
        let other = self
            .server
            .read(move |link| {
                Box::pin(async move {
                    let ask = "SELECT pg_backend_pid(), pg_try_advisory_lock($1)";
                    let row = link.one(ask, &[(&id, Type::INT8)]).await?;
                    let (pid, is_taken): (i32, bool) = (row.try_get(0)?, row.try_get(1)?);
                    if is_taken {
                        link.rows("SELECT pg_advisory_unlock($1)", &[(&id, Type::INT8)]).await?;
                    }
                    Ok((pid, is_taken))
                })
            })
            .await?;
        let link = self.link()?;
        let pid: i32 = link.one("SELECT pg_backend_pid()", &[]).await?.try_get(0)?;
        let (other, is_taken) = other;
        if is_taken || other == link.identity().pid || pid != link.identity().pid {
            self.unlock().await?;
            return Err(pooled());
        }
        Ok(())
    }

    /// Connects anew. A lock is taken again only if nobody had it in between, and what the server has must be what this
    /// run left there.
    pub(super) async fn reconnect(&mut self) -> Result<(), Trouble> {
        if self.hold.is_lost() {
            return Err(self.hold.lost().into());
        }
        let connected = self.connect_again().await;
        if connected.is_err() {
            self.unlink();
        }
        connected
    }

    async fn connect_again(&mut self) -> Result<(), Trouble> {
        self.open_link().await?;
        let asked = Moment::now();
        if self.is_locked {
            self.lock_again().await?;
        }
        self.served_by = Some(self.link()?.identity().clone());
        let tables = self.server.tables();
        let renew = format!(
            "UPDATE {} SET epoch = epoch + {}, pid = pg_backend_pid() WHERE name = $1 AND run IS NOT DISTINCT FROM $2 {} RETURNING epoch",
            tables.writers(),
            i32::from(self.is_locked),
            if self.is_locked { String::new() } else { format!("AND epoch = {}", self.epoch) },
        );
        let name = &*self.names.workspace;
        let row = self.link()?.maybe(&renew, &[(&name, Type::TEXT), (&self.run, Type::TEXT)]).await?;
        let Some(row) = row else {
            self.hold.lose();
            return Err(self.hold.lost().into());
        };
        self.epoch = row.try_get(0).map_err(Failure::from)?;
        self.reconcile().await?;
        self.prove(asked);
        Ok(())
    }

    /// Takes the lock over a new connection. Our own old one may still have it, as long as the server has not noticed
    /// its end: then that is ended first.
    async fn lock_again(&mut self) -> Result<(), Trouble> {
        let end = Instant::now() + self.server.timing().statement;
        loop {
            if self.try_lock().await? {
                return Ok(());
            }
            let look = "SELECT a.pid, a.backend_start::text FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
                 WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted \
                 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                 AND l.classid::bigint = ($1::bigint >> 32) & 4294967295 AND l.objid::bigint = $1::bigint & 4294967295";
            let is_ours = match self.link()?.maybe(look, &[(&self.id, Type::INT8)]).await? {
                // It was let go of just now.
                None => true,
                Some(row) => {
                    let pid: i32 = row.try_get(0).map_err(Failure::from)?;
                    let started: Option<String> = row.try_get(1).map_err(Failure::from)?;
                    let is_ours =
                        self.ours.iter().any(|old| old.pid == pid && Some(&old.started) == started.as_ref());
                    if is_ours {
                        self.link()?.rows(&format!("SELECT pg_terminate_backend({pid})"), &[]).await?;
                    }
                    is_ours
                }
            };
            if !is_ours {
                self.hold.lose();
                return Err(self.hold.lost().into());
            }
            if Instant::now() > end {
                return Err(Failure::broken(
                    "the server still keeps the lock for the connection that was lost",
                )
                .into());
            }
            tokio::time::sleep(FIRST_PAUSE).await;
        }
    }

    /// Shows the server that this run lives, and that the lock is still ours.
    pub(super) async fn beat(&mut self) {
        if self.hold.is_lost() {
            return;
        }
        if self.link().is_err() {
            self.unlink();
            if let Err(trouble) = self.reconnect().await {
                tracing::warn!(?trouble, "the connection to the state is lost");
                self.unlink();
            }
            return;
        }
        let look = format!(
            "SELECT pg_backend_pid(), epoch, run FROM {} WHERE name = $1",
            self.server.tables().writers()
        );
        let name = &*self.names.workspace;
        let asked = Moment::now();
        let answer = match self.link() {
            Ok(link) => link.maybe(&look, &[(&name, Type::TEXT)]).await,
            Err(failure) => Err(failure),
        };
        let is_ours = answer.and_then(|row| {
            let Some(row) = row else { return Ok(false) };
            let (pid, epoch): (i32, i64) = (row.try_get(0)?, row.try_get(1)?);
            let run: Option<String> = row.try_get(2)?;
            Ok(epoch == self.epoch
                && run == self.run
                && self.served_by.as_ref().is_some_and(|by| by.pid == pid))
        });
        match is_ours {
            Ok(true) => self.prove(asked),
            Ok(false) => self.hold.lose(),
            Err(failure) => {
                tracing::warn!(%failure, "the server of the state does not answer");
                if failure.is_broken() {
                    self.unlink();
                    self.hold.ended.notify_one();
                }
            }
        }
    }

    /// Lets go of the lock. That this does not succeed harms nobody: the server frees it with the connection.
    pub(super) async fn release(&mut self) {
        let is_ours = self.is_locked && !self.hold.is_lost();
        self.hold.lose();
        let farewell = async {
            let link = self.link()?;
            if is_ours {
                let leave = format!(
                    "UPDATE {} SET holder = NULL, pid = NULL WHERE name = $1 AND epoch = {} AND run = $2",
                    self.server.tables().writers(),
                    self.epoch
                );
                let name = &*self.names.workspace;
                link.change(&leave, &[(&name, Type::TEXT), (&self.run, Type::TEXT)]).await?;
                self.unlock().await?;
            }
            Ok::<(), Failure>(())
        };
        match tokio::time::timeout(FAREWELL, farewell).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::debug!(%failure, "the lock was not let go of; the server frees it"),
            Err(_) => tracing::debug!("the lock was not let go of in time; the server frees it"),
        }
        self.link = None;
    }
}

/// The statement that makes the row of writers of a workspace: its state's number, or the next one.
pub(super) fn insertion(states: &str, writers: &str) -> String {
    format!(
        "INSERT INTO {writers} (name, id) SELECT $1, coalesce((SELECT id FROM {states} WHERE name = $1), nextval('public.global_states_id_seq')) ON CONFLICT (name) DO NOTHING"
    )
}
