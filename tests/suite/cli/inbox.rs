//! A small service with queues over real HTTP, as `examples/custom-provider/server.py` is one.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

pub(super) const TOKEN: &str = "inbox-demo-token";

type Queues = Arc<Mutex<BTreeMap<String, Value>>>;

/// A running service, stopped when dropped.
pub(super) struct Inbox {
    address: SocketAddr,
    queues: Queues,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Inbox {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (queues, ended) = (Queues::default(), Arc::new(AtomicBool::new(false)));
        let (known, over) = (Arc::clone(&queues), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                serve(stream.unwrap(), &known);
            }
        });
        Self { address, queues, ended, thread: Some(thread) }
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts a queue there.
    pub(super) fn make(&self, name: &str) {
        self.queues.lock().unwrap().insert(name.to_owned(), queue(name));
    }

    /// Puts a message into a queue.
    pub(super) fn send(&self, name: &str) {
        let mut queues = self.queues.lock().unwrap();
        let queue = queues.get_mut(name).unwrap();
        let count = queue["messages"].as_u64().unwrap() + 1;
        queue["messages"] = json!(count);
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.queues.lock().unwrap().keys().cloned().collect()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The listener waits for one more.
        TcpStream::connect(self.address).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn queue(name: &str) -> Value {
    json!({
        "name": name, "retention_days": 7, "labels": {}, "messages": 0,
        "created_at": "2026-01-01T00:00:00+00:00",
    })
}

/// One request and its answer; the connection is closed behind it.
fn serve(mut stream: TcpStream, queues: &Queues) {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.lines();
    let mut words = lines.next().unwrap().split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let headers: BTreeMap<String, &str> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    while bytes.len() < head + 4 + length {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
    let body = serde_json::from_slice(&bytes[head + 4..]).unwrap_or(Value::Null);
    let good = headers.get("authorization").is_some_and(|given| *given == format!("Bearer {TOKEN}"));
    let (status, answer) = if good {
        answer(method, target, &body, &mut queues.lock().unwrap())
    } else {
        (401, json!({ "code": "bad_token", "message": "the token is not accepted" }))
    };
    let text = if status == 204 { String::new() } else { answer.to_string() };
    let head = format!(
        "HTTP/1.1 {status} Answer\r\nx-request-id: r-1\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    stream.write_all(head.as_bytes()).ok();
}

fn answer(method: &str, target: &str, body: &Value, queues: &mut BTreeMap<String, Value>) -> (u16, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let number = |name: &str, usual: usize| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map_or(usual, |(_, value)| value.parse().unwrap())
    };
    let refused = |status: u16, code: &str| (status, json!({ "code": code, "message": "refused" }));
    let name = path.strip_prefix("/queues/").unwrap_or_default();
    match (method, path) {
        ("GET", "/queues") => {
            let page: Vec<&Value> =
                queues.values().skip(number("skip", 0)).take(number("take", 50)).collect();
            (200, json!({ "items": page, "total": queues.len() }))
        }
        ("POST", "/queues") => {
            let name = body["name"].as_str().unwrap().to_owned();
            if queues.contains_key(&name) {
                return refused(409, "queue_exists");
            }
            let mut made = queue(&name);
            change(&mut made, body);
            queues.insert(name, made.clone());
            (201, made)
        }
        ("GET", _) => queues.get(name).map_or_else(|| refused(404, "no_queue"), |found| (200, found.clone())),
        ("PUT", _) => match queues.get_mut(name) {
            None => refused(404, "no_queue"),
            Some(found) => {
                change(found, body);
                (200, found.clone())
            }
        },
        // Some queues stay.
        ("DELETE", _) if name.starts_with("stuck") => refused(400, "queue_stuck"),
        ("DELETE", _) if queues.remove(name).is_some() => (204, Value::Null),
        ("DELETE", _) => refused(404, "no_queue"),
        _ => refused(404, "no_such_path"),
    }
}

fn change(queue: &mut Value, body: &Value) {
    for key in ["retention_days", "labels"] {
        if let Some(value) = body.get(key) {
            queue[key] = value.clone();
        }
    }
}
