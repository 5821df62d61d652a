//! Starts and stops emulators: listeners, the axum application, the thread of a detached one.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::HeaderName;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::apsarastack;
use super::calls::CallFilter;
use super::calls::LoggedCall;
use super::connection::Connection;
use super::connection::CuttableListener;
use super::dms;
use super::exchange::Call;
use super::exchange::Reply;
use super::faults::FaultRule;
use super::host::Delivery;
use super::host::Host;
use super::host::guard;
use super::mqtt;
use super::options::Options;
use super::rocketmq;
use super::systems::Handles;
use super::systems::System;

/// Larger bodies are refused; the vendors' own limits are below.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// How long a shutdown waits for answers in flight.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(2);

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        source: io::Error,
    },
    /// The data directory cannot be opened.
    #[error("cannot open the emulator's data in `{}`: {source}", path.display())]
    Data {
        /// The directory.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The thread or runtime of a detached emulator cannot be started.
    #[error("cannot start the emulator's thread: {0}")]
    Thread(io::Error),
}

/// Starts emulators.
#[derive(Debug)]
#[non_exhaustive]
pub struct Emulator;

impl Emulator {
    /// Starts inside the current tokio runtime.
    pub async fn start(options: Options) -> Result<Running, EmulatorError> {
        let (stop, stopped) = watch::channel(false);
        let mut running = Running {
            endpoints: BTreeMap::new(),
            ports: BTreeMap::new(),
            store: Store { hosts: Vec::new(), handles: Handles::detached(&options) },
            stop,
            servers: Vec::new(),
            thread: None,
        };
        let mut address = options.listen;
        for system in &options.systems {
            let service = running.store.handles.open(*system, &options).map_err(|source| {
                EmulatorError::Data { path: options.data_dir.clone().unwrap_or_default(), source }
            })?;
            let host = Arc::new(Host::new(service));
            for rule in &options.faults {
                guard(&host.faults).add(rule.clone());
            }
            running.serve(*system, address, host, stopped.clone()).await?;
            if address.port() != 0 {
                address.set_port(address.port().saturating_add(1));
            }
        }
        Ok(running)
    }

    /// Starts on a thread of its own, so that the caller needs no runtime.
    pub fn spawn(options: Options) -> Result<Running, EmulatorError> {
        let (report, reported) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("emulator".to_owned())
            .spawn(move || {
                let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        drop(report.send(Err(EmulatorError::Thread(error))));
                        return;
                    }
                };
                runtime.block_on(async move {
                    match Self::start(options).await {
                        Ok(mut running) => {
                            let servers = std::mem::take(&mut running.servers);
                            if report.send(Ok(running)).is_ok() {
                                for server in servers {
                                    drop(server.await);
                                }
                            }
                        }
                        Err(error) => drop(report.send(Err(error))),
                    }
                });
            })
            .map_err(EmulatorError::Thread)?;
        let mut running = reported.recv().map_err(|_gone| {
            EmulatorError::Thread(io::Error::other("the thread ended before it started"))
        })??;
        running.thread = Some(thread);
        Ok(running)
    }
}

/// A running emulator. Dropping it stops it.
pub struct Running {
    endpoints: BTreeMap<String, String>,
    ports: BTreeMap<String, u16>,
    store: Store,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

impl Running {
    /// Returns the base URL of each system by its name, without a trailing slash.
    pub fn endpoints(&self) -> &BTreeMap<String, String> {
        &self.endpoints
    }

    /// Returns the port of each system by its name, as a port file has it.
    pub fn ports(&self) -> &BTreeMap<String, u16> {
        &self.ports
    }

    /// Returns the base URL of one system, empty if it is not served.
    pub fn endpoint(&self, system: System) -> &str {
        self.endpoints.get(system.name()).map_or("", String::as_str)
    }

    /// Returns the store, for looking and seeding without HTTP.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stops serving, waits for answers in flight and closes the store.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        for server in std::mem::take(&mut self.servers) {
            let abort = server.abort_handle();
            if tokio::time::timeout(SHUTDOWN_PATIENCE, server).await.is_err() {
                abort.abort();
            }
        }
        if let Some(thread) = self.thread.take() {
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }

    async fn serve(
        &mut self,
        system: System,
        address: SocketAddr,
        host: Arc<Host>,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<(), EmulatorError> {
        let failed = |source| EmulatorError::Listen { address, source };
        let listener = CuttableListener::new(TcpListener::bind(address).await.map_err(failed)?);
        let bound = listener.address().map_err(failed)?;
        self.endpoints.insert(system.name().to_owned(), format!("http://{bound}"));
        self.ports.insert(system.name().to_owned(), bound.port());
        self.store.hosts.push((system, Arc::clone(&host)));
        let application = Router::new()
            .fallback(respond)
            .with_state(host)
            .into_make_service_with_connect_info::<Connection>();
        let server = axum::serve(listener, application).with_graceful_shutdown(async move {
            // A closed channel means that the handle is gone.
            drop(stopped.wait_for(|stop| *stop).await);
        });
        self.servers.push(tokio::spawn(async move {
            // The server ends without error: accepting is retried for ever.
            drop(server.await);
        }));
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Direct access to the stores of a running emulator.
#[derive(Clone)]
pub struct Store {
    hosts: Vec<(System, Arc<Host>)>,
    handles: Handles,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Returns the store of DMS; it stays empty when DMS is not served.
    pub fn dms(&self) -> &dms::Handle {
        &self.handles.dms
    }

    /// Returns the store of MQTT; nobody reaches it when MQTT is not served.
    pub fn mqtt(&self) -> &mqtt::Handle {
        &self.handles.mqtt
    }

    /// Returns the store of Apsara Stack; it stays empty when Apsara Stack is not served.
    pub fn apsarastack(&self) -> &apsarastack::Handle {
        &self.handles.apsarastack
    }

    /// Returns the store of `RocketMQ`; nobody reaches it when `RocketMQ` is not served.
    pub fn rocketmq(&self) -> &rocketmq::Handle {
        &self.handles.rocketmq
    }

    /// Adds a fault to one system and returns its id.
    pub fn add_fault(&self, system: System, rule: FaultRule) -> u64 {
        self.host(system).map_or(0, |host| guard(&host.faults).add(rule))
    }

    /// Ends all faults of one system.
    pub fn clear_faults(&self, system: System) {
        if let Some(host) = self.host(system) {
            guard(&host.faults).clear();
            host.service.end_stale_reads();
        }
    }

    /// Limits the mutating calls that may run at once in one instance; 0 = any number.
    pub fn set_lane_width(&self, system: System, width: usize) {
        if let Some(host) = self.host(system) {
            host.set_lane_width(width);
        }
    }

    /// Returns the calls of one system so far.
    pub fn calls(&self, system: System) -> Vec<LoggedCall> {
        self.host(system).map(|host| guard(&host.calls).matching(&CallFilter::default())).unwrap_or_default()
    }

    /// Returns how often each natural key was created.
    pub fn creates(&self, system: System) -> BTreeMap<String, u64> {
        self.host(system).map(|host| guard(&host.calls).creates().clone()).unwrap_or_default()
    }

    fn host(&self, system: System) -> Option<&Arc<Host>> {
        self.hosts.iter().find(|(of, _)| *of == system).map(|(_, host)| host)
    }
}

async fn respond(
    State(host): State<Arc<Host>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return response(host.service.error(413, None, "The request body is too large"));
    };
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let call = Call::new(
        parts.method.as_str(),
        parts.uri.path(),
        parts.uri.query().unwrap_or_default(),
        headers,
        body.into(),
    );
    match host.handle(call).await {
        Delivery::Whole(reply) => response(reply),
        Delivery::Broken(reply, bytes) => {
            connection.cut_body(bytes);
            response(reply)
        }
        Delivery::Dropped => {
            connection.cut();
            response(Reply::empty(500))
        }
    }
}

fn response(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        {
            response.headers_mut().append(name, value);
        }
    }
    response
}
