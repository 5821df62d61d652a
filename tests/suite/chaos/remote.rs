//! An emulator in a process of its own, and its control routes.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::support::Place;

use super::process::Process;

/// No control call may take longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// An emulator in a process of its own, ended when dropped.
#[derive(Debug)]
pub(crate) struct Remote {
    /// Of DMS.
    port: u16,
    ports: BTreeMap<String, u16>,
    _process: Process,
    _place: Place,
}

impl Remote {
    pub(crate) fn start() -> Self {
        Self::of("dms")
    }

    /// Starts several systems.
    pub(super) fn of(systems: &str) -> Self {
        let place = Place::new();
        let systems = format!("--systems={systems}");
        let arguments = ["emulator", &systems, "--listen=127.0.0.1:0", "--port-file=ports.json"];
        let mut process = Process::new(place.command(&arguments).spawn());
        assert!(process.until(|| place.has("ports.json")), "the emulator did not start");
        let ports: BTreeMap<String, u16> = serde_json::from_str(&place.read("ports.json")).unwrap();
        let port = ports.get("dms").copied().unwrap_or_default();
        Self { port, ports, _process: process, _place: place }
    }

    /// Where a system listens.
    pub(super) fn endpoint_of(&self, system: &str) -> String {
        format!("http://127.0.0.1:{}", self.ports[system])
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A control call, which must succeed.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        ask(self.port, method, path, body)
    }

    /// The same for another system.
    pub(super) fn control_of(&self, system: &str, method: &str, path: &str, body: &Value) -> Value {
        ask(self.ports[system], method, path, body)
    }

    fn get(&self, path: &str) -> Value {
        self.control("GET", path, &Value::Null)
    }

    /// Puts a running instance there and returns its id.
    pub(crate) fn seed(&self, instance: &Value) -> String {
        let seeded = self.control("POST", "/instances", instance);
        seeded["instance_id"].as_str().unwrap().to_owned()
    }

    /// Every call that changes something takes longer from now on.
    pub(crate) fn slow_down(&self, ms: u64) {
        let rules: Vec<Value> = ["POST", "PUT", "DELETE"]
            .iter()
            .map(|method| json!({ "fault": "latency", "ms": ms, "method": method, "path": "/instances/" }))
            .collect();
        self.control("POST", "/faults", &json!(rules));
    }

    /// Nothing takes longer from now on.
    pub(crate) fn speed_up(&self) {
        self.control("DELETE", "/faults", &Value::Null);
    }

    /// Everything that is stored, by instance.
    pub(crate) fn instances(&self) -> Vec<Value> {
        self.get("/instances")["instances"].as_array().unwrap().clone()
    }

    /// The paths of the calls so far that changed something.
    pub(crate) fn writes(&self) -> Vec<String> {
        let calls = self.get("/calls?mutating=true");
        let calls = calls["calls"].as_array().unwrap().iter().filter(|call| call["committed"] == true);
        calls.map(|call| call["path"].as_str().unwrap().to_owned()).collect()
    }

    /// How often each natural key of an instance was created.
    pub(crate) fn creates(&self, instance: &str) -> BTreeMap<String, u64> {
        let all: BTreeMap<String, u64> = serde_json::from_value(self.get("/creates")).unwrap();
        all.into_iter().filter(|(key, _)| key.contains(instance)).collect()
    }

    /// The names of an instance's objects, by the resource type that they would be.
    pub(crate) fn objects(&self, instance: &str) -> Vec<(String, String)> {
        let stored = self.get("/instances");
        let all = stored["instances"].as_array().unwrap();
        let one = all.iter().find(|one| one["instance"]["id"] == instance).unwrap();
        let mut found = Vec::new();
        for (part, kind) in [
            ("topics", "dms_rocketmq_topic"),
            ("groups", "dms_rocketmq_consumer_group"),
            ("users", "dms_rocketmq_user"),
        ] {
            found.extend(names(&one[part]).into_iter().map(|name| (kind.to_owned(), name)));
        }
        found.sort_unstable();
        found
    }
}

/// A control call, which must succeed.
fn ask(port: u16, method: &str, path: &str, body: &Value) -> Value {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!("{method} /_emulator{path} HTTP/1.1\r\nhost: emulator\r\nconnection: close\r\n");
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
    if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() }
}

/// Names, however they are listed.
fn names(part: &Value) -> Vec<String> {
    match part {
        Value::Object(fields) => fields.keys().cloned().collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().or_else(|| item["name"].as_str()).unwrap().to_owned())
            .collect(),
        other => panic!("names are not listed like this: {other}"),
    }
}
