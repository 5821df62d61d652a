//! Faults as seeded values: which call goes wrong in which way. Knows no system's error texts.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// One way for a call to go wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The vendor's flow control; DMS says it with status 404.
    Throttle,
    /// Status 429.
    TooManyRequests {
        /// Seconds in `Retry-After`; absent = no such header.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// An error instead of the answer; nothing is committed.
    Status {
        /// HTTP status.
        status: u16,
        /// The vendor's error code.
        #[serde(default)]
        code: Option<String>,
    },
    /// The answer comes late.
    Latency {
        /// How late, in real milliseconds.
        ms: u64,
    },
    /// The connection is closed before anything happened.
    DropBeforeCommit,
    /// The change is committed, then the connection is closed without an answer.
    DropAfterCommit,
    /// The change is committed, the answer breaks off in the middle of its body.
    TruncateBody,
    /// The change is committed, the answer is whole for HTTP but has only the beginning of its body.
    HalfBody {
        /// How much of the body is left, in percent; 0 = an empty body.
        #[serde(default = "half")]
        percent: u8,
    },
    /// The change is committed, the answer is well-formed JSON that says something else.
    WrongJson {
        /// The body instead of the answer's.
        #[serde(default = "nothing")]
        body: Value,
    },
    /// A list says how many there are, but has only the first half of its page.
    HalfPage,
    /// The clock of the service is ahead of the caller's, or behind it: for this call.
    ClockSkew {
        /// How far ahead, in seconds.
        seconds: i64,
    },
    /// An HTML page of a gateway instead of the answer; nothing is committed.
    Html {
        /// HTTP status of the page.
        #[serde(default = "bad_gateway")]
        status: u16,
    },
    /// The credentials are refused as if they had expired.
    ExpiredToken,
    /// After the change that the call makes, this many reads still see the state before it.
    StaleReads {
        /// How many reads.
        reads: u32,
    },
    /// Jobs started by the call take longer.
    SlowJob {
        /// How many times longer, in time and in polls.
        factor: u32,
    },
    /// Jobs started by the call never finish.
    StuckJob,
    /// Jobs started by the call fail: `CREATEFAILED`, `EXTENDEDFAILED`, task `FAILED`.
    FailJob,
    /// A created instance answers 404 at first.
    HiddenAfterCreate {
        /// How many reads do not see it.
        reads: u32,
    },
    /// A changed instance still reads RUNNING at first.
    LateStatus {
        /// How many reads still see RUNNING.
        reads: u32,
    },
}

fn bad_gateway() -> u16 {
    502
}

fn half() -> u8 {
    50
}

fn nothing() -> Value {
    Value::Object(serde_json::Map::new())
}

/// Which calls a fault hits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultRule {
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: Fault,
    /// Only calls with this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only calls whose path contains this text; `*` stands for any part of a segment, `$` for the end.
    #[serde(default)]
    pub path: Option<String>,
    /// Only calls after one that changed something and whose path contains this text.
    #[serde(default)]
    pub since: Option<String>,
    /// Skips this many matching calls first.
    #[serde(default)]
    pub after: u64,
    /// Of the rest, hits every n-th.
    #[serde(default = "one")]
    pub every: u64,
    /// Stops after this many hits.
    #[serde(default)]
    pub times: Option<u64>,
    /// Of the calls selected so far, hits this share, drawn from `seed`.
    #[serde(default)]
    pub probability: Option<f64>,
    /// Seed of the draws.
    #[serde(default)]
    pub seed: u64,
}

fn one() -> u64 {
    1
}

