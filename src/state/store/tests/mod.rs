//! Tests of stores: crashes and full disks at every operation, locks, readers beside writers.

mod crash;
mod local;
mod locks;
mod memory;

use std::time::Duration;

use super::Holder;
use super::Request;

fn request(lock: bool) -> Request {
    let holder = Holder {
        id: "run-1".into(),
        who: "me".into(),
        host: "here".into(),
        pid: 7,
        command: "apply".into(),
        since: "2026-08-01T00:00:00Z".into(),
        ..Holder::default()
    };
    Request { holder, lock, wait: Duration::ZERO }
}
