//! The server with its log-in, its tables and its limits, and the connection that is kept for reading.

use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_postgres::Config;
use tokio_postgres::config::ChannelBinding;
use tokio_postgres::config::LoadBalanceHosts;
use tokio_postgres::config::SslNegotiation;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::conninfo;
use super::conninfo::ConninfoError;
use super::conninfo::Parameters;
use super::conninfo::SslMode;
use super::failure::Failure;
use super::link::Link;
use super::link::Purpose;
use super::tables::Tables;
use super::tls;

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// A connection to one address.
    pub connect: Duration,
    /// One statement.
    pub statement: Duration,
    /// How long the server keeps the lock of a run that it hears nothing of.
    pub lease: Duration,
    /// How often a run that has nothing to say shows that it lives.
    pub heartbeat: Duration,
    /// How long a lost connection is tried to be made anew.
    pub retry: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            statement: Duration::from_secs(30),
            lease: Duration::from_secs(150),
            heartbeat: Duration::from_secs(5),
            retry: Duration::from_secs(60),
        }
    }
}

/// A server that keeps states.
pub(super) struct Server {
    config: Config,
    mode: SslMode,
    files: tls::Files,
    passfile: Option<PathBuf>,
    servers: Vec<conninfo::Server>,
    shown: String,
    place: String,
    tables: Tables,
    timing: Timing,
    /// The connection for reading; none until something was read, and after it was lost.
    reader: Mutex<Option<Link>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("place", &self.place)
            .field("timing", &self.timing)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Returns the server of parameters. Nothing is connected; files are read when they are needed.
    pub(super) fn new(
        parameters: &Parameters,
        directory: &std::path::Path,
        tables: Tables,
        timing: Timing,
    ) -> Result<Self, ConninfoError> {
        let servers = conninfo::servers(parameters)?;
        let mode = conninfo::ssl_mode(parameters, &servers)?;
        let timing = Timing {
            connect: conninfo::seconds(parameters, "connect_timeout")?.unwrap_or(timing.connect),
            ..timing
        };
        let mut config = Config::new();
        for server in &servers {
            if server.is_socket() {
                config.host_path(&server.host);
            } else {
                config.host(&server.host);
            }
            config.port(server.port);
        }
        if servers.iter().any(|server| server.address.is_some()) {
            for server in &servers {
                match server.address.or_else(|| server.host.parse().ok()) {
                    Some(address) => config.hostaddr(address),
                    None => {
                        let why = "there must be one for each host".to_owned();
                        return Err(ConninfoError::Value { name: "hostaddr", why });
                    }
                };
            }
        }
        let text = |name: &str| parameters.get(name).filter(|text| !text.is_empty());
        if let Some(user) = text("user") {
            config.user(user);
        }
        if let Some(password) = text("password") {
            config.password(password);
        }
        if let Some(database) = text("dbname").or_else(|| text("user")) {
            config.dbname(database);
        }
        if let Some(options) = text("options") {
            config.options(options);
        }
        config.application_name(text("application_name").map_or("queueform", String::as_str));
        config.ssl_mode(match mode {
            SslMode::Disable => tokio_postgres::config::SslMode::Disable,
            SslMode::Prefer => tokio_postgres::config::SslMode::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                tokio_postgres::config::SslMode::Require
            }
        });
        set_choices(&mut config, parameters, servers.len() > 1)?;
        config.connect_timeout(timing.connect);
        // We notice a silent loss sooner than the server does: it is us who must stop.
        config.keepalives_idle(Duration::from_secs(15));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(30));
        let file = |name| conninfo::file(parameters, name, directory);
        let identity = match (file("sslcert"), file("sslkey")) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                let why = "a certificate needs its key, and the other way round".to_owned();
                return Err(ConninfoError::Value { name: "sslcert", why });
            }
        };
        // The word for what is done anyway without a file.
        let roots = file("sslrootcert").filter(|_| text("sslrootcert").is_some_and(|text| text != "system"));
        let shown = servers.iter().map(conninfo::Server::shown).collect::<Vec<_>>().join(",");
        let database = config.get_dbname().unwrap_or("(of the user)");
        let place = format!("postgres://{shown}/{database}#{}.{}", tables.schema, tables.table);
        Ok(Self {
            mode,
            files: tls::Files { roots, identity },
            passfile: file("passfile"),
            servers,
            shown,
            place,
            tables,
            timing,
            config,
            reader: Mutex::new(None),
        })
    }

    pub(super) fn timing(&self) -> Timing {
        self.timing
    }

    pub(super) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Returns the servers as they are shown to people.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Returns the place of all states: servers, database and table, without user and password.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Returns how connections are made, with the password of the password file if there is no other.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        let mut config = self.config.clone();
        if config.get_password().is_none()
            && let Some(path) = &self.passfile
        {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::hopeless(format!("the password file `{}` cannot be read: {error}", path.display()))
            })?;
            let user = config.get_user().unwrap_or_default().to_owned();
            let database = config.get_dbname().unwrap_or(&user).to_owned();
            let found =
                self.servers.iter().find_map(|server| conninfo::password_of(&text, server, &database, &user));
            if let Some(password) = found {
                config.password(password);
            }
        }
        Ok(config)
    }

    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, Failure> {
        tls::connector(self.mode, &self.files).map_err(Failure::hopeless)
    }

    /// Runs something on the connection that is kept for reading. A connection that turns out to be lost is replaced:
    /// doing it again must be the same as doing it once.
    pub(super) async fn read<T>(
        &self,
        work: impl for<'l> Fn(&'l Link) -> Work<'l, T> + Send + Sync,
    ) -> Result<T, Failure> {
        let mut reader = self.reader.lock().await;
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            let failure = match self.read_once(&mut reader, &work).await {
                Err(failure) if failure.is_passing && tries < TRIES => failure,
                result => return result,
            };
            tracing::debug!(%failure, "asking the server of the state again");
            *reader = None;
            super::blocking::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            tries += 1;
        }
    }

    async fn read_once<T>(
        &self,
        reader: &mut Option<Link>,
        work: impl for<'l> Fn(&'l Link) -> Work<'l, T> + Send + Sync,
    ) -> Result<T, Failure> {
        if reader.as_ref().is_none_or(Link::is_over) {
            *reader = None;
            *reader = Some(Link::open(self, Purpose::Read, || ()).await?);
        }
        match reader {
            Some(link) => work(link).await,
            None => Err(Failure::passing("the connection was lost")),
        }
    }
}