impl FaultRule {
    /// A rule that hits every call.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            method: None,
            path: None,
            since: None,
            after: 0,
            every: 1,
            times: None,
            probability: None,
            seed: 0,
        }
    }

    /// Limits the rule to calls with this method whose path contains `path`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Limits the rule to calls after a change whose path contains `path`.
    #[must_use]
    pub fn since(mut self, path: &str) -> Self {
        self.since = Some(path.to_owned());
        self
    }

    /// Limits the number of hits.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Skips this many matching calls first.
    #[must_use]
    pub fn after(mut self, after: u64) -> Self {
        self.after = after;
        self
    }

    /// Hits only every n-th matching call.
    #[must_use]
    pub fn every(mut self, every: u64) -> Self {
        self.every = every;
        self
    }
}

/// Whether a path has a part that a pattern describes.
fn is_within(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let starts = path.char_indices().map(|(at, _)| at).chain([path.len()]);
    starts.filter_map(|at| path.get(at..)).any(|rest| begins(pattern, rest, to_the_end))
}

fn begins(pattern: &str, text: &str, to_the_end: bool) -> bool {
    match pattern.split_once('*') {
        None if to_the_end => pattern == text,
        None => text.starts_with(pattern),
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let segment = rest.find('/').unwrap_or(rest.len());
            (0..=segment).filter_map(|at| rest.get(at..)).any(|rest| begins(after, rest, to_the_end))
        }),
    }
}

/// What a system has to do differently with the jobs that a call starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobShape {
    pub(crate) factor: u32,
    pub(crate) stuck: bool,
    pub(crate) fails: bool,
    pub(crate) hidden_reads: u32,
    pub(crate) late_reads: u32,
    pub(crate) expired: bool,
    pub(crate) stale_reads: u32,
    /// How far the clock of the service is ahead.
    pub(crate) skew_ms: i64,
}

impl Default for JobShape {
    fn default() -> Self {
        Self {
            factor: 1,
            stuck: false,
            fails: false,
            hidden_reads: 0,
            late_reads: 0,
            expired: false,
            stale_reads: 0,
            skew_ms: 0,
        }
    }
}

/// What replaces or follows the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    Throttle,
    TooManyRequests(Option<u64>),
    Status(u16, Option<String>),
    Html(u16),
    Drop,
}

/// What becomes of the answer after the change is committed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    Drop,
    Truncate,
    /// Only so many percent of the body, as a whole answer.
    Half(u8),
    /// Another body.
    Json(Value),
    /// Only half of the items.
    HalfPage,
}

/// Everything the rules say about one call.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) latency_ms: u64,
    pub(crate) instead: Option<Instead>,
    pub(crate) ending: Option<Ending>,
    pub(crate) shape: JobShape,
    /// Name of the fault, for the call log.
    pub(crate) label: Option<String>,
}

#[derive(Debug)]
struct Active {
    id: u64,
    rule: FaultRule,
    /// Whether the change that the rule waits for has been made.
    is_due: bool,
    seen: u64,
    hits: u64,
    draws: fastrand::Rng,
}

impl Active {
    fn hits(&mut self, method: &str, path: &str) -> bool {
        let rule = &self.rule;
        if rule.method.as_deref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(method))
            || rule.path.as_deref().is_some_and(|wanted| !is_within(wanted, path))
            || !self.is_due
            || rule.times.is_some_and(|times| self.hits >= times)
        {
            return false;
        }
        self.seen += 1;
        let position = self.seen.saturating_sub(rule.after);
        let chosen = position > 0
            && position.is_multiple_of(rule.every.max(1))
            && rule.probability.is_none_or(|share| self.draws.f64() < share);
        self.hits += u64::from(chosen);
        chosen
    }
}

/// The active rules and the rate limit.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    last_id: u64,
    active: Vec<Active>,
    limit: Option<RateLimit>,
}

/// So many requests per second, the rest is throttled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RateLimit {
    pub(crate) requests_per_second: f64,
    /// Answers 429 with this `Retry-After` instead of the vendor's flow control.
    #[serde(default)]
    pub(crate) retry_after: Option<u64>,
    #[serde(skip)]
    allowance: f64,
    #[serde(skip)]
    checked_ms: Option<i64>,
}

