//! States in a `PostgreSQL` database: Terraform's table for the snapshot, tables of ours beside it for the journal, its
//! history and who writes.
//!
//! | file | owns |
//! |---|---|
//! | `conninfo` | connection strings and variables as libpq reads them |
//! | `tls` | whose certificate is believed |
//! | `server` | the settled server, its limits, the connection for reading |
//! | `link` | one connection |
//! | `tables` | names and creation of the tables |
//! | `reading` | what is read without a lock |
//! | `taking` | the lock: taking it, keeping it, taking it again |
//! | `hold` | whether it is held, for those who must know at once |
//! | `pending` | changes that may have happened |
//! | `writer` | changes, and going on after a lost connection |
//! | `store` | the operations of a store, which block |
//! | `failure` | what the server says, and what to do about it |

mod breaking;
mod conninfo;
mod failure;
mod hold;
mod link;
mod pending;
mod reading;
mod server;
mod store;
mod tables;
mod taking;
mod tls;
mod writer;

use std::sync::Arc;

use tokio_postgres::types::Type;

use crate::diag::Diagnostics;
use crate::state::store::Clock;
use crate::state::store::Layout;
use crate::state::store::Store;
use crate::state::store::StoreError;

use super::Argument;
use super::ArgumentKind;
use super::Backend;
use super::LockState;
use super::Settings;
use super::blocking;
use super::blocking::wait;

pub use server::Timing;

use conninfo::Parameters;
use failure::Failure;
use link::Link;
use server::Server;
use server::Work;
use store::PgStore;
use tables::LONGEST_TABLE;
use tables::Skip;
use tables::Tables;

/// The schema of the tables if none is named. Not Terraform's: a state of Terraform is never taken over by accident.
const SCHEMA: &str = "queueform_remote_state";

/// The arguments.
pub(super) const ARGUMENTS: &[Argument] = &[
    Argument {
        sensitive: true,
        ..Argument::text(
            "conn_str",
            &["PG_CONN_STR"],
            "The connection string: `postgres://user@host:5432/database?sslmode=verify-full` or `host=… dbname=…`. What it does not say is taken from the other arguments. Several hosts may be listed; the writable one is taken.",
        )
    },
    Argument::text(
        "host",
        &["PGHOST"],
        "The host, or the directory of the server's socket; several with commas. `localhost` if it is not given.",
    ),
    Argument::text(
        "port",
        &["PGPORT"],
        "The port; one for all hosts, or one for each. 5432 if it is not given.",
    ),
    Argument::text(
        "database",
        &["PGDATABASE"],
        "The database. The one named as the user if it is not given.",
    ),
    Argument::text("user", &["PGUSER"], "The user."),
    Argument {
        sensitive: true,
        ..Argument::text(
            "password",
            &["PGPASSWORD"],
            "The password. Better kept in the variable or a password file than in the configuration.",
        )
    },
    Argument::text(
        "passfile",
        &["PGPASSFILE"],
        "A password file with lines `host:port:database:user:password`, read if there is no password.",
    ),
    Argument::text(
        "sslmode",
        &["PGSSLMODE"],
        "How the connection is protected: `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`. `verify-full` if it is not given and the server is on another machine, otherwise `prefer`.",
    ),
    Argument::text(
        "sslrootcert",
        &["PGSSLROOTCERT"],
        "The file with the certificates of authorities; those that the machine trusts if it is not given or `system`.",
    ),
    Argument::text("sslcert", &["PGSSLCERT"], "The file with our own certificate."),
    Argument::text("sslkey", &["PGSSLKEY"], "The file with the key of our own certificate."),
    Argument::text(
        "target_session_attrs",
        &["PGTARGETSESSIONATTRS"],
        "Which of several servers is taken: `any`, `read-write` (the default for several), `primary`, `read-only` or `standby`.",
    ),
    Argument::text(
        "connect_timeout",
        &["PGCONNECT_TIMEOUT"],
        "How many seconds to wait for a connection to one address. 10 if it is not given.",
    ),
    Argument::text(
        "options",
        &["PGOPTIONS"],
        "Options for the session on the server, such as `-c role=states`.",
    ),
    Argument::text(
        "schema_name",
        &["PG_SCHEMA_NAME"],
        "The schema of the tables. `queueform_remote_state` if it is not given. Terraform's is `terraform_remote_state`.",
    ),
    Argument::text(
        "table_name",
        &["PG_TABLE_NAME"],
        "The table of the states. `states` if it is not given. The names of the tables beside it begin with it.",
    ),
    Argument::text(
        "index_name",
        &["PG_INDEX_NAME"],
        "The index of the states by their names. `states_by_name` if it is not given.",
    ),
    Argument::flag(
        "skip_schema_creation",
        &["PG_SKIP_SCHEMA_CREATION"],
        "Whether the schema must be there already.",
    ),
    Argument::flag(
        "skip_table_creation",
        &["PG_SKIP_TABLE_CREATION"],
        "Whether the tables must be there already.",
    ),
    Argument::flag(
        "skip_index_creation",
        &["PG_SKIP_INDEX_CREATION"],
        "Whether the index is left to others.",
    ),
    Argument {
        name: "timeout",
        kind: ArgumentKind::Duration,
        required: false,
        environment: &[],
        sensitive: false,
        description: "How long one statement may take on the server. `30s` if it is not given.",
    },
];

