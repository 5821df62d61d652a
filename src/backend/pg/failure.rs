//! What can go wrong with the server, and what to do about it.

use std::error::Error as _;
use std::io;
use std::sync::Arc;

use crate::state::store::StoreError;

use super::blocking::Unavailable;

/// Why something asked of the server did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(super) struct Failure {
    pub(super) kind: FailureKind,
    /// In the server's words where it said something.
    pub(super) reason: String,
    pub(super) hint: Option<String>,
    /// Whether it is likely to be gone in a moment.
    pub(super) is_passing: bool,
}

/// What a failure means for those who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// There is no connection (any more): whether what was asked has happened is unknown.
    Broken,
    /// The server said no, with this code: nothing of what was asked has happened.
    Refused(String),
    /// Trying again would not help: a wrong password, a wrong certificate.
    Hopeless,
}

impl Failure {
    pub(super) fn broken(reason: impl Into<String>) -> Self {
        Self { kind: FailureKind::Broken, reason: reason.into(), hint: None, is_passing: false }
    }

    /// Returns a failure that is likely to be gone in a moment.
    pub(super) fn passing(reason: impl Into<String>) -> Self {
        Self { is_passing: true, ..Self::broken(reason) }
    }

    pub(super) fn hopeless(reason: impl Into<String>) -> Self {
        Self { kind: FailureKind::Hopeless, reason: reason.into(), hint: None, is_passing: false }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(super) fn is_broken(&self) -> bool {
        self.kind == FailureKind::Broken
    }

    pub(super) fn code(&self) -> Option<&str> {
        match &self.kind {
            FailureKind::Refused(code) => Some(code),
            FailureKind::Broken | FailureKind::Hopeless => None,
        }
    }

    /// Returns whether a table or the schema is not there.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self.code(), Some(code::UNDEFINED_TABLE | code::UNDEFINED_SCHEMA))
    }

    /// Returns it as the failure of a store.
    pub(super) fn at(self, doing: &'static str, place: &Arc<str>) -> StoreError {
        StoreError::Engine {
            doing,
            place: Arc::clone(place),
            reason: self.reason.into(),
            hint: self.hint.map(Into::into),
        }
    }
}

impl From<Unavailable> for Failure {
    fn from(error: Unavailable) -> Self {
        Self::hopeless(error.to_string())
    }
}

/// Codes of answers that mean something special.
pub(super) mod code {
    pub(in super::super) const UNIQUE: &str = "23505";
    pub(super) const READ_ONLY: &str = "25006";
    pub(super) const PASSWORD: &str = "28P01";
    pub(super) const LOGIN: &str = "28000";
    pub(super) const NO_DATABASE: &str = "3D000";
    pub(super) const UNDEFINED_SCHEMA: &str = "3F000";
    pub(in super::super) const FORBIDDEN: &str = "42501";
    pub(super) const UNDEFINED_TABLE: &str = "42P01";
    pub(super) const UNDEFINED_COLUMN: &str = "42703";
    pub(super) const TOO_MANY: &str = "53300";
    pub(super) const DISK_FULL: &str = "53100";
    pub(super) const CANCELLED: &str = "57014";
    pub(super) const LOCK_TIMEOUT: &str = "55P03";
    pub(super) const STARTING: &str = "57P03";
    pub(super) const UNTRANSLATABLE: &str = "22P05";
    pub(super) const UNSUPPORTED_STARTUP: &str = "08P01";
}

/// Returns the innermost reason of an error.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Reads a failure of a connection that was there.
impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(answer) = error.as_db_error() else {
            return Self::passing(match error.source() {
                Some(_) => format!("the connection was lost: {}", deepest(&error)),
                None => "the connection was lost".to_owned(),
            });
        };
        let code = answer.code().code().to_owned();
        let reason = answer.message().to_owned();
        // The server ends sessions on its own with these: shut down, crashed, idle for too long.
        let ends_session = matches!(&*code, "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04");
        if ends_session || code.starts_with("08") {
            return Self::passing(reason);
        }
        let hint = hint(&code);
        Self { kind: FailureKind::Refused(code), reason, hint: hint.map(str::to_owned), is_passing: false }
    }
}

fn hint(code: &str) -> Option<&'static str> {
    Some(match code {
        code::READ_ONLY => {
            "the server is a read-only replica or the user may only read: name the primary server, or all servers, of which the writable one is taken"
        }
        code::FORBIDDEN => {
            "grant the right to the user that connects; the reference of the backend lists what it needs"
        }
        code::DISK_FULL => "free some space on the server, then run the same command again",
        code::CANCELLED | code::LOCK_TIMEOUT => {
            "the server is busy or a lock is held on the tables; try again, or give it more time with `timeout`"
        }
        code::UNTRANSLATABLE => "keep states in a database with the encoding UTF8",
        code::UNDEFINED_TABLE | code::UNDEFINED_SCHEMA => {
            "the tables are not there: let Queueform create them (without `skip_table_creation`), or create them as the reference of the backend shows"
        }
        code::UNDEFINED_COLUMN => {
            "the tables are not those of this version: compare them with the ones in the reference of the backend"
        }
        code::TOO_MANY => "raise `max_connections` of the server, or run fewer commands at a time",
        _ => return None,
    })
}