impl Faults {
    pub(crate) fn add(&mut self, rule: FaultRule) -> u64 {
        self.last_id += 1;
        let draws = fastrand::Rng::with_seed(rule.seed);
        let is_due = rule.since.is_none();
        self.active.push(Active { id: self.last_id, rule, is_due, seen: 0, hits: 0, draws });
        self.last_id
    }

    /// Lets the rules begin that wait for a change with this path.
    pub(crate) fn committed(&mut self, path: &str) {
        for active in &mut self.active {
            active.is_due |= active.rule.since.as_deref().is_some_and(|wanted| is_within(wanted, path));
        }
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.active.len();
        self.active.retain(|active| active.id != id);
        self.active.len() != before
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
        self.limit = None;
    }

    pub(crate) fn set_limit(&mut self, limit: Option<RateLimit>) {
        self.limit = limit;
    }

    /// The rules with how often each was looked at and hit.
    pub(crate) fn list(&self) -> Vec<(u64, FaultRule, u64, u64)> {
        self.active.iter().map(|a| (a.id, a.rule.clone(), a.seen, a.hits)).collect()
    }

    /// Judges one call at wall time `now_ms`.
    pub(crate) fn judge(&mut self, method: &str, path: &str, now_ms: i64) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some(instead) = self.limit.as_mut().and_then(|limit| limit.exceeded(now_ms)) {
            verdict.instead = Some(instead);
            verdict.label = Some("rate_limit".to_owned());
        }
        for active in &mut self.active {
            if active.hits(method, path) {
                verdict.apply(&active.rule.fault);
            }
        }
        verdict
    }
}

impl RateLimit {
    fn exceeded(&mut self, now_ms: i64) -> Option<Instead> {
        let burst = self.requests_per_second.max(1.0);
        let passed = self.checked_ms.map_or(f64::INFINITY, |then| {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds between two calls")]
            let ms = now_ms.saturating_sub(then).max(0) as f64;
            ms / 1000.0
        });
        self.checked_ms = Some(now_ms);
        self.allowance = (self.allowance + passed * self.requests_per_second).min(burst);
        if self.allowance >= 1.0 {
            self.allowance -= 1.0;
            return None;
        }
        Some(match self.retry_after {
            Some(seconds) => Instead::TooManyRequests(Some(seconds)),
            None => Instead::Throttle,
        })
    }
}

impl Verdict {
    fn apply(&mut self, fault: &Fault) {
        let label = match fault {
            Fault::Throttle => self.instead(Instead::Throttle, "throttle"),
            Fault::TooManyRequests { retry_after } => {
                self.instead(Instead::TooManyRequests(*retry_after), "too_many_requests")
            }
            Fault::Status { status, code } => self.instead(Instead::Status(*status, code.clone()), "status"),
            Fault::Html { status } => self.instead(Instead::Html(*status), "html"),
            Fault::DropBeforeCommit => self.instead(Instead::Drop, "drop_before_commit"),
            Fault::Latency { ms } => {
                self.latency_ms = self.latency_ms.saturating_add(*ms);
                "latency"
            }
            Fault::DropAfterCommit => {
                self.ending = Some(Ending::Drop);
                "drop_after_commit"
            }
            Fault::TruncateBody => {
                self.ending.get_or_insert(Ending::Truncate);
                "truncate_body"
            }
            Fault::HalfBody { percent } => {
                self.ending.get_or_insert(Ending::Half(*percent));
                "half_body"
            }
            Fault::WrongJson { body } => {
                self.ending.get_or_insert_with(|| Ending::Json(body.clone()));
                "wrong_json"
            }
            Fault::HalfPage => {
                self.ending.get_or_insert(Ending::HalfPage);
                "half_page"
            }
            Fault::ClockSkew { seconds } => {
                self.shape.skew_ms = seconds.saturating_mul(1_000);
                "clock_skew"
            }
            Fault::ExpiredToken => {
                self.shape.expired = true;
                "expired_token"
            }
            Fault::StaleReads { reads } => {
                self.shape.stale_reads = *reads;
                "stale_reads"
            }
            Fault::SlowJob { factor } => {
                self.shape.factor = (*factor).max(1);
                "slow_job"
            }
            Fault::StuckJob => {
                self.shape.stuck = true;
                "stuck_job"
            }
            Fault::FailJob => {
                self.shape.fails = true;
                "fail_job"
            }
            Fault::HiddenAfterCreate { reads } => {
                self.shape.hidden_reads = *reads;
                "hidden_after_create"
            }
            Fault::LateStatus { reads } => {
                self.shape.late_reads = *reads;
                "late_status"
            }
        };
        self.label.get_or_insert_with(|| label.to_owned());
    }

