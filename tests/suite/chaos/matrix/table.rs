//! What can go wrong, and where: every fault at every kind of step.

use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use serde_json::json;

/// A kind of step, told by the call that it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Create,
    Job,
    LaterStep,
    Read,
    ListPage,
    Update,
    Grow,
    Delete,
    Wait,
    Guard,
    Lookup,
    Action,
    Verify,
    ReadBack,
}

impl Kind {
    pub(super) const ALL: [Self; 14] = [
        Self::Create,
        Self::Job,
        Self::LaterStep,
        Self::Read,
        Self::ListPage,
        Self::Update,
        Self::Grow,
        Self::Delete,
        Self::Wait,
        Self::Guard,
        Self::Lookup,
        Self::Action,
        Self::Verify,
        Self::ReadBack,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Job => "create-job",
            Self::LaterStep => "later-step",
            Self::Read => "read",
            Self::ListPage => "list-page",
            Self::Update => "update",
            Self::Grow => "update-job",
            Self::Delete => "delete",
            Self::Wait => "wait",
            Self::Guard => "guard",
            Self::Lookup => "lookup",
            Self::Action => "action",
            Self::Verify => "verify",
            Self::ReadBack => "read-back",
        }
    }

    fn changes(self) -> bool {
        match self {
            Self::Create
            | Self::Job
            | Self::LaterStep
            | Self::Update
            | Self::Grow
            | Self::Delete
            | Self::Action => true,
            Self::Read
            | Self::ListPage
            | Self::Wait
            | Self::Guard
            | Self::Lookup
            | Self::Verify
            | Self::ReadBack => false,
        }
    }
}

/// Where a kind of step is found in a course.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spot {
    At {
        stage: usize,
        method: &'static str,
        path: &'static str,
        since: Option<&'static str>,
    },
    /// It does not exist there, and why.
    None(&'static str),
}

/// The calls of a stage with a method and a path.
pub(super) fn at(stage: usize, method: &'static str, path: &'static str) -> Spot {
    Spot::At { stage, method, path, since: None }
}

pub(super) fn none(reason: &'static str) -> Spot {
    Spot::None(reason)
}

impl Spot {
    /// Only after a change.
    pub(super) fn since(self, path: &'static str) -> Self {
        match self {
            Self::At { stage, method, path: of, .. } => {
                Self::At { stage, method, path: of, since: Some(path) }
            }
            Self::None(_) => self,
        }
    }

    /// A fault there.
    pub(super) fn rule(self, fault: Fault, times: Option<u64>) -> FaultRule {
        let rule = FaultRule { times, ..FaultRule::new(fault) };
        match self {
            Self::At { method, path, since, .. } => FaultRule {
                method: Some(method.to_owned()).filter(|method| !method.is_empty()),
                path: Some(path.to_owned()),
                since: since.map(str::to_owned),
                ..rule
            },
            Self::None(_) => rule,
        }
    }
}

/// A fault and where it is possible.
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) fault: fn() -> Fault,
    whom: Whom,
}

#[derive(Clone, Copy)]
enum Whom {
    Any,
    /// Only what changes something.
    Changes,
    /// Only what starts a job.
    Jobs,
    /// Only the creation of an instance.
    NewInstance,
    /// Only a change of an instance that runs as a job.
    Grows,
    /// Only what answers with a list.
    Lists,
}

/// Every fault of the emulators.
pub(super) const FAULTS: &[Named] = &[
    Named { name: "throttle", fault: || Fault::Throttle, whom: Whom::Any },
    Named { name: "429", fault: || Fault::TooManyRequests { retry_after: Some(1) }, whom: Whom::Any },
    Named { name: "500", fault: || Fault::Status { status: 500, code: None }, whom: Whom::Any },
    Named { name: "503", fault: || Fault::Status { status: 503, code: None }, whom: Whom::Any },
    Named { name: "html", fault: || Fault::Html { status: 502 }, whom: Whom::Any },
    Named { name: "html-200", fault: || Fault::Html { status: 200 }, whom: Whom::Any },
    Named { name: "latency", fault: || Fault::Latency { ms: 30 }, whom: Whom::Any },
    Named { name: "drop-before", fault: || Fault::DropBeforeCommit, whom: Whom::Any },
    Named { name: "drop-after", fault: || Fault::DropAfterCommit, whom: Whom::Any },
    Named { name: "truncate", fault: || Fault::TruncateBody, whom: Whom::Any },
    Named { name: "half-body", fault: || Fault::HalfBody { percent: 50 }, whom: Whom::Any },
    Named { name: "empty-body", fault: || Fault::HalfBody { percent: 0 }, whom: Whom::Any },
    Named { name: "wrong-json", fault: || Fault::WrongJson { body: json!({}) }, whom: Whom::Any },
    Named { name: "wrong-type", fault: || Fault::WrongJson { body: json!([17, null]) }, whom: Whom::Any },
    Named { name: "expired", fault: || Fault::ExpiredToken, whom: Whom::Any },
    Named { name: "clock-ahead", fault: || Fault::ClockSkew { seconds: 7_200 }, whom: Whom::Any },
    Named { name: "clock-behind", fault: || Fault::ClockSkew { seconds: -7_200 }, whom: Whom::Any },
    Named { name: "half-page", fault: || Fault::HalfPage, whom: Whom::Lists },
    Named { name: "stale", fault: || Fault::StaleReads { reads: 3 }, whom: Whom::Changes },
    Named { name: "slow-job", fault: || Fault::SlowJob { factor: 5 }, whom: Whom::Jobs },
    Named { name: "stuck-job", fault: || Fault::StuckJob, whom: Whom::Jobs },
    Named { name: "failed-job", fault: || Fault::FailJob, whom: Whom::Jobs },
    Named { name: "hidden", fault: || Fault::HiddenAfterCreate { reads: 3 }, whom: Whom::NewInstance },
    Named { name: "late-status", fault: || Fault::LateStatus { reads: 2 }, whom: Whom::Grows },
];

impl Named {
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|fault| fault.name == name)
    }

    /// Why the fault is impossible at a kind of step; none if it is possible.
    pub(super) fn absent(&self, kind: Kind) -> Option<&'static str> {
        let (possible, why) = match self.whom {
            Whom::Any => (true, ""),
            Whom::Changes => (kind.changes(), "what changes nothing cannot be seen late"),
            Whom::Jobs => (matches!(kind, Kind::Job | Kind::Grow), "the call starts no job"),
            Whom::NewInstance => (kind == Kind::Job, "only new instances are hidden at first"),
            Whom::Grows => (kind == Kind::Grow, "only instances that are resized show a late status"),
            Whom::Lists => (
                matches!(kind, Kind::ListPage | Kind::ReadBack | Kind::Guard | Kind::Lookup | Kind::Verify),
                "the answer is no list",
            ),
        };
        (!possible).then_some(why)
    }

    /// Whether a list lacks items.
    pub(super) fn is_short_list(&self) -> bool {
        self.name == "half-page"
    }

    /// Whether objects may be made anew.
    pub(super) fn replaces(&self) -> bool {
        self.name == "failed-job"
    }
}
