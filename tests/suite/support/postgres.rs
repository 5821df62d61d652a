//! A real `PostgreSQL` in a private directory on a private port, for as long as the tests run.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// What runs the server and cleans up after it, whatever becomes of us: it ends with its standard input.
const SCRIPT: &str = include_str!("postgres.sh");

/// The password of the log-ins made here.
pub(crate) const PASSWORD: &str = "canary-of-the-database-7Qx";

/// A running server.
#[derive(Debug)]
pub(crate) struct Postgres {
    bin: PathBuf,
    port: u16,
    sockets: PathBuf,
    keeper: Mutex<Keeper>,
    databases: AtomicU64,
}

#[derive(Debug)]
struct Keeper {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // The script removes everything before it ends.
        self.child.wait().ok();
    }
}

fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path().join("bin"))
        .collect();
    versions.sort_unstable();
    places.extend(versions.into_iter().rev());
    places
        .into_iter()
        .find(|place| ["initdb", "postgres", "psql"].iter().all(|name| place.join(name).is_file()))
}

impl Postgres {
    /// Returns the server that all tests of this run share; none, with a visible line, where there is none installed.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// Starts a server. None, with a visible line, where there is none installed.
    pub(crate) fn start() -> Option<Self> {
        let Some(bin) = programs() else {
            assert_ne!(
                std::env::var("CI").as_deref(),
                Ok("true"),
                "there is no PostgreSQL server to test with"
            );
            // Past the capture of the tests' output: who reads the result must know what it does not say.
            writeln!(
                std::io::stderr().lock(),
                "skipped: no PostgreSQL server in PATH or /usr/lib/postgresql"
            )
            .unwrap();
            return None;
        };
        let root = tempfile::Builder::new().prefix("queueform-pg-").tempdir().unwrap().keep();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let fixture =
            |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name);
        let mut child = Command::new("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(&bin)
            .arg(&root)
            .arg(port.to_string())
            .args([fixture("server.pem"), fixture("server.key")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut keeper = Keeper { child, answers };
        keeper.until_ready();
        let server = Self {
            bin,
            port,
            sockets: root.join("run"),
            keeper: Mutex::new(keeper),
            databases: AtomicU64::new(0),
        };
        for user in ["writer", "only_tls"] {
            server.sql("postgres", &format!("CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'"));
        }
        Some(server)
    }

    /// Stops the server at once and starts it again, as after a loss of power.
    pub(crate) fn crash(&self) {
        let mut keeper = self.keeper.lock().unwrap();
        keeper.child.stdin.as_mut().unwrap().write_all(b"crash\n").unwrap();
        keeper.until_ready();
    }

    /// Makes a database and returns its name.
    pub(crate) fn database(&self) -> String {
        let name = format!("states_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER writer"));
        name
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The directory of the server's socket.
    pub(crate) fn sockets(&self) -> &Path {
        &self.sockets
    }

    /// Returns the connection string of a database, over a port that may be a proxy's.
    #[expect(clippy::unused_self, reason = "the server's user and password are in it")]
    pub(crate) fn url(&self, database: &str, port: u16) -> String {
        format!("postgres://writer:{PASSWORD}@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// Runs statements as the administrator and returns what they print: rows of columns with `|` in between.
    pub(crate) fn sql(&self, database: &str, statements: &str) -> String {
        let sockets = self.sockets.display();
        let (said, is_done) = self
            .psql(&format!("host={sockets} port={} user=postgres dbname={database}", self.port), statements);
        assert!(is_done, "{statements}: {said}");
        said
    }

    /// Runs statements over a connection string, and returns what they print or why they failed.
    pub(crate) fn psql(&self, connection: &str, statements: &str) -> (String, bool) {
        let output = Command::new(self.bin.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", statements])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let is_done = output.status.success();
        let said = String::from_utf8(if is_done { output.stdout } else { output.stderr }).unwrap();
        (said.trim_end().to_owned(), is_done)
    }
}

impl Keeper {
    fn until_ready(&mut self) {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "the PostgreSQL server did not start");
    }
}

/// A connection pooler in front of a server, ended when dropped.
#[derive(Debug)]
pub(crate) struct Pooler {
    child: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Pooler {
    /// Starts `PgBouncer` in a mode. None, with a visible line, where there is none installed.
    pub(crate) fn start(server: &Postgres, mode: &str) -> Option<Self> {
        let found = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];
        let Some(program) = found.iter().find(|path| Path::new(path).is_file()) else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "there is no PgBouncer to test with");
            writeln!(std::io::stderr().lock(), "skipped: no PgBouncer").unwrap();
            return None;
        };
        let directory = tempfile::Builder::new().prefix("queueform-pool-").tempdir().unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let settings = directory.path().join("settings.ini");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=writer password={PASSWORD}\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n",
            server.port
        );
        std::fs::write(&settings, text).unwrap();
        // It refuses to be run by root as well. It ends with us, however that happens.
        let is_root =
            std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if is_root {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            let all = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(directory.path(), all).unwrap();
        }
        let child = command
            .args(["--", program])
            .arg(&settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut pooler = Self { child, port, _directory: directory };
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(pooler.child.try_wait().unwrap().is_none(), "PgBouncer did not start");
            assert!(std::time::Instant::now() < deadline, "PgBouncer does not listen");
            std::thread::yield_now();
        }
        Some(pooler)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}
