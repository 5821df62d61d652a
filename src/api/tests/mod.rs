//! The client against a small server that does exactly what each test says, on virtual time.

mod answers;
mod identity;
mod limits;
mod redaction;
mod retries;
mod rules;
mod server;
mod transport;

use std::future::Future;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::SystemTime;

use super::*;
use server::Server;

/// Runs a test's future; nothing here may take long in real time.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(30), future).await })
        .expect("the test hangs")
}

/// A clock that jumps ahead when asked to wait, and remembers how long.
#[derive(Debug)]
struct VirtualClock {
    start: SystemTime,
    state: Arc<Mutex<(Duration, Vec<Duration>)>>,
}

impl VirtualClock {
    fn new(start: SystemTime) -> Arc<Self> {
        Arc::new(Self { start, state: Arc::default() })
    }

    fn slept(&self) -> Vec<Duration> {
        self.state.lock().unwrap().1.clone()
    }

    fn advance(&self, by: Duration) {
        self.state.lock().unwrap().0 += by;
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        self.start + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.state.lock().unwrap().0
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let state = Arc::clone(&self.state);
        Box::pin(async move {
            {
                let mut state = state.lock().unwrap();
                state.0 += duration;
                state.1.push(duration);
            }
            tokio::task::yield_now().await;
        })
    }
}

/// A client on virtual time for one server.
fn client(clock: &Arc<VirtualClock>, change: impl FnOnce(&mut ClientOptions)) -> Client {
    let mut options = ClientOptions {
        clock: Arc::<VirtualClock>::clone(clock),
        timeout: Duration::from_secs(10),
        ..ClientOptions::default()
    };
    change(&mut options);
    Client::new(options).unwrap()
}

fn clock() -> Arc<VirtualClock> {
    VirtualClock::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
}

fn get(server: &Server) -> Request {
    Request::new(Method::Get, &server.endpoint(), "read the topic `orders`")
        .segments(["v2", "topics", "orders"])
}

fn post(server: &Server) -> Request {
    Request::new(Method::Post, &server.endpoint(), "create the topic `orders`")
        .segments(["v2", "topics"])
        .json(serde_json::json!({ "name": "orders" }))
}

fn rule(status: &[u16], code: &[&str], class: ErrorClass) -> ErrorRule {
    ErrorRule {
        status: status.to_vec(),
        code: code.iter().map(|code| CodePattern::new(*code)).collect(),
        class,
        hint: None,
    }
}