/// Reads why a connection could not be made.
pub(super) fn of_connecting(error: &tokio_postgres::Error, shown: &str) -> Failure {
    if let Some(answer) = error.as_db_error() {
        return refused(answer, shown);
    }
    let said = error.to_string();
    let reason = deepest(error);
    if said.contains("TLS handshake") {
        return tls(&reason, shown);
    }
    if said.contains("invalid configuration") || said.contains("authentication") {
        let failure = Failure::hopeless(format!("cannot log in to {shown}: {reason}"));
        return if reason.contains("password") {
            failure.hint(
                "the server wants a password: set `PGPASSWORD`, or name a password file with `passfile`",
            )
        } else {
            failure
        };
    }
    let mut source: Option<&(dyn std::error::Error + 'static)> = error.source();
    let mut kind = None;
    while let Some(error) = source {
        kind = kind.or_else(|| error.downcast_ref::<io::Error>().map(io::Error::kind));
        source = error.source();
    }
    let failure = Failure::broken(format!("cannot connect to {shown}: {reason}"));
    if error.is_closed() {
        return Failure { is_passing: true, ..failure };
    }
    match kind {
        Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => {
            Failure { is_passing: true, ..failure }
        }
        Some(io::ErrorKind::ConnectionRefused) => failure.hint(
            "nobody listens there: check host and port, and that the server runs and listens on that address",
        ),
        Some(io::ErrorKind::NotFound) => {
            failure.hint("check the directory of the server's socket, or name a host")
        }
        Some(io::ErrorKind::PermissionDenied) if reason.contains("does not allow writes") => {
            failure.hint("none of the servers can be written: name the primary server too")
        }
        Some(io::ErrorKind::TimedOut) => {
            failure.hint("check host, port and firewalls; `connect_timeout` sets how long to wait")
        }
        _ if reason.contains("resolve")
            || reason.contains("lookup")
            || reason.contains("Name or service") =>
        {
            failure.hint("check the name of the host")
        }
        _ => failure,
    }
}

/// The server answered, and does not let us in.
fn refused(answer: &tokio_postgres::error::DbError, shown: &str) -> Failure {
    let code = answer.code().code();
    let reason = format!("{shown} refuses the connection: {}", answer.message());
    let failure = Failure::hopeless(reason.clone());
    let lower = answer.message().to_lowercase();
    match code {
        code::PASSWORD => failure.hint("check user and password (`conn_str`, `PGUSER`, `PGPASSWORD`, `passfile`)"),
        code::LOGIN if lower.contains("no encryption") || lower.contains("ssl off") => {
            failure.hint("the server wants encrypted connections: leave `sslmode` away, or set it to `verify-full` or `require`")
        }
        code::LOGIN => failure.hint("check the user, and the server's `pg_hba.conf`"),
        code::NO_DATABASE => failure.hint("create the database: `CREATE DATABASE name ENCODING 'UTF8'`, or name another one"),
        code::UNSUPPORTED_STARTUP if lower.contains("startup parameter") => {
            failure.hint("a connection pooler is in between that does not pass parameters on: connect to the server itself")
        }
        // It may be different in a moment.
        code::TOO_MANY | code::STARTING => {
            Failure { hint: hint(code).map(str::to_owned), ..Failure::passing(reason) }
        }
        _ => failure,
    }
}

fn tls(reason: &str, shown: &str) -> Failure {
    let failure = Failure::hopeless(format!("no encrypted connection to {shown}: {reason}"));
    if reason.contains("does not support TLS") {
        return failure
            .hint("switch TLS on at the server, or say with `sslmode=disable` that the network is trusted");
    }
    let lower = reason.to_lowercase();
    if lower.contains("unknownissuer") || lower.contains("unknown issuer") || lower.contains("caused by") {
        return failure
            .hint("name the certificate of the authority with `sslrootcert`, or give up knowing who answers with `sslmode=require`");
    }
    if lower.contains("not valid for name") || lower.contains("name") {
        return failure.hint("connect by the name that is in the certificate, or check the authority alone with `sslmode=verify-ca`");
    }
    if lower.contains("eof") || lower.contains("closed") {
        return Failure { kind: FailureKind::Broken, is_passing: true, ..failure };
    }
    failure.hint("`sslmode` and `sslrootcert` say what is expected of the server's certificate")
}
