//! Arguments of backends: names, types, where values come from, what is kept of them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Given;
use super::KINDS;
use super::Settings;
use super::instant::Instant;
use super::open;
use super::settle;
use crate::diag::Code;
use crate::diag::Diagnostics;
use crate::state::store::Clock;
use crate::value::Value;

fn given(arguments: &[(&str, Value)]) -> Vec<Given> {
    arguments
        .iter()
        .map(|(name, value)| Given {
            name: (*name).into(),
            name_span: None,
            value: value.clone(),
            value_span: None,
        })
        .collect()
}

fn settled(kind: &str, arguments: &[(&str, Value)]) -> Result<Settings, Diagnostics> {
    settle((kind, None), given(arguments), Path::new("."), &|_| None)
}

fn codes(found: Result<Settings, Diagnostics>) -> Vec<Code> {
    found.unwrap_err().iter().map(|item| item.code).collect()
}

#[test]
fn what_cannot_be_is_named() {
    assert_eq!(codes(settled("locl", &[])), [Code::InvalidValue]);
    let found = settled("local", &[("pat", Value::string("x")), ("path", Value::string(""))]);
    assert_eq!(codes(found), [Code::UnknownArgument, Code::InvalidValue]);
    assert_eq!(
        codes(settled("local", &[("path", Value::object([("a", Value::null())]))])),
        [Code::InvalidValue]
    );
}

#[test]
fn the_last_value_wins_and_null_takes_one_away() {
    let (a, b) = (Value::string("a.json"), Value::string("b.json"));
    let found = settled("local", &[("path", a.clone()), ("path", b)]).unwrap();
    assert_eq!(found.path("path").unwrap(), Path::new("./b.json"));
    assert_eq!(open(&found).unwrap().place(), "./b.json");
    let found = settled("local", &[("path", a), ("path", Value::null())]).unwrap();
    assert!(!found.is_given("path"));
    assert_eq!(open(&found).unwrap().place(), "./queueform.state.json");
}

#[test]
fn every_kind_says_what_it_is() {
    for kind in KINDS {
        assert!(kind.description.ends_with('.'), "{}", kind.name);
        for argument in kind.arguments {
            assert!(argument.description.ends_with('.'), "{}.{}", kind.name, argument.name);
            let is_repeated = kind.arguments.iter().filter(|other| other.name == argument.name).count() > 1;
            assert!(!is_repeated, "{}.{}", kind.name, argument.name);
        }
    }
}

#[test]
fn times_are_read() {
    let read = |text: &str| super::arguments::time(text);
    assert_eq!(read("30s"), Some(Duration::from_secs(30)));
    assert_eq!(read("1m30s"), Some(Duration::from_secs(90)));
    assert_eq!(read("250ms"), Some(Duration::from_millis(250)));
    for wrong in ["", "30", "0s", "-1s", "soon", "1y"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

/// A clock whose two parts are set by hand.
#[derive(Debug)]
struct Set {
    steady: u64,
    wall: &'static str,
}

impl Clock for Set {
    fn now(&self) -> Arc<str> {
        self.wall.into()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.steady)
    }

    fn pause(&self, _time: Duration) -> bool {
        false
    }
}

#[test]
fn clocks_that_are_set_or_stand_still_bring_no_lease_back() {
    let at = |steady, wall| Instant::now(&Set { steady, wall });
    let end = at(100, "2026-01-01T00:00:00Z").plus(Duration::from_secs(60));
    assert_eq!(end.since(at(110, "2026-01-01T00:00:10Z")), Duration::from_secs(50));
    // Somebody sets the clock back: the other one goes on.
    assert_eq!(end.since(at(130, "2025-12-31T23:00:00Z")), Duration::from_secs(30));
    assert_eq!(end.since(at(161, "2025-12-31T23:00:00Z")), Duration::ZERO);
    // The machine slept, and the steady clock with it.
    assert_eq!(end.since(at(101, "2026-01-01T08:00:00Z")), Duration::ZERO);
}
