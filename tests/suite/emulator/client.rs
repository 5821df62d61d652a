//! A hand-written HTTP client with a hand-written signer: one request, one connection.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use queueform::emulator::ClockMode;
use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_PROJECT_ID;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::Emulator;
use queueform::emulator::Options;
use queueform::emulator::Running;
use queueform::emulator::System;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

/// No call may take longer.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const ZONE: &str = "8c90c2a4e2594c0782faa6b205afeca7";
pub(super) const MISSING: &str = "99999999-9999-4999-a999-999999999999";

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Status and error code.
    pub(super) fn refusal(&self) -> (u16, String) {
        let code = self.json()["error_code"].as_str().unwrap().to_owned();
        (self.status, code)
    }
}

/// Who signs, and how wrong.
#[derive(Clone, Debug)]
pub(super) struct Signer {
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) skew: jiff::SignedDuration,
    pub(super) headers: Vec<(String, String)>,
}

impl Default for Signer {
    fn default() -> Self {
        Self {
            access_key: DEMO_ACCESS_KEY.to_owned(),
            secret_key: DEMO_SECRET_KEY.to_owned(),
            skew: jiff::SignedDuration::ZERO,
            headers: Vec::new(),
        }
    }
}

impl Signer {
    /// The headers that authenticate a request. `path` and `query` are already encoded; the
    /// query's pairs come in canonical order.
    fn sign(&self, method: &str, path: &str, query: &str, body: &[u8]) -> Vec<(String, String)> {
        let date = (jiff::Timestamp::now() + self.skew).strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut headers = self.headers.clone();
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        headers.push(("x-sdk-date".to_owned(), date.clone()));
        headers.sort();
        let block =
            headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect::<Vec<_>>().concat();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let canonical =
            format!("{method}\n{path}/\n{query}\n{block}\n{names}\n{}", hex(&Sha256::digest(body)));
        let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(canonical)));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret_key.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        let signature = hex(&mac.finalize().into_bytes());
        let access = &self.access_key;
        headers.push((
            "authorization".to_owned(),
            format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders={names}, Signature={signature}"),
        ));
        headers
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Sends one request and reads everything until the connection ends.
pub(super) fn raw(
    url: &str,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> io::Result<Answer> {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // One write, one packet: small ones would wait for each other.
    let mut request = Vec::new();
    write!(request, "{method} {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n")?;
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n")?;
    }
    write!(request, "content-length: {}\r\n\r\n", body.len())?;
    request.extend_from_slice(body);
    stream.write_all(&request)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> io::Result<Answer> {
    let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "the answer broke off");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(cut)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let body = bytes[end + 4..].to_vec();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    if length.is_some_and(|(_, length)| length.parse::<usize>().unwrap() != body.len()) {
        return Err(cut());
    }
    Ok(Answer { status, headers, body })
}

/// A running emulator with somebody who may call it.
pub(super) struct Service {
    pub(super) running: Running,
    pub(super) signer: Signer,
}

impl Service {
    pub(super) fn start() -> Self {
        Self::with(Options::default())
    }

    /// Every job is done at the first look.
    pub(super) fn instant() -> Self {
        Self::with(Options { clock: ClockMode::Polled { polls: 1 }, ..Options::default() })
    }

    pub(super) fn with(options: Options) -> Self {
        Self { running: Emulator::spawn(options).unwrap(), signer: Signer::default() }
    }

    pub(super) fn url(&self) -> &str {
        self.running.endpoint(System::Dms)
    }

    pub(super) fn try_call(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Answer> {
        let path = path.replace("{pid}", DEMO_PROJECT_ID);
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let headers = self.signer.sign(method, path, query, &body);
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        raw(self.url(), method, &target, &headers, &body)
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.try_call("GET", path, None).unwrap()
    }

    pub(super) fn delete(&self, path: &str) -> Answer {
        self.try_call("DELETE", path, None).unwrap()
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_call("POST", path, Some(body)).unwrap()
    }

    pub(super) fn put(&self, path: &str, body: &Value) -> Answer {
        self.try_call("PUT", path, Some(body)).unwrap()
    }

    /// A control route; it takes no signature.
    pub(super) fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = body.to_string().into_bytes();
        raw(self.url(), method, &format!("/_emulator{path}"), &[], &body).unwrap()
    }

    /// Creates an instance and returns its id.
    pub(super) fn create(&self, name: &str) -> String {
        let answer = self.post("/v2/{pid}/instances", &instance(name));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["instance_id"].as_str().unwrap().to_owned()
    }

    pub(super) fn status(&self, iid: &str) -> String {
        self.get(&format!("/v2/{{pid}}/instances/{iid}")).json()["status"].as_str().unwrap().to_owned()
    }
}

/// The body that creates an instance.
pub(super) fn instance(name: &str) -> Value {
    json!({
        "name": name,
        "engine": "reliability",
        "engine_version": "4.8.0",
        "product_id": "c6.4u8g.cluster",
        "storage_space": 300,
        "storage_spec_code": "dms.physical.storage.high.v2",
        "broker_num": 1,
        "vpc_id": "vpc-demo",
        "subnet_id": "subnet-demo",
        "security_group_id": "sg-demo",
        "available_zones": [ZONE],
        "enable_acl": true,
    })
}
