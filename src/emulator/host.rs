//! The path of one call through the shared parts: faults, the system, durability, the call log.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use super::calls::CallLog;
use super::calls::LoggedCall;
use super::clock;
use super::control;
use super::exchange::Call;
use super::exchange::Reply;
use super::faults::Ending;
use super::faults::Faults;
use super::faults::Instead;
use super::garble;
use super::service::Service;

/// How the bytes of a reply leave.
#[derive(Debug)]
pub(crate) enum Delivery {
    Whole(Reply),
    /// The connection breaks after so many bytes of the body.
    Broken(Reply, usize),
    /// The connection is closed without an answer.
    Dropped,
}

/// One served system with its faults and its log.
pub(crate) struct Host {
    pub(crate) service: Arc<dyn Service>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) calls: Mutex<CallLog>,
    lanes: Mutex<Lanes>,
    started_ms: i64,
}

#[derive(Debug, Default)]
struct Lanes {
    /// Most mutating calls at once per lane; 0 = any number.
    width: usize,
    in_flight: BTreeMap<String, usize>,
}

impl Host {
    pub(crate) fn new(service: Arc<dyn Service>) -> Self {
        Self {
            service,
            faults: Mutex::default(),
            calls: Mutex::default(),
            lanes: Mutex::default(),
            started_ms: clock::wall_ms(),
        }
    }

    pub(crate) fn set_lane_width(&self, width: usize) {
        guard(&self.lanes).width = width;
    }

    /// Handles one request.
    pub(crate) async fn handle(&self, call: Call) -> Delivery {
        if call.segments.first().is_some_and(|first| first == "_emulator") {
            return Delivery::Whole(control::answer(self, &call));
        }
        let now = clock::wall_ms();
        let sequence = guard(&self.calls).next_sequence();
        let mut logged = LoggedCall {
            sequence,
            method: call.method.clone(),
            mutating: self.service.is_mutating(&call),
            path: self.service.route(&call),
            query: call.raw_query.clone(),
            status: 0,
            error_code: None,
            request_id: format!("{sequence:032x}"),
            committed: false,
            created: None,
            fault: None,
            arrived_ms: u64::try_from(now.saturating_sub(self.started_ms)).unwrap_or(0),
        };
        let delivery = self.deliver(&call, &mut logged, now).await;
        if let Delivery::Whole(reply) | Delivery::Broken(reply, _) = &delivery {
            logged.status = reply.status;
            logged.error_code = self.service.error_code(reply);
        }
        let request_id = logged.request_id.clone();
        guard(&self.calls).record(logged);
        match delivery {
            Delivery::Whole(reply) => Delivery::Whole(reply.with_header("x-request-id", &request_id)),
            Delivery::Broken(reply, bytes) => {
                Delivery::Broken(reply.with_header("x-request-id", &request_id), bytes)
            }
            Delivery::Dropped => Delivery::Dropped,
        }
    }

    async fn deliver(&self, call: &Call, logged: &mut LoggedCall, now: i64) -> Delivery {
        if self.service.is_unreachable(call) {
            return Delivery::Dropped;
        }
        let verdict = guard(&self.faults).judge(&call.method, &logged.path, now);
        logged.fault.clone_from(&verdict.label);
        let lane = if logged.mutating { self.service.lane(call) } else { None };
        let _turn = match lane.map(|lane| Turn::take(self, lane)) {
            Some(None) => return Delivery::Whole(self.service.busy()),
            Some(turn) => turn,
            None => None,
        };
        if verdict.latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(verdict.latency_ms)).await;
        }
        match verdict.instead {
            None => {}
            Some(Instead::Drop) => return Delivery::Dropped,
            Some(instead) => return Delivery::Whole(self.replacement(&instead)),
        }
        let answer = self.service.answer(call, &verdict.shape);
        let mut reply = answer.reply;
        if verdict.shape.skew_ms != 0 {
            let shown = clock::wall_ms().saturating_add(verdict.shape.skew_ms);
            reply = reply.with_header("date", &garble::http_date(shown));
        }
        logged.created = answer.created;
        logged.committed = answer.committed;
        if answer.committed {
            guard(&self.faults).committed(&logged.path);
        }
        if let Some(ticket) = answer.ticket
            && !ticket.durable().await
        {
            reply = self.service.error(500, Some("EMULATOR.STORE"), "the store cannot be written");
        }
        match verdict.ending {
            None => Delivery::Whole(reply),
            Some(Ending::Drop) => Delivery::Dropped,
            Some(Ending::Truncate) if reply.body.is_empty() => Delivery::Dropped,
            Some(Ending::Truncate) => {
                let half = reply.body.len() / 2;
                Delivery::Broken(reply, half)
            }
            Some(Ending::Half(percent)) => Delivery::Whole(garble::beginning(reply, percent)),
            Some(Ending::Json(body)) => Delivery::Whole(garble::another(reply, &body)),
            // What is not a list stays as it is.
            Some(Ending::HalfPage) if logged.mutating => Delivery::Whole(reply),
            Some(Ending::HalfPage) => Delivery::Whole(garble::half_page(reply)),
        }
    }

    fn replacement(&self, instead: &Instead) -> Reply {
        match instead {
            Instead::Throttle | Instead::Drop => self.service.throttled(),
            Instead::TooManyRequests(retry_after) => {
                let reply = self.service.error(429, None, "The throttling threshold has been reached");
                match retry_after {
                    Some(seconds) => reply.with_header("retry-after", &seconds.to_string()),
                    None => reply,
                }
            }
            Instead::Status(status, code) => {
                self.service.error(*status, code.as_deref(), "Internal service error.")
            }
            Instead::Html(status) => Reply::html(
                *status,
                "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>",
            ),
        }
    }
}

/// The right to change something in a lane, given back when dropped.
struct Turn<'a> {
    host: &'a Host,
    lane: String,
}

impl<'a> Turn<'a> {
    fn take(host: &'a Host, lane: String) -> Option<Self> {
        let mut lanes = guard(&host.lanes);
        let width = lanes.width;
        let taken = lanes.in_flight.entry(lane.clone()).or_default();
        if width > 0 && *taken >= width {
            return None;
        }
        *taken += 1;
        Some(Self { host, lane })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut lanes = guard(&self.host.lanes);
        if let Some(taken) = lanes.in_flight.get_mut(&self.lane) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                lanes.in_flight.remove(&self.lane);
            }
        }
    }
}

/// Locks; a panic elsewhere leaves plain data that is still whole.
pub(crate) fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