    fn instead(&mut self, instead: Instead, label: &'static str) -> &'static str {
        self.instead.get_or_insert(instead);
        label
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(rule: FaultRule, calls: usize) -> Vec<usize> {
        let mut faults = Faults::default();
        faults.add(rule);
        (1..=calls).filter(|_| faults.judge("GET", "/v2/p/instances", 0).instead.is_some()).collect()
    }

    #[test]
    fn rules_select_calls() {
        let rule = || FaultRule::new(Fault::Throttle);
        assert_eq!(hits(rule().every(3), 9), [3, 6, 9]);
        assert_eq!(hits(rule().after(2).times(2), 9), [3, 4]);
        assert_eq!(hits(rule().on("POST", "instances"), 9), [0; 0]);
        assert_eq!(hits(rule().on("GET", "instances").times(1), 9), [1]);
        let seeded = FaultRule { probability: Some(0.5), seed: 7, ..rule() };
        let first = hits(seeded.clone(), 100);
        assert_eq!(first, hits(seeded, 100));
        assert!((20..80).contains(&first.len()));
    }

    #[test]
    fn paths_are_found_by_their_parts() {
        for (pattern, path, holds) in [
            ("/topics", "/v2/p/topics/a", true),
            ("/topics$", "/v2/p/topics/a", false),
            ("/topics$", "/v2/p/topics", true),
            ("/instances/*$", "/v2/instances/i-1", true),
            ("/instances/*$", "/v2/instances/i-1/topics", false),
            ("/groups/*/topics$", "/v2/groups/g/topics", true),
            ("/groups/*/topics$", "/v2/groups/g/h/topics", false),
            ("$", "/", true),
        ] {
            assert_eq!(is_within(pattern, path), holds, "{pattern} {path}");
        }
    }

    #[test]
    fn rules_wait_for_a_change() {
        let mut faults = Faults::default();
        faults.add(FaultRule::new(Fault::Throttle).since("/topics$"));
        assert!(faults.judge("GET", "/topics", 0).instead.is_none());
        faults.committed("/topics/a");
        assert!(faults.judge("GET", "/topics", 0).instead.is_none());
        faults.committed("/topics");
        assert!(faults.judge("GET", "/topics", 0).instead.is_some());
    }

    #[test]
    fn the_rate_limit_refills_with_time() {
        let mut faults = Faults::default();
        let limit: RateLimit = serde_json::from_str(r#"{"requests_per_second": 2}"#).expect("limit");
        faults.set_limit(Some(limit));
        let mut passed = |now| faults.judge("GET", "/", now).instead.is_none();
        assert_eq!([passed(0), passed(0), passed(0)], [true, true, false]);
        assert_eq!([passed(500), passed(500)], [true, false]);
        assert_eq!([passed(9500), passed(9500), passed(9500)], [true, true, false]);
    }

    #[test]
    fn rules_read_from_json() {
        let rule: FaultRule =
            serde_json::from_str(r#"{"fault":"status","status":500,"every":2,"path":"/topics"}"#)
                .expect("rule");
        assert_eq!(rule.fault, Fault::Status { status: 500, code: None });
        assert_eq!((rule.every, rule.path.as_deref()), (2, Some("/topics")));
    }
}
