//! What services answer: one answer in a run is replaced by the input, the others come from an emulator. And what engines
//! of states answer, all of it the input.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use queueform::api;
use queueform::api::Stop;
use queueform::backend;
use queueform::backend::Given;
use queueform::diag::Diagnostic;
use queueform::emulator::Emulator;
use queueform::emulator::Options;
use queueform::encryption::EncryptedStore;
use queueform::encryption::Key;
use queueform::encryption::Keyring;
use queueform::encryption::Rule;
use queueform::ops;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::apply::apply;
use queueform::ops::project::Emulate;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;
use queueform::provider::EmulatedEndpoint;
use queueform::state::store::Store;
use queueform::state::store::SystemClock;
use queueform::state::store::view;
use queueform::value::Secret;
use queueform::value::Value;
use serde_json::Value as Json;

use super::targets::hash;
use super::targets::law;

/// What is planned and applied on each system.
const ESTATES: [&str; 4] = [
    include_str!("estates/dms.qf.hcl"),
    include_str!("estates/mqtt.qf.hcl"),
    include_str!("estates/rocketmq.qf.hcl"),
    include_str!("estates/apsarastack.qf.hcl"),
];

/// Waits that would last minutes last less than a millisecond.
const PACE: f64 = 1e-6;

/// A connection that says nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens what the corpus of engines has encrypted. It protects nothing.
const IDENTITY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

/// `{"system": 0, "at": 3, "status": 200, "body": …}`: which answer is another one. Anything else is the body of the
/// first answer.
#[derive(Default)]
struct Replaced {
    system: usize,
    at: u64,
    status: u64,
    body: Vec<u8>,
}

impl Replaced {
    fn of(input: &[u8]) -> Self {
        let Ok(found) = serde_json::from_slice::<Json>(input) else {
            return Self { system: input.len() % 4, at: 0, status: 200, body: input.to_vec() };
        };
        let number = |name: &str| found.get(name).and_then(Json::as_u64);
        Self {
            system: usize::try_from(number("system").unwrap_or_default() % 4).unwrap_or_default(),
            at: number("at").unwrap_or_default() % 60,
            status: number("status").filter(|status| (200..600).contains(status)).unwrap_or(200),
            body: match found.get("body") {
                Some(Json::String(text)) => text.clone().into_bytes(),
                Some(body) => body.to_string().into_bytes(),
                None => input.to_vec(),
            },
        }
    }
}

/// A run in which a service says something else once, and one after it: neither may panic, and the state can be read.
pub(super) fn answers(input: &[u8]) -> Result<u64, String> {
    let replaced = Replaced::of(input);
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let estate = ESTATES.get(replaced.system).copied().unwrap_or_default();
    std::fs::write(directory.path().join("main.qf.hcl"), estate).map_err(|error| error.to_string())?;
    let options = Options { open_instances: true, ..Options::default() };
    let credentials = options.credentials.clone();
    let emulator = Emulator::spawn(options).map_err(|error| error.to_string())?;
    let mut endpoints = ops::emulated_endpoints(&emulator, &credentials);
    let between = Between::start(replaced);
    between.reroute(&mut endpoints);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let mut told = runtime.block_on(run(directory.path(), &endpoints));
    let answered = between.answered();
    let is_undisturbed = answered <= between.shared.replaced.at;
    law(
        !is_undisturbed || told.iter().all(|told| told.starts_with("Applied")),
        "without a change it goes wrong",
    )?;
    told.push(answered.min(60).to_string());
    told.extend(runtime.block_on(run(directory.path(), &ops::emulated_endpoints(&emulator, &credentials))));
    let state =
        Project::open(options_of(directory.path(), &endpoints)).output.map(|project| project.place.view());
    law(state.is_none_or(|state| state.is_ok()), "the state cannot be read any more")?;
    Ok(hash(told))
}

async fn run(directory: &Path, endpoints: &BTreeMap<String, EmulatedEndpoint>) -> Vec<String> {
    let Some(project) = Project::open(options_of(directory, endpoints)).output else {
        return vec!["not opened".to_owned()];
    };
    let never = Stop::never();
    let ports = ApplyPorts {
        approve: &mut |planned| {
            black_box(format!("{:?}", planned.plan).len());
            true
        },
        events: &mut |event| {
            black_box(format!("{event:?}").len());
        },
        stop: &never,
        abort: &never,
    };
    let request = ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
    match apply(&project, &request, ports).await {
        Ok(outcome) => vec![format!("{outcome:?}").chars().take(16).collect()],
        Err(found) => found.iter().map(|found| found.code.name().to_owned()).collect(),
    }
}

fn options_of(directory: &Path, endpoints: &BTreeMap<String, EmulatedEndpoint>) -> ProjectOptions {
    ProjectOptions {
        directory: directory.to_owned(),
        emulate: Emulate::Fresh,
        endpoints: Some(endpoints.clone()),
        clock: Some(Arc::new(api::SystemClock::scaled(PACE))),
        ..ProjectOptions::default()
    }
}

