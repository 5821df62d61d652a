//! A command that runs beside the test, and the directory it works in.

use std::io::Read;
use std::process::Child;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use crate::support::Place;

use super::remote::Remote;

/// No command may take longer.
const PATIENCE: Duration = Duration::from_secs(240);

/// Between two looks at a process or a file.
pub(crate) const TICK: Duration = Duration::from_millis(2);

/// A running command whose output is read all the time, so that it never waits for its reader.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

/// What a command has printed so far.
#[derive(Debug)]
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// None if it was killed.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Process {
    pub(crate) fn new(mut child: Child) -> Self {
        let stdout = Stream::of(child.stdout.take().unwrap());
        let stderr = Stream::of(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits as long as something does not hold and the command runs; returns whether it held.
    pub(crate) fn until(&mut self, mut holds: impl FnMut() -> bool) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            if !self.is_running() {
                return holds();
            }
            assert!(Instant::now() < deadline, "the command does not get on");
            std::thread::sleep(TICK);
        }
        true
    }

    /// Waits until something was printed on standard output.
    pub(crate) fn until_says(&mut self, text: &str) {
        let bytes = Arc::clone(&self.stdout.bytes);
        let said = || String::from_utf8_lossy(&bytes.lock().unwrap()).into_owned();
        assert!(self.until(|| said().contains(text)), "it never said `{text}`:\n{}", said());
    }

    /// Waits for an instant, unless it ends before.
    pub(crate) fn until_after(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        while self.is_running() {
            let rest = deadline.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return;
            }
            std::thread::sleep(rest.min(TICK));
        }
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// SIGINT, as Ctrl-C sends it.
    pub(crate) fn interrupt(&self) {
        self.signal("INT");
    }

    /// SIGTERM, as pipelines send it.
    pub(super) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Another signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill").arg(format!("-{name}")).arg(id).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        while self.is_running() {
            assert!(Instant::now() < deadline, "the command does not end");
            std::thread::sleep(TICK);
        }
        let status = self.child.wait().unwrap().code();
        let stdout = self.stdout.all();
        let stderr = self.stderr.all();
        Ended { status, stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Whoever ended it already is right.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn with(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{}\n--- stderr ---\n{}", self.stdout, self.stderr);
        self
    }
}

impl Stream {
    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                kept.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    /// Everything, once the stream has ended.
    fn all(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }
}

/// A directory whose provider points at an emulator, and an instance there.
#[derive(Debug)]
pub(crate) struct Workshop {
    pub(crate) place: Place,
    pub(crate) instance: String,
    endpoint: String,
}

/// The provider, and the instance that everything belongs to.
const PROVIDER: &str = r#"
provider "dms" {
  cloud      = "sbercloud"
  region     = "ru-moscow-1"
  endpoint   = var.endpoint
  auth_url   = var.endpoint
  project_id = "0123456789abcdef0123456789abcdef"
}

variable "endpoint" {
  type = string
}

variable "instance" {
  type = string
}
"#;

impl Workshop {
    pub(crate) fn new(remote: &Remote, instance: String, configuration: &str) -> Self {
        let place = Place::with(&[("provider.qf.hcl", PROVIDER), ("main.qf.hcl", configuration)]);
        Self { place, instance, endpoint: remote.endpoint() }
    }

    /// Starts a command.
    pub(crate) fn start(&self, arguments: &[&str], variables: &[(&str, String)]) -> Process {
        let mut command = self
            .place
            .command(arguments)
            .env("SBC_ACCESS_KEY", queueform::emulator::DEMO_ACCESS_KEY)
            .env("SBC_SECRET_KEY", queueform::emulator::DEMO_SECRET_KEY)
            .env("QF_VAR_endpoint", &self.endpoint)
            .env("QF_VAR_instance", &self.instance);
        for (name, value) in variables {
            command = command.env(name, value);
        }
        Process::new(command.spawn())
    }

    pub(crate) fn apply(&self, variables: &[(&str, String)]) -> Process {
        self.start(&["apply", "--auto-approve"], variables)
    }

    /// The bytes written to the journal so far.
    pub(crate) fn journal(&self) -> u64 {
        let path = self.place.path().join("queueform.state.journal");
        std::fs::metadata(path).map_or(0, |metadata| metadata.len())
    }

    /// The names of the current objects in the state, by type.
    pub(crate) fn objects(&self) -> Vec<(String, String)> {
        let state: serde_json::Value =
            serde_json::from_str(&self.place.read("queueform.state.json")).unwrap();
        let mut found = Vec::new();
        for resource in state["resources"].as_array().unwrap() {
            let kind = resource["type"].as_str().unwrap();
            for instance in resource["instances"].as_array().unwrap() {
                assert!(instance.get("deposed").is_none(), "{instance}");
                let attributes = &instance["attributes"];
                let name = attributes.get("name").or_else(|| attributes.get("access_key")).unwrap();
                found.push((kind.to_owned(), name.as_str().unwrap().to_owned()));
            }
        }
        found.sort_unstable();
        found
    }
}
