//! One connection to the server: how it is made and watched, and how long anything may take.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use tokio_postgres::types::Type;

use super::failure::Failure;
use super::failure::of_connecting;
use super::server::Server;
use super::tables::literal;

/// A parameter of a statement and its type: statements take one round trip when the types need not be asked for.
pub(super) type Parameter<'p> = (&'p (dyn ToSql + Sync), Type);

/// A connection. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Link {
    client: tokio_postgres::Client,
    task: AbortHandle,
    /// Whether the connection has ended.
    is_over: Arc<AtomicBool>,
    /// The longest wait for an answer.
    patience: Duration,
    identity: Identity,
}

/// What the server says about a connection and itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The process that serves the connection.
    pub(super) pid: i32,
    /// When that process was started; with the process it names a connection for good.
    pub(super) started: String,
    user: String,
    version: i32,
    is_replica: bool,
}

/// Why a connection is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
}

/// The oldest server with what is needed: time limits on what was sent and not acknowledged.
const OLDEST: i32 = 12_00_00;

impl Link {
    /// Connects. `ended` is called when the connection ends, whoever ends it.
    pub(super) async fn open(
        server: &Server,
        purpose: Purpose,
        ended: impl FnOnce() + Send + 'static,
    ) -> Result<Self, Failure> {
        let timing = server.timing();
        let config = server.config()?;
        let connecting = config.connect(server.connector()?);
        // Each address has its own limit; this one is for names and log-ins that never end.
        let limit = timing.connect * 2 + timing.statement;
        let (client, connection) = tokio::time::timeout(limit, connecting)
            .await
            .map_err(|_elapsed| {
                Failure::broken(format!(
                    "cannot connect to {}: no answer within {} s",
                    server.shown(),
                    limit.as_secs()
                ))
                .hint("check host, port and firewalls")
            })?
            .map_err(|error| of_connecting(&error, server.shown()))?;
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let task = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %Failure::from(error), "a connection to the state's server ended");
            }
            over.store(true, Ordering::Release);
            ended();
        });
        let mut link = Self {
            client,
            task: task.abort_handle(),
            is_over,
            patience: timing.statement + timing.statement / 4,
            identity: Identity {
                pid: 0,
                started: String::new(),
                user: String::new(),
                version: 0,
                is_replica: false,
            },
        };
        link.set(server, purpose).await?;
        Ok(link)
    }

    /// Sets the limits of the session and asks who serves it.
    async fn set(&mut self, server: &Server, purpose: Purpose) -> Result<(), Failure> {
        let timing = server.timing();
        let milliseconds = |time: Duration| time.as_millis().to_string();
        let lease = timing.lease;
        let wanted = [
            ("TimeZone", "UTC".to_owned()),
            ("standard_conforming_strings", "on".to_owned()),
            ("client_min_messages", "warning".to_owned()),
            ("default_transaction_isolation", "read committed".to_owned()),
            ("statement_timeout", milliseconds(timing.statement)),
            ("lock_timeout", milliseconds(timing.statement)),
            ("idle_in_transaction_session_timeout", milliseconds(lease)),
            ("transaction_timeout", "0".to_owned()),
            // A session that nothing was heard of for so long is ended with its lock, also where a proxy
            // goes on acknowledging packets in the name of a machine that is gone.
            ("idle_session_timeout", milliseconds(lease)),
            // The same by the packets alone, for servers before 14.
            ("tcp_keepalives_idle", (lease / 2).as_secs().max(1).to_string()),
            ("tcp_keepalives_interval", (lease / 20).as_secs().max(1).to_string()),
            ("tcp_keepalives_count", "10".to_owned()),
            ("tcp_user_timeout", milliseconds(lease)),
        ];
        let rows: Vec<String> =
            wanted.iter().map(|(name, value)| format!("({}, {})", literal(name), literal(value))).collect();
        let settings = format!(
            "SELECT set_config(w.name, w.value, false) FROM (VALUES {}) AS w (name, value) JOIN pg_settings s USING (name) \
             UNION ALL SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')",
            rows.join(", ")
        );
        self.rows(&settings, &[]).await?;
        let about = "SELECT pg_backend_pid(), coalesce((SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()), ''), \
             current_user::text, current_setting('server_version_num')::int, pg_is_in_recovery(), current_setting('server_encoding'), current_setting('fsync')";
        let row = self.one(about, &[]).await?;
        let encoding: String = row.try_get(5)?;
        let fsync: String = row.try_get(6)?;
        self.identity = Identity {
            pid: row.try_get(0)?,
            started: row.try_get(1)?,
            user: row.try_get(2)?,
            version: row.try_get(3)?,
            is_replica: row.try_get(4)?,
        };
        let shown = server.shown();
        if self.identity.version < OLDEST {
            let version = self.identity.version / 10_000;
            return Err(Failure::hopeless(format!("{shown} is PostgreSQL {version}; 12 or newer is needed")));
        }
        if purpose == Purpose::Write {
            if self.identity.is_replica {
                return Err(Failure::hopeless(format!("{shown} is a read-only replica")).hint(
                    "name the primary server, or all servers in `conn_str`: the writable one is taken",
                ));
            }
            if encoding != "UTF8" {
                return Err(Failure::hopeless(format!("the database has the encoding {encoding}"))
                    .hint("keep states in a database that was created with ENCODING 'UTF8'"));
            }
            if fsync == "off" {
                tracing::debug!(server = %shown, "the server has `fsync` off: states do not survive its crash");
            }
        }
        Ok(())
    }

    /// Returns who serves the connection.
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the user that we are to the server.
    pub(super) fn user(&self) -> &str {
        &self.identity.user
    }

    /// Returns whether it can no longer be used.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire) || self.client.is_closed()
    }

    async fn patiently<T>(
        &self,
        asked: impl Future<Output = Result<T, tokio_postgres::Error>> + Send,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.patience, asked).await {
            Ok(answer) => answer.map_err(Failure::from),
            Err(_) => {
                // What was asked may still be done: only another connection can find out.
                self.task.abort();
                let seconds = self.patience.as_secs_f32();
                Err(Failure::broken(format!("the server did not answer within {seconds:.0} s")))
            }
        }
    }

    /// Runs a statement and returns its rows.
    pub(super) async fn rows(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Failure> {
        self.patiently(self.client.query_typed(statement, parameters)).await
    }

    /// Runs a statement that returns one row.
    pub(super) async fn one(&self, statement: &str, parameters: &[Parameter<'_>]) -> Result<Row, Failure> {
        self.patiently(self.client.query_typed_one(statement, parameters)).await
    }

    /// Runs a statement that returns one row or none.
    pub(super) async fn maybe(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<Row>, Failure> {
        Ok(self.rows(statement, parameters).await?.into_iter().next())
    }

    /// Runs a statement and returns how many rows it changed.
    pub(super) async fn change(&self, statement: &str, parameters: &[Parameter<'_>]) -> Result<u64, Failure> {
        self.patiently(self.client.execute_typed(statement, parameters)).await
    }

    /// Runs statements without parameters and answers as one transaction.
    pub(super) async fn transaction(&self, statements: &str) -> Result<(), Failure> {
        // Statements that are sent together are one transaction.
        self.patiently(self.client.batch_execute(statements)).await
    }

    pub(super) async fn begin(&self) -> Result<(), Failure> {
        self.patiently(self.client.batch_execute("BEGIN")).await
    }

    pub(super) async fn commit(&self) -> Result<(), Failure> {
        self.patiently(self.client.batch_execute("COMMIT")).await
    }

    pub(super) async fn rollback(&self) {
        if let Err(failure) = self.patiently(self.client.batch_execute("ROLLBACK")).await {
            tracing::debug!(%failure, "a transaction could not be rolled back; the server does it");
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // The connection says good-bye by itself when its client goes; one that hangs would stay for ever.
        if self.is_over() {
            self.task.abort();
        }
    }
}