/// States in a `PostgreSQL` database.
#[derive(Debug)]
pub struct PgBackend {
    server: Arc<Server>,
}

pub(super) fn configure(settings: &Settings) -> Result<Arc<dyn Backend>, Diagnostics> {
    Ok(Arc::new(PgBackend::new(settings, Timing::default())?))
}

impl PgBackend {
    /// Returns the engine of settings. Nothing is connected yet.
    ///
    /// # Errors
    /// If arguments are wrong or do not go together.
    pub fn new(settings: &Settings, timing: Timing) -> Result<Self, Diagnostics> {
        let wrong = |name: &str, error: &conninfo::ConninfoError| {
            Diagnostics::from(settings.wrong(name, format!("`{name}` of the backend `pg` {error}")))
        };
        let mut parameters = match settings.text("conn_str") {
            Some(text) => conninfo::parse(text).map_err(|error| wrong("conn_str", &error))?,
            None => Parameters::new(),
        };
        for (argument, parameter) in ALONE {
            if let Some(text) = settings.text(argument) {
                parameters.entry(parameter).or_insert_with(|| text.to_owned());
            }
        }
        let name = |argument: &str, usual: &str, longest: usize| -> Result<String, Diagnostics> {
            let name = settings.text(argument).unwrap_or(usual);
            if name.len() > longest || name.contains('\0') {
                let summary = format!("`{argument}` of the backend `pg` must have at most {longest} bytes");
                return Err(settings.wrong(argument, summary).into());
            }
            Ok(name.to_owned())
        };
        let tables = Tables {
            schema: name("schema_name", SCHEMA, 63)?,
            table: name("table_name", "states", LONGEST_TABLE)?,
            index: name("index_name", "states_by_name", 63)?,
            skip: Skip {
                schema: settings.flag("skip_schema_creation"),
                tables: settings.flag("skip_table_creation"),
                index: settings.flag("skip_index_creation"),
            },
        };
        let timing = Timing { statement: settings.duration("timeout").unwrap_or(timing.statement), ..timing };
        let server = Server::new(&parameters, settings.directory(), tables, timing).map_err(|error| {
            let named = match &error {
                conninfo::ConninfoError::Value { name, .. } => {
                    ALONE.iter().find(|(_, parameter)| parameter == name).map(|(argument, _)| *argument)
                }
                conninfo::ConninfoError::Syntax(_)
                | conninfo::ConninfoError::Unknown(_)
                | conninfo::ConninfoError::Unsupported(_) => None,
            };
            match named {
                Some(argument) if settings.is_given(argument) => wrong(argument, &error),
                _ => wrong("conn_str", &error),
            }
        })?;
        Ok(Self { server: Arc::new(server) })
    }

    fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl for<'l> Fn(&'l Link, Arc<Server>) -> Work<'l, T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let server = Arc::clone(&self.server);
        let answer = wait(async move { server.read(|link| work(link, Arc::clone(&server))).await });
        let place: Arc<str> = self.server.place().into();
        answer.unwrap_or_else(|error| Err(Failure::from(error))).map_err(|failure| failure.at(doing, &place))
    }
}

/// Arguments that are parameters of the connection, with their names in connection strings.
const ALONE: &[(&str, &str)] = &[
    ("host", "host"),
    ("port", "port"),
    ("database", "dbname"),
    ("user", "user"),
    ("password", "password"),
    ("passfile", "passfile"),
    ("sslmode", "sslmode"),
    ("sslrootcert", "sslrootcert"),
    ("sslcert", "sslcert"),
    ("sslkey", "sslkey"),
    ("target_session_attrs", "target_session_attrs"),
    ("connect_timeout", "connect_timeout"),
    ("options", "options"),
];

impl Backend for PgBackend {
    fn kind(&self) -> &'static str {
        "pg"
    }

    fn place(&self) -> String {
        self.server.place().to_owned()
    }

    fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        let mut names = self.run("read", |link, server| {
            Box::pin(async move { reading::workspaces(link, server.tables()).await })
        })?;
        if !names.iter().any(|name| name == Layout::DEFAULT) {
            names.push(Layout::DEFAULT.to_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn store(&self, workspace: &str, clock: Arc<dyn Clock>) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(PgStore::new(Arc::clone(&self.server), workspace, clock)))
    }

    fn lock_state(&self, workspace: &str) -> Result<LockState, StoreError> {
        let workspace: Arc<str> = workspace.into();
        let held = self.run("read", move |link, server| {
            let workspace = Arc::clone(&workspace);
            Box::pin(async move { reading::lock(link, server.tables(), &workspace).await })
        })?;
        Ok(match held {
            None => LockState::Free,
            Some(lock) if lock.is_ours => LockState::Ours(Box::new(lock.holder)),
            Some(lock) => LockState::Other(Box::new(lock.holder)),
        })
    }

    fn break_lock(&self, workspace: &str, id: &str) -> Result<(), StoreError> {
        let (workspace, id): (Arc<str>, Arc<str>) = (workspace.into(), id.into());
        self.run("unlock", move |link, server| {
            let (workspace, id) = (Arc::clone(&workspace), Arc::clone(&id));
            Box::pin(async move { breaking::break_lock(link, server.tables(), &workspace, &id).await })
        })
    }

    fn create(&self, workspace: &str) -> Result<(), StoreError> {
        let workspace: Arc<str> = workspace.into();
        self.run("write", move |link, server| {
            let workspace = Arc::clone(&workspace);
            Box::pin(async move {
                let tables = server.tables();
                tables.ensure(link).await?;
                let insert = taking::insertion(&tables.states(), &tables.writers());
                let name: &str = &workspace;
                link.change(&insert, &[(&name, Type::TEXT)]).await?;
                Ok(())
            })
        })
    }

    fn delete(&self, workspace: &str) -> Result<(), StoreError> {
        let workspace: Arc<str> = workspace.into();
        self.run("remove", move |link, server| {
            let workspace = Arc::clone(&workspace);
            Box::pin(async move {
                let tables = server.tables();
                let name = tables::literal(&workspace);
                let statements: Vec<String> =
                    [tables.states(), tables.journal(), tables.history(), tables.backup(), tables.writers()]
                        .iter()
                        .map(|table| format!("DELETE FROM {table} WHERE name = {name}"))
                        .collect();
                link.transaction(&statements.join("; ")).await
            })
        })
    }
}