/// What engines of states keep: the form of HTTP services and that of buckets, encrypted or not. Whatever it is, it is read
/// or refused.
pub(super) fn engines(input: &[u8]) -> Result<u64, String> {
    let between = Between::start(Replaced { status: 200, body: input.to_vec(), ..Replaced::default() });
    let address = format!("http://127.0.0.1:{}", between.listen(None));
    let mut told = Vec::new();
    for (kind, arguments) in [
        ("http", vec![("address", address.as_str())]),
        (
            "s3",
            vec![
                ("bucket", "states"),
                ("key", "queues.json"),
                ("endpoint", &address),
                ("access_key", "access"),
                ("secret_key", "secret"),
                ("timeout", "1s"),
            ],
        ),
    ] {
        let given = arguments.into_iter().map(|(name, text)| Given {
            name: name.into(),
            name_span: None,
            value: Value::string(text),
            value_span: None,
        });
        let store = backend::settle((kind, None), given.collect(), Path::new("/nonexistent"), &|_| None)
            .and_then(|settings| backend::open(&settings))
            .map_err(|found| format!("{found:?}"))?
            .store("default", Arc::new(SystemClock::default()))
            .map_err(|error| error.to_string())?;
        told.push(looked_at(&*store));
        told.push(looked_at(&EncryptedStore::new(store, ring()?)));
    }
    Ok(hash(told))
}

fn looked_at(store: &dyn Store) -> String {
    black_box(store.holder().map_err(Diagnostic::from).err());
    black_box(store.history().map_err(Diagnostic::from).err());
    match view(store) {
        Ok(view) => format!("read, {}", view.recovered.state.objects().count().min(3)),
        Err(error) => Diagnostic::from(error).code.name().to_owned(),
    }
}

fn ring() -> Result<Arc<Keyring>, String> {
    let key = Key::age("fuzz", &[], Some(&Secret::new(IDENTITY))).map_err(|error| error.to_string())?;
    let rule = Rule { key: Some(Arc::new(key)), fallbacks: vec![None], enforced: false };
    Ok(Arc::new(Keyring::new(rule)))
}

/// Listens in front of the emulators, and in place of engines.
struct Between {
    shared: Arc<Shared>,
}

struct Shared {
    replaced: Replaced,
    answered: AtomicU64,
    is_over: AtomicBool,
    ports: Mutex<Vec<u16>>,
}

impl Between {
    fn start(replaced: Replaced) -> Self {
        let (answered, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { shared: Arc::new(Shared { replaced, answered, is_over, ports: Mutex::default() }) }
    }

    /// Comes between the providers and their systems.
    fn reroute(&self, endpoints: &mut BTreeMap<String, EmulatedEndpoint>) {
        for endpoint in endpoints.values_mut() {
            let mut known: BTreeMap<u16, u16> = BTreeMap::new();
            for value in endpoint.arguments.values_mut() {
                let Some((host, port)) = value.strip_prefix("http://").and_then(|rest| rest.rsplit_once(':'))
                else {
                    continue;
                };
                let Ok(port) = port.trim_end_matches('/').parse() else { continue };
                let own = *known.entry(port).or_insert_with(|| self.listen(Some(port)));
                *value = format!("http://{host}:{own}");
            }
        }
    }

    /// Opens a port that passes requests on, or answers them all with the input.
    fn listen(&self, target: Option<u16>) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        self.shared.ports.lock().unwrap_or_else(PoisonError::into_inner).push(port);
        let shared = Arc::clone(&self.shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if shared.is_over.load(Ordering::SeqCst) {
                    break;
                }
                let (Ok(client), shared) = (client, Arc::clone(&shared)) else { continue };
                // A connection that breaks is what services do, too.
                std::thread::spawn(move || shared.answer(&client, target).ok());
            }
        });
        port
    }

    fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::SeqCst)
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        for port in self.shared.ports.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            // Wakes the one that waits for a connection.
            TcpStream::connect(("127.0.0.1", *port)).ok();
        }
    }
}

impl Shared {
    /// Answers one request, and closes the connection.
    fn answer(&self, mut client: &TcpStream, target: Option<u16>) -> std::io::Result<()> {
        client.set_read_timeout(Some(PATIENCE))?;
        let request = message(client)?;
        let at = self.answered.fetch_add(1, Ordering::SeqCst);
        let passed = match target {
            Some(port) => {
                let mut service = TcpStream::connect(("127.0.0.1", port))?;
                service.set_read_timeout(Some(PATIENCE))?;
                service.write_all(&request)?;
                Some(message(&service)?)
            }
            None => None,
        };
        match passed {
            Some(answer) if at != self.replaced.at => client.write_all(&answer)?,
            _ => {
                let Replaced { status, body, .. } = &self.replaced;
                let head = format!(
                    "HTTP/1.1 {status} Whatever\r\ncontent-type: application/json\r\netag: \"1\"\r\nlast-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                client.write_all(head.as_bytes())?;
                client.write_all(body)?;
            }
        }
        client.shutdown(Shutdown::Both)
    }
}

/// Reads a request or an answer: its head, and as many bytes as it says.
fn message(stream: &TcpStream) -> std::io::Result<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    loop {
        let begin = bytes.len();
        if reader.read_until(b'\n', &mut bytes)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&bytes[begin..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    bytes.extend(body);
    Ok(bytes)
}