/// How often something is tried again that is likely to succeed in a moment: within about seven seconds.
pub(super) const TRIES: u32 = 8;

/// Something under way on a connection.
pub(super) type Work<'l, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'l>>;

pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(50);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Sets the parameters that are a choice of words.
fn set_choices(config: &mut Config, parameters: &Parameters, are_many: bool) -> Result<(), ConninfoError> {
    let text = |name: &str| parameters.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let wrong = |name, words: &str| ConninfoError::Value { name, why: format!("it must be one of {words}") };
    config.target_session_attrs(match text("target_session_attrs") {
        // Of several servers, the writable one has the state as it is.
        None if are_many => TargetSessionAttrs::ReadWrite,
        None | Some("any") => TargetSessionAttrs::Any,
        Some("read-write" | "primary") => TargetSessionAttrs::ReadWrite,
        Some("read-only" | "standby") => TargetSessionAttrs::ReadOnly,
        Some(_) => {
            return Err(wrong("target_session_attrs", "any, read-write, primary, read-only and standby"));
        }
    });
    config.channel_binding(match text("channel_binding") {
        None | Some("prefer") => ChannelBinding::Prefer,
        Some("disable") => ChannelBinding::Disable,
        Some("require") => ChannelBinding::Require,
        Some(_) => return Err(wrong("channel_binding", "prefer, disable and require")),
    });
    config.load_balance_hosts(match text("load_balance_hosts") {
        None | Some("disable") => LoadBalanceHosts::Disable,
        Some("random") => LoadBalanceHosts::Random,
        Some(_) => return Err(wrong("load_balance_hosts", "disable and random")),
    });
    config.ssl_negotiation(match text("sslnegotiation") {
        None | Some("postgres") => SslNegotiation::Postgres,
        Some("direct") => SslNegotiation::Direct,
        Some(_) => return Err(wrong("sslnegotiation", "postgres and direct")),
    });
    Ok(())
}
